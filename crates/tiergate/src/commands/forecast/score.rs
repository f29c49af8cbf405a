//! `tiergate forecast score`: how good past forecasts were, and what the repair of contradicting
//! ones does to that. It must not leave a row out.

use std::path::{Path, PathBuf};

use clap::Args;
use plan::forecast::nested::{Nested, nested};
use plan::forecast::resolved::{self, Resolved};
use plan::forecast::scores::{Scores, by_horizon, by_source};
use serde_json::json;

use super::read;
use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;

/// What is scored.
#[derive(Args)]
#[command(after_help = "Example: tiergate forecast score market_questions.csv --events events.csv")]
pub struct Asked {
    /// A CSV table whose first line names its columns: `probability` (or `market_probability`) and
    /// `outcome` (1 or 0), and where there are such `id`, `source`, `frozen_on`, `resolved_on`,
    /// `event`, `by`, `weight`
    file: PathBuf,
    /// A CSV table of `source`, `id`, `event`, `by`: which question is about which event by which
    /// day, so that contradictions are found
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// What is given without any forecast, to compare with [default: the share that came]
    #[arg(long, value_name = "P", value_parser = probability)]
    base_rate: Option<f64>,
}

fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    let number = number.filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "a probability lies from 0 to 1".to_owned())
}

/// Scores the forecasts of a file.
///
/// # Errors
/// Fails when a file does not read, or its rows contradict each other.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let mut rows = resolved(&asked.file)?;
    let joined = match &asked.events {
        Some(path) => Some(join(path, &mut rows)?),
        None => None,
    };
    let scores = by_source(&rows, asked.base_rate);
    let horizons = by_horizon(&rows, asked.base_rate);
    let found = nested(&rows).map_err(|error| {
        let file = asked.events.as_ref().unwrap_or(&asked.file).display();
        let what = format!("{}: the events of {file} do not fit", asked.file.display());
        let mend = "an event is one thing that comes once; questions about it differ by their day";
        Fault::because(error, what, mend)
    })?;
    if common.json {
        output::json(&json!({
            "scores": scores,
            "horizons": horizons,
            "nested": found,
            "joined": joined,
        }));
        return Ok(Exit::Done);
    }
    tell_scores("source", &scores);
    if !horizons.is_empty() {
        output::line("");
        tell_scores("horizon", &horizons);
    }
    tell_bins(&scores);
    tell_nested(&found);
    Ok(Exit::Done)
}

fn resolved(path: &Path) -> Result<Vec<Resolved>, Fault> {
    let text = read::text(path, "name a CSV table of resolved forecasts")?;
    resolved::read(&text).map_err(|error| {
        let what = format!("{} is no table of resolved forecasts", path.display());
        let mend = "correct that line; the first names the columns, `probability` and `outcome` \
                    among them, and docs/plan-forecast.md lists the others";
        Fault::because(error, what, mend)
    })
}

fn join(path: &Path, rows: &mut [Resolved]) -> Result<usize, Fault> {
    let text = read::text(path, "name a CSV table of `source`, `id`, `event`, `by`")?;
    let events = resolved::read_events(&text).map_err(|error| {
        let what = format!("{} is no table of events", path.display());
        Fault::because(
            error,
            what,
            "give the columns `source`, `id`, `event`, `by`",
        )
    })?;
    let joined = resolved::join(rows, &events);
    if joined == 0 {
        let what = format!("{} names no question of the forecasts", path.display());
        return Err(Fault::new(
            what,
            "use the `source` and `id` of the forecasts",
        ));
    }
    Ok(joined)
}

fn tell_scores(of: &str, scores: &[Scores]) {
    let header = [
        of,
        "rows",
        "questions",
        "Brier",
        "95 %",
        "once a question",
        "95 %",
        "log (nats)",
        "certain, wrong",
        "base rate",
        "its Brier",
        "skill",
    ];
    let cells = |one: &Scores| {
        vec![
            one.source.clone(),
            one.rows.to_string(),
            one.questions.to_string(),
            format!("{:.4}", one.brier),
            interval(one.brier_interval),
            format!("{:.4}", one.brier_by_question),
            interval(one.brier_by_question_interval),
            number(one.log),
            one.certain_and_wrong.to_string(),
            format!("{:.3}", one.base_rate),
            format!("{:.4}", one.brier_of_base_rate),
            one.skill.map_or_else(none, |skill| format!("{skill:.3}")),
        ]
    };
    output::table(&header, &scores.iter().map(cells).collect::<Vec<_>>());
}

fn tell_bins(scores: &[Scores]) {
    let Some(all) = scores.first() else { return };
    output::line("");
    let header = ["given", "rows", "questions", "mean", "came", "95 %"];
    let cells = all.bins.iter().map(|bin| {
        vec![
            format!("{:.1} to {:.1}", bin.from, bin.to),
            bin.rows.to_string(),
            bin.questions.to_string(),
            bin.given.map_or_else(none, |given| format!("{given:.3}")),
            bin.came.map_or_else(none, |came| format!("{came:.3}")),
            bin.interval
                .map_or_else(none, |[low, high]| format!("{low:.3} to {high:.3}")),
        ]
    });
    output::table(&header, &cells.collect::<Vec<_>>());
}

fn tell_nested(found: &Nested) {
    output::line("");
    if found.families == 0 {
        output::line("no event stands by two days; `--events` says which questions are nested");
        return;
    }
    let (families, wrong) = (found.families, found.incoherent.len());
    output::line(format!(
        "{} events by several days make {families} families of {} rows; {wrong} contradict \
         themselves",
        found.events, found.rows
    ));
    let rows: Vec<Vec<String>> = found
        .incoherent
        .iter()
        .flat_map(|one| {
            one.changes.iter().map(|change| {
                vec![
                    change.line.to_string(),
                    one.source.clone(),
                    one.event.clone(),
                    one.given_on.map_or_else(none, |day| day.to_string()),
                    change.day.to_string(),
                    format!("{:.4}", change.from),
                    format!("{:.4}", change.to),
                ]
            })
        })
        .collect();
    let header = [
        "line", "source", "event", "given on", "by", "said", "repaired",
    ];
    output::table(&header, &rows);
    output::line("");
    let cells = |name: &str, before: Option<f64>, after: Option<f64>| {
        let digits = |one: Option<f64>| one.map_or_else(none, |one| format!("{one:.6}"));
        vec![name.to_owned(), digits(before), digits(after)]
    };
    let rows = [
        cells(
            "families that contradict themselves",
            found.brier_of_incoherent,
            found.brier_of_incoherent_repaired,
        ),
        cells("families", found.brier, found.brier_repaired),
        cells("all rows", found.brier_of_all, found.brier_of_all_repaired),
    ];
    output::table(&["Brier of", "as given", "repaired"], &rows);
}

fn interval(ends: Option<[f64; 2]>) -> String {
    ends.map_or_else(none, |[low, high]| format!("{low:.4} to {high:.4}"))
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(none, |value| format!("{value:.4}"))
}

fn none() -> String {
    "-".to_owned()
}
