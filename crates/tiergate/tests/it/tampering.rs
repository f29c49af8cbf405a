//! The ledger's own word against whoever can write its files. It must not know how the tree is
//! built.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::home::Home;
use crate::rollout::Rollout;

#[test]
fn verify_names_the_entry_after_one_byte_of_any_entry_is_changed() {
    let mut story = Rollout::start();
    story.open();
    let rollback = ["release", "rollback", "next", "--reason", "the end"];
    story.home.run_as(&story.platform_lead, &rollback).is(0);
    assert!(story.gateway.stop().success());
    each_changed_byte_is_named(&story.home);
}

/// Changes bytes of every entry in turn; the ledger must be whole before and after.
pub(crate) fn each_changed_byte_is_named(home: &Home) {
    let verified = home.run(&["ledger", "verify", "--json"]).is(0).json();
    let bundle = bundle(&home.kept().join("ledger/tile/entries"));
    let whole = fs::read(&bundle).unwrap();
    let entries = entries(&whole);
    assert_eq!(verified["entries"], json!(entries.len()));
    for (index, range) in entries.iter().enumerate() {
        let middle = range.start + (range.len() * (index + 1)) / (entries.len() + 1);
        for at in [range.start, middle, range.end - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&bundle, &changed).unwrap();
            let told = home.run(&["ledger", "verify"]).is(1);
            let name = format!("entry {index}:");
            assert!(told.err.contains(&name), "byte {at}: {}", told.err);
        }
    }
    fs::write(&bundle, &whole).unwrap();
    home.run(&["ledger", "verify"]).is(0);
}

/// Finds the one file that holds the entries.
fn bundle(folder: &Path) -> PathBuf {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let list = if path.is_dir() {
                &mut folders
            } else {
                &mut found
            };
            list.push(path);
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Finds where each entry stands: behind its length in two bytes, as in C2SP tlog-tiles.
fn entries(bundle: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < bundle.len() {
        let length = usize::from(u16::from_be_bytes([bundle[at], bundle[at + 1]]));
        ranges.push(at + 2..at + 2 + length);
        at += 2 + length;
    }
    ranges
}
