//! Holds what an erasure leaves on the disk: nothing of the row, everything of the others.

use std::fs;
use std::path::Path;

use domain::{ModelDigest, ReleaseName, SuiteName};
use ledger::CommitmentKey;
use rusqlite::params;
use serde_json::json;

use crate::config::Access;
use crate::error::StoreError;
use crate::evidence::{EvidenceId, EvidenceRow};
use crate::scratch::{NOW, Scratch, record, row};
use crate::store::{Store, connect};
use crate::usage::Arm;

/// Makes a row that says its number again and again, `times` times.
fn evidence(number: u8, times: usize) -> EvidenceRow {
    let said: Vec<String> = (0..times).map(|_| said(number)).collect();
    EvidenceRow {
        id: EvidenceId(format!("e{number:03}")),
        release: ReleaseName::new("mythos"),
        arm: Arm::Candidate,
        suite: SuiteName::new("triage"),
        suite_digest: "sha256:11".to_owned(),
        model_digest: ModelDigest("sha256:00".into()),
        taken_at: NOW,
        attempt: 1,
        body: json!({ "said": said }),
        commitment_key: Some(CommitmentKey::from_random([number + 100; 32])),
    }
}

/// What evidence of this number says, and no other.
fn said(number: u8) -> String {
    format!("patient {number:03} asked about a rash")
}

/// Lists the files below a folder that hold these bytes.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else {
            let held = fs::read(&path).expect("a file");
            if held.windows(bytes.len()).any(|part| part == bytes) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

fn erase(store: &Store, number: u8) {
    store
        .erase_evidence(&EvidenceId(format!("e{number:03}")))
        .expect("erased");
    store.empty_log().expect("emptied");
}

/// Numbers from 0 to 149 with how often each says it, in an order that splits pages of rows of all
/// sizes again and again. Not every order leaves bytes where a deletion does not reach: those of
/// the seeds in use do.
fn numbers(seed: u32) -> Vec<(u8, usize)> {
    let times = [1, 3, 10, 20, 35, 60, 90, 100, 120, 200];
    let mut chance = seed;
    let mut drawn = || {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(chance >> 16).expect("small")
    };
    let mut left: Vec<u8> = (0..150).collect();
    let mut numbers = Vec::new();
    while !left.is_empty() {
        let number = left.swap_remove(drawn() % left.len());
        numbers.push((number, times[drawn() % times.len()]));
    }
    numbers
}

/// Erases every other row in turn and looks for it in each file.
fn each_leaves_nothing(scratch: &Scratch, store: &Store, seed: u32) {
    let folder = scratch.path("made");
    let (gone, left): (Vec<_>, Vec<_>) = numbers(seed).into_iter().partition(|(n, _)| n % 2 == 0);
    for (number, _) in gone {
        let (text, key) = (said(number), [number + 100; 32]);
        for bytes in [text.as_bytes(), &key[..]] {
            assert!(
                !files_with(&folder, bytes).is_empty(),
                "the test sees nothing"
            );
        }
        erase(store, number);
        for bytes in [text.as_bytes(), &key[..]] {
            assert_eq!(files_with(&folder, bytes), [""; 0], "{number}");
        }
    }
    let mut expected: Vec<_> = left
        .into_iter()
        .map(|(n, times)| evidence(n, times))
        .collect();
    expected.sort_by(|one, other| one.id.cmp(&other.id));
    let found = store.evidence_of(&"mythos".into()).expect("rows");
    // Compared without printing: there is a great deal of it.
    assert!(found == expected, "others were changed");
}

#[test]
fn nothing_of_what_is_erased_is_left_in_any_file() {
    let scratch = Scratch::new();
    let store = scratch.open();
    for (number, times) in numbers(8) {
        store.put_evidence(&evidence(number, times)).expect("kept");
    }
    record(&store, (0..50).map(|number| row(NOW, number)));
    each_leaves_nothing(&scratch, &store, 8);
}

#[test]
fn nothing_is_left_either_where_an_older_program_overwrote_nothing() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let plain = connect(&scratch.config(), Access::Write).expect("a connection");
    let insert = "INSERT INTO evidence VALUES (?1, 'mythos', ?2, 'triage', 'sha256:11', \
                  'sha256:00', ?3, 1, ?4, ?5)";
    for (number, times) in numbers(4) {
        let row = evidence(number, times);
        let key = row.commitment_key.map(|key| key.to_bytes());
        let values = params![row.id.0, row.arm, NOW.0, row.body.to_string(), key];
        plain.execute(insert, values).expect("kept");
    }
    each_leaves_nothing(&scratch, &store, 4);
}

#[test]
fn what_was_erased_may_be_erased_again_and_is_found_nowhere() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let id = EvidenceId("e001".to_owned());
    store.put_evidence(&evidence(1, 3)).expect("kept");
    let found = store.release_of_evidence(&id).expect("a query");
    assert_eq!(found, Some("mythos".into()));
    let ids = store.evidence_ids().expect("ids");
    assert_eq!(ids, std::slice::from_ref(&id));
    erase(&store, 1);
    erase(&store, 1);
    assert_eq!(store.release_of_evidence(&id).expect("a query"), None);
    assert_eq!(store.evidence_ids().expect("ids"), []);
}

#[test]
fn a_log_that_somebody_reads_from_is_not_emptied_and_that_is_told() {
    let scratch = Scratch::new();
    let store = scratch.open();
    store.put_evidence(&evidence(1, 3)).expect("kept");
    let reader = connect(&scratch.config(), Access::Read).expect("a connection");
    let reading = reader.unchecked_transaction().expect("a transaction");
    let count = "SELECT count(*) FROM evidence";
    let _: i64 = reading
        .query_row(count, [], |row| row.get(0))
        .expect("a count");
    store
        .erase_evidence(&EvidenceId("e001".to_owned()))
        .expect("erased");
    let busy = store.empty_log();
    assert!(matches!(busy, Err(StoreError::Busy { .. })), "{busy:?}");
    drop(reading);
    store.empty_log().expect("emptied");
    assert_eq!(
        files_with(&scratch.path("made"), said(1).as_bytes()),
        [""; 0]
    );
}

#[test]
fn whoever_only_reads_erases_nothing() {
    let scratch = Scratch::new();
    drop(scratch.open());
    let store = Store::open(scratch.config(), Access::Read).expect("a store");
    let refused = store.erase_evidence(&EvidenceId("e001".to_owned()));
    assert!(
        matches!(refused, Err(StoreError::ReadOnly { .. })),
        "{refused:?}"
    );
}

#[test]
fn two_keys_differ() {
    let store = Scratch::new().open();
    let keys = [(); 2].map(|()| store.draw_commitment_key().expect("a key"));
    assert_ne!(keys[0], keys[1]);
}
