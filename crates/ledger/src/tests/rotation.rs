//! Logs whose key was handed over: whole, and tampered with by whoever has or lacks a key.

use super::*;
use crate::chain::{Chain, Term};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::handover::{HANDOVER_KIND, Handover, HandoverError};
use crate::named::{draw_from_seed, is_named_after};
use crate::receipt::{Receipt, ReceiptError};
use crate::verify::verify_from;

/// The log's first key has the seed 7.
fn key(seed: u8) -> Signer {
    Signer::from_seed(signer().verifier().name().clone(), &[seed; 32])
}

impl Log {
    fn append_by(&mut self, numbers: std::ops::Range<u64>, signer: &Signer) {
        self.draft_by(numbers.map(draft).collect(), signer);
    }

    fn draft_by(&mut self, drafts: Vec<Draft>, signer: &Signer) {
        let planned = self.head.append(drafts, UnixMs(START), signer).unwrap();
        self.apply(planned);
    }

    fn hand_over(&mut self, from: &Signer, to: &Signer) {
        let planned = self.head.hand_over(from, to, None, UnixMs(START));
        self.apply(planned.unwrap());
    }

    fn verify_from(&self, signed_by: &Signer, trusted: &Signer) -> Result<Verified, Fault> {
        let read = |path: &str| self.read(path);
        verify_from(&read, signed_by.verifier(), trusted.verifier(), None)
    }

    fn verify_kept(&self, signed_by: &Signer, kept: &[u8]) -> Result<Verified, Fault> {
        verify(
            &|path: &str| self.read(path),
            signed_by.verifier(),
            Some(kept),
        )
    }

    fn sign_by(&mut self, signer: &Signer) {
        let note = sign(self.head.tree(), signer);
        self.files.insert(CHECKPOINT_PATH.to_owned(), note);
    }

    fn receipt(&self, index: u64, signer: &Signer) -> Receipt {
        let read = |path: &str| self.read(path);
        let snapshot = Snapshot::read(&read, signer.verifier()).unwrap();
        Receipt::issue_bearing(&snapshot, index).unwrap()
    }
}

/// Ten entries: three under the key 7, its handover, three under 8, its handover, two under 9.
fn rotated() -> Log {
    let mut log = Log::of(3);
    log.hand_over(&key(7), &key(8));
    log.append_by(4..7, &key(8));
    log.hand_over(&key(8), &key(9));
    log.append_by(8..10, &key(9));
    log
}

#[test]
fn a_log_whose_key_was_handed_over_twice_verifies_from_each_of_its_keys() {
    let log = rotated();
    let verified = log.verify_from(&key(9), &key(9)).unwrap();
    let keys = [7, 8, 9].map(|seed| key(seed).verifier().clone());
    let term = |at: usize, first, last| Term {
        key: &keys[at],
        first,
        last,
    };
    let terms: Vec<_> = verified.chain.terms().collect();
    let expected = [term(0, 0, Some(4)), term(1, 4, Some(8)), term(2, 8, None)];
    assert_eq!(terms, expected);
    assert_eq!(verified.chain.in_force(), &keys[2]);
    for trusted in [7, 8] {
        let found = log.verify_from(&key(9), &key(trusted)).unwrap();
        assert_eq!(found, verified);
    }
    let fault = log.verify_from(&key(9), &key(6)).unwrap_err();
    let is_unlinked = matches!(fault.problem, Problem::NotLinkedTo { .. });
    assert!(is_unlinked && fault.entry == Some(3), "{fault}");
}

#[test]
fn a_handover_holds_wherever_tiles_end() {
    for size in [0, 1, 254, 255, 256, 511] {
        let mut log = Log::create();
        if size > 0 {
            log.append(0..size, START);
        }
        log.hand_over(&key(7), &key(8));
        log.append_by(0..3, &key(8));
        let verified = log.verify_from(&key(8), &key(7)).unwrap();
        assert_eq!(verified.tree.size, size + 4);
        assert_eq!(verified.chain.handovers()[0].entry, size);
    }
}

#[test]
fn only_the_tree_that_ends_with_the_handover_is_signed_by_both() {
    let mut log = Log::of(3);
    log.hand_over(&key(7), &key(8));
    for signed_by in [7, 8] {
        let verified = log.verify_from(&key(signed_by), &key(7)).unwrap();
        assert_eq!(verified.chain.in_force(), key(8).verifier());
    }
    // The old key's signature alone is not enough, even there.
    let mut stripped = log.clone();
    stripped.sign_by(&key(7));
    let fault = stripped.verify_from(&key(7), &key(7)).unwrap_err();
    let is_unsigned = matches!(fault.problem, Problem::NotByKeyInForce { .. });
    assert!(is_unsigned && fault.entry == Some(3), "{fault}");
    log.append_by(4..5, &key(8));
    let fault = log.verify_from(&key(7), &key(7)).unwrap_err();
    assert!(matches!(fault.problem, Problem::Checkpoint(_)), "{fault}");
}

#[test]
fn a_retired_key_signs_nothing_beyond_its_handover() {
    let mut log = rotated();
    let fault = |log: &Log, seed| log.verify_from(&key(seed), &key(seed)).unwrap_err();
    for seed in [7, 8, 6] {
        log.sign_by(&key(seed));
        let fault = fault(&log, seed);
        assert_eq!((&*fault.file, fault.entry), (CHECKPOINT_PATH, Some(7)));
        assert!(fault.to_string().contains("rotated without a link"));
    }
}

#[test]
fn a_kept_checkpoint_counts_under_the_key_that_was_in_force() {
    let log = rotated();
    let note = |seed: u8, size: u64| {
        let mut earlier = Log::of(size.min(3));
        if size > 3 {
            earlier.hand_over(&key(7), &key(8));
        }
        if size > 4 {
            earlier.append_by(4..size, &key(8));
        }
        sign(earlier.head.tree(), &key(seed))
    };
    for (seed, size) in [(7, 0), (7, 3), (7, 4), (8, 4), (8, 7)] {
        log.verify_kept(&key(9), &note(seed, size)).unwrap();
    }
    // Each is a tree that the log had, but not under that key.
    for (seed, size) in [(7, 5), (7, 7), (8, 3), (9, 7), (6, 3)] {
        let fault = log.verify_kept(&key(9), &note(seed, size)).unwrap_err();
        assert!(matches!(fault.problem, Problem::Expected(_)), "{fault}");
    }
    // Of another history under a retired key's signature: the log was forked before.
    let forked = sign(
        crate::checkpoint::TreeHead {
            size: 2,
            root: leaf_hash(b"another"),
        },
        &key(7),
    );
    let fault = log.verify_kept(&key(9), &forked).unwrap_err();
    assert!(
        matches!(fault.problem, Problem::Forked { size: 2 }),
        "{fault}"
    );
    // Shorter than a checkpoint of a key that this copy does not lead to.
    let fault = Log::of(3).verify_kept(&key(7), &log.note()).unwrap_err();
    assert!(matches!(fault.problem, Problem::Expected(_)), "{fault}");
}

/// Appends what pretends to be a handover, and goes on with the key that it names.
fn pretended(seed: u8, draft: impl FnOnce(&Log) -> Draft) -> Fault {
    let mut log = rotated();
    let draft = draft(&log);
    log.draft_by(vec![draft], &key(9));
    log.append_by(11..12, &key(seed));
    log.verify_from(&key(seed), &key(seed)).unwrap_err()
}

fn drafted(log: &Log, from: u8, to: u8) -> Draft {
    Handover::draft(log.head.tree(), &key(from), key(to).verifier(), None)
}

#[test]
fn a_handover_by_anyone_but_the_key_in_force_is_named() {
    let check = |fault: Fault, is_it: fn(&HandoverError) -> bool| {
        assert_eq!(
            (&*fault.file, fault.entry),
            ("tile/entries/000.p/12", Some(10)),
            "{fault}"
        );
        assert!(
            matches!(&fault.problem, Problem::Handover(error) if is_it(error)),
            "{fault}"
        );
    };
    for from in [5, 7, 8] {
        let fault = pretended(6, |log| drafted(log, from, 6));
        check(fault, |error| {
            matches!(error, HandoverError::NotInForce { .. })
        });
    }
    // It says that it is from the key in force.
    let fault = pretended(6, |log| {
        let mut draft = drafted(log, 5, 6);
        draft.body["from"] = json!(key(9).verifier().to_string());
        draft
    });
    check(fault, |error| matches!(error, HandoverError::Unsigned(_)));
    // The key in force signed it, for another key or at another place.
    let fault = pretended(6, |log| {
        let mut draft = drafted(log, 9, 5);
        draft.body["to"] = json!(key(6).verifier().to_string());
        draft
    });
    check(fault, |error| matches!(error, HandoverError::Statement));
    let fault = pretended(6, |_| drafted(&Log::of(10), 9, 6));
    check(fault, |error| matches!(error, HandoverError::Statement));
    // A retired key does not come back.
    let fault = pretended(7, |log| drafted(log, 9, 7));
    check(fault, |error| {
        matches!(error, HandoverError::Retired { .. })
    });
    let fault = pretended(6, |_| Draft {
        kind: HANDOVER_KIND.to_owned(),
        body: json!({"to": "me"}),
    });
    check(fault, |error| matches!(error, HandoverError::Body(_)));
    let other = Signer::from_seed("other.example/log".parse().unwrap(), &[6; 32]);
    let fault = pretended(6, |log| {
        Handover::draft(log.head.tree(), &key(9), other.verifier(), None)
    });
    check(fault, |error| matches!(error, HandoverError::Origin { .. }));
}

#[test]
fn a_log_that_is_named_after_its_key_has_no_other_first_key() {
    let own = draw_from_seed("tiergate.example", &[7; 32]).unwrap();
    let name = own.verifier().name().clone();
    assert_eq!(is_named_after(&name, own.verifier()), Some(true));
    // The digest is that of Python's hashlib over the public key.
    assert_eq!(
        name.as_str(),
        "tiergate.example/key-fe812c12f3ab4ce6ac5db69ac352f906"
    );
    let stranger = Signer::from_seed(name.clone(), &[6; 32]);
    let next = Signer::from_seed(name, &[8; 32]);
    assert_eq!(
        is_named_after(signer().verifier().name(), own.verifier()),
        None
    );

    // Signed anew with another key, which stands in the place of the first.
    let mut log = begun(&stranger);
    log.append_by(0..3, &stranger);
    let fault = log.verify_from(&stranger, &stranger).unwrap_err();
    let is_unlinked = matches!(fault.problem, Problem::NotNamedAfter { .. });
    assert!(is_unlinked && fault.entry.is_none(), "{fault}");
    // With a handover by that key.
    log.hand_over(&stranger, &next);
    let fault = log.verify_from(&next, &next).unwrap_err();
    assert_eq!((&*fault.file, fault.entry), (CHECKPOINT_PATH, Some(3)));

    let mut log = begun(&own);
    log.append_by(0..3, &own);
    log.verify_from(&own, &own).unwrap();
    log.hand_over(&own, &next);
    log.append_by(4..5, &next);
    log.verify_from(&next, &next).unwrap();
}

fn begun(signer: &Signer) -> Log {
    let begun = Head::create(signer);
    let mut log = Log {
        files: Files::new(),
        head: begun.head.clone(),
    };
    log.apply(begun);
    log
}

#[test]
fn what_was_rewritten_before_a_handover_is_named_and_not_the_handover() {
    let mut log = rotated();
    let mut forged = Log::of(0);
    forged.append(0..1, START);
    forged.append(100..109, START);
    for path in ["tile/0/000.p/10", "tile/entries/000.p/10"] {
        log.files
            .insert(path.to_owned(), forged.files[path].clone());
    }
    let fault = log.verify_from(&key(9), &key(9)).unwrap_err();
    assert!(matches!(fault.problem, Problem::Root), "{fault}");
}

#[test]
fn any_flipped_byte_of_a_rotated_log_is_found() {
    let mut log = rotated();
    for (path, bytes) in log.files.clone() {
        for at in 0..bytes.len() {
            log.files.get_mut(&path).unwrap()[at] ^= 1;
            let fault = log.verify_from(&key(9), &key(7)).expect_err(&path);
            assert_eq!(fault.file, path, "byte {at}: {fault}");
            log.files.insert(path.clone(), bytes.clone());
        }
    }
}

#[test]
fn receipts_hold_under_the_key_that_was_in_force() {
    let old = Log::of(3).receipt(1, &key(7));
    let log = rotated();
    let chain = log.verify_from(&key(9), &key(9)).unwrap().chain;
    let new = log.receipt(1, &key(9));
    for receipt in [&old, &new] {
        let (entry, shown) = receipt.verify_borne_by(&chain, None).unwrap();
        assert_eq!((entry.index, &shown.origin), (1, key(7).verifier().name()));
    }
    // With the old key alone, as whoever was given nothing else.
    let own = |seed| [key(seed).verifier().clone()];
    assert!(old.verify_borne(&own(7), None).is_ok());
    assert!(old.verify_borne(&own(9), None).is_err());
    // The retired key signs what the log has since become.
    let mut forged = log.clone();
    forged.sign_by(&key(7));
    let refused = forged.receipt(1, &key(7)).verify_borne_by(&chain, None);
    let expected = CheckpointError::NotInForce {
        size: 10,
        first: 0,
        last: Some(4),
    };
    assert_eq!(refused, Err(ReceiptError::Checkpoint(expected)));
    // Beside the key in force, a retired one's signature does no harm; a wrong one does.
    let both = [log.note(), {
        let note = String::from_utf8(sign(log.head.tree(), &key(7))).unwrap();
        format!("{}\n", note.lines().last().unwrap()).into_bytes()
    }]
    .concat();
    assert!(chain.open(&both).is_ok());
    let wrong = String::from_utf8(both).unwrap().replace("\n10\n", "\n11\n");
    assert!(chain.open(wrong.as_bytes()).is_err());
    let stranger = sign(log.head.tree(), &key(6));
    assert!(chain.open(&stranger).is_err());
    assert!(Checkpoint::open(&log.note(), key(9).verifier()).is_ok());
}

#[test]
fn a_handover_that_cannot_be_is_refused() {
    let log = Log::of(3);
    let refuse = |from: &Signer, to: &Signer| {
        let planned = log.head.hand_over(from, to, None, UnixMs(START));
        planned.unwrap_err()
    };
    let other = Signer::from_seed("other.example/log".parse().unwrap(), &[8; 32]);
    assert!(matches!(
        refuse(&key(7), &key(7)),
        AppendError::SameKey { .. }
    ));
    for (from, to) in [(&key(7), &other), (&other, &key(8))] {
        assert!(matches!(refuse(from, to), AppendError::Signer { .. }));
    }
    let chain = Chain::of(key(7).verifier().clone());
    assert!(chain.has_had(key(7).verifier()) && !chain.has_had(key(8).verifier()));
}
