//! Makes the file of coefficients out of measured rows: six fits of two measures, the residuals of
//! rows that their fit has not seen, and intervals from those. It must not read a file.

mod fit;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::calibrate::fit::{Fitted, Scheme};
use crate::coefficients::{FITS, FOLDS, Table, WHOLE};
use crate::deployment::Deployment;
use crate::first_token::{FIRST_PARTS, first_parts};
use crate::groups::{Groups, Level, fold, groups};
use crate::intervals::{ENOUGH_ROWS, Reach, Spread, few, nearest, spread};
use crate::serving::{Score, ServingFacts, point_name};
use crate::step::{STEP_PARTS, step_parts};

pub use crate::calibrate::fit::Point;

/// Names what is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Time of an output token after the first.
    Step,
    /// Time to the first token.
    First,
}

/// Holds a measured row.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its id.
    pub id: String,
    /// Its point, as the file of coefficients names it.
    pub point: String,
    /// The fold in which it lies.
    pub fold: usize,
    /// The parts of its step.
    pub step: Vec<f64>,
    /// The parts of its first token.
    pub first: Vec<f64>,
    /// Its groups.
    pub groups: Groups,
    /// Seconds of an output token after the first.
    pub observed_step: f64,
    /// Seconds to the first token.
    pub observed_first: f64,
}

/// Says how the rows of a score are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldOut {
    /// A fifth of the points at a time: other points of the combination are known.
    Points,
    /// A fifth of the combinations at a time.
    Combinations,
    /// One accelerator at a time.
    Systems,
    /// One model family at a time.
    Families,
    /// One model family and one accelerator at a time; what is of both is scored.
    Both,
}

/// Holds the log error of a row by a fit that has not seen it.
#[derive(Clone, Debug)]
pub struct Residual {
    /// Which row.
    pub row: usize,
    /// Log of observed over predicted.
    pub log: f64,
}

impl Measured {
    /// Takes what a deployment was measured to do.
    #[must_use]
    pub fn new(id: &str, of: &Deployment<'_>, observed_step: f64, observed_first: f64) -> Self {
        Self {
            id: id.to_owned(),
            point: point_name(of),
            fold: fold(of, FOLDS),
            step: step_parts(of).to_vec(),
            first: first_parts(of).to_vec(),
            groups: groups(of),
            observed_step,
            observed_first,
        }
    }

    fn parts(&self, measure: Measure) -> (&[f64], f64) {
        match measure {
            Measure::Step => (&self.step, self.observed_step),
            Measure::First => (&self.first, self.observed_first),
        }
    }
}

/// Tells how a measure is fitted. The penalties were chosen on held-out folds of the calibration
/// rows; the expectations are efficiencies of a half to one and latencies of tens of microseconds.
fn scheme(measure: Measure) -> Scheme {
    let (expected, own, whole, scale) = match measure {
        Measure::Step => {
            let expected = [0.3, 0.5, 0.3, 1.2, -0.5, -1.0, -0.5, 0.3, 0.7];
            (expected.to_vec(), 1.0, 4.0, 0.12)
        }
        Measure::First => {
            let expected = [0.5, 0.7, 1.0, 0.3, -2.0, -1.0, 0.0, -2.0, 0.0, -2.0];
            (expected.to_vec(), 0.3, 1.5, 0.25)
        }
    };
    let is_host = |part: usize| measure == Measure::Step && STEP_PARTS[part] == "host";
    let firm = |part: usize| if is_host(part) { 3.0 } else { 1.0 };
    let parts = [
        (Level::All, 1.0),
        (Level::Engine, 6.0),
        (Level::System, 10.0),
        (Level::Family, 10.0),
        (Level::Layout, 10.0),
        (Level::Combination, 12.0),
    ];
    let wholes = [
        (Level::Engine, 10.0),
        (Level::EngineSystem, 20.0),
        (Level::Family, 20.0),
        (Level::Combination, 30.0),
        (Level::CombinationLayout, 30.0),
        (Level::Degrees, 30.0),
        (Level::Lengths, 30.0),
        (Level::Version, 30.0),
        (Level::SystemPrecision, 30.0),
    ];
    let scaled = |by: f64| move |(level, penalty): (Level, f64)| (level, penalty * by);
    Scheme {
        expected: expected
            .into_iter()
            .enumerate()
            .map(|(at, one)| (one, firm(at)))
            .collect(),
        parts: parts.map(scaled(own)).to_vec(),
        whole: wholes.map(scaled(whole)).to_vec(),
        scale,
    }
}

/// Counts measurements that are the same as one: published twice they count half each.
fn weights(rows: &[Measured]) -> Vec<f64> {
    let same = |row: &Measured| (row.observed_step.to_bits(), row.observed_first.to_bits());
    let mut counts: BTreeMap<(u64, u64), f64> = BTreeMap::new();
    for row in rows {
        *counts.entry(same(row)).or_default() += 1.0;
    }
    rows.iter()
        .map(|row| 1.0 / counts.get(&same(row)).copied().unwrap_or(1.0))
        .collect()
}

fn points(rows: &[Measured], measure: Measure) -> Vec<Point> {
    let weights = weights(rows);
    let points = rows.iter().zip(weights).map(|(row, weight)| {
        let (parts, observed) = row.parts(measure);
        Point {
            parts: parts.to_vec(),
            groups: row.groups.clone(),
            observed,
            weight,
        }
    });
    points.collect()
}

/// Fits a measure six times: with all rows, and without each fold.
#[must_use]
pub fn table(rows: &[Measured], measure: Measure) -> Table {
    let (points, scheme) = (points(rows, measure), scheme(measure));
    let mut table = Table::new();
    for place in 0..FITS {
        let seen = points
            .iter()
            .zip(rows)
            .filter(|(_, row)| row.fold + 1 != place);
        let seen: Vec<&Point> = seen.map(|(point, _)| point).collect();
        for ((part, level, group), value) in fit::fit(&seen, &scheme) {
            let by_level = table.entry(name(measure, part).to_owned()).or_default();
            let by_group = by_level.entry(level.name().to_owned()).or_default();
            let numbers = by_group.entry(group).or_insert_with(|| vec![0.0; FITS]);
            // Three digits are a tenth of a percent, far below any residual.
            numbers[place] = (value * 1e3).round() / 1e3;
        }
    }
    for by_group in table.values_mut().flat_map(BTreeMap::values_mut) {
        by_group.retain(|_, numbers| numbers.iter().any(|number| number.abs() >= NEGLIGIBLE));
    }
    table
}

/// A correction below a percent and a half in every fit is left out of the file.
const NEGLIGIBLE: f64 = 0.015;

fn name(measure: Measure, part: usize) -> &'static str {
    let names: &[&'static str] = match measure {
        Measure::Step => &STEP_PARTS,
        Measure::First => &FIRST_PARTS,
    };
    names.get(part).copied().unwrap_or(WHOLE)
}

/// Scores each row by a fit from which it was held out.
#[must_use]
pub fn residuals(rows: &[Measured], measure: Measure, hold_out: HoldOut) -> Vec<Residual> {
    let (points, scheme) = (points(rows, measure), scheme(measure));
    let mut by_set: BTreeMap<[String; 2], Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        by_set.entry(held_with(row, hold_out)).or_default().push(at);
    }
    let mut found = Vec::with_capacity(rows.len());
    for (set, held) in &by_set {
        // A row that shares either with those held out is as little seen as they are.
        let is_held = |row: &Measured| {
            let own = held_with(row, hold_out);
            own.iter().zip(set).any(|(own, held)| own == held)
        };
        let seen = points.iter().zip(rows).filter(|(_, row)| !is_held(row));
        let seen: Vec<&Point> = seen.map(|(point, _)| point).collect();
        let fitted = fit::fit(&seen, &scheme);
        let logs = Corrections::new(&fitted, scheme.expected.len());
        found.extend(held.iter().map(|at| {
            let point = &points[*at];
            Residual {
                row: *at,
                log: (point.observed / logs.time(point)).ln(),
            }
        }));
    }
    found.sort_by_key(|one| one.row);
    found
}

/// Names the sets with which a row is held out; where there is one, twice.
fn held_with(row: &Measured, hold_out: HoldOut) -> [String; 2] {
    let at = |level| crate::groups::at(&row.groups, level).to_owned();
    let twice = |one: String| [one.clone(), one];
    match hold_out {
        HoldOut::Points => twice(row.fold.to_string()),
        HoldOut::Combinations => {
            let sum: u64 = at(Level::Combination).bytes().map(u64::from).sum();
            twice((sum % FOLDS).to_string())
        }
        HoldOut::Systems => twice(at(Level::System)),
        HoldOut::Families => twice(at(Level::Family)),
        HoldOut::Both => [at(Level::System), at(Level::Family)],
    }
}

/// Holds one fit's corrections for a quick look-up.
struct Corrections {
    parts: usize,
    by_group: BTreeMap<(Level, String), Vec<(usize, f64)>>,
}

impl Corrections {
    fn new(fitted: &Fitted, parts: usize) -> Self {
        let mut by_group: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((part, level, group), value) in fitted {
            by_group
                .entry((*level, group.clone()))
                .or_default()
                .push((*part, *value));
        }
        Self { parts, by_group }
    }

    fn time(&self, point: &Point) -> f64 {
        let mut logs = vec![0.0; self.parts + 1];
        for (level, group) in Level::ALL.iter().zip(&point.groups) {
            for (part, value) in self
                .by_group
                .get(&(*level, group.clone()))
                .into_iter()
                .flatten()
            {
                logs[*part] += value;
            }
        }
        let scaled = point
            .parts
            .iter()
            .zip(&logs)
            .map(|(part, log)| part * log.exp());
        scaled.sum::<f64>() * logs[self.parts].exp()
    }
}

/// Turns rows into the file of coefficients.
#[must_use]
pub fn facts(rows: &[Measured], source: &str, today: &str) -> ServingFacts {
    let mut scores = Vec::new();
    let mut spreads = [Vec::new(), Vec::new()];
    for (measure, found) in [Measure::Step, Measure::First]
        .into_iter()
        .zip(&mut spreads)
    {
        for (hold_out, reach) in HELD {
            let residuals = residuals(rows, measure, hold_out);
            scores.push(score(rows, &residuals, hold_out, (measure, reach)));
            found.extend(spread_of(rows, &residuals, (measure, reach), |_| true));
        }
    }
    let [step_spreads, first_spreads] = spreads;
    let names = |level| {
        let groups = rows
            .iter()
            .map(|row| crate::groups::at(&row.groups, level).to_owned());
        groups.collect::<BTreeSet<_>>()
    };
    ServingFacts {
        source: source.to_owned(),
        fitted_on: today.to_owned(),
        rows: rows.len(),
        digest: digest(rows),
        points: rows.iter().map(|row| row.point.clone()).collect(),
        systems: names(Level::System),
        families: names(Level::Family),
        combinations: names(Level::Combination),
        scores,
        step_spreads,
        first_spreads,
        step: table(rows, Measure::Step),
        first: table(rows, Measure::First),
    }
}

/// Says which reach each way of holding out stands for.
const HELD: [(HoldOut, Reach); 5] = [
    (HoldOut::Points, Reach::Known),
    (HoldOut::Combinations, Reach::NewCombination),
    (HoldOut::Systems, Reach::NewSystem),
    (HoldOut::Families, Reach::NewFamily),
    (HoldOut::Both, Reach::NewBoth),
];

fn spread_of(
    rows: &[Measured],
    residuals: &[Residual],
    (measure, reach): (Measure, Reach),
    counts: impl Fn(&Measured) -> bool,
) -> Vec<Spread> {
    // Steps of known combinations are off by little, and shifting them did not help those held out.
    let is_near = measure == Measure::Step && reach == Reach::Known;
    let shifted = |shift: f64| if is_near { 0.0 } else { shift };
    let mut logs: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut by_combination: BTreeMap<&str, Vec<&Residual>> = BTreeMap::new();
    for residual in residuals.iter().filter(|one| counts(&rows[one.row])) {
        let groups = &rows[residual.row].groups;
        let few = few(groups);
        for group in nearest(groups, reach).into_iter().filter(|one| *one != few) {
            logs.entry(group).or_default().push(residual.log);
        }
        let combination = crate::groups::at(groups, Level::Combination);
        by_combination
            .entry(combination)
            .or_default()
            .push(residual);
    }
    // First tokens of rare combinations were held no worse than those of all.
    let is_rare = |own: &Vec<&Residual>| measure == Measure::Step && own.len() < ENOUGH_ROWS;
    for residual in by_combination.into_values().filter(is_rare).flatten() {
        let few = few(&rows[residual.row].groups);
        logs.entry(few).or_default().push(residual.log);
    }
    let round = |value: f64| (value * 1e3).round() / 1e3;
    let found = logs
        .into_iter()
        .filter_map(|(group, logs)| spread(reach, group, logs));
    found
        .map(|one| Spread {
            low: round(one.low),
            high: round(one.high),
            shift: shifted(one.shift),
            ..one
        })
        .collect()
}

/// Scores held-out rows; the interval of each comes from residuals of the other folds alone.
fn score(
    rows: &[Measured],
    residuals: &[Residual],
    hold_out: HoldOut,
    (measure, reach): (Measure, Reach),
) -> Score {
    let mut found = Vec::with_capacity(residuals.len());
    for fold in 0..FOLDS as usize {
        let spreads = spread_of(rows, residuals, (measure, reach), |row| row.fold != fold);
        for residual in residuals.iter().filter(|one| rows[one.row].fold == fold) {
            let near = nearest(&rows[residual.row].groups, reach);
            let of_group = |group: &String| spreads.iter().find(|one| one.group == *group);
            if let Some(spread) = near.iter().find_map(of_group) {
                let error = ((spread.shift - residual.log).exp() - 1.0).abs();
                let is_covered = (spread.low..=spread.high).contains(&residual.log);
                let width = (spread.high.exp() - spread.low.exp()) / 2.0 / spread.shift.exp();
                found.push((error, is_covered, width));
            }
        }
    }
    let mean = |of: &mut dyn Iterator<Item = f64>| of.sum::<f64>() / found.len() as f64;
    let median = |of: &dyn Fn(&(f64, bool, f64)) -> f64| {
        let mut values: Vec<f64> = found.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let round = |value: f64| (value * 1e4).round() / 1e4;
    Score {
        measure: format!("{measure:?}").to_lowercase(),
        held_out: format!("{hold_out:?}").to_lowercase(),
        mean: round(mean(&mut found.iter().map(|one| one.0))),
        median: round(median(&|one| one.0)),
        covered: round(mean(
            &mut found.iter().map(|one| f64::from(u8::from(one.1))),
        )),
        half_width: round(median(&|one| one.2)),
    }
}

fn digest(rows: &[Measured]) -> String {
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} {}\n", row.id, row.observed_step, row.observed_first))
        .collect();
    lines.sort();
    let hash = Sha256::digest(lines.concat());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
