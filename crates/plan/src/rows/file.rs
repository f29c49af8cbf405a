//! A file of rows, in any of the forms in which they are kept: a JSON array, an object around one,
//! one object a line, a table. A row that does not read stands as its id and the reason, so that it
//! spoils no other. It must not know what a row means.

use serde_json::{Map, Value};

use crate::rows::row::Row;

/// Says why a file of rows is none.
#[derive(Debug, thiserror::Error)]
pub enum RowsFault {
    /// It is neither rows in JSON nor a table with a header.
    #[error("the file is neither a JSON array of rows nor a CSV table with an `id` column")]
    Form,
    /// The header of the table does not read.
    #[error("the first line of the table cannot be read")]
    Header(#[from] csv::Error),
    /// It is JSON that does not read.
    #[error("the file is not JSON")]
    Json(#[from] serde_json::Error),
    /// It has more rows than are read at once.
    #[error("the file has more than {MOST_ROWS} rows; split it")]
    Many,
}

/// Most rows of a file.
pub const MOST_ROWS: usize = 1_000_000;

/// The field of a row that did not read: why not.
const UNREAD: &str = "unread";

/// Tells why a row did not read, if it did not.
#[must_use]
pub fn unread(row: &Row) -> Option<&str> {
    if row.len() > 2 {
        return None;
    }
    row.get(UNREAD).and_then(Value::as_str)
}

fn not_read(id: Value, reason: String) -> Row {
    let mut row = Map::new();
    row.insert("id".to_owned(), id);
    row.insert(UNREAD.to_owned(), Value::from(reason));
    row
}

/// Reads a file of rows.
///
/// # Errors
/// Fails when it is in no form of rows, or has too many.
pub fn read(file: &str) -> Result<Vec<Row>, RowsFault> {
    // Programs for spreadsheets write a mark before the first byte.
    let file = file.trim_start_matches('\u{feff}').trim_start();
    let is_json = file.starts_with(['[', '{']);
    let rows = if is_json {
        objects(file)?
    } else {
        table(file)?
    };
    if rows.len() > MOST_ROWS {
        return Err(RowsFault::Many);
    }
    Ok(rows)
}

fn objects(file: &str) -> Result<Vec<Row>, RowsFault> {
    let fault = match serde_json::from_str(file) {
        Ok(Value::Array(values)) => return Ok(values.into_iter().zip(1..).map(element).collect()),
        Ok(Value::Object(object)) => return Ok(unwrapped(object)),
        Ok(_) => return Err(RowsFault::Form),
        Err(fault) => fault,
    };
    // One row may be broken, or the rows stand one a line: each is read for itself.
    let rows: Vec<Row> = pieces(file).zip(1..).map(piece).collect();
    if rows.iter().all(|row| unread(row).is_some()) {
        return Err(fault.into());
    }
    Ok(rows)
}

/// Takes the rows out of the object around them; an object without any is a row itself.
fn unwrapped(object: Row) -> Vec<Row> {
    let is_row = object.contains_key("config") || object.contains_key("id");
    let list = object.iter().find_map(|(_, value)| value.as_array());
    match list.filter(|_| !is_row) {
        Some(values) => values.iter().cloned().zip(1..).map(element).collect(),
        None => vec![object],
    }
}

fn element((value, at): (Value, usize)) -> Row {
    match value {
        Value::Object(row) => row,
        _ => not_read(
            Value::from(format!("row {at}")),
            format!("row {at} of the file is no JSON object"),
        ),
    }
}

fn piece((text, at): (&str, usize)) -> Row {
    // Python writes numbers that are none in words that JSON does not have.
    let value = serde_json::from_str(text).or_else(|_| serde_json::from_str(&without_words(text)));
    match value {
        Ok(value) => element((value, at)),
        Err(fault) => not_read(
            Value::from(format!("row {at}")),
            format!("row {at} of the file is not JSON: {fault}"),
        ),
    }
}

/// Puts `null` in the place of `NaN` and `Infinity` outside of texts.
fn without_words(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    // Every other part of a text cut at its quotes stands between them; an escaped quote does not
    // cut.
    let (mut is_inside, mut is_escaped, mut from) = (false, false, 0);
    let outside = |part: &str| {
        let part = part.replace("-Infinity", "null");
        part.replace("Infinity", "null").replace("NaN", "null")
    };
    for (at, byte) in text.bytes().enumerate() {
        if is_escaped {
            is_escaped = false;
        } else if byte == b'\\' {
            is_escaped = is_inside;
        } else if byte == b'"' {
            let part = &text[from..at];
            found.push_str(&if is_inside {
                part.to_owned()
            } else {
                outside(part)
            });
            found.push('"');
            is_inside = !is_inside;
            from = at + 1;
        }
    }
    found.push_str(&outside(&text[from..]));
    found
}

/// Cuts a file into the values that stand in its outer array, or one behind the other.
fn pieces(file: &str) -> impl Iterator<Item = &str> {
    let inner = file.strip_prefix('[').unwrap_or(file);
    let (mut depth, mut is_inside, mut is_escaped) = (0_i64, false, false);
    let cut = move |one: char| {
        if is_inside {
            let is_end = one == '"' && !is_escaped;
            is_escaped = one == '\\' && !is_escaped;
            is_inside = !is_end;
            return false;
        }
        match one {
            '"' => is_inside = true,
            '{' | '[' => depth += 1,
            // The end of the outer array.
            ']' if depth == 0 => return true,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        depth <= 0 && matches!(one, ',' | '\n' | '\r')
    };
    let parts = inner.split(cut).map(str::trim);
    parts.filter(|part| !part.is_empty())
}

fn table(file: &str) -> Result<Vec<Row>, RowsFault> {
    let first = file.lines().next().unwrap_or_default();
    let count = |mark: &u8| first.bytes().filter(|byte| byte == mark).count();
    // Where a comma is the decimal point, tables are cut at semicolons.
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(count);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(file.as_bytes());
    let head: Vec<String> = reader.headers()?.iter().map(str::to_lowercase).collect();
    if !head.iter().any(|name| name == "id") {
        return Err(RowsFault::Form);
    }
    let rows = reader.records().zip(2_usize..).map(|(record, line)| {
        let record = match record {
            Ok(record) => record,
            Err(fault) => {
                let reason = format!("line {line} of the table cannot be read: {fault}");
                return not_read(Value::from(format!("line {line}")), reason);
            }
        };
        let cells = head.iter().zip(record.iter());
        let cells = cells.filter(|(_, cell)| !cell.is_empty());
        let row: Row = cells
            .map(|(name, cell)| (name.clone(), Value::from(cell)))
            .collect();
        if record.len() == head.len() {
            return row;
        }
        let (found, named) = (record.len(), head.len());
        let reason =
            format!("line {line} of the table has {found} cells where the first has {named}");
        let id = row.get("id").cloned();
        not_read(id.unwrap_or(Value::from(format!("line {line}"))), reason)
    });
    Ok(rows.collect())
}
