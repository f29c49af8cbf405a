//! What the manifests say: which crate may use which, and that each dependency stands once.
//! It must not read code.

use crate::finding::Finding;
use crate::tree::{File, Tree};

/// Says which of our crates a crate may use: the table of `STYLE.md`. A change here is a design
/// change and comes alone, with its reason in `docs/adr/`.
const EDGES: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("wire", &[]),
    ("ledger", &[]),
    ("release", &["domain"]),
    ("scan", &["domain"]),
    ("evidence", &["domain", "wire"]),
    ("providers", &["domain", "wire"]),
    ("embedded", &["domain", "wire", "providers"]),
    ("store", &["domain", "ledger"]),
    ("plan", &["domain", "release"]),
    ("gateway", &["domain", "wire", "providers", "store"]),
    (
        "control",
        &["domain", "release", "evidence", "ledger", "store"],
    ),
    (
        "tiergate",
        &[
            "domain",
            "wire",
            "ledger",
            "release",
            "scan",
            "evidence",
            "providers",
            "embedded",
            "store",
            "plan",
            "gateway",
            "control",
        ],
    ),
    ("testkit", &[]),
    ("xtask", &[]),
];

/// Is one `name = …` line of a manifest's dependency table.
struct Row<'t> {
    name: &'t str,
    rest: &'t str,
    line: usize,
    is_dev: bool,
    has_comment: bool,
}

/// Finds dependencies between our crates that the table does not allow.
pub fn crate_edge(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let ours = tree.crates();
    for file in manifests(tree) {
        let name = file.crate_name().unwrap_or_default();
        let Some((_, allowed)) = EDGES.iter().find(|(from, _)| *from == name) else {
            let what = format!("crate `{name}` has no row in tidy's table of edges; add one");
            found.push(Finding::new(&file.path, 1, what));
            continue;
        };
        for row in rows(file, "dependencies") {
            let is_ours = ours.contains(&row.name) || EDGES.iter().any(|(to, _)| *to == row.name);
            let is_test_tool = row.is_dev && row.name == "testkit";
            if is_ours && !is_test_tool && !allowed.contains(&row.name) {
                let to = row.name;
                let what = format!("`{name}` may not use `{to}`; move what it needs lower down");
                found.push(Finding::new(&file.path, row.line, what));
            }
            if name == "xtask" && !is_ours {
                let what = "xtask uses the standard library alone; what needs more is in testkit";
                found.push(Finding::new(&file.path, row.line, what));
            }
        }
    }
    found
}

/// Finds dependencies outside the workspace table, and rows there without comment or user.
pub fn workspace_table(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let ours = tree.crates();
    let mut used = Vec::new();
    for file in manifests(tree) {
        for row in rows(file, "dependencies") {
            let from_table = row.rest.replace(' ', "").contains("workspace=true");
            used.push(row.name);
            if !from_table {
                let name = row.name;
                let what = format!("`{name}` is declared here; write `{name}.workspace = true`");
                found.push(Finding::new(&file.path, row.line, what));
            }
        }
    }
    let Some(root) = tree.file("Cargo.toml") else {
        return found;
    };
    for row in rows(root, "workspace.dependencies") {
        let name = row.name;
        let is_ours = ours.contains(&name);
        if !is_ours && !row.has_comment {
            let what = format!("`{name}` has no comment; say on its line what it replaces");
            found.push(Finding::new(&root.path, row.line, what));
        }
        if !is_ours && !used.contains(&name) {
            let what = format!("no crate uses `{name}`; remove the row");
            found.push(Finding::new(&root.path, row.line, what));
        }
    }
    found
}

fn manifests(tree: &Tree) -> impl Iterator<Item = &File> {
    let is_manifest =
        |file: &&File| file.path.starts_with("crates/") && file.path.ends_with("/Cargo.toml");
    tree.files.iter().filter(is_manifest)
}

/// Lists the rows of every table whose name ends so; values over several lines count once.
fn rows<'t>(file: &'t File, table: &str) -> Vec<Row<'t>> {
    let mut found = Vec::new();
    let mut inside: Option<&str> = None;
    let mut open = 0_usize;
    let mut comment_above = false;
    for (at, line) in file.text.lines().enumerate() {
        let trimmed = line.trim();
        if open == 0 && trimmed.starts_with('[') {
            let name = trimmed.trim_matches(['[', ']']);
            inside = name.ends_with(table).then_some(name);
        } else if let (Some(name), Some((key, rest))) = (inside, trimmed.split_once('=')) {
            let key = key.trim();
            if open == 0 && !trimmed.starts_with('#') {
                found.push(Row {
                    name: key.split('.').next().unwrap_or(key).trim_matches('"'),
                    rest: trimmed
                        .get(key.find('.').unwrap_or(key.len())..)
                        .unwrap_or(rest),
                    line: at + 1,
                    is_dev: name.contains("dev-"),
                    has_comment: comment_above || rest.contains('#'),
                });
            }
        }
        // A value over several lines may bear its comment on the last of them.
        let closes = trimmed.starts_with(']') || trimmed.starts_with('}');
        if let Some(row) = found.last_mut().filter(|_| open > 0 && closes) {
            row.has_comment |= trimmed.contains('#');
        }
        open += trimmed.matches('[').count() + trimmed.matches('{').count();
        open = open.saturating_sub(trimmed.matches(']').count() + trimmed.matches('}').count());
        comment_above = trimmed.starts_with('#') && !trimmed.ends_with(':');
    }
    found
}
