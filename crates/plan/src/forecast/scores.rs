//! How good past forecasts were: Brier and logarithmic scores and calibration, with questions that
//! recur counted as one cluster. It must not round a certainty that was wrong away.

use std::collections::{BTreeMap, BTreeSet};

use release::stats::{clustered_mean, wilson};
use serde::Serialize;

use super::days;
use super::resolved::Resolved;

/// One less the level of every interval: they are of 95 %.
const ALPHA: f64 = 0.05;
const BINS: usize = 10;
/// Horizons by name, with their first and last day.
const HORIZONS: [(&str, i64, i64); 4] = [
    ("up to 30 days", 0, 30),
    ("31 to 90 days", 31, 90),
    ("91 to 365 days", 91, 365),
    ("beyond a year", 366, i64::MAX),
];

/// Holds the scores of many forecasts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Whose they are.
    pub source: String,
    /// How many forecasts there are.
    pub rows: usize,
    /// How many questions they are about.
    pub questions: usize,
    /// The mean over the rows of (p − o)², from 0, the best, to 1 (Brier 1950).
    pub brier: f64,
    /// Its 95 % interval, clustered by question: Student's t with one degree of freedom less than
    /// there are questions; none for a single one.
    pub brier_interval: Option<[f64; 2]>,
    /// The same with each question counted once: the mean over the questions of the mean over
    /// their rows.
    pub brier_by_question: f64,
    /// Its 95 % interval.
    pub brier_by_question_interval: Option<[f64; 2]>,
    /// The mean of −ln of the probability that was given to what came, in nats, over the rows in
    /// which that is finite; none where there are none.
    pub log: Option<f64>,
    /// The rows that were certain of what did not come: their score is infinite, and in no mean.
    pub certain_and_wrong: usize,
    /// The share of rows that came, or what was given in its place.
    pub base_rate: f64,
    /// The Brier score of always giving the base rate.
    pub brier_of_base_rate: f64,
    /// How much of that a forecast saves: 1 − Brier / Brier of the base rate; 1 is perfect and 0 no
    /// better. None where the base rate makes no error.
    pub skill: Option<f64>,
    /// How often it came, by what was given.
    pub bins: Vec<Bin>,
}

/// Compares what was given with what came, over a tenth of the scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// The least probability of the bin.
    pub from: f64,
    /// The greatest; it belongs to the next bin, but 1 belongs to the last.
    pub to: f64,
    /// How many forecasts lie there.
    pub rows: usize,
    /// How many questions they are about.
    pub questions: usize,
    /// Their mean; none where there are none.
    pub given: Option<f64>,
    /// The share that came; none where there are none.
    pub came: Option<f64>,
    /// Wilson's 95 % interval of that share, of as many trials as there are questions: rows of one
    /// question came or did not together. None where there are none.
    pub interval: Option<[f64; 2]>,
}

/// Scores forecasts together and by source, `all` first. The base rate is the share that came
/// among the rows that are scored, unless one is given. Nothing where there are no rows.
#[must_use]
pub fn by_source(rows: &[Resolved], base_rate: Option<f64>) -> Vec<Scores> {
    let all: Vec<&Resolved> = rows.iter().collect();
    let sources: BTreeSet<&str> = rows.iter().map(|row| row.source.as_str()).collect();
    let mut scores: Vec<Scores> = score("all", &all, base_rate).into_iter().collect();
    if sources.len() > 1 {
        let each = sources.into_iter().filter_map(|source| {
            let own = rows.iter().filter(|row| row.source == source);
            score(source, &own.collect::<Vec<_>>(), base_rate)
        });
        scores.extend(each);
    }
    scores
}

/// Scores forecasts by how many days lie between the day on which they were given and the one on
/// which they were resolved; rows that name neither are in none. Nothing where no row names both.
#[must_use]
pub fn by_horizon(rows: &[Resolved], base_rate: Option<f64>) -> Vec<Scores> {
    let horizon = |row: &Resolved| Some(days::between(row.given_on?, row.resolved_on?));
    let each = HORIZONS.iter().filter_map(|(name, from, to)| {
        let within =
            |row: &&Resolved| horizon(row).is_some_and(|days| (*from..=*to).contains(&days));
        let own: Vec<&Resolved> = rows.iter().filter(within).collect();
        score(name, &own, base_rate)
    });
    each.collect()
}

/// Scores forecasts; nothing where there are none.
#[must_use]
pub fn score(source: &str, rows: &[&Resolved], base_rate: Option<f64>) -> Option<Scores> {
    if rows.is_empty() {
        return None;
    }
    let count = rows.len() as f64;
    let keys: Vec<String> = rows.iter().map(|row| key(row)).collect();
    let squares = rows.iter().map(|row| squared(row));
    let errors: Vec<(&str, f64)> = keys.iter().map(String::as_str).zip(squares).collect();
    let once = once_each(&errors);
    let (brier, brier_interval) = mean(&errors);
    let (brier_by_question, brier_by_question_interval) = mean(&once);
    let logs = rows.iter().map(|row| surprise(row));
    let finite: Vec<f64> = logs.filter(|one| one.is_finite()).collect();
    let came = rows.iter().filter(|row| row.came).count() as f64 / count;
    let base_rate = base_rate.unwrap_or(came);
    let brier_of_base_rate = came * (1.0 - base_rate).powi(2) + (1.0 - came) * base_rate.powi(2);
    Some(Scores {
        source: source.to_owned(),
        rows: rows.len(),
        questions: once.len(),
        brier,
        brier_interval,
        brier_by_question,
        brier_by_question_interval,
        log: (!finite.is_empty()).then(|| finite.iter().sum::<f64>() / finite.len() as f64),
        certain_and_wrong: rows.len() - finite.len(),
        base_rate,
        brier_of_base_rate,
        skill: (brier_of_base_rate > 0.0).then(|| 1.0 - brier / brier_of_base_rate),
        bins: (0..BINS).map(|at| bin(at, rows)).collect(),
    })
}

/// Computes the Brier score of one forecast.
pub(super) fn squared(row: &Resolved) -> f64 {
    let outcome = if row.came { 1.0 } else { 0.0 };
    (row.probability - outcome).powi(2)
}

fn surprise(row: &Resolved) -> f64 {
    let given = if row.came {
        row.probability
    } else {
        1.0 - row.probability
    };
    // What was certain and right surprises by zero, not by minus zero.
    0.0 - given.ln()
}

/// Names a question across sources, which may number theirs alike.
fn key(row: &Resolved) -> String {
    format!("{}\u{1f}{}", row.source, row.question)
}

fn mean(values: &[(&str, f64)]) -> (f64, Option<[f64; 2]>) {
    let found = clustered_mean(values.iter().copied());
    let interval = found.and_then(|found| found.interval(ALPHA));
    // A Brier score lies from 0 to 1; an interval by Student's t need not.
    let interval = interval.map(|ends| [ends.lower.max(0.0), ends.upper.min(1.0)]);
    (found.map_or(0.0, |found| found.mean), interval)
}

/// Averages within each question.
fn once_each<'k>(values: &[(&'k str, f64)]) -> Vec<(&'k str, f64)> {
    let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (key, value) in values {
        let sum = sums.entry(key).or_default();
        sum.0 += value;
        sum.1 += 1.0;
    }
    let means = sums.into_iter();
    means
        .map(|(key, (sum, count))| (key, sum / count))
        .collect()
}

fn bin(at: usize, rows: &[&Resolved]) -> Bin {
    let edge = |at: usize| at as f64 / BINS as f64;
    let (from, to) = (edge(at), edge(at + 1));
    let is_last = at + 1 == BINS;
    let is_within = |row: &&&Resolved| {
        let p = row.probability;
        p >= from && (p < to || is_last)
    };
    let here: Vec<&Resolved> = rows.iter().filter(is_within).copied().collect();
    let questions: BTreeSet<String> = here.iter().map(|row| key(row)).collect();
    let trials = questions.len() as f64;
    let mean = |sum: f64| (!here.is_empty()).then(|| sum / here.len() as f64);
    let came = mean(here.iter().filter(|row| row.came).count() as f64);
    let interval = came.map(|came| wilson(came * trials, trials, ALPHA));
    Bin {
        from,
        to,
        rows: here.len(),
        questions: questions.len(),
        given: mean(here.iter().map(|row| row.probability).sum()),
        came,
        interval: interval.map(|ends| [ends.lower, ends.upper]),
    }
}

#[cfg(test)]
mod tests;
