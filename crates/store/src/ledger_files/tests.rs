//! Holds the ledger's files against crashes, changes and lost keys. It must not sleep.

use std::fs;
use std::sync::Arc;

use domain::Timestamp;
use ledger::{Draft, Head, UnixMs};
use serde_json::json;

use super::{LedgerWriter, begin};
use crate::ledger_error::LedgerError;
use crate::ledger_key::open_signer;
use crate::ledger_steps::{Step, steps, take};
use crate::scratch::{NOW, Scratch, copy};
use crate::store::Store;

fn writer(store: &Arc<Store>) -> LedgerWriter {
    let lease = store.lease().expect("the lease");
    store.ledger_writer(lease).expect("a ledger")
}

fn drafts(count: usize) -> Vec<Draft> {
    let draft = |number| Draft {
        kind: "test.move".to_owned(),
        body: json!({ "number": number }),
    };
    (0..count).map(draft).collect()
}

#[test]
fn what_is_appended_is_read_and_verified_after_a_restart() {
    let scratch = Scratch::new();
    let store = scratch.open();
    assert!(matches!(store.ledger(), Err(LedgerError::Absent { .. })));
    let mut first = writer(&store);
    assert_eq!(first.files().count().expect("a count"), 0);
    let entry = first
        .append("policy", json!({"digest": "d"}), NOW)
        .expect("appended");
    assert_eq!((entry.index, entry.time), (0, UnixMs(NOW.0)));
    // A clock that goes back does not take the ledger with it.
    let entry = first
        .append("move", json!({}), Timestamp(1))
        .expect("appended");
    assert_eq!((entry.index, entry.time), (1, UnixMs(NOW.0)));
    drop(first);
    let mut second = writer(&store);
    let entry = second
        .append("move", json!({}), NOW.plus_days(1))
        .expect("appended");
    assert_eq!(entry.index, 2);
    let reader = scratch.open().ledger().expect("a ledger");
    let kinds: Vec<_> = reader.entries(0..9).expect("entries");
    let kinds: Vec<_> = kinds.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, ["policy", "move", "move"]);
    assert_eq!(reader.entries(1..2).expect("entries").len(), 1);
    let verified = reader.verify(None).expect("whole");
    assert_eq!(verified.tree.size, 3);
    second.append("move", json!({}), NOW).expect("appended");
    let later = reader
        .verify(Some(&verified.checkpoint))
        .expect("it goes on from there");
    assert_eq!(later.tree.size, 4);
}

#[test]
fn a_refused_entry_changes_nothing() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut writer = writer(&store);
    assert!(matches!(
        writer.append("No Kind", json!({}), NOW),
        Err(LedgerError::Append(_))
    ));
    assert!(matches!(
        writer.append_all(Vec::new(), NOW),
        Err(LedgerError::Append(_))
    ));
    assert_eq!(
        writer
            .append("move", json!({}), NOW)
            .expect("appended")
            .index,
        0
    );
}

#[test]
fn an_overtaken_writer_appends_nothing() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut writer = writer(&store);
    writer.append("move", json!({}), NOW).expect("appended");
    let rise = "UPDATE counters SET value = value + 1 WHERE name = 'lease'";
    let overtaken = store
        .writing("overtake")
        .expect("write access")
        .execute(rise, []);
    assert_eq!(overtaken.expect("a later holder"), 1);
    let refused = writer.append("move", json!({}), NOW);
    assert!(matches!(refused, Err(LedgerError::Lease(_))), "{refused:?}");
    assert_eq!(writer.files().count().expect("a count"), 1);
}

/// Runs the plan of one append up to every step, as a crash there would leave the folder, and
/// with the next file half written; then opens what is left and goes on.
fn crash_everywhere(before: usize, batch: usize) {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut original = writer(&store);
    for chunk in drafts(before).chunks(100) {
        original.append_all(chunk.to_vec(), NOW).expect("appended");
    }
    let acknowledged = original.files().count().expect("a count");
    drop(original);
    let folder = scratch.config().ledger_dir;
    let signer = open_signer(&folder, begin).expect("the key");
    let files = store.ledger().expect("a ledger");
    let head: Head = files.head().expect("a head");
    let plan = head
        .append(drafts(batch), UnixMs(NOW.0), &signer)
        .expect("a plan");
    let all = steps(&plan);
    let commit = plan.writes.len();
    for crash_at in 0..=all.len() {
        let after = Scratch::new();
        let place = after.config().ledger_dir;
        copy(&folder, &place);
        for step in &all[..crash_at] {
            take(&place, step).expect("a step");
        }
        if let Some(Step::Write { path, bytes }) = all.get(crash_at) {
            let unfinished = place.join(format!("{path}.new"));
            fs::create_dir_all(unfinished.parent().expect("a folder")).expect("made");
            fs::write(unfinished, &bytes[..bytes.len() / 2]).expect("half a file");
        }
        let mut reopened = writer(&after.open());
        let standing = if crash_at > commit { batch } else { 0 } as u64 + acknowledged;
        let found = reopened.files().verify(None).expect("whole");
        assert_eq!(
            found.tree.size, standing,
            "{before}+{batch}, crash at {crash_at}"
        );
        let next = reopened
            .append("test.next", json!({}), NOW)
            .expect("it goes on");
        assert_eq!(next.index, standing);
        let found = reopened.files().verify(None).expect("whole");
        assert_eq!(found.tree.size, standing + 1);
        let entries = reopened.files().entries(0..u64::MAX).expect("entries");
        assert_eq!(entries.len() as u64, standing + 1);
    }
}

#[test]
fn a_crash_between_any_two_steps_loses_nothing() {
    // The first entry, a partial tile, a tile that fills exactly, one that overflows, and a batch
    // that fills a tile and starts the next.
    for (before, batch) in [(0, 1), (3, 1), (255, 1), (256, 1), (250, 20), (511, 2)] {
        crash_everywhere(before, batch);
    }
}

#[test]
fn a_crash_while_the_ledger_begins_is_gone_on_from() {
    let scratch = Scratch::new();
    let store = scratch.open();
    drop(writer(&store));
    let folder = scratch.config().ledger_dir;
    // What stands after each step of the beginning, the key's last name being the last.
    let stages: [&[&str]; 3] = [&[], &["key.pub"], &["key.pub", "checkpoint"]];
    for stage in stages {
        let after = Scratch::new();
        let place = after.config().ledger_dir;
        fs::create_dir_all(&place).expect("a folder");
        fs::copy(folder.join("key"), place.join("key.begun")).expect("the key");
        for name in stage {
            fs::copy(folder.join(name), place.join(name)).expect(name);
        }
        let mut reopened = writer(&after.open());
        reopened.append("move", json!({}), NOW).expect("appended");
        let expected = store.ledger().expect("a ledger").verifier().to_string();
        assert_eq!(
            reopened.files().verifier().to_string(),
            expected,
            "{stage:?}"
        );
        assert!(!place.join("key.begun").exists());
    }
}

#[test]
fn a_log_without_its_key_or_a_key_without_its_log_is_no_new_ledger() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut first = writer(&store);
    first.append("move", json!({}), NOW).expect("appended");
    drop(first);
    let folder = scratch.config().ledger_dir;
    fs::rename(folder.join("key"), scratch.path("kept")).expect("moved");
    let refused = store.ledger_writer(store.lease().expect("the lease"));
    assert!(
        matches!(refused, Err(LedgerError::KeyAbsent { .. })),
        "{refused:?}"
    );
    assert!(store.ledger().expect("a ledger").verify(None).is_ok());
    fs::rename(scratch.path("kept"), folder.join("key")).expect("moved back");
    fs::remove_file(folder.join("checkpoint")).expect("removed");
    fs::remove_dir_all(folder.join("tile")).expect("removed");
    let refused = store.ledger_writer(store.lease().expect("the lease"));
    assert!(matches!(refused, Err(LedgerError::Fault(_))), "{refused:?}");
}

#[test]
fn a_changed_byte_is_found_and_its_entry_named() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut writer = writer(&store);
    writer.append_all(drafts(5), NOW).expect("appended");
    let bundle = scratch.config().ledger_dir.join("tile/entries/000.p/5");
    let mut bytes = fs::read(&bundle).expect("the bundle");
    let at = bytes
        .windows(10)
        .position(|part| part == b"\"number\":3")
        .expect("entry 3");
    bytes[at + 9] = b'4';
    fs::write(&bundle, bytes).expect("changed");
    let fault = writer.files().verify(None).expect_err("it is found");
    assert!(fault.to_string().contains("entry 3"), "{fault}");
}

#[test]
fn a_failed_write_is_told_and_the_next_append_goes_on() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut writer = writer(&store);
    writer.append("move", json!({}), NOW).expect("appended");
    // A folder where the new checkpoint is to be written: the append fails at its commit.
    let in_the_way = scratch.config().ledger_dir.join("checkpoint.new");
    fs::create_dir(&in_the_way).expect("a folder");
    let failed = writer.append("move", json!({}), NOW);
    assert!(
        matches!(failed, Err(LedgerError::File { .. })),
        "{failed:?}"
    );
    assert_eq!(writer.files().verify(None).expect("whole").tree.size, 1);
    fs::remove_dir(&in_the_way).expect("removed");
    assert_eq!(
        writer
            .append("move", json!({}), NOW)
            .expect("appended")
            .index,
        1
    );
    assert_eq!(writer.files().verify(None).expect("whole").tree.size, 2);
}
