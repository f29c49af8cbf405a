//! `tiergate plan rows`: predicts each row of a file and compares. It must not drop a row.

use std::path::PathBuf;

use clap::Args;
use plan::rows::{Known, Predicted};
use serde_json::Value;

use super::file;
use super::fitted::FittedAsked;
use crate::exit::{Exit, Outcome};
use crate::options::Common;
use crate::output;

const EXAMPLE: &str = "Example:
  tiergate plan rows measured.csv --json

measured.csv:
  id,backend,model_path,system,precision,mode,isl,osl,concurrency,tp_size,silicon_ttft_ms,silicon_tpot_ms
  one,vllm,openai/gpt-oss-120b,h100_sxm,fp4,agg,1024,1024,16,2,90,10";

/// What is predicted.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Asked {
    /// The file: rows with `id`, `kind`, `config`, `observed` and `unit` as a JSON array or one a
    /// line, or a CSV table of serving samples; a row that does not read is told, and spoils no
    /// other
    file: PathBuf,
    #[command(flatten)]
    fitted: FittedAsked,
}

/// Predicts and writes every row.
///
/// # Errors
/// Fails when the file holds no rows.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let rows = file::read(&asked.file)?;
    let known = Known::with(asked.fitted.estimator()?).map_err(super::faults::broken)?;
    let predicted = plan::rows::predict(&rows, &known);
    if common.json {
        output::json(&predicted);
        return Ok(Exit::Done);
    }
    let header = [
        "id",
        "observed",
        "predicted",
        "low",
        "high",
        "error",
        "ttft",
        "predicted",
        "low",
        "high",
        "error",
        "by",
    ];
    output::table(&header, &predicted.iter().map(cells).collect::<Vec<_>>());
    output::note(summary(&predicted));
    Ok(Exit::Done)
}

fn cells(row: &Predicted) -> Vec<String> {
    let percent =
        |error: Option<f64>| error.map_or_else(none, |error| format!("{:.1} %", error * 1e2));
    let bound = |at: usize| {
        row.interval
            .map_or_else(none, |interval| short(interval[at]))
    };
    let first = row.first.as_ref();
    let of_first = |value: Option<f64>| value.map_or_else(none, short);
    vec![
        row.id.clone(),
        shown(&row.observed),
        shown(&row.predicted),
        bound(0),
        bound(1),
        percent(row.error),
        of_first(first.and_then(|first| first.observed_ttft_ms)),
        of_first(first.map(|first| first.predicted_ttft_ms)),
        of_first(first.map(|first| first.interval_ttft_ms[0])),
        of_first(first.map(|first| first.interval_ttft_ms[1])),
        percent(first.and_then(|first| first.error_ttft)),
        row.basis.clone(),
    ]
}

fn none() -> String {
    "-".to_owned()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => none(),
        Value::Number(number) => number.as_f64().map_or_else(none, short),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Writes a number in four digits.
fn short(value: f64) -> String {
    match value.abs() {
        size if !(1e-3..1e6).contains(&size) && size != 0.0 => format!("{value:.3e}"),
        size if size >= 1e3 => format!("{value:.0}"),
        size if size >= 1e1 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

fn summary(rows: &[Predicted]) -> String {
    let answered = rows.iter().filter(|row| !row.predicted.is_null()).count();
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64 * 1e2;
    let own: Vec<f64> = rows.iter().filter_map(|row| row.error).collect();
    let firsts = rows.iter().filter_map(|row| row.first.as_ref()?.error_ttft);
    let firsts: Vec<f64> = firsts.collect();
    let mut told = format!("{answered} of {} rows answered", rows.len());
    // Where nothing was measured there is no mean.
    for (what, errors) in [("mean error", own), ("of times to the first token", firsts)] {
        if !errors.is_empty() {
            told = format!("{told}, {what} {:.1} %", mean(&errors));
        }
    }
    told
}
