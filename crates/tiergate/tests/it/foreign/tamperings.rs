//! What somebody could do to a ledger and to what was given out of it, a function each. It must
//! not know who judges it.

use std::fs;
use std::ops::Range;
use std::path::Path;

use ledger::{HASH_BYTES, Signer, leaf_hash};

use super::Given;
use crate::written::{ENTRIES, Written, rewrite};

pub(super) use super::keys::OF_KEYS;

pub(super) type Tampering = (&'static str, fn(&mut Given, &Written));

/// Lists every tampering, each of which a verifier has to refuse.
pub(super) const ALL: &[Tampering] = &[
    ("an edited entry", |given, _| edit(given, 7)),
    ("an edited entry in the last bundle", |given, _| {
        edit(given, 690)
    }),
    ("an edited entry with its hash", |given, _| {
        edit(given, 7);
        rehash(given);
    }),
    ("a deleted entry", |given, _| {
        change(&given.ledger(BUNDLE), |bytes| {
            let gone = entry(bytes, 7);
            bytes.drain(gone);
        });
    }),
    ("a deleted entry with its hash", |given, _| {
        change(&given.ledger(BUNDLE), |bytes| {
            let gone = entry(bytes, 7);
            bytes.drain(gone);
        });
        rehash(given);
    }),
    ("two entries in the other order", |given, _| reorder(given)),
    (
        "two entries in the other order with their hashes",
        |given, _| {
            reorder(given);
            rehash(given);
        },
    ),
    ("a truncated bundle", |given, _| {
        change(&given.ledger("tile/entries/002.p/188"), |bytes| {
            cut(bytes, 10)
        });
    }),
    ("a truncated tile", |given, _| {
        change(&given.ledger(TILE), |bytes| cut(bytes, HASH_BYTES));
    }),
    ("a missing tile", |given, _| {
        fs::remove_file(given.ledger("tile/0/001")).unwrap()
    }),
    ("an altered tile of the upper level", |given, _| {
        change(&given.ledger("tile/1/000.p/2"), |bytes| bytes[40] ^= 1);
    }),
    ("a forged signature", |given, _| {
        forge(&given.ledger("checkpoint"))
    }),
    ("another size under the signature", |given, _| {
        replace(&given.ledger("checkpoint"), "\n700\n", "\n699\n");
    }),
    ("an older checkpoint put back", |given, _| {
        fs::copy(given.checkpoint(600), given.ledger("checkpoint")).unwrap();
    }),
    ("another log's key", |given, _| {
        given.key = stranger("tiergate/other").verifier().to_string()
    }),
    ("another key of the same name", |given, written| {
        let name = written.signer().verifier().name().to_string();
        given.key = stranger(&name).verifier().to_string();
    }),
    (
        "the same log signed with another key of its name",
        |given, written| {
            let name = written.signer().verifier().name().to_string();
            rewrite(&given.ledger(""), &stranger(&name), "test", ENTRIES);
        },
    ),
    (
        "a history rewritten with the log's own key",
        |given, written| {
            rewrite(&given.ledger(""), &written.signer(), "other", ENTRIES);
        },
    ),
    (
        "a truncation signed with the log's own key",
        |given, written| {
            rewrite(&given.ledger(""), &written.signer(), "test", 256);
        },
    ),
    ("a kept checkpoint with a forged signature", |given, _| {
        forge(&given.checkpoint(257))
    }),
    ("a receipt with another entry's proof", |given, _| {
        exchange(given, 3)
    }),
    ("a receipt with another entry's index", |given, _| {
        exchange(given, 2)
    }),
    ("a receipt with another entry", |given, _| {
        exchange(given, 1)
    }),
    ("a receipt with a forged signature", |given, _| {
        forge(&given.receipt(3))
    }),
];

const BUNDLE: &str = "tile/entries/000";
const TILE: &str = "tile/0/000";

fn stranger(name: &str) -> Signer {
    Signer::from_seed(name.parse().unwrap(), &[9; 32])
}

fn change(path: &Path, edit: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    let before = bytes.clone();
    edit(&mut bytes);
    assert_ne!(bytes, before, "{path:?} is as it was");
    fs::write(path, bytes).unwrap();
}

fn cut(bytes: &mut Vec<u8>, count: usize) {
    bytes.truncate(bytes.len() - count);
}

fn replace(path: &Path, from: &str, to: &str) {
    change(path, |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        *bytes = text.replace(from, to).into_bytes();
    });
}

/// Finds one entry of a bundle with its length in two bytes before it.
fn entry(bundle: &[u8], index: usize) -> Range<usize> {
    let mut at = 0;
    let end = |at: usize| at + 2 + usize::from(u16::from_be_bytes([bundle[at], bundle[at + 1]]));
    for _ in 0..index {
        at = end(at);
    }
    at..end(at)
}

/// Changes a digit of an entry, whose length stays.
fn edit(given: &Given, index: usize) {
    let path = match index / 256 {
        0 => BUNDLE,
        _ => "tile/entries/002.p/188",
    };
    change(&given.ledger(path), |bytes| {
        let at = entry(bytes, index % 256);
        bytes[at.end - 3] ^= 1;
    });
}

fn reorder(given: &Given) {
    change(&given.ledger(BUNDLE), |bytes| {
        let (first, second) = (entry(bytes, 7), entry(bytes, 8));
        let moved = bytes[first.clone()].to_vec();
        let other = bytes[second.clone()].to_vec();
        bytes.splice(first.start..second.end, [other, moved].concat());
    });
}

/// Makes the lowest tile agree with its bundle again.
fn rehash(given: &Given) {
    let bundle = fs::read(given.ledger(BUNDLE)).unwrap();
    let mut hashes = Vec::new();
    let mut rest = bundle.as_slice();
    while !rest.is_empty() {
        let whole = entry(rest, 0);
        hashes.extend(leaf_hash(&rest[2..whole.end]).0);
        rest = &rest[whole.end..];
    }
    change(&given.ledger(TILE), |bytes| *bytes = hashes);
}

/// Changes a letter of the signature, which stands on the last line.
fn forge(path: &Path) {
    change(path, |bytes| {
        let at = bytes.len() - 20;
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    });
}

/// Gives the receipt of entry 3 the lines of another one's from `line` on, as far as both have a
/// proof there, or that line alone.
fn exchange(given: &Given, line: usize) {
    let nth = |index| {
        let text = fs::read_to_string(given.receipt(index)).unwrap();
        text.lines().nth(line).unwrap().to_owned()
    };
    replace(&given.receipt(3), &nth(3), &nth(0));
}
