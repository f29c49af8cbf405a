//! Rows of measurements, in the form of the ground truth or of the serving samples, and a
//! prediction for each with its error. A row without an answer says why. It must not read a file.

mod file;
mod inference;
mod length;
mod memory;
mod predicted;
mod price;
mod row;
mod sample;
mod scaling;
pub mod silicon;
mod training;

use serde_json::Value;

use crate::rows::predicted::error;
use crate::rows::row::{Answer, read_number};
use crate::rows::sample::named;

pub use crate::rows::file::{MOST_ROWS, RowsFault, read, unread};
pub use crate::rows::predicted::{First, Predicted};
pub use crate::rows::row::{Known, KnownFault, Row, number, text};

/// Predicts all rows of a file. Rows that a prediction needs beside its own (lengths accepted at
/// other depths) are those of the file, without the one that is predicted.
#[must_use]
pub fn predict(rows: &[Row], known: &Known) -> Vec<Predicted> {
    rows.iter().map(|row| one(row, rows, known)).collect()
}

fn one(row: &Row, rows: &[Row], known: &Known) -> Predicted {
    let id = named(row);
    let mut predicted = Predicted {
        observed: row.get("observed").cloned().unwrap_or_default(),
        unit: text(row, "unit").unwrap_or_default().to_owned(),
        ..Predicted::default()
    };
    let own = Row::new();
    let config = row.get("config").and_then(Value::as_object);
    // A line of a table is its own configuration.
    let config = config.unwrap_or(if row.contains_key("config") {
        &own
    } else {
        row
    });
    if let Some(reason) = unread(row).map(str::to_owned).or_else(|| absurd(config)) {
        predicted.basis = reason;
    } else if sample::is_sample(config) {
        predicted = sample::predict(&id, row, config, known);
    } else {
        let answer = below(config).map_or_else(|| by_kind(row, config, rows, known), Err);
        match answer.and_then(sound) {
            Ok(answer) => {
                predicted.error = error(&predicted.observed, &answer.value);
                predicted.predicted = answer.value;
                predicted.interval = answer.interval;
                predicted.basis = answer.basis;
            }
            Err(reason) => predicted.basis = reason,
        }
    }
    predicted.id = id;
    predicted
}

fn by_kind(row: &Row, config: &Row, rows: &[Row], known: &Known) -> Result<Answer, String> {
    let kind = text(row, "kind").map(str::to_lowercase);
    match kind.as_deref() {
        Some("inference") => inference::answer(row, config, rows, known),
        Some("training") => training::answer(row, config, known),
        Some("memory") => memory::answer(row, config, known),
        Some("scaling") => scaling::answer(row, config),
        Some("price") => price::answer(row, config, known),
        Some(other) => Err(format!("`{other}` is no kind of row known here")),
        None => Err("the row names neither a kind nor a model_path with a system".to_owned()),
    }
}

/// The greatest number that a row may state: a thousand times the work of any run spoken of.
const MOST: f64 = 1e32;

fn numbers(config: &Row) -> impl Iterator<Item = (&String, f64)> {
    config
        .iter()
        .filter_map(|(field, value)| Some((field, read_number(value)?)))
}

/// Says which number of a row is one that nothing has.
fn absurd(config: &Row) -> Option<String> {
    let (field, value) = numbers(config).find(|(_, number)| *number > MOST)?;
    Some(format!(
        "`{field}` is {value:e}, which nothing has; correct it"
    ))
}

/// Says which number of a row is below zero; only samples mark so what they do not state.
fn below(config: &Row) -> Option<String> {
    let (field, value) = numbers(config).find(|(_, number)| *number < 0.0)?;
    Some(format!(
        "`{field}` is {value}, and nothing has less than none; correct it"
    ))
}

/// Takes an answer whose numbers something could be measured to be.
fn sound(answer: Answer) -> Result<Answer, String> {
    let is_number = answer.value.is_number() || answer.value.is_null();
    let value = answer.value.as_f64().unwrap_or(f64::NAN);
    if is_number && !(value.is_finite() && value > 0.0) {
        let reason = "the row's numbers give no number above zero; correct them";
        return Err(format!("{reason} ({})", answer.basis));
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
