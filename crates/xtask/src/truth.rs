//! Reads the labels: which line of which repository names a model, and in which role. It must not
//! know who is judged by them.

use std::fs;
use std::path::Path;

use crate::shell::Fault;

/// Where the labels stand.
const FOLDER: &str = "crates/xtask/truth";

/// Is one line that was labelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// `OWNER/NAME`.
    pub repository: String,
    /// The file.
    pub path: String,
    /// The first line.
    pub first: usize,
    /// The last line, of a table.
    pub last: usize,
    /// The name as it stands there.
    pub model: String,
    /// What it is there for; `none` where it names no model.
    pub role: String,
    /// Whether the commit that leaves the model takes the line away; none for labels of no commit.
    pub is_changed: Option<bool>,
    /// The commit that leaves the model; none for labels of no commit.
    pub fix: Option<String>,
}

/// Reads the labels that everybody may see, or those that were set aside.
pub fn labels(root: &Path, file: &str) -> Result<Vec<Label>, Fault> {
    let path = root.join(FOLDER).join(file);
    let text = fs::read_to_string(&path).map_err(|source| Fault::Read {
        path: path.display().to_string(),
        source,
    })?;
    parse(&text).map_err(|line| {
        Fault::Said(format!(
            "`{FOLDER}/{file}`: line {line} is no row: see its README.md"
        ))
    })
}

/// Reads rows by the names of their columns; says the line of the first that is none.
fn parse(text: &str) -> Result<Vec<Label>, usize> {
    let mut columns: Option<Vec<String>> = None;
    let mut labels = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let fields = fields(line);
        let Some(columns) = &columns else {
            columns = Some(fields);
            continue;
        };
        labels.push(label(columns, &fields).ok_or(at + 1)?);
    }
    Ok(labels)
}

fn label(columns: &[String], fields: &[String]) -> Option<Label> {
    let field = |name: &str| {
        let place = columns.iter().position(|column| column == name)?;
        fields.get(place)
    };
    let first = field("line")?.parse().ok()?;
    Some(Label {
        repository: field("repository")?.clone(),
        path: field("path")?.clone(),
        first,
        last: field("last_line").map_or(Some(first), |last| last.parse().ok())?,
        model: field("model")?.clone(),
        role: field("role")?.clone(),
        is_changed: field("changed").map(|changed| changed == "yes"),
        fix: field("fix").cloned(),
    })
}

/// Cuts a row into fields; a field in quotes may hold commas and doubled quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            _ => fields
                .last_mut()
                .into_iter()
                .for_each(|field| field.push(letter)),
        }
    }
    fields
}

#[cfg(test)]
mod tests;
