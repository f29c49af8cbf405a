//! Says which lines a scanner locates, and in which role where it tells one. It must not judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::json::Json;
use crate::truth::Label;

/// How many lines above its first name the literal of a table may begin.
const ABOVE: usize = 3;

/// How many bytes of a file are looked at for what no text holds.
const HEAD: usize = 8_000;

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

/// Shows one line at which a model is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the scanner writes it.
    pub path: String,
    /// The line.
    pub line: usize,
    /// What it is there for, where the scanner says so.
    pub role: Option<String>,
}

impl Place {
    /// Tells whether a label is about this line.
    pub fn is_of(&self, label: &Label) -> bool {
        is_same(&self.path, &label.path) && (label.first..=label.last).contains(&self.line)
    }
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

    /// Finds nothing: for a scanner that failed.
    pub fn nothing() -> Self {
        Self::Lines(BTreeMap::new())
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

    /// Lists where a scanner tells one of the labels' models over the whole checkout; none where
    /// it names no model. Of a table only the labels' own lines count: it holds other names too.
    pub fn of_models(&self, labels: &[&Label]) -> Option<Vec<Place>> {
        let lines = match self {
            Self::Everywhere(checkout) => {
                let names = labels.iter().map(|label| label.model.as_str()).collect();
                return Some(lines_with(checkout, &names));
            }
            Self::Lines(lines) => lines,
        };
        let names: BTreeSet<String> = labels.iter().map(|label| plain(&label.model)).collect();
        let all = lines.iter().flat_map(|(path, told)| {
            let own = told.iter().map(move |told| (path, told));
            own.filter_map(|(path, told)| Some((path, told, told.name.as_deref().map(plain)?)))
        });
        let mut is_named = false;
        let mut places = BTreeSet::new();
        for (path, told, name) in all {
            is_named = true;
            // A line of a label holds the name, whatever stands before and after it.
            let is_label = labels.iter().any(|label| {
                let is_there = is_same(path, &label.path) && label.first == told.line;
                is_there && (told.is_table || is_about(told, label))
            });
            let is_one = !told.is_table && names.iter().any(|one| name.ends_with(one));
            if is_one || is_label {
                places.insert(Place {
                    path: path.clone(),
                    line: told.line,
                    role: told.role.clone(),
                });
            }
        }
        is_named.then(|| places.into_iter().collect())
    }
}

/// Lists the lines on which text files of a checkout hold one of the names.
fn lines_with(checkout: &Path, names: &BTreeSet<&str>) -> Vec<Place> {
    let mut places = Vec::new();
    for path in files(checkout) {
        let Ok(bytes) = fs::read(checkout.join(&path)) else {
            continue;
        };
        if bytes.iter().take(HEAD).any(|byte| *byte == 0) {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().enumerate();
        let own = lines.filter(|(_, line)| names.iter().any(|name| line.contains(name)));
        places.extend(own.map(|(at, _)| Place {
            path: path.clone(),
            line: at + 1,
            role: None,
        }));
    }
    places
}

/// Lists the files below a folder by their paths from there, links left out.
fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let Ok(listed) = fs::read_dir(root.join(&folder)) else {
            continue;
        };
        for entry in listed.filter_map(Result::ok) {
            let path = folder.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && entry.file_name() != ".git" => folders.push(path),
                Ok(kind) if kind.is_file() => found.push(path.to_string_lossy().into_owned()),
                _ => {}
            }
        }
    }
    found.sort();
    found
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
