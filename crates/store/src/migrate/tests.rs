//! Holds the migrations: every older format with its data, newer ones, failed steps. It must not
//! know what the steps do beyond their tables.

use std::path::Path;

use rusqlite::Connection;

use super::{FORMAT, STEPS, format_of};
use crate::config::Access;
use crate::error::OpenError;
use crate::ring::KeyFault;
use crate::scratch::{NOW, Scratch};
use crate::secret::Presented;
use crate::store::Store;
use crate::usage::Arm;

/// What a database of each format holds; one row a step.
const SAMPLES: &[&str] = &[
    "INSERT INTO keys (id, hash, name, kind, holder, created_at, accepted)
     VALUES ('abcdefghijkl', x'{hash}', 'old', 'caller', '{\"team\":\"blue\"}', 5, 1)",
    "INSERT INTO usage_profiles (id, day, key, caller, requested, dialect)
     VALUES (1, 0, 'abcdefghijkl', 'old', 'opus', 'openai-chat');
     INSERT INTO usage (decision, profile, status, outcome, input, cached, cache_write, output,
     reasoning, total_ms)
     VALUES (x'00000000000100000000000000000000', 1, 200, 0, 7, 0, 0, 3, 0, 9)",
    "INSERT INTO evidence VALUES ('e1', 'mythos', 0, 'triage', 's', 'sha256:00', 5, 1, '{}')",
    "UPDATE usage_profiles SET chosen = 1",
    "INSERT INTO outcomes VALUES (1, x'00000000000100000000000000000000', 5, 1, NULL)",
    "UPDATE evidence SET commitment_key = zeroblob(32)",
];

const SECRET: &str = "tg_c_abcdefghijkl_0123456789012345678901234567890123456789012";

fn make(path: &Path, format: usize) -> Connection {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let connection = Connection::open(path).expect("a database");
    for (step, sample) in STEPS.iter().zip(SAMPLES).take(format) {
        connection.execute_batch(step).expect("a step");
        let hash: String = Presented::read(SECRET)
            .hash()
            .0
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let sample = sample.replace("{hash}", &hash);
        connection.execute_batch(&sample).expect("a sample");
    }
    let format = i64::try_from(format).expect("small");
    connection
        .pragma_update(None, "user_version", format)
        .expect("a format");
    connection
}

#[test]
fn every_older_format_is_migrated_with_its_data() {
    assert_eq!(SAMPLES.len(), STEPS.len(), "a new step needs a sample");
    for format in 0..=STEPS.len() {
        let scratch = Scratch::new();
        drop(make(&scratch.config().database, format));
        let store = scratch.open();
        assert_eq!(format_of(&store.reading()).expect("a format"), FORMAT);
        let known = store.check_key(SECRET, NOW).map(|key| key.name.clone());
        let expected = if format >= 1 {
            Ok("old".to_owned())
        } else {
            Err(KeyFault::Unknown)
        };
        assert_eq!(known, expected, "format {format}");
        let id = "00000000000100000000000000000000".parse().expect("an id");
        let usage = store.decision(&id).expect("a query");
        assert_eq!(usage.is_some(), format >= 2, "format {format}");
        assert!(usage.as_ref().is_none_or(|row| row.tokens.input == 7));
        let chosen = usage.and_then(|row| row.chosen);
        assert_eq!(chosen, (format >= 4).then_some(Arm::Incumbent));
        let evidence = store.evidence_of(&"mythos".into()).expect("a query");
        assert_eq!(evidence.len(), usize::from(format >= 3), "format {format}");
        let keyed = evidence.iter().filter(|row| row.commitment_key.is_some());
        assert_eq!(keyed.count(), usize::from(format >= 6), "format {format}");
    }
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    let path = scratch.config().database;
    make(&path, STEPS.len())
        .pragma_update(None, "user_version", FORMAT + 1)
        .expect("a newer format");
    let before = std::fs::read(&path).expect("the file");
    for access in [Access::Write, Access::Read] {
        let error = Store::open(scratch.config(), access).expect_err("refused");
        let text = error.to_string();
        for part in [
            "tiergate.db",
            &format!("format {}", FORMAT + 1),
            "run the newer tiergate",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
    let connection = Connection::open(&path).expect("a database");
    assert_eq!(format_of(&connection).expect("a format"), FORMAT + 1);
    assert_eq!(std::fs::read(&path).expect("the file").len(), before.len());
}

#[test]
fn a_reader_refuses_an_older_format() {
    let scratch = Scratch::new();
    drop(make(&scratch.config().database, 1));
    let error = Store::open(scratch.config(), Access::Read).expect_err("refused");
    assert!(
        matches!(error, OpenError::Older { found: 1, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("tiergate serve"), "{error}");
}

#[test]
fn a_failed_step_leaves_the_database_as_it_was() {
    let scratch = Scratch::new();
    let path = scratch.config().database;
    let connection = make(&path, 1);
    connection
        .execute_batch("CREATE TABLE usage_days (in_the_way TEXT)")
        .expect("a table in the way");
    let error = Store::open(scratch.config(), Access::Write).expect_err("refused");
    assert!(matches!(error, OpenError::Migrate { to: 2, .. }), "{error}");
    assert_eq!(format_of(&connection).expect("a format"), 1);
    let made = "SELECT count(*) FROM sqlite_schema WHERE name = 'usage'";
    let made: i64 = connection
        .query_row(made, [], |row| row.get(0))
        .expect("a count");
    assert_eq!(made, 0, "half a step was kept");
}
