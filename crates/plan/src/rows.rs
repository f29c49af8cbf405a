//! Rows of measurements, in the form of the ground truth or of the serving samples, and a
//! prediction for each with its error. A row without an answer says why. It must not read a file.

mod inference;
mod length;
mod memory;
mod price;
mod row;
mod scaling;
pub mod silicon;
mod training;

use serde::Serialize;
use serde_json::{Value, json};

use crate::rows::silicon::Sample;
use crate::serving::{Bounded, Estimate};

pub use crate::rows::row::{Known, KnownFault, Row, number, text};

/// Says why a file of rows is none.
#[derive(Debug, thiserror::Error)]
pub enum RowsFault {
    /// It is neither a JSON array of objects nor a table with a header.
    #[error("the file is neither a JSON array of rows nor a CSV table with an `id` column")]
    Form,
    /// A line of the table does not read.
    #[error("line {line} of the table cannot be read")]
    Line {
        /// Which.
        line: usize,
        /// Why.
        source: csv::Error,
    },
    /// It is JSON that does not read.
    #[error("the file is not JSON")]
    Json(#[from] serde_json::Error),
    /// It has more rows than are read at once.
    #[error("the file has more than {MOST_ROWS} rows; split it")]
    Many,
}

/// Most rows of a file.
pub const MOST_ROWS: usize = 1_000_000;

/// Holds the prediction of a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Predicted {
    /// The row's id.
    pub id: String,
    /// What the row observed.
    pub observed: Value,
    /// What is predicted; none where there is no answer.
    pub predicted: Value,
    /// Between which four fifths of measurements should lie.
    pub interval: Option<[f64; 2]>,
    /// `|predicted / observed − 1|`; the greatest of several values.
    pub error: Option<f64>,
    /// The unit.
    pub unit: String,
    /// By what it was predicted, or why it was not.
    pub basis: String,
    /// The same for the time to the first token, in milliseconds, where the row has it.
    #[serde(flatten)]
    pub first: Option<First>,
}

/// Holds the prediction of a time to the first token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct First {
    /// What the row observed.
    pub observed_ttft_ms: Option<f64>,
    /// What is predicted.
    pub predicted_ttft_ms: f64,
    /// Between which four fifths of measurements should lie.
    pub interval_ttft_ms: [f64; 2],
    /// `|predicted / observed − 1|`.
    pub error_ttft: Option<f64>,
}

/// Reads a file of rows.
///
/// # Errors
/// Fails when it is neither form.
pub fn read(file: &str) -> Result<Vec<Row>, RowsFault> {
    let is_json = file.trim_start().starts_with(['[', '{']);
    let rows = if is_json {
        serde_json::from_str(file)?
    } else {
        table(file)?
    };
    if rows.len() > MOST_ROWS {
        return Err(RowsFault::Many);
    }
    Ok(rows)
}

fn table(file: &str) -> Result<Vec<Row>, RowsFault> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let head = reader
        .headers()
        .map_err(|source| RowsFault::Line { line: 1, source })?
        .clone();
    if !head.iter().any(|name| name == "id") {
        return Err(RowsFault::Form);
    }
    let rows = reader.records().zip(2..).map(|(record, line)| {
        let record = record.map_err(|source| RowsFault::Line { line, source })?;
        let cells = head
            .iter()
            .zip(record.iter())
            .filter(|(_, cell)| !cell.is_empty());
        Ok(cells
            .map(|(name, cell)| (name.to_owned(), Value::from(cell)))
            .collect())
    });
    rows.collect()
}

/// Predicts all rows of a file. Rows that a prediction needs beside its own (lengths accepted at
/// other depths) are those of the file, without the one that is predicted.
#[must_use]
pub fn predict(rows: &[Row], known: &Known) -> Vec<Predicted> {
    rows.iter().map(|row| one(row, rows, known)).collect()
}

fn one(row: &Row, rows: &[Row], known: &Known) -> Predicted {
    let id = text(row, "id").unwrap_or_default();
    let own = Row::new();
    let config = row.get("config").and_then(Value::as_object);
    // A line of a table is its own configuration.
    let config = config.unwrap_or(if row.contains_key("config") {
        &own
    } else {
        row
    });
    if config.contains_key("model_path") {
        return sample(id, row, config, known);
    }
    let answer = match text(row, "kind") {
        Some("inference") => inference::answer(row, config, rows, known),
        Some("training") => training::answer(row, config, known),
        Some("memory") => memory::answer(row, config, known),
        Some("scaling") => scaling::answer(row, config),
        Some("price") => price::answer(row, config, known),
        Some(other) => Err(format!("`{other}` is no kind of row known here")),
        None => Err("the row names neither a kind nor a model_path".to_owned()),
    };
    let mut predicted = Predicted {
        id: id.to_owned(),
        observed: row.get("observed").cloned().unwrap_or_default(),
        unit: text(row, "unit").unwrap_or_default().to_owned(),
        ..Predicted::default()
    };
    match answer {
        Ok(answer) => {
            predicted.error = error(&predicted.observed, &answer.value);
            predicted.predicted = answer.value;
            predicted.interval = answer.interval;
            predicted.basis = answer.basis;
        }
        Err(reason) => predicted.basis = reason,
    }
    predicted
}

fn sample(id: &str, row: &Row, config: &Row, known: &Known) -> Predicted {
    let step = number(row, "silicon_tpot_ms").or_else(|| number(row, "observed"));
    let first = number(row, "silicon_ttft_ms").or_else(|| number(row, "observed_ttft_ms"));
    let mut predicted = Predicted {
        id: id.to_owned(),
        observed: json!(step),
        unit: "ms_tpot".to_owned(),
        ..Predicted::default()
    };
    let read = silicon::read(id, config, &known.models, &known.accelerators);
    let sample = match read {
        Ok(sample) => sample,
        Err(fault) => {
            predicted.basis = fault.to_string();
            return predicted;
        }
    };
    let estimate = if sample.assumed.is_empty() {
        known.estimator.held_out(&sample.deployment)
    } else {
        known.estimator.guessed(&sample.deployment)
    };
    let ms = |of: Bounded| (of.time.ms(), [of.interval.0.ms(), of.interval.1.ms()]);
    let (time, interval) = ms(estimate.step);
    predicted.error = step.map(|step| (time / step - 1.0).abs());
    predicted.predicted = json!(time);
    predicted.interval = Some(interval);
    predicted.basis = basis(&sample, &estimate, known);
    let (time, interval) = ms(estimate.first);
    predicted.first = Some(First {
        observed_ttft_ms: first,
        predicted_ttft_ms: time,
        interval_ttft_ms: interval,
        error_ttft: first.map(|first| (time / first - 1.0).abs()),
    });
    predicted
}

fn basis(sample: &Sample<'_>, estimate: &Estimate, known: &Known) -> String {
    let reach = serde_json::to_value(estimate.reach).unwrap_or_default();
    let reach = reach.as_str().unwrap_or_default().replace('_', " ");
    let by = if known.estimator.has_measured(&sample.deployment) {
        "by a fit without this point"
    } else {
        "by the fit of all rows, of which this point is none"
    };
    let rows = estimate.step.rows;
    let basis = format!("{reach}, {by}; interval of {rows} rows");
    if sample.assumed.is_empty() {
        return basis;
    }
    format!("{basis}; assumed: {}", sample.assumed.join(", "))
}

/// Compares numbers, or objects of numbers field by field; text is right or wrong.
fn error(observed: &Value, predicted: &Value) -> Option<f64> {
    match (observed, predicted) {
        (Value::Object(observed), Value::Object(predicted)) => {
            let errors = observed.iter().filter_map(|(field, value)| {
                let other = predicted.get(field).unwrap_or(&Value::Null);
                if value.is_null() {
                    None
                } else {
                    Some(error(value, other).unwrap_or(1.0))
                }
            });
            errors.reduce(f64::max)
        }
        (Value::String(observed), Value::String(predicted)) => {
            Some(if observed == predicted { 0.0 } else { 1.0 })
        }
        _ => {
            let (observed, predicted) = (observed.as_f64()?, predicted.as_f64()?);
            Some(if observed == predicted {
                0.0
            } else {
                (predicted / observed - 1.0).abs()
            })
        }
    }
}

#[cfg(test)]
mod tests;
