//! Says which lines a scanner locates, and in which role where it tells one. It must not judge.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::json::Json;
use crate::truth::Label;

/// How many lines above its first name the literal of a table may begin.
const ABOVE: usize = 3;

/// Keys under which scanners write a file's path, and a line's number.
const PATHS: &[&str] = &["file_path", "uri", "path", "file", "filename", "location"];
const LINES: &[&str] = &[
    "line_number",
    "startLine",
    "line",
    "line_start",
    "start_line",
    "lineno",
];

/// Shows what a scanner says of one checkout.
#[derive(Debug)]
pub enum Located {
    /// Lines by path, each with the role and the name that were told.
    Lines(BTreeMap<String, Vec<Told>>),
    /// Every line that holds the name, as `grep` finds them.
    Everywhere(PathBuf),
}

/// Shows what was told of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    line: usize,
    role: Option<String>,
    name: Option<String>,
    /// Whether it is a table of several names, of which one was told.
    is_table: bool,
}

impl Located {
    /// Reads what ours writes.
    pub fn ours(json: &Json) -> Self {
        let mut lines: BTreeMap<String, Vec<Told>> = BTreeMap::new();
        for finding in json.get("findings").map(Json::values).unwrap_or_default() {
            let text = |key: &str| finding.get(key).and_then(Json::text).map(str::to_owned);
            let Some(path) = text("path") else {
                continue;
            };
            let all = finding.get("lines").map(Json::values).unwrap_or_default();
            let mut numbers: Vec<usize> = all.into_iter().filter_map(Json::number).collect();
            numbers.extend(finding.get("line").and_then(Json::number));
            numbers.sort_unstable();
            numbers.dedup();
            let is_table = numbers.len() > 1;
            let own = lines.entry(path).or_default();
            own.extend(numbers.into_iter().map(|line| Told {
                line,
                role: text("role"),
                name: text("written").or_else(|| text("model")),
                is_table,
            }));
        }
        Self::Lines(lines)
    }

    /// Reads what others write: any object that has a line is about the path that is nearest to it.
    pub fn others(json: &Json) -> Self {
        let mut lines = BTreeMap::new();
        gather(json, None, &mut lines);
        Self::Lines(lines)
    }

    /// Finds a name wherever it stands.
    pub fn everywhere(checkout: &Path) -> Self {
        Self::Everywhere(checkout.to_path_buf())
    }

    /// Lists what is told of a label's lines: none where they are not located. A role may be
    /// missing.
    pub fn at(&self, label: &Label) -> Vec<Option<&str>> {
        match self {
            Self::Everywhere(checkout) => {
                let text = fs::read(checkout.join(&label.path)).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                let mut own = text.lines().skip(label.first.saturating_sub(1));
                let is_there = own.next().is_some_and(|line| line.contains(&label.model));
                if is_there { vec![None] } else { Vec::new() }
            }
            Self::Lines(lines) => {
                let is_table = label.last > label.first;
                let from = label.first.saturating_sub(if is_table { ABOVE } else { 0 });
                let told = lines.iter().filter(|(path, _)| is_same(path, &label.path));
                let told = told.flat_map(|(_, told)| told);
                let own = told.filter(|told| (from..=label.last).contains(&told.line));
                let named = own.filter(|told| is_table || told.is_table || is_about(told, label));
                named.map(|told| told.role.as_deref()).collect()
            }
        }
    }
}

/// Tells whether a path that a scanner wrote, absolute or not, is that of a label.
fn is_same(told: &str, path: &str) -> bool {
    let told = told.trim_start_matches("file://").trim_start_matches("./");
    told == path
        || told
            .strip_suffix(path)
            .is_some_and(|front| front.ends_with('/'))
}

/// Tells whether what was told names the label's model, in whatever spelling.
fn is_about(told: &Told, label: &Label) -> bool {
    let Some(name) = &told.name else {
        return true;
    };
    let (name, model) = (plain(name), plain(&label.model));
    name.contains(&model) || model.contains(&name)
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

fn gather(json: &Json, path: Option<&str>, lines: &mut BTreeMap<String, Vec<Told>>) {
    let own = PATHS
        .iter()
        .find_map(|key| json.get(key).and_then(Json::text));
    let nested = ["artifactLocation", "physicalLocation", "location"].iter();
    let nested = nested.filter_map(|key| json.get(key));
    let nested = nested
        .filter_map(|inner| PATHS.iter().find_map(|key| inner.get(key)?.text()))
        .next();
    let path = own.or(nested).or(path);
    let line = LINES
        .iter()
        .find_map(|key| json.get(key).and_then(Json::number));
    if let (Some(path), Some(line)) = (path, line) {
        let path = path.trim_start_matches("file://");
        let path = path.split('#').next().unwrap_or(path);
        lines.entry(path.to_owned()).or_default().push(Told {
            line,
            role: None,
            name: None,
            is_table: false,
        });
    }
    for value in json.values() {
        gather(value, path, lines);
    }
}

#[cfg(test)]
mod tests;
