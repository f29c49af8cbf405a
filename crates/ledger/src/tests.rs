//! A whole log through its API: planned, written to memory, opened, verified, damaged.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::append::{Append, AppendError, FileWrite, Head, MAX_BATCH};
use crate::checkpoint::sign;
use crate::entry::{Draft, Entry, UnixMs};
use crate::fault::{BoxError, Fault, Problem};
use crate::hash::{Hash, leaf_hash};
use crate::keys::{Signer, Verifier};
use crate::layout::CHECKPOINT_PATH;
use crate::proof::{includes, is_consistent};
use crate::snapshot::{ProofError, Snapshot};
use crate::verify::{Verified, verify};

mod damage;
mod rotation;

const START: i64 = 1_795_000_000_000;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn signer() -> Signer {
    Signer::from_seed("tiergate.example/test/audit".parse().unwrap(), &[7; 32])
}

fn draft(n: u64) -> Draft {
    Draft {
        kind: "test.step".to_owned(),
        body: json!({"n": n, "text": "é\""}),
    }
}

/// A log in memory that does what an append asks for, in the order asked for.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) files: Files,
    pub(crate) head: Head,
}

impl Log {
    pub(crate) fn create() -> Self {
        let append = Head::create(&signer());
        let head = append.head.clone();
        let mut log = Self {
            files: Files::new(),
            head,
        };
        log.apply(append);
        log
    }

    /// A log of `size` entries, one millisecond apart, appended one by one.
    pub(crate) fn of(size: u64) -> Self {
        let mut log = Self::create();
        for n in 0..size {
            log.append(n..n + 1, START + i64::try_from(n).unwrap());
        }
        log
    }

    pub(crate) fn append(&mut self, numbers: std::ops::Range<u64>, now: i64) -> Vec<Entry> {
        let drafts = numbers.map(draft).collect();
        let append = self.head.append(drafts, UnixMs(now), &signer()).unwrap();
        let entries = append.entries.clone();
        self.apply(append);
        entries
    }

    pub(crate) fn apply(&mut self, append: Append) {
        for FileWrite { path, bytes } in append.writes {
            self.files.insert(path, bytes);
        }
        self.files
            .insert(CHECKPOINT_PATH.to_owned(), append.checkpoint);
        for path in append.stale {
            assert!(self.files.remove(&path).is_some(), "{path} was never there");
        }
        self.head = append.head;
    }

    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(self.files.get(path).cloned())
    }

    pub(crate) fn verify(&self) -> Result<Verified, Fault> {
        self.verify_since(None)
    }

    pub(crate) fn verify_since(&self, expected: Option<&[u8]>) -> Result<Verified, Fault> {
        verify(&|path: &str| self.read(path), signer().verifier(), expected)
    }

    fn open(&self) -> Result<Head, Fault> {
        Head::open(&|path: &str| self.read(path), signer().verifier())
    }

    pub(crate) fn note(&self) -> Vec<u8> {
        self.files[CHECKPOINT_PATH].clone()
    }
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn files_are_those_of_another_implementation() {
    // Made by the Python package aics-tlog 0.2.1 from the same entries and the same seed.
    let expected = [
        (
            "tile/0/000",
            "a10cf8dfbe311ebaa6892911d32d0dc44c51d79942d6d2cb2d1906ce1f3cff03",
        ),
        (
            "tile/0/001.p/44",
            "e4691ec657c0509b2d2624616550b86e0a8391bfa5ba566e50e250e9882aaeb4",
        ),
        (
            "tile/1/000.p/1",
            "1e2ea39cd524ae90a89d39c9b4aee465c773c8342f0c404e34a5a096a7dda4d1",
        ),
        (
            "tile/entries/000",
            "ee843fdd9c15d7570c942667bbfd04bbbfb70700b3ba1bc92150d177aa73f0e8",
        ),
        (
            "tile/entries/001.p/44",
            "71f66a896795a370da4f9ff4424ed9d1c7004880d73b4871cb47840ab3e5ccd9",
        ),
    ];
    let mut log = Log::of(300);
    let note = log.files.remove(CHECKPOINT_PATH).unwrap();
    assert_eq!(
        String::from_utf8(note).unwrap(),
        "tiergate.example/test/audit\n300\nJ4oSVYk4cs+AVXi5QzHtej+CW2j3QlIY0Zm9yRiZ90s=\n\n\
         \u{2014} tiergate.example/test/audit mKQf97oY9EKzD+hAuTGYVD3bgfmarKjn2LXkPm61P82BdOpnxwd\
         pWN0ZcNGlwG13i+DP2q7NaheDnmtgFGhrRgRK8AE=\n"
    );
    let found: Vec<_> = log
        .files
        .iter()
        .map(|(path, bytes)| (&**path, digest(bytes)))
        .collect();
    let expected: Vec<_> = expected
        .map(|(path, digest)| (path, digest.to_owned()))
        .into();
    assert_eq!(found, expected);
}

#[test]
fn every_size_opens_and_verifies() {
    let mut log = Log::create();
    assert_eq!(log.open().unwrap(), log.head);
    for n in 0..600 {
        log.append(n..n + 1, START);
        assert_eq!(log.open().unwrap(), log.head, "size {}", n + 1);
        let is_near_full = (n + 1) % 256 < 2;
        if is_near_full || n < 8 || n % 97 == 0 {
            let verified = log.verify().unwrap();
            assert_eq!(verified.tree, log.head.tree());
            assert_eq!(verified.last, log.head.last_time());
        }
    }
}

#[test]
fn batches_and_single_appends_make_the_same_log() {
    let single = Log::of(0);
    let mut log = single.clone();
    let mut at = 0;
    for size in [1, 2, 253, 1, 511, 1024] {
        log.append(at..at + size, START);
        at += size;
        assert_eq!(log.open().unwrap(), log.head);
    }
    let mut other = single;
    for n in 0..at {
        other.append(n..n + 1, START);
    }
    assert_eq!(log.files, other.files);
    log.verify().unwrap();
}

/// 65,800 entries: level 1 is full, level 2 has begun, and everything still joins.
#[test]
fn a_third_level_of_tiles_grows_opens_and_proves() {
    let mut log = Log::create();
    for at in (0..65_536).step_by(1024) {
        log.append(at..at + 1024, START);
    }
    assert_eq!(log.open().unwrap(), log.head);
    let old = log.head.tree();
    log.append(65_536..65_800, START);
    assert_eq!(log.open().unwrap(), log.head);
    assert!(log.files.contains_key("tile/1/000") && log.files.contains_key("tile/2/000.p/1"));
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    assert!(is_consistent(
        &old,
        &log.head.tree(),
        &snapshot.consistency(65_536).unwrap()
    ));
    for index in [0, 255, 256, 65_535, 65_536, 65_799] {
        let entry = snapshot.entries(index..index + 1).next().unwrap().unwrap();
        let leaf = leaf_hash(&entry.to_bytes().unwrap());
        assert!(includes(
            &log.head.tree(),
            index,
            &leaf,
            &snapshot.inclusion(index).unwrap()
        ));
    }
    assert_eq!(log.verify().unwrap().tree, log.head.tree());
    damage::tile_fault_is_named(&mut log, "tile/1/000");
    damage::tile_fault_is_named(&mut log, "tile/2/000.p/1");
}

#[test]
fn time_never_goes_back() {
    let mut log = Log::create();
    assert_eq!(log.append(0..1, START)[0].time, UnixMs(START));
    assert_eq!(log.append(1..3, START - 5000)[1].time, UnixMs(START));
    log.head = log.open().unwrap();
    assert_eq!(log.append(3..4, START - 1)[0].time, UnixMs(START));
    assert_eq!(log.append(4..5, START + 1)[0].time, UnixMs(START + 1));
    assert_eq!(log.verify().unwrap().last, Some(UnixMs(START + 1)));
}

#[test]
fn entries_come_back_in_order_from_any_range() {
    let log = Log::of(520);
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    for range in [
        0..520,
        0..0,
        255..258,
        300..301,
        511..513,
        519..u64::MAX,
        520..530,
        600..700,
    ] {
        let found: Vec<_> = snapshot
            .entries(range.clone())
            .map(|entry| entry.unwrap())
            .inspect(|entry| assert_eq!(entry.body, draft(entry.index).body))
            .map(|entry| entry.index)
            .collect();
        let expected: Vec<_> = (range.start.min(520)..range.end.min(520)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn proofs_from_tiles_hold_and_stay_in_range() {
    let log = Log::of(300);
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    let tree = log.head.tree();
    for (index, entry) in (0..).zip(snapshot.entries(0..300)) {
        let leaf = leaf_hash(&entry.unwrap().to_bytes().unwrap());
        assert!(includes(
            &tree,
            index,
            &leaf,
            &snapshot.inclusion(index).unwrap()
        ));
    }
    for size in [1, 2, 100, 255, 256, 257, 299, 300] {
        let old = Log::of(size).head.tree();
        assert!(is_consistent(
            &old,
            &tree,
            &snapshot.consistency(size).unwrap()
        ));
    }
    for outside in [
        snapshot.inclusion(300),
        snapshot.consistency(0),
        snapshot.consistency(301),
    ] {
        assert!(matches!(
            outside,
            Err(ProofError::OutOfRange { size: 300, .. })
        ));
    }
}

/// Every prefix of an append's effects leaves either the old log or the new one.
#[test]
fn a_crash_at_any_step_loses_nothing_committed() {
    for size in [0_u64, 5, 254, 255, 256, 511] {
        let before = Log::of(size);
        let drafts = (size..size + 3).map(draft).collect();
        let append = before
            .head
            .append(drafts, UnixMs(START), &signer())
            .unwrap();
        let mut crashed = before.clone();
        for write in &append.writes {
            crashed
                .files
                .insert(write.path.clone(), write.bytes.clone());
            assert_eq!(crashed.open().unwrap(), before.head);
            assert_eq!(crashed.verify().unwrap().tree.size, size);
        }
        // Restarted here, another append goes over what the crash left.
        let mut restarted = crashed.clone();
        restarted.append(900..901, START + 9);
        assert_eq!(restarted.verify().unwrap().tree.size, size + 1);
        restarted.append(901..1200, START + 9);
        assert_eq!(restarted.verify().unwrap().tree.size, size + 300);

        crashed
            .files
            .insert(CHECKPOINT_PATH.to_owned(), append.checkpoint);
        assert_eq!(crashed.open().unwrap(), append.head);
        for path in append.stale {
            crashed.files.remove(&path);
            assert_eq!(crashed.verify().unwrap().tree.size, size + 3);
        }
    }
}

#[test]
fn appends_that_cannot_be_are_refused_whole() {
    let log = Log::of(3);
    let refuse =
        |drafts, signer: &Signer| log.head.append(drafts, UnixMs(START), signer).unwrap_err();
    let count = |count| vec![draft(0); count];
    assert!(matches!(
        refuse(count(0), &signer()),
        AppendError::Count { count: 0 }
    ));
    let too_many = refuse(count(MAX_BATCH + 1), &signer());
    assert!(matches!(too_many, AppendError::Count { .. }));
    let other = Signer::from_seed("other.example/log".parse().unwrap(), &[7; 32]);
    assert!(matches!(
        refuse(count(1), &other),
        AppendError::Signer { .. }
    ));
    let bad = Draft {
        kind: "Bad Kind".to_owned(),
        body: json!(null),
    };
    assert!(matches!(
        refuse(vec![draft(3), bad], &signer()),
        AppendError::Entry(_)
    ));
}

/// A writer that appends, and removes what is stale, between any two of a reader's reads.
#[test]
fn a_reader_beside_a_writer_sees_one_committed_state() {
    for overtaken_at in 0..8 {
        let log = RefCell::new(Log::of(5));
        let reads = RefCell::new(0);
        let read = |path: &str| {
            let now = reads.replace_with(|reads| *reads + 1);
            if now == overtaken_at {
                log.borrow_mut().append(5..300, START + 9);
            }
            log.borrow().read(path)
        };
        let verified = verify(&read, signer().verifier(), None).unwrap();
        assert!([5, 300].contains(&verified.tree.size));
    }
}
