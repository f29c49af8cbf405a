//! Writes `docs/plan-accuracy.md`: how far `tiergate plan` is off over the ground truth and over
//! measured serving, beside AIConfigurator on the same rows. It must not compute a prediction; what
//! is not there is skipped, and the page says so.

mod beside;
mod error;
mod page;
mod rival;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::json::Json;
use crate::plan_accuracy::beside::Side;
use crate::plan_accuracy::page::Page;
use crate::plan_accuracy::rival::{Answer, Rival};
use crate::plan_accuracy::table::{Outcome, Score};
use crate::reference::binary;
use crate::shell::{Fault, cargo, output, run};

/// Where what is asked again and again is kept.
const SCRATCH: &str = "target/plan-accuracy";
/// The page.
const PAGE: &str = "docs/plan-accuracy.md";
/// The coefficients, which state how well their fit predicted rows that it had not seen.
const FACTS: &str = "crates/plan/facts/serving.toml";
/// Rows on which AIConfigurator is asked, unless told otherwise: some three minutes.
const SAMPLE: usize = 150;
/// What the ground truth puts before the id of a row of AIConfigurator's table.
const OF_TABLE: &str = "silicon-";
const ANSWERS: &str = "AIConfigurator's answers";

struct Asked<'a> {
    folder: &'a Path,
    sample: usize,
    binary: Option<&'a str>,
}

/// Measures and writes the page.
pub fn accuracy(root: &Path, arguments: &[&str]) -> Result<bool, Fault> {
    let asked = read(arguments)?;
    let tiergate = match asked.binary {
        Some(path) => path.to_owned(),
        None => {
            run(root, &cargo(), &["build", "--release", "-p", "tiergate"])?;
            binary(root)
        }
    };
    let scratch = root.join(SCRATCH);
    fs::create_dir_all(&scratch).map_err(fault(&scratch))?;
    let mut page = Page::default();
    let truth = asked.folder.join("ground-truth.json");
    let kinds = kinds(&text(&truth)?)?;
    let outcomes = predicted(root, &tiergate, &truth)?;
    let rival = page.or_skip("AIConfigurator and its table", Rival::install(root));
    let theirs = rival
        .as_ref()
        .map(|rival| of_truth(rival, root, &scratch, &outcomes));
    let theirs = theirs.and_then(|found| page.or_skip(ANSWERS, found));
    page.truth(&kinds, &outcomes, theirs.as_ref());
    page.scores(&Score::listed(&text(&root.join(FACTS))?));
    let ids = text(&asked.folder.join("silicon-calibration-ids.txt"))?;
    let ids: Vec<&str> = ids.split_whitespace().collect();
    if let Some(rival) = &rival {
        let own = scratch.join("calibration.csv");
        let rows = table::chosen(&text(&rival.table())?, &ids);
        fs::write(&own, rows).map_err(fault(&own))?;
        let outcomes = predicted(root, &tiergate, &own)?;
        page.points(&outcomes);
        let sample = rival::sample(&ids, asked.sample);
        let answers = rival.answers(root, &scratch, &sample);
        if let Some(answers) = page.or_skip(ANSWERS, answers) {
            page.beside(&Side::sample(&outcomes, &answers, sample.len()));
        }
    }
    if let Some(theirs) = &theirs {
        page.beside(&Side::truth(&outcomes, theirs));
    }
    let to = root.join(PAGE);
    fs::write(&to, page.written()).map_err(fault(&to))?;
    println!("wrote {PAGE}");
    Ok(true)
}

fn read<'a>(arguments: &[&'a str]) -> Result<Asked<'a>, Fault> {
    let wrong = || {
        Fault::Said(
            "name the directory that holds ground-truth.json and silicon-calibration-ids.txt, as \
             in `cargo xtask plan-accuracy ../shared/data --sample 150`; `--binary FILE` names a \
             built `tiergate`, in place of building one"
                .to_owned(),
        )
    };
    let [folder, rest @ ..] = arguments else {
        return Err(wrong());
    };
    let folder = Path::new(*folder);
    let mut asked = Asked {
        folder,
        sample: SAMPLE,
        binary: None,
    };
    for pair in rest.chunks(2) {
        match pair {
            ["--sample", count] => asked.sample = count.parse().map_err(|_| wrong())?,
            ["--binary", path] => asked.binary = Some(path),
            _ => return Err(wrong()),
        }
    }
    Ok(asked)
}

/// Asks AIConfigurator for the rows of the ground truth that are of its table, by their ids there.
fn of_truth(
    rival: &Rival,
    root: &Path,
    scratch: &Path,
    outcomes: &[Outcome],
) -> Result<BTreeMap<String, Answer>, Fault> {
    let ids = outcomes.iter();
    let ids = ids.filter_map(|row| row.id.strip_prefix(OF_TABLE));
    let found = rival.answers(root, scratch, &ids.collect::<Vec<_>>())?;
    let named = |(id, answer)| (format!("{OF_TABLE}{id}"), answer);
    Ok(found.into_iter().map(named).collect())
}

/// Lists the ids of the ground truth with their kinds and units.
fn kinds(text: &str) -> Result<Vec<(String, String)>, Fault> {
    let rows = Json::read(text);
    let rows = rows.ok_or_else(|| Fault::Said("the ground truth is not JSON".to_owned()))?;
    let of = |row: &Json, key: &str| row.get(key).and_then(Json::text).map(str::to_owned);
    let pairs = rows.values().into_iter();
    Ok(pairs
        .filter_map(|row| Some((of(row, "id")?, of(row, "kind")?)))
        .collect())
}

fn predicted(root: &Path, tiergate: &str, file: &Path) -> Result<Vec<Outcome>, Fault> {
    let path = file.to_string_lossy();
    let said = output(root, tiergate, &["plan", "rows", &path, "--json"])?;
    Outcome::listed(&said)
        .ok_or_else(|| Fault::Said(format!("`plan rows {path} --json` wrote no list of rows")))
}

fn text(path: &Path) -> Result<String, Fault> {
    fs::read_to_string(path).map_err(fault(path))
}

fn fault(path: &Path) -> impl Fn(std::io::Error) -> Fault + use<> {
    let path: PathBuf = path.to_owned();
    move |source| Fault::Read {
        path: path.display().to_string(),
        source,
    }
}
