//! A witness's folder against lost keys, other processes, restarts and requests that come at
//! once. It must not sleep.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Barrier;
use std::thread;

use ledger::{Draft, Head, Signer, Snapshot, UnixMs};
use serde_json::json;

use super::*;
use crate::scratch::{NOW, Scratch};

const TIME: u64 = 1_795_478_400;

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).expect("a time")
}

fn signer() -> Signer {
    Signer::from_seed("log.example/audit".parse().expect("a name"), &[7; 32])
}

/// Asks to cosign a log of `size` entries of a kind.
fn ask(kind: &str, size: u64, old: u64) -> AddCheckpoint {
    let draft = |number| Draft {
        kind: kind.to_owned(),
        body: json!({ "number": number }),
    };
    let begun = Head::create(&signer()).head;
    let planned = begun.append((0..size).map(draft).collect(), UnixMs(NOW.0), &signer());
    let planned = planned.expect("appended");
    let writes = planned.writes.into_iter();
    let mut files: BTreeMap<_, _> = writes.map(|write| (write.path, write.bytes)).collect();
    files.insert("checkpoint".to_owned(), planned.checkpoint);
    let reader = |path: &str| Ok(files.get(path).cloned());
    let snapshot = Snapshot::read(&reader, signer().verifier()).expect("a snapshot");
    AddCheckpoint::ask(&snapshot, old).expect("a request")
}

fn open(scratch: &Scratch) -> WitnessFiles {
    let logs = vec![signer().verifier().clone()];
    WitnessFiles::open(&scratch.path("witness"), None, logs).expect("a witness")
}

fn status(files: &WitnessFiles, request: &AddCheckpoint) -> u16 {
    let answer = files.answer(request, at(TIME)).expect("an answer");
    answer.status()
}

#[test]
fn the_key_is_its_owners_alone_and_stays_over_a_restart() {
    let scratch = Scratch::new();
    let first = open(&scratch);
    let key = first.verifier().to_string();
    assert!(key.starts_with("tiergate-witness/"), "{key}");
    let file = scratch.path("witness/key");
    let mode = fs::metadata(&file).expect("a key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let shown = fs::read_to_string(scratch.path("witness/key.pub")).expect("a key");
    assert_eq!(shown.trim_end(), key);
    // One process at a time.
    let again = WitnessFiles::open(&scratch.path("witness"), None, Vec::new());
    assert!(matches!(again, Err(WitnessFilesError::Held { .. })));
    assert_eq!(status(&first, &ask("one", 3, 0)), 200);
    drop(first);
    assert_eq!(open(&scratch).verifier().to_string(), key);
    let name = Some("w1.example".parse().expect("a name"));
    let other = WitnessFiles::open(&scratch.path("witness"), name.clone(), Vec::new());
    assert!(matches!(other, Err(WitnessFilesError::Name { .. })));
    let named = WitnessFiles::open(&scratch.path("named"), name, Vec::new()).expect("a witness");
    assert_eq!(named.verifier().name().as_str(), "w1.example");
    // A new key beside what an old one cosigned would cosign another history.
    fs::remove_file(file).expect("removed");
    let lost = WitnessFiles::open(&scratch.path("witness"), None, Vec::new());
    assert!(matches!(lost, Err(WitnessFilesError::KeyAbsent { .. })));
}

#[test]
fn a_restart_forgets_nothing() {
    let scratch = Scratch::new();
    assert_eq!(status(&open(&scratch), &ask("one", 9, 0)), 200);
    let again = open(&scratch);
    for (request, wanted) in [
        (ask("one", 9, 0), 409),
        (ask("one", 5, 5), 409),
        (ask("other", 12, 9), 422),
        (ask("other", 9, 9), 422),
        (ask("one", 12, 9), 200),
    ] {
        assert_eq!(status(&again, &request), wanted, "{}", request.old);
    }
    let path = latest_path(signer().verifier().name());
    let latest = again.latest(&path).expect("read").expect("a checkpoint");
    let tree = again.verifier().cosigned_tree(&latest, "log.example/audit");
    assert_eq!(tree.expect("cosigned").expect("of the log").0.size, 12);
    assert!(again.latest("../key").expect("read").is_none());
    assert!(again.latest("key").expect("read").is_none());
    // What was kept and is damaged closes.
    let file = scratch.path("witness").join(path);
    let text = fs::read_to_string(&file).expect("a checkpoint");
    fs::write(&file, text.replacen("\n12\n", "\n3\n", 1)).expect("written");
    let answer = again.answer(&ask("one", 14, 3), at(TIME));
    assert!(matches!(answer, Err(WitnessFilesError::Kept { .. })));
}

#[test]
fn requests_at_once_cosign_one_history() {
    let scratch = Scratch::new();
    let files = open(&scratch);
    let mut latest = 0;
    for round in 1..=4_u64 {
        let requests: Vec<_> = (1..=16)
            .map(|more| ask("one", round * 100 + more, latest))
            .collect();
        let start = Barrier::new(requests.len());
        let answers: Vec<u16> = thread::scope(|scope| {
            let ask = |request| {
                let (files, start) = (&files, &start);
                scope.spawn(move || {
                    start.wait();
                    status(files, request)
                })
            };
            let asked: Vec<_> = requests.iter().map(ask).collect();
            let answers = asked.into_iter().map(|one| one.join().expect("an answer"));
            answers.collect()
        });
        let cosigned = answers.iter().filter(|status| **status == 200).count();
        assert_eq!(cosigned, 1, "{answers:?}");
        assert!(answers.iter().all(|status| [200, 409].contains(status)));
        let path = latest_path(signer().verifier().name());
        let note = files.latest(&path).expect("read").expect("a checkpoint");
        let tree = files.verifier().cosigned_tree(&note, "log.example/audit");
        latest = tree.expect("cosigned").expect("of the log").0.size;
        assert!(latest > round * 100);
    }
}

#[test]
fn strangers_write_nothing() {
    let scratch = Scratch::new();
    let files = open(&scratch);
    let strange = Signer::from_seed("log.example/audit".parse().expect("a name"), &[8; 32]);
    let unknown = Signer::from_seed("../key".parse().expect("a name"), &[8; 32]);
    for (signer, wanted) in [(strange, 403), (unknown, 404)] {
        let request = AddCheckpoint {
            old: 0,
            proof: Vec::new(),
            checkpoint: Head::create(&signer).checkpoint,
        };
        assert_eq!(status(&files, &request), wanted);
    }
    let entries = fs::read_dir(scratch.path("witness")).expect("a folder");
    let folders = entries.filter(|entry| entry.as_ref().expect("an entry").path().is_dir());
    assert_eq!(folders.count(), 0);
}
