//! Holds the rotation of the ledger's key against crashes at every step, lost and foreign files.
//! It must not sleep.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use ledger::{BoxError, CHECKPOINT_PATH, Draft, Head, Signer, Verifier};
use serde_json::json;

use super::{NEXT_KEY, OLD_KEY, Rotation, carry_out};
use crate::durable;
use crate::ledger_error::LedgerError;
use crate::ledger_files::LedgerWriter;
use crate::ledger_key::{KEY, PUBLIC_KEY, read_signer, read_verifier};
use crate::ledger_steps::{Step, take};
use crate::scratch::{NOW, Scratch, copy};
use crate::store::Store;

fn writer(store: &Arc<Store>) -> LedgerWriter {
    let lease = store.lease().expect("the lease");
    store.ledger_writer(lease).expect("a ledger")
}

/// A ledger of some entries, and nobody who writes it.
fn ledger_of(entries: usize) -> Scratch {
    let scratch = Scratch::new();
    let mut writer = writer(&scratch.open());
    let draft = |number| Draft {
        kind: "test.move".to_owned(),
        body: json!({ "number": number }),
    };
    if entries > 0 {
        let drafts = (0..entries).map(draft).collect();
        writer.append_all(drafts, NOW).expect("appended");
    }
    scratch
}

fn key_in(folder: &Path) -> Signer {
    let signer = read_signer(&folder.join(KEY)).expect("a key");
    signer.expect("a key")
}

fn planned(folder: &Path) -> Rotation {
    let signer = key_in(folder);
    let reader = |path: &str| -> Result<Option<Vec<u8>>, BoxError> {
        Ok(durable::read(&folder.join(path), 1 << 24)?)
    };
    let chain = ledger::verify(&reader, signer.verifier(), None).expect("whole");
    let head = Head::open(&reader, signer.verifier()).expect("a head");
    Rotation::plan(&head, &signer, &chain.chain, None, NOW).expect("a plan")
}

/// Leaves the folder as a crash while this step is taken would.
fn break_off(folder: &Path, step: &Step<'_>) {
    match step {
        Step::Write { path, bytes } => {
            let unfinished = folder.join(format!("{path}.new"));
            fs::create_dir_all(unfinished.parent().expect("a folder")).expect("made");
            fs::write(&unfinished, &bytes[..bytes.len() / 2]).expect("half a file");
            let own = fs::Permissions::from_mode(0o600);
            fs::set_permissions(unfinished, own).expect("as it is written");
        }
        Step::Destroy { path } => {
            let path = folder.join(path);
            if path.exists() {
                let half = fs::read(&path).expect("the key").len() / 2;
                fs::write(path, vec![0; half]).expect("half destroyed");
            }
        }
        Step::Remove { .. } | Step::Rename { .. } => {}
    }
}

/// One signing key is there, the one in force, which only its owner reads; of the other not a
/// trace.
fn check_keys(folder: &Path, in_force: &Verifier, gone: &Signer) {
    assert_eq!(key_in(folder).verifier(), in_force);
    assert_eq!(&read_verifier(folder).expect("a public key"), in_force);
    let key = fs::metadata(folder.join(KEY)).expect("the key");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    let gone = gone.to_secret_text();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = fs::read(&path).expect("a file");
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(&gone), "{path:?}");
        }
    }
    for name in [NEXT_KEY, OLD_KEY] {
        assert!(!folder.join(name).exists(), "{name}");
    }
}

fn crash_everywhere(entries: usize, break_off: fn(&Path, &Step<'_>)) {
    let scratch = ledger_of(entries);
    let folder = scratch.config().ledger_dir;
    let old = key_in(&folder);
    let rotation = planned(&folder);
    let next: Signer = rotation.secret.parse().expect("the next key");
    let all = rotation.steps();
    let is_commit =
        |step: &Step<'_>| matches!(step, Step::Write { path, .. } if *path == CHECKPOINT_PATH);
    let commit = all.iter().position(is_commit).expect("a commit");
    for crash_at in 0..=all.len() {
        let after = Scratch::new();
        let place = after.config().ledger_dir;
        copy(&folder, &place);
        for step in &all[..crash_at] {
            take(&place, step).expect("a step");
        }
        if let Some(step) = all.get(crash_at) {
            break_off(&place, step);
        }
        let is_rotated = crash_at > commit;
        let size = (entries + usize::from(is_rotated)) as u64;
        let store = after.open();
        // As it lies, and as whoever has the old key sees it.
        let files = store.ledger().expect("a ledger");
        let found = files.verify(None).expect("whole");
        assert_eq!(found.tree.size, size, "{entries}, crash at {crash_at}");
        files.verify_from(old.verifier(), None).expect("linked");
        // Opened for appending, and gone on with.
        let mut writer = writer(&store);
        let (in_force, gone) = match is_rotated {
            true => (next.verifier(), &old),
            false => (old.verifier(), &next),
        };
        check_keys(&place, in_force, gone);
        let entry = writer
            .append("test.next", json!({}), NOW)
            .expect("appended");
        assert_eq!(entry.index, size);
        let again = writer.rotate_key(Some("again".to_owned()), NOW);
        let again = again.expect("rotated");
        assert_eq!((again.entry, &again.from), (size + 1, in_force));
        check_keys(&place, &again.to, gone);
        let files = store.ledger().expect("a ledger");
        let chain = files
            .verify_from(old.verifier(), None)
            .expect("whole")
            .chain;
        assert_eq!(chain.handovers().len(), 1 + usize::from(is_rotated));
    }
}

#[test]
fn a_crash_at_any_step_of_a_rotation_leaves_a_whole_ledger() {
    // An empty log, a partial tile, one that the handover fills, one that it begins.
    for entries in [0, 3, 255, 256] {
        crash_everywhere(entries, |_, _| {});
    }
    crash_everywhere(3, break_off);
}

#[test]
fn a_rotation_is_told_and_its_entry_says_why() {
    let scratch = ledger_of(2);
    let folder = scratch.config().ledger_dir;
    let old = key_in(&folder);
    let store = scratch.open();
    let reason = Some("a yearly change".to_owned());
    let rotated = writer(&store).rotate_key(reason, NOW).expect("rotated");
    assert_eq!((rotated.entry, &rotated.from), (2, old.verifier()));
    assert_ne!(rotated.to, rotated.from);
    let files = store.ledger().expect("a ledger");
    let entry = files.entries(2..3).expect("entries").remove(0);
    assert_eq!(entry.kind, ledger::HANDOVER_KIND);
    assert_eq!(entry.body["reason"], json!("a yearly change"));
    assert_eq!(entry.body["to"], json!(rotated.to.to_string()));
    check_keys(&folder, &rotated.to, &old);
}

#[test]
fn a_ledger_that_is_not_whole_is_not_handed_over() {
    let scratch = ledger_of(3);
    let folder = scratch.config().ledger_dir;
    let old = key_in(&folder);
    let bundle = folder.join("tile/entries/000.p/3");
    let mut bytes = fs::read(&bundle).expect("the bundle");
    bytes[20] ^= 1;
    let store = scratch.open();
    let writer = writer(&store);
    fs::write(&bundle, bytes).expect("changed");
    let refused = writer.rotate_key(None, NOW);
    assert!(matches!(refused, Err(LedgerError::Fault(_))), "{refused:?}");
    assert_eq!(key_in(&folder).verifier(), old.verifier());
    assert!(!folder.join(NEXT_KEY).exists());
}

#[test]
fn a_key_that_was_only_put_there_does_not_follow() {
    let scratch = ledger_of(3);
    let folder = scratch.config().ledger_dir;
    let old = key_in(&folder);
    let name = old.verifier().name().clone();
    let stranger = Signer::from_seed(name, &[9; 32]);
    fs::write(folder.join(NEXT_KEY), stranger.to_secret_text()).expect("put there");
    let writer_then = writer(&scratch.open());
    drop(writer_then);
    check_keys(&folder, old.verifier(), &stranger);
    // With a checkpoint that it signed, it is a fault and nothing is signed with it.
    fs::write(folder.join(NEXT_KEY), stranger.to_secret_text()).expect("put there");
    let reader = |path: &str| -> Result<Option<Vec<u8>>, BoxError> {
        Ok(durable::read(&folder.join(path), 1 << 24)?)
    };
    let head = Head::open(&reader, old.verifier()).expect("a head");
    let another = Signer::from_seed(stranger.verifier().name().clone(), &[8; 32]);
    let forged = head.hand_over(&another, &stranger, None, ledger::UnixMs(NOW.0));
    for step in crate::ledger_steps::steps(&forged.expect("a plan")) {
        take(&folder, &step).expect("a step");
    }
    let store = scratch.open();
    let refused = store.ledger_writer(store.lease().expect("the lease"));
    assert!(matches!(refused, Err(LedgerError::Fault(_))), "{refused:?}");
    assert_eq!(key_in(&folder).verifier(), old.verifier());
}

#[test]
fn an_old_key_that_stays_is_told_and_tried_again() {
    let scratch = ledger_of(1);
    let folder = scratch.config().ledger_dir;
    let rotation = planned(&folder);
    let all = rotation.steps();
    for step in &all[..all.len() - 1] {
        take(&folder, step).expect("a step");
    }
    // A folder in the place of the file: it cannot be destroyed.
    fs::rename(folder.join(OLD_KEY), scratch.path("kept")).expect("moved");
    fs::create_dir(folder.join(OLD_KEY)).expect("a folder");
    let reopened = writer(&scratch.open());
    assert_eq!(reopened.files().verifier(), &rotation.to);
    drop(reopened);
    let planned = planned(&folder);
    let refused = carry_out(&folder, &planned);
    assert!(
        matches!(refused, Err(LedgerError::File { .. })),
        "{refused:?}"
    );
    assert!(!folder.join(NEXT_KEY).exists());
    fs::remove_dir(folder.join(OLD_KEY)).expect("removed");
    fs::rename(scratch.path("kept"), folder.join(OLD_KEY)).expect("moved back");
    drop(writer(&scratch.open()));
    assert!(!folder.join(OLD_KEY).exists());
    assert!(folder.join(PUBLIC_KEY).exists());
}
