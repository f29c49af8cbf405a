//! `tiergate plan calibrate`: fits the coefficients of serving to measured rows. It must not use a
//! row that a list of ids leaves out.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use plan::accelerators::Accelerators;
use plan::calibrate::{Measured, facts};
use plan::models::Models;
use plan::rows::silicon::read;
use plan::rows::{number, text, unread};
use plan::serving::ServingFacts;

use super::file;
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;

const EXAMPLE: &str = "Example:
  tiergate plan calibrate measured.csv --source 'our cluster, November' --out serving.toml

The table has the columns of `tiergate plan rows`, with both measured times in milliseconds.
`plan serve`, `rows`, `variants` and `fleet` take the fit by `--coefficients serving.toml`.";

/// What is fitted.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Asked {
    /// The table of measurements, with the columns of the serving samples
    file: PathBuf,
    /// A file of ids, one a line: no other row is looked at
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// Where the rows come from, as the coefficients will name it
    #[arg(long, default_value = "own measurements")]
    source: String,
    /// Where the coefficients are written
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Least rows that are fitted.
const LEAST_ROWS: usize = 20;

/// Fits and writes.
///
/// # Errors
/// Fails when the file holds too few rows that are understood, or cannot be written.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let rows = measured(asked)?;
    if rows.len() < LEAST_ROWS {
        let what = format!("{} rows can be fitted, {LEAST_ROWS} are needed", rows.len());
        return Err(Fault::new(what, "give more measurements").into());
    }
    let today = environment::now().date().to_string();
    let facts = facts(&rows, &asked.source, &today);
    let written = toml::to_string(&facts)?;
    fs::write(&asked.out, written).map_err(|error| {
        let what = format!("{} cannot be written", asked.out.display());
        Fault::because(error, what, "name a place that can be written with --out")
    })?;
    tell(&facts, common);
    Ok(Exit::Done)
}

fn measured(asked: &Asked) -> Result<Vec<Measured>, Fault> {
    let ids = match &asked.ids {
        None => None,
        Some(path) => Some(fs::read_to_string(path).map_err(|error| {
            let what = format!("{} cannot be read", path.display());
            Fault::because(error, what, "name a file with one id a line")
        })?),
    };
    let ids: Option<HashSet<&str>> = ids.as_deref().map(|text| text.split_whitespace().collect());
    let models = Models::shipped().map_err(super::faults::broken)?;
    let accelerators = Accelerators::shipped().map_err(super::faults::broken)?;
    let mut found = Vec::new();
    for row in file::read(&asked.file)? {
        let id = text(&row, "id").unwrap_or_default();
        if ids.as_ref().is_some_and(|ids| !ids.contains(id)) {
            continue;
        }
        if let Some(reason) = unread(&row) {
            output::note(format!("left out: {id}: {reason}"));
            continue;
        }
        let seconds = |field| {
            number(&row, field)
                .filter(|ms| *ms > 0.0)
                .map(|ms| ms / 1e3)
        };
        let times = seconds("silicon_tpot_ms").zip(seconds("silicon_ttft_ms"));
        match (read(id, &row, &models, &accelerators), times) {
            (Ok(sample), _) if sample.stages > 1.0 => {
                output::note(format!("left out: {id}: pipeline stages are not fitted"));
            }
            // A time at a load that nobody states says nothing about that load.
            (Ok(sample), _) if !sample.assumed.is_empty() => {
                let assumed = sample.assumed.join(", ");
                output::note(format!("left out: {id} does not state: {assumed}"));
            }
            (Ok(sample), Some((step, first))) => {
                let times = [step, first];
                found.push(Measured::new(id, &sample.deployment, sample.waiting, times));
            }
            (Ok(_), None) => output::note(format!("left out: {id} has not both times")),
            (Err(fault), _) => output::note(format!("left out: {id}: {fault}")),
        }
    }
    Ok(found)
}

fn tell(facts: &ServingFacts, common: &Common) {
    if common.json {
        return output::json(&facts.scores);
    }
    let percent = |share: f64| format!("{:.1} %", share * 1e2);
    let rows = facts.scores.iter().map(|score| {
        vec![
            score.measure.clone(),
            score.held_out.clone(),
            percent(score.mean),
            percent(score.median),
            percent(score.covered),
            percent(score.half_width),
        ]
    });
    let header = [
        "measure",
        "held out",
        "mean error",
        "median",
        "covered",
        "half width",
    ];
    output::table(&header, &rows.collect::<Vec<_>>());
}
