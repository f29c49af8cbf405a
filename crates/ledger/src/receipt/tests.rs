//! Receipts of whole logs: written, read, verified, and every flipped byte of one.

use super::*;
use crate::checkpoint::sign;
use crate::cosignature::UnixSeconds;
use crate::hash::leaf_hash;
use crate::keys::Signer;
use crate::keys::WitnessSigner;
use crate::note::NoteError;
use crate::tests::{Log, signer};

fn issue(log: &Log, index: u64) -> (Receipt, Hash) {
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    let entry = snapshot.entries(index..index + 1).next().unwrap().unwrap();
    let leaf = leaf_hash(&entry.to_bytes().unwrap());
    (Receipt::issue(&snapshot, index).unwrap(), leaf)
}

fn keys() -> Vec<Verifier> {
    vec![signer().verifier().clone()]
}

fn witness(seed: u8) -> WitnessSigner {
    let name = format!("witness.example/w{seed}").parse().unwrap();
    WitnessSigner::from_seed(name, &[seed; 32])
}

fn quorum(threshold: usize, seeds: &[u8]) -> Quorum {
    let verifier = |seed: &u8| witness(*seed).verifier().clone();
    Quorum::new(threshold, seeds.iter().map(verifier).collect()).unwrap()
}

fn cosign(receipt: &mut Receipt, seed: u8) {
    let checkpoint = Checkpoint::open_any(&receipt.checkpoint, &keys()).unwrap();
    let line = witness(seed).cosign(&checkpoint, UnixSeconds::new(1_795_000_000).unwrap());
    receipt.checkpoint.extend_from_slice(line.as_bytes());
}

#[test]
fn every_entry_has_a_receipt_that_reads_back_and_holds() {
    for size in [1, 2, 7, 256, 300] {
        let log = Log::of(size);
        for index in (0..size).filter(|index| size < 10 || index % 51 == 0) {
            let (receipt, leaf) = issue(&log, index);
            let bytes = receipt.to_bytes();
            let read = Receipt::from_bytes(&bytes).unwrap();
            assert_eq!(read, receipt);
            let shown = read.verify(&leaf, &keys(), None).unwrap();
            assert_eq!(shown.tree, log.head.tree());
            assert_eq!(shown.origin, *signer().verifier().name());
            let wrong = read.verify(&leaf_hash(b"other"), &keys(), None);
            assert_eq!(wrong, Err(ReceiptError::NotIncluded { index }));
        }
    }
}

#[test]
fn a_receipt_is_written_as_the_specification_shows_it() {
    let (mut receipt, _) = issue(&Log::of(3), 2);
    receipt.extra = b"age-v1.2.1".to_vec();
    let text = String::from_utf8(receipt.to_bytes()).unwrap();
    let sibling = receipt.proof[0];
    let note = String::from_utf8(receipt.checkpoint.clone()).unwrap();
    assert_eq!(receipt.proof.len(), 1);
    assert_eq!(
        text,
        format!("c2sp.org/tlog-proof@v1\nextra YWdlLXYxLjIuMQ==\nindex 2\n{sibling}\n\n{note}")
    );
    assert_eq!(Receipt::from_bytes(text.as_bytes()), Ok(receipt));
}

#[test]
fn every_flipped_bit_of_a_receipt_is_found() {
    let (mut receipt, leaf) = issue(&Log::of(9), 4);
    cosign(&mut receipt, 1);
    let bytes = receipt.to_bytes();
    let holds = |bytes: &[u8]| {
        let receipt = Receipt::from_bytes(bytes)?;
        receipt.verify(&leaf, &keys(), Some(&quorum(1, &[1])))
    };
    assert!(holds(&bytes).is_ok());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << bit;
            assert!(holds(&bad).is_err(), "byte {at}, bit {bit}");
        }
        assert!(holds(&bytes[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn misshapen_receipts_are_refused_by_line() {
    let (receipt, _) = issue(&Log::of(3), 2);
    let text = String::from_utf8(receipt.to_bytes()).unwrap();
    let line_of = |text: &str| match Receipt::from_bytes(text.as_bytes()) {
        Err(ReceiptError::Malformed { line, .. }) => line,
        other => panic!("{other:?}"),
    };
    for (from, to, line) in [
        ("proof@v1", "proof@v2", 1),
        ("index 2", "index 02", 2),
        ("index 2", "index +2", 2),
        ("index 2", "index 18446744073709551616", 2),
        ("index 2", "index 2 ", 2),
        ("index 2", "extra \nindex 2", 3),
        ("index 2", "extra ?\nindex 2", 3),
        ("index 2", "extra YQ==\nextra YQ==\nindex 2", 3),
        ("index 2\n", "index 2\nAAAA\n", 3),
        (
            "index 2\n",
            &format!("index 2\n{}", format!("{}\n", receipt.proof[0]).repeat(64)),
            67,
        ),
        ("\n", "\r\n", 1),
    ] {
        assert_eq!(line_of(&text.replacen(from, to, 1)), line, "{to:?}");
    }
    let long = [text.as_bytes(), &vec![b'x'; MAX_RECEIPT_BYTES]].concat();
    assert_eq!(Receipt::from_bytes(&long), Err(ReceiptError::TooLong));
}

#[test]
fn only_known_logs_count() {
    let (receipt, leaf) = issue(&Log::of(5), 3);
    let verify = |keys: &[Verifier]| receipt.verify(&leaf, keys, None);
    let key = |origin: &str, seed| {
        let signer = Signer::from_seed(origin.parse().unwrap(), &[seed; 32]);
        signer.verifier().clone()
    };
    let (other_log, other_key) = (
        key("other.example/log", 7),
        key("tiergate.example/test/audit", 8),
    );
    let own = signer().verifier().clone();
    assert_eq!(
        verify(&[]),
        Err(ReceiptError::Checkpoint(CheckpointError::NoKey))
    );
    assert!(verify(&[other_log.clone(), other_key.clone()]).is_err());
    assert!(verify(&[other_log.clone(), own.clone(), other_key.clone()]).is_ok());

    // Signed by two keys of the log, as while it changes its key; a wrong one spoils the note.
    let text = Checkpoint::open(&receipt.checkpoint, &own).unwrap();
    let second = Signer::from_seed(own.name().clone(), &[8; 32]).sign(text.text());
    let line = String::from_utf8(second).unwrap();
    let line = line[line.find("\n\n").unwrap() + 2..].to_owned();
    let mut both = receipt.clone();
    both.checkpoint.extend_from_slice(line.as_bytes());
    assert!(
        both.verify(&leaf, &[own.clone(), other_key.clone()], None)
            .is_ok()
    );
    let wrong = Signer::from_seed(own.name().clone(), &[8; 32]).sign("other\n");
    let wrong = String::from_utf8(wrong).unwrap();
    let mut spoilt = receipt.clone();
    let wrong = &wrong[wrong.find("\n\n").unwrap() + 2..];
    spoilt.checkpoint.extend_from_slice(wrong.as_bytes());
    assert!(
        spoilt
            .verify(&leaf, std::slice::from_ref(&own), None)
            .is_ok()
    );
    assert!(matches!(
        spoilt.verify(&leaf, &[own, other_key], None),
        Err(ReceiptError::Checkpoint(CheckpointError::Note(
            NoteError::BadSignature { .. }
        )))
    ));
}

#[test]
fn a_quorum_is_asked_for_by_number() {
    let (mut receipt, leaf) = issue(&Log::of(5), 3);
    cosign(&mut receipt, 1);
    cosign(&mut receipt, 3);
    let verify = |quorum: &Quorum| receipt.verify(&leaf, &keys(), Some(quorum));
    let shown = verify(&quorum(2, &[1, 2, 3])).unwrap();
    let names: Vec<_> = shown
        .cosigned
        .iter()
        .map(|by| by.witness.as_str())
        .collect();
    assert_eq!(names, ["witness.example/w1", "witness.example/w3"]);
    for (threshold, seeds, found) in [(3, vec![1, 2, 3], 2), (1, vec![2, 4], 0)] {
        assert_eq!(
            verify(&quorum(threshold, &seeds)),
            Err(ReceiptError::Quorum(QuorumError::TooFew {
                found,
                threshold
            }))
        );
    }
}

#[test]
fn a_receipt_is_not_issued_from_tiles_that_do_not_make_the_root() {
    let mut log = Log::of(300);
    log.files.get_mut("tile/0/000").unwrap()[40 * 32] ^= 1;
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    assert!(Receipt::issue(&snapshot, 270).is_ok());
    let fault = Receipt::issue(&snapshot, 41).unwrap_err();
    assert!(matches!(fault, ProofError::Fault(_)), "{fault}");
    assert!(matches!(
        Receipt::issue(&snapshot, 300),
        Err(ProofError::OutOfRange { .. })
    ));
}

#[test]
fn a_receipt_that_bears_its_entry_needs_the_key_alone() {
    let log = Log::of(300);
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    for index in [0, 7, 255, 256, 299] {
        let receipt = Receipt::issue_bearing(&snapshot, index).unwrap();
        let receipt = Receipt::from_bytes(&receipt.to_bytes()).unwrap();
        let (entry, shown) = receipt.verify_borne(&keys(), None).unwrap();
        assert_eq!((entry.index, shown.tree), (index, log.head.tree()));
        let mut edited = receipt.clone();
        edited.extra[0] ^= 1;
        let refused = edited.verify_borne(&keys(), None);
        assert_eq!(refused.unwrap_err(), ReceiptError::NotIncluded { index });
        let (bare, _) = issue(&log, index);
        let refused = bare.verify_borne(&keys(), None);
        assert_eq!(refused.unwrap_err(), ReceiptError::NoEntry);
    }
    assert!(Receipt::issue_bearing(&snapshot, 300).is_err());
}

#[test]
fn what_is_in_the_tree_but_is_not_that_entry_is_refused() {
    let log = Log::of(1);
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    let whole = Receipt::issue_bearing(&snapshot, 0).unwrap();
    let entry = Entry::from_bytes(&whole.extra).unwrap();
    let misplaced = Entry { index: 5, ..entry }.to_bytes().unwrap();
    for extra in [misplaced, b"no entry".to_vec()] {
        let tree = TreeHead {
            size: 1,
            root: leaf_hash(&extra),
        };
        let receipt = Receipt {
            extra,
            index: 0,
            proof: Vec::new(),
            checkpoint: sign(tree, &signer()),
        };
        let refused = receipt.verify_borne(&keys(), None);
        assert_eq!(refused.unwrap_err(), ReceiptError::NotAnEntry { index: 0 });
    }
}
