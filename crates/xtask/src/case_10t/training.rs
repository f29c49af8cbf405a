//! Tables of training: the bill, memory, and what laws of scaling say. It must not ask.

use std::fmt::Write as _;

use crate::case_10t::ask::{Answer, Asker};
use crate::case_10t::question::{DENSE, ONE_PART, SPARSE};
use crate::case_10t::shown::{at, marked, number, ranged, text};
use crate::json::Json;
use crate::shell::Fault;

const MILLIONTH: f64 = 1e-6;
/// What is taken for an hour in the second bill of each run, in USD: who trains for months does not
/// pay what lists ask without a commitment.
const LONG: &str = "3";
const SHARE: &str = "0.3";

/// Is a run with its bills.
pub struct Run {
    title: String,
    bills: Vec<Answer>,
}

/// Asks for the runs: dense on the tokens that Chinchilla's law asks for, and sparse.
pub fn ask(asker: Asker<'_>) -> Result<Vec<Run>, Fault> {
    let mut runs = Vec::new();
    for (name, size, tokens) in [("dense", DENSE, "216T"), ("sparse", SPARSE, "40T")] {
        let line = [
            "train",
            "--sketch",
            size,
            "--tokens",
            tokens,
            "--on",
            ONE_PART,
            "--precision",
            "fp8",
            "--mfu",
            SHARE,
        ];
        let cheap = [&line[..], &["--gpu-hour", LONG]].concat();
        runs.push(Run {
            title: format!("{name}, {tokens} tokens"),
            bills: vec![asker.plan(&line)?, asker.plan(&cheap)?],
        });
    }
    Ok(runs)
}

impl Run {
    /// Shows the bill at the usual price.
    pub fn usual(&self) -> Option<&Answer> {
        self.bills.first()
    }
}

fn answers(runs: &[Run]) -> impl Iterator<Item = &Answer> {
    runs.iter().flat_map(|run| &run.bills)
}

fn bill(answer: &Answer) -> Option<&Json> {
    answer.said.get("runs")?.values().first().copied()
}

fn assumed(answer: &Answer, key: &str) -> Option<f64> {
    let rows = answer.said.get("assumptions")?.values();
    let is_it = |row: &&&Json| row.get("key").and_then(Json::text) == Some(key);
    rows.iter().find(is_it)?.get("value")?.float()
}

/// Shows the bills.
pub fn bills(runs: &[Run]) -> String {
    let mut rows = Vec::new();
    for run in runs {
        for answer in &run.bills {
            let Some(bill) = bill(answer) else {
                continue;
            };
            let why = bill.get("why").map(Json::values).unwrap_or_default();
            let why: Vec<&str> = why.into_iter().filter_map(Json::text).collect();
            rows.push(vec![
                run.title.clone(),
                assumed(answer, "gpu_hour").map_or_else(String::new, number),
                at(bill, &["flop"], 1.0),
                ranged(bill, &["accelerator_hours"], MILLIONTH),
                at(bill, &["accelerators"], 1.0),
                ranged(bill, &["energy_mwh"], 1e-3),
                ranged(bill, &["usd"], MILLIONTH),
                if why.is_empty() {
                    "plausible".to_owned()
                } else {
                    format!("**not plausible**: {}", why.join("; "))
                },
            ]);
        }
    }
    let days = runs
        .iter()
        .find_map(|run| assumed(run.bills.first()?, "train_days"));
    let count = format!("accelerators for {} days", number(days.unwrap_or_default()));
    let part = text_of(runs, "accelerator");
    let run = format!("run in FP8 on {part}, {SHARE} of the peak");
    let columns = [
        (run.as_str(), "assumption"),
        ("USD an hour", "assumption"),
        ("operations (6·N·D)", "formula"),
        ("million hours", "assumption"),
        (count.as_str(), "assumption"),
        ("GWh", "assumption"),
        ("million USD", "assumption"),
        ("", ""),
    ];
    marked(&columns, &rows)
}

fn text_of(runs: &[Run], key: &str) -> String {
    let first = runs.iter().find_map(|run| bill(run.bills.first()?));
    first.map_or_else(String::new, |bill| text(bill, &[key]))
}

/// Lists the commands.
pub fn commands(runs: &[Run]) -> String {
    let lines = answers(runs).map(|answer| format!("    {}", answer.command));
    lines.collect::<Vec<_>>().join("\n")
}

/// Says what stands in memory while training.
pub fn memory(runs: &[Run]) -> String {
    let first = |run: &'_ Run| run.bills.first().and_then(bill).cloned();
    let rows = runs.iter().filter_map(|run| {
        let bill = first(run)?;
        let stages = bill.get("memory")?.values();
        let of = |place: usize, key: &str| {
            let stage = stages.get(place);
            stage.map_or_else(String::new, |stage| at(stage, &[key], 1.0))
        };
        Some(vec![
            run.title.clone(),
            at(&bill, &["divided"], 1.0),
            of(0, "states_gb"),
            of(1, "states_gb"),
            of(2, "states_gb"),
            of(3, "states_gb"),
            of(3, "activations_gb"),
            of(3, "usable_gb"),
        ])
    });
    let columns = [
        ("GB of one accelerator", "assumption"),
        ("a copy on", "formula"),
        ("states, ZeRO 0", "formula"),
        ("ZeRO 1", "formula"),
        ("ZeRO 2", "formula"),
        ("ZeRO 3", "formula"),
        ("activations", "formula"),
        ("usable", "assumption of a fact"),
    ];
    marked(&columns, &rows.collect::<Vec<_>>())
}

/// Shows what laws of scaling say.
pub fn losses(runs: &[Run]) -> String {
    let mut rows = Vec::new();
    let exact = |law: &Json, key: &str| {
        let loss = law.get(key).and_then(Json::float);
        loss.map_or_else(String::new, |loss| format!("{loss:.3}"))
    };
    for run in runs {
        let laws = run.bills.first().and_then(bill);
        let laws = laws.and_then(|bill| bill.at(&["loss", "by_law"]));
        for law in laws.map(Json::values).unwrap_or_default() {
            let count = law.get("parameters").and_then(Json::float);
            rows.push(vec![
                run.title.clone(),
                text(law, &["law"]),
                format!(
                    "{}: {:.2e}",
                    text(law, &["counted"]),
                    count.unwrap_or_default()
                ),
                exact(law, "loss"),
                exact(law, "tenfold"),
                exact(law, "tenfold_both"),
            ]);
        }
    }
    let columns = [
        ("run", "assumption"),
        ("law", "fact"),
        ("counted", "assumption"),
        ("loss", "formula"),
        ("ten times the parameters", "formula"),
        ("ten times both", "formula"),
    ];
    marked(&columns, &rows)
}

/// Says what that means.
pub fn readings(runs: &[Run]) -> String {
    let mut shown = String::new();
    for run in runs {
        let reading = run.bills.first().and_then(bill);
        let reading = reading.map_or_else(String::new, |bill| text(bill, &["loss", "reading"]));
        let _ = writeln!(shown, "- {}: {reading}.", run.title);
    }
    shown.trim_end().to_owned()
}
