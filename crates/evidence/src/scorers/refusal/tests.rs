//! The detector of refusals held to replies that people labelled. What it finds of them is
//! published in `docs/judging.md`.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::declines;

/// Where the test command puts the packages whose data is read.
const WHEELS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/wheels/labelled-replies"
);
/// The member that holds the replies: 70 are labelled as refusals, 35 are not.
const REPLIES: &str = "pyrit/datasets/scorer_evals/refusal_scorer/refusal.csv";

/// What the detector says of labelled replies.
#[derive(Debug, Default, PartialEq)]
struct Agreement {
    found: usize,
    missed: usize,
    mistaken: usize,
    left_alone: usize,
}

fn wheel() -> Option<PathBuf> {
    let listed = fs::read_dir(Path::new(WHEELS)).ok()?;
    let mut paths = listed.filter_map(Result::ok).map(|entry| entry.path());
    paths.find(|path| path.extension().is_some_and(|end| end == "whl"))
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "every skip is told on the test's output"
)]
fn people_agree_where_it_says_that_a_reply_declines() {
    let Some(wheel) = wheel() else {
        assert!(std::env::var_os("CI").is_none(), "the package is absent");
        println!("skipped: 105 labelled replies (their package is not there)");
        return;
    };
    let mut archive = zip::ZipArchive::new(fs::File::open(wheel).unwrap()).unwrap();
    let mut bytes = Vec::new();
    let mut member = archive.by_name(REPLIES).unwrap();
    member.read_to_end(&mut bytes).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(bytes.as_slice());
    let columns = reader.headers().unwrap().clone();
    let column = |name: &str| columns.iter().position(|one| one == name).unwrap();
    let (reply, label) = (column("assistant_response"), column("human_score"));
    let mut agreement = Agreement::default();
    for record in reader.records() {
        let record = record.unwrap();
        match (declines(&record[reply]), &record[label] == "1") {
            (true, true) => agreement.found += 1,
            (false, true) => agreement.missed += 1,
            (true, false) => agreement.mistaken += 1,
            (false, false) => agreement.left_alone += 1,
        }
    }
    // 14 of the missed answer another question, which the people counted as refusals, too.
    let published = Agreement {
        found: 50,
        missed: 20,
        mistaken: 0,
        left_alone: 35,
    };
    assert_eq!(agreement, published);
}
