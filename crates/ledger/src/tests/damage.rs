//! Every way to damage a log, and that the fault names the place.

use super::*;
use crate::checkpoint::Checkpoint;
use crate::cosignature::UnixSeconds;
use crate::keys::WitnessSigner;

/// Tells which entry each byte of a bundle belongs to, its length prefix included.
fn owners(bundle: &[u8], first: u64) -> Vec<u64> {
    let mut owners = Vec::new();
    let mut index = first;
    while owners.len() < bundle.len() {
        let at = owners.len();
        let length = usize::from(u16::from_be_bytes([bundle[at], bundle[at + 1]])) + 2;
        owners.extend(std::iter::repeat_n(index, length));
        index += 1;
    }
    owners
}

fn first_entry(path: &str) -> u64 {
    let number = path.rsplit("entries/").next().unwrap();
    number.split('.').next().unwrap().parse::<u64>().unwrap() * 256
}

/// Changes one byte and holds the fault to what the byte was.
fn check(log: &mut Log, path: &str, at: usize, mask: u8) {
    let bytes = log.files[path].clone();
    log.files.get_mut(path).unwrap()[at] ^= mask;
    let fault = log.verify().expect_err(path);
    assert_eq!(fault.file, path, "byte {at}: {fault}");
    if path.starts_with("tile/entries/") {
        let owner = owners(&bytes, first_entry(path))[at];
        assert_eq!(fault.entry, Some(owner), "{path} byte {at}: {fault}");
    }
    log.files.insert(path.to_owned(), bytes);
}

#[test]
fn any_flipped_byte_of_a_small_log_is_named() {
    let mut log = Log::of(12);
    for (path, bytes) in log.files.clone() {
        for at in 0..bytes.len() {
            for mask in [0x01, 0x80, 0xff] {
                check(&mut log, &path, at, mask);
            }
        }
    }
    log.verify().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_flipped_byte_of_a_log_of_several_tiles_is_named(
        size in 256..600_u64,
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        mask in 1..=255_u8,
    ) {
        let mut log = Log::create();
        log.append(0..size, START);
        let path = file.get(&log.files.keys().cloned().collect::<Vec<_>>()).clone();
        let at = at.index(log.files[&path].len());
        check(&mut log, &path, at, mask);
        log.verify().unwrap();
    }
}

/// Flips a byte of a tile above level 0.
pub(super) fn tile_fault_is_named(log: &mut Log, path: &str) {
    let flip = |log: &mut Log| *log.files.get_mut(path).unwrap().last_mut().unwrap() ^= 1;
    flip(log);
    let fault = log.verify().unwrap_err();
    assert_eq!(fault.file, path);
    assert!(matches!(fault.problem, Problem::TileAltered), "{fault}");
    flip(log);
}

#[test]
fn a_removed_file_is_named() {
    for size in [12, 256, 300] {
        let whole = Log::of(size);
        for path in whole.files.keys() {
            let mut log = whole.clone();
            log.files.remove(path);
            let fault = log.verify().unwrap_err();
            assert_eq!(&fault.file, path);
            assert!(matches!(fault.problem, Problem::Missing), "{fault}");
        }
    }
}

#[test]
fn a_file_cut_short_or_grown_is_named() {
    let whole = Log::of(300);
    for path in whole.files.keys() {
        let mut cut = whole.clone();
        cut.files.get_mut(path).unwrap().pop();
        let fault = cut.verify().unwrap_err();
        assert_eq!(&fault.file, path, "{fault}");
        let mut grown = whole.clone();
        grown.files.get_mut(path).unwrap().push(b'\n');
        let fault = grown.verify().unwrap_err();
        assert_eq!(&fault.file, path, "{fault}");
    }
}

fn split(bundle: &[u8]) -> Vec<Vec<u8>> {
    let owners = owners(bundle, 0);
    let mut entries: Vec<Vec<u8>> = Vec::new();
    for (byte, owner) in bundle.iter().zip(owners) {
        let owner = usize::try_from(owner).unwrap();
        entries.resize(entries.len().max(owner + 1), Vec::new());
        entries[owner].push(*byte);
    }
    entries
}

fn edited(size: u64, edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> Fault {
    let mut log = Log::of(size);
    let path = format!("tile/entries/000.p/{size}");
    let mut entries = split(&log.files[&path]);
    edit(&mut entries);
    log.files.insert(path, entries.concat());
    log.verify().unwrap_err()
}

#[test]
fn dropped_reordered_doubled_and_added_entries_are_named() {
    let dropped = edited(9, |entries| drop(entries.remove(4)));
    assert_eq!(dropped.entry, Some(4));
    let reordered = edited(9, |entries| entries.swap(2, 6));
    assert_eq!(reordered.entry, Some(2));
    let doubled = edited(9, |entries| entries.insert(3, entries[3].clone()));
    assert_eq!(doubled.entry, Some(4));
    let last = edited(9, |entries| drop(entries.pop()));
    assert_eq!(last.entry, Some(8));
    assert!(matches!(last.problem, Problem::EntryCut));
    let added = edited(9, |entries| entries.push(entries[0].clone()));
    assert!(matches!(added.problem, Problem::Trailing { .. }), "{added}");
}

/// Rewrites history under a log: same files, other entries from `changed` on.
fn rewritten(size: u64, changed: u64) -> Log {
    let mut log = Log::of(changed);
    for n in changed..size {
        log.append(n + 1000..n + 1001, START + i64::try_from(n).unwrap());
    }
    log
}

#[test]
fn rewriting_entries_with_their_tiles_is_found() {
    let forged = rewritten(300, 290);
    let mut log = Log::of(300);
    for path in ["tile/0/001.p/44", "tile/entries/001.p/44"] {
        log.files
            .insert(path.to_owned(), forged.files[path].clone());
    }
    let fault = log.verify().unwrap_err();
    assert!(matches!(fault.problem, Problem::Root), "{fault}");
    assert!(log.open().is_err());

    let forged = rewritten(300, 100);
    let mut log = Log::of(300);
    for path in ["tile/0/000", "tile/entries/000"] {
        log.files
            .insert(path.to_owned(), forged.files[path].clone());
    }
    let fault = log.verify().unwrap_err();
    assert!(
        matches!(
            fault.problem,
            Problem::Rewritten {
                first: 0,
                last: 255
            }
        ),
        "{fault}"
    );
}

#[test]
fn an_older_checkpoint_finds_truncation_and_forks() {
    let old = Log::of(280);
    let grown = Log::of(300);
    grown.verify_since(Some(&old.note())).unwrap();
    grown.verify_since(Some(&Log::of(0).note())).unwrap();
    grown.verify_since(Some(&grown.note())).unwrap();

    let fault = old.verify_since(Some(&grown.note())).unwrap_err();
    assert!(
        matches!(
            fault.problem,
            Problem::Truncated {
                found: 280,
                expected: 300
            }
        ),
        "{fault}"
    );

    let forked = rewritten(300, 279);
    forked.verify().unwrap();
    forked.verify_since(Some(&Log::of(279).note())).unwrap();
    for expected in [&old, &grown] {
        let fault = forked.verify_since(Some(&expected.note())).unwrap_err();
        assert!(matches!(fault.problem, Problem::Forked { .. }), "{fault}");
    }
    let fault = grown.verify_since(Some(b"no note")).unwrap_err();
    assert!(matches!(fault.problem, Problem::Expected(_)), "{fault}");
}

/// Only the checkpoint is an older one: the tiles of the kept one are still there.
#[test]
fn an_older_checkpoint_put_back_is_told_from_a_truncated_log() {
    for (old, size) in [
        (280, 300),
        (0, 5),
        (255, 256),
        (256, 300),
        (511, 513),
        (4, 600),
    ] {
        let whole = Log::of(size);
        let kept = whole.note();
        let mut replayed = whole.clone();
        replayed
            .files
            .insert(CHECKPOINT_PATH.to_owned(), Log::of(old).note());
        let fault = replayed.verify_since(Some(&kept)).unwrap_err();
        assert_eq!(fault.file, CHECKPOINT_PATH);
        let is_replayed = matches!(
            fault.problem,
            Problem::Replayed { found, expected } if (found, expected) == (old, size)
        );
        assert!(is_replayed, "{old} of {size}: {fault}");

        // With the older partial files beside it as well, as a crash may leave them.
        let mut both = replayed.clone();
        for (path, bytes) in Log::of(old).files {
            both.files.entry(path).or_insert(bytes);
        }
        both.verify().unwrap();
        let fault = both.verify_since(Some(&kept)).unwrap_err();
        assert!(matches!(fault.problem, Problem::Replayed { .. }), "{fault}");

        // A smaller tree of another history, signed with the log's key, under the kept tiles.
        let mut other = whole.clone();
        let root = leaf_hash(b"another history");
        let note = sign(crate::checkpoint::TreeHead { size: old, root }, &signer());
        other.files.insert(CHECKPOINT_PATH.to_owned(), note);
        let fault = other.verify_since(Some(&kept)).unwrap_err();
        assert!(
            matches!(fault.problem, Problem::Forked { size } if size == old),
            "{fault}"
        );

        // The whole folder is older, or the later tiles are another history's.
        let truncated = Log::of(old);
        truncated.verify().unwrap();
        let mut forked = rewritten(size, old);
        forked
            .files
            .insert(CHECKPOINT_PATH.to_owned(), truncated.note());
        for log in [truncated, forked] {
            let fault = log.verify_since(Some(&kept)).unwrap_err();
            let is_truncated = matches!(
                fault.problem,
                Problem::Truncated { found, expected } if (found, expected) == (old, size)
            );
            assert!(is_truncated, "{old} of {size}: {fault}");
        }
    }
}

/// An older tile or bundle under the name of a newer one is damage to that file.
#[test]
fn an_older_file_under_a_newer_name_is_named() {
    let (older, newer) = (Log::of(280), Log::of(300));
    for (from, to) in [
        ("tile/0/001.p/24", "tile/0/001.p/44"),
        ("tile/entries/001.p/24", "tile/entries/001.p/44"),
    ] {
        let mut log = newer.clone();
        log.files.insert(to.to_owned(), older.files[from].clone());
        for kept in [None, Some(newer.note()), Some(older.note())] {
            let fault = log.verify_since(kept.as_deref()).unwrap_err();
            assert_eq!(fault.file, to, "{fault}");
        }
    }
}

#[test]
fn a_checkpoint_that_a_witness_cosigned_is_compared_with_like_any() {
    let witness = WitnessSigner::from_seed("witness.example/w1".parse().unwrap(), &[11; 32]);
    let log = Log::of(9);
    let checkpoint = Checkpoint::open(&log.note(), signer().verifier()).unwrap();
    let line = witness.cosign(&checkpoint, UnixSeconds::new(1_795_000_000).unwrap());
    let kept = [log.note(), line.into_bytes()].concat();
    log.verify_since(Some(&kept)).unwrap();
    let fault = Log::of(8).verify_since(Some(&kept)).unwrap_err();
    assert!(
        matches!(fault.problem, Problem::Truncated { .. }),
        "{fault}"
    );
    let fault = rewritten(12, 8).verify_since(Some(&kept)).unwrap_err();
    assert!(
        matches!(fault.problem, Problem::Forked { size: 9 }),
        "{fault}"
    );
    // The log's own checkpoint may bear it as well.
    let mut cosigned = log.clone();
    cosigned.files.insert(CHECKPOINT_PATH.to_owned(), kept);
    cosigned.verify_since(Some(&log.note())).unwrap();
    assert_eq!(cosigned.open().unwrap(), log.head);
}

#[test]
fn another_key_or_origin_is_refused() {
    let log = Log::of(3);
    let read = |path: &str| log.read(path);
    for (origin, seed) in [
        ("tiergate.example/test/audit", 8),
        ("tiergate.example/other", 7),
    ] {
        let other = Signer::from_seed(origin.parse().unwrap(), &[seed; 32]);
        let fault = verify(&read, other.verifier(), None).unwrap_err();
        assert_eq!(fault.file, CHECKPOINT_PATH);
        assert!(matches!(fault.problem, Problem::Checkpoint(_)), "{fault}");
        assert!(Head::open(&read, other.verifier()).is_err());
    }
}

/// A log whose key holder signed entries that no appender would write.
fn misled(entries: &[&[u8]]) -> Log {
    let mut log = Log::create();
    let mut bundle = Vec::new();
    let mut edge = crate::edge::Edge::default();
    let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    for (entry, leaf) in entries.iter().zip(&leaves) {
        assert!(crate::bundle::push(&mut bundle, entry));
        edge.push(*leaf);
    }
    let size = entries.len() as u64;
    let tree = crate::checkpoint::TreeHead {
        size,
        root: edge.root(),
    };
    log.files
        .insert(CHECKPOINT_PATH.to_owned(), sign(tree, &signer()));
    log.files
        .insert(format!("tile/entries/000.p/{size}"), bundle);
    let tile = leaves.iter().flat_map(|Hash(bytes)| *bytes).collect();
    log.files.insert(format!("tile/0/000.p/{size}"), tile);
    log
}

#[test]
fn signed_entries_must_still_be_entries_in_order() {
    let entry = |index, time| Entry {
        index,
        time: UnixMs(time),
        kind: "test.step".to_owned(),
        body: json!(null),
    };
    let bytes = |index, time| entry(index, time).to_bytes().unwrap();
    misled(&[&bytes(0, 5), &bytes(1, 5)]).verify().unwrap();
    let fault = |entries: &[&[u8]]| misled(entries).verify().unwrap_err();
    let back = fault(&[&bytes(0, 5), &bytes(1, 4)]);
    assert!(
        back.entry == Some(1) && matches!(back.problem, Problem::TimeBackwards),
        "{back}"
    );
    let misplaced = fault(&[&bytes(0, 5), &bytes(2, 5)]);
    assert!(
        matches!(misplaced.problem, Problem::Index { found: 2 }),
        "{misplaced}"
    );
    let garbage = fault(&[&bytes(0, 5), b"{}"]);
    assert!(garbage.entry == Some(1) && matches!(garbage.problem, Problem::NotAnEntry(_)));
}

#[test]
fn a_damaged_edge_is_not_appended_to() {
    let whole = Log::of(12);
    for path in whole.files.keys() {
        for at in 0..whole.files[path].len() {
            let mut log = whole.clone();
            log.files.get_mut(path).unwrap()[at] ^= 1;
            assert!(log.open().is_err(), "{path} byte {at}");
        }
    }
}

#[test]
fn an_unreadable_file_keeps_its_cause() {
    let verifier: Verifier = signer().verifier().clone();
    let read = |_: &str| Err(BoxError::from("the disk is gone"));
    let fault = verify(&read, &verifier, None).unwrap_err();
    let cause = std::error::Error::source(&fault).unwrap().to_string();
    assert_eq!(
        (fault.to_string().as_str(), cause.as_str()),
        (
            "ledger file checkpoint: it could not be read",
            "the disk is gone",
        )
    );
}

#[test]
fn showing_entries_stops_at_the_damaged_one() {
    let mut log = Log::of(300);
    log.files.get_mut("tile/entries/001.p/44").unwrap()[10] ^= 1;
    let read = |path: &str| log.read(path);
    let snapshot = Snapshot::read(&read, signer().verifier()).unwrap();
    let mut found: Vec<_> = snapshot.entries(0..300).collect();
    let last = found.pop().unwrap().unwrap_err();
    assert_eq!((found.len(), last.entry), (256, Some(256)));
}
