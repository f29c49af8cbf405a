//! What may stand only in certain places: provider names, paths of machines, the overview.
//! It must not judge how code is written.

use crate::finding::Finding;
use crate::scan::Kind;
use crate::tree::Tree;

const MAX_ARCHITECTURE_LINES: usize = 150;
const PROVIDERS: &[&str] = &["anthropic", "openai", "gemini", "bedrock"];
/// Crates whose text must name no provider and so no dialect either.
const NAMELESS: &[&str] = &[
    "domain", "gateway", "control", "release", "evidence", "ledger", "store", "plan",
];
/// Written apart so that this file does not break its own rule.
const MACHINE_PATHS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!("/tmp/bash", "_jobs"),
];

/// Finds providers and dialects named in the text of crates that must not know them.
pub fn provider_name(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, rust) in tree.rust().filter(|(file, _)| !file.is_test) {
        let Some(name) = file.crate_name().filter(|name| NAMELESS.contains(name)) else {
            continue;
        };
        let texts = rust
            .tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| token.kind == Kind::Text);
        for (at, token) in texts.filter(|(at, _)| !rust.is_test(*at)) {
            let text = token.text.to_lowercase();
            // A file of facts may be named by the one that reads it.
            let is_facts = text.ends_with(".toml");
            let known = PROVIDERS
                .iter()
                .find(|known| text.contains(**known) && !is_facts);
            if let (Some(known), false) = (known, rust.is_test(at)) {
                let what = format!("`{name}` names \"{known}\"; ask `wire` or `providers` for it");
                found.push(Finding::new(&file.path, token.line, what));
            }
        }
    }
    found
}

/// Finds paths of somebody's machine in any text.
pub fn machine_path(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in &tree.files {
        for (at, line) in file.text.lines().enumerate() {
            let named = MACHINE_PATHS.iter().find(|path| begins_path(line, path));
            found.extend(named.map(|path| {
                let what = format!("names `{path}`; use a path relative to the checkout or `~`");
                Finding::new(&file.path, at + 1, what)
            }));
        }
    }
    found
}

/// Tells whether a line holds the path from its beginning, not as the middle of another.
fn begins_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~}>*".contains(c))
    })
}

/// Holds the length of the overview.
pub fn architecture_length(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.file("ARCHITECTURE.md") else {
        return Vec::new();
    };
    let lines = file.text.lines().count();
    let what = format!("{lines} lines of {MAX_ARCHITECTURE_LINES}; say less, point to the code");
    let is_long = lines > MAX_ARCHITECTURE_LINES;
    is_long
        .then(|| Finding::new(&file.path, MAX_ARCHITECTURE_LINES + 1, what))
        .into_iter()
        .collect()
}
