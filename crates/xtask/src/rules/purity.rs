//! What pure crates must not touch.
//! It must not know why a crate is pure.

use crate::finding::Finding;
use crate::tree::Tree;

const PURE: &[&str] = &[
    "domain", "wire", "ledger", "release", "evidence", "scan", "plan",
];
/// Modules of the standard library that reach outside.
const OUTSIDE: &[&str] = &["fs", "env", "net", "process", "thread"];
/// Crates that run, draw or reach outside.
const IMPURE_CRATES: &[&str] = &[
    "tokio",
    "rand",
    "getrandom",
    "fastrand",
    "ureq",
    "hyper",
    "rustix",
    "rusqlite",
    "tempfile",
];

/// Finds clocks, randomness, files, environment, sockets and runtimes in pure crates.
pub fn purity(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, rust) in tree.rust().filter(|(file, _)| !file.is_test) {
        let Some(name) = file.crate_name().filter(|name| PURE.contains(name)) else {
            continue;
        };
        for path in rust.paths().iter().filter(|path| !rust.is_test(path.at)) {
            if let Some(why) = impurity(&path.segments) {
                let written = path.segments.join("::");
                let what = format!("`{written}` in the pure crate `{name}`: {why}");
                found.push(Finding::new(&file.path, path.line, what));
            }
        }
    }
    found
}

fn impurity(segments: &[String]) -> Option<&'static str> {
    let is_clock = |pair: &[String]| {
        let is_time = ["SystemTime", "Instant", "Timestamp", "Zoned"].contains(&pair[0].as_str());
        is_time && pair[1] == "now"
    };
    if segments.windows(2).any(is_clock) {
        return Some("take the time as an argument");
    }
    let named: Vec<&str> = segments
        .iter()
        .map(String::as_str)
        .filter(|s| !s.is_empty())
        .collect();
    match named.as_slice() {
        ["std", module, ..] if OUTSIDE.contains(module) => {
            Some("take what it reads as an argument, reach outside in `tiergate`")
        }
        [first, ..] if IMPURE_CRATES.contains(first) => Some("effects stand in the layers above"),
        _ => None,
    }
}
