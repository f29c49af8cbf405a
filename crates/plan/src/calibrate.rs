//! Makes the file of coefficients out of measured rows: six fits of two measures, the residuals of
//! rows that their fit has not seen, and intervals from those. It must not read a file.

mod fit;
mod held;
mod measured;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::calibrate::fit::{Fitted, Scheme};
use crate::calibrate::held::{Held, Stated};
use crate::calibrate::measured::held_with;
use crate::coefficients::{FITS, Fit, Table, WHOLE};
use crate::first_token::FIRST_PARTS;
use crate::groups::Level;
use crate::intervals::Reach;
use crate::measured::axes;
use crate::seen::Seen;
use crate::serving::ServingFacts;
use crate::step::STEP_PARTS;

pub use crate::calibrate::fit::Point;
pub use crate::calibrate::measured::{HoldOut, Measure, Measured, Residual};

/// Tells how a measure is fitted. The penalties were chosen on held-out folds, accelerators and
/// families of the calibration rows; the expectations are efficiencies of a half to one and
/// latencies of tens of microseconds.
fn scheme(measure: Measure) -> Scheme {
    let is_host = |part: usize| measure == Measure::Step && STEP_PARTS[part] == "host";
    let firm = |part: usize| if is_host(part) { 3.0 } else { 1.0 };
    let (expected, scale) = match measure {
        Measure::Step => (&STEP_EXPECTED[..], 0.12),
        Measure::First => (&FIRST_EXPECTED[..], 0.25),
    };
    let expected = expected.iter().enumerate();
    let [parts, whole] = penalties(measure);
    Scheme {
        expected: expected.map(|(at, one)| (*one, firm(at))).collect(),
        parts,
        whole,
        scale,
    }
}

const STEP_EXPECTED: [f64; STEP_PARTS.len()] = [0.3, 0.5, 0.3, 1.2, -0.5, -1.0, -0.5, 0.3, 0.7];
const FIRST_EXPECTED: [f64; FIRST_PARTS.len()] =
    [0.5, 0.7, 1.0, 1.0, -2.0, -1.0, 0.5, -2.0, 0.0, -2.0, 0.0];

type Penalties = Vec<(Level, f64)>;

/// Tells how strongly the corrections of parts are held back at each level, and those of the whole.
fn penalties(measure: Measure) -> [Penalties; 2] {
    let is_step = measure == Measure::Step;
    let of = |step: f64, first: f64| if is_step { step } else { first };
    let mut parts = vec![
        (Level::All, of(1.0, 0.3)),
        (Level::Engine, of(6.0, 10.0)),
        (Level::System, of(10.0, 5.0)),
        (Level::Kind, of(20.0, 3.0)),
        (Level::Family, of(40.0, 6.0)),
        (Level::Layout, of(10.0, 12.0)),
        (Level::KindCombination, of(12.0, 1.8)),
        (Level::Combination, of(12.0, 1.8)),
        (Level::Degrees, of(2.5, 6.0)),
    ];
    if is_step {
        // Waits differ by more than versions of an engine do.
        parts.push((Level::Version, 80.0));
    }
    let whole = vec![
        (Level::Engine, of(40.0, 15.0)),
        (Level::EngineSystem, of(80.0, 30.0)),
        (Level::Kind, of(32.0, 4.5)),
        (Level::Family, of(320.0, 120.0)),
        (Level::KindCombination, of(120.0, 45.0)),
        (Level::Combination, of(120.0, 45.0)),
        (Level::CombinationLayout, of(120.0, 45.0)),
        (Level::Degrees, of(120.0, 90.0)),
        (Level::Lengths, of(120.0, 45.0)),
        (Level::Version, of(120.0, 45.0)),
        (Level::SystemPrecision, of(120.0, 45.0)),
        (Level::Curve, of(40.0, 30.0)),
        (Level::Pool, of(40.0, 15.0)),
    ];
    [parts, whole]
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
            .filter(|(_, row)| row.fold + 1 != place && row.is_fitted(measure));
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

/// Scores each row by fits from which it was held out: its step, and its first token.
#[must_use]
pub fn residuals(rows: &[Measured], hold_out: HoldOut) -> [Vec<Residual>; 2] {
    let steps = unseen(rows, Measure::Step, hold_out);
    let firsts = unseen(rows, Measure::First, hold_out);
    let mut found = [Vec::new(), Vec::new()];
    for (at, (row, ((step, reach), (first, _)))) in
        rows.iter().zip(steps.into_iter().zip(firsts)).enumerate()
    {
        let first = row.waited(first, step);
        let ratios = [row.observed_step / step, row.observed_first / first];
        for (into, ratio) in found.iter_mut().zip(ratios) {
            into.push(Residual {
                row: at,
                log: ratio.ln(),
                reach,
            });
        }
    }
    found
}

/// Predicts each row by a fit from which it was held out.
fn unseen(rows: &[Measured], measure: Measure, hold_out: HoldOut) -> Vec<(f64, Reach)> {
    let (points, scheme) = (points(rows, measure), scheme(measure));
    let mut by_set: BTreeMap<[String; 2], Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        by_set.entry(held_with(row, hold_out)).or_default().push(at);
    }
    let mut found = vec![(0.0, Reach::NewBoth); rows.len()];
    for (set, held) in &by_set {
        // A row that shares either with those held out is as little seen as they are.
        let is_held = |row: &Measured| {
            let own = held_with(row, hold_out);
            own.iter().zip(set).any(|(own, held)| own == held)
        };
        let left = points.iter().zip(rows).filter(|(_, row)| !is_held(row));
        let left: Vec<(&Point, &Measured)> = left.collect();
        let fitted = left.iter().filter(|(_, row)| row.is_fitted(measure));
        let fitted: Vec<&Point> = fitted.map(|(point, _)| *point).collect();
        let logs = Corrections::new(&fit::fit(&fitted, &scheme), scheme.expected.len());
        let seen = Seen::count(left.iter().map(|(_, row)| (&row.groups, row.fold)));
        for at in held {
            let point = &points[*at];
            found[*at] = (logs.time(point), seen.reach(&point.groups, Fit::All));
        }
    }
    found
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
    for (held, spreads) in held(rows).iter().zip(&mut spreads) {
        let stated: Vec<Stated<'_>> = held.iter().map(Held::stated).collect();
        scores.extend(held.iter().filter_map(|held| held.score(&stated)));
        spreads.extend(stated.iter().flat_map(Stated::spreads));
    }
    let [step_spreads, first_spreads] = spreads;
    ServingFacts {
        source: source.to_owned(),
        fitted_on: today.to_owned(),
        rows: rows.len(),
        digest: digest(rows),
        points: rows.iter().map(|row| row.point.clone()).collect(),
        loads: axes(&rows.iter().map(|row| row.load).collect::<Vec<_>>()),
        scores,
        step_spreads,
        first_spreads,
        seen: Seen::count(rows.iter().map(|row| (&row.groups, row.fold))),
        step: table(rows, Measure::Step),
        first: table(rows, Measure::First),
    }
}

/// Holds rows out in each way: the residuals of steps, and of first tokens.
fn held(rows: &[Measured]) -> [Vec<Held<'_>>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    for (hold_out, reach) in HELD {
        let both = residuals(rows, hold_out).into_iter();
        let both = both.zip([Measure::Step, Measure::First]);
        for (into, (residuals, measure)) in found.iter_mut().zip(both) {
            into.push(Held {
                rows,
                residuals,
                hold_out,
                measure,
                reach,
            });
        }
    }
    found
}

/// Says which reach each way of holding out stands for.
const HELD: [(HoldOut, Reach); 6] = [
    (HoldOut::Points, Reach::Known),
    (HoldOut::Degrees, Reach::NewDegrees),
    (HoldOut::Combinations, Reach::NewCombination),
    (HoldOut::Systems, Reach::NewSystem),
    (HoldOut::Families, Reach::NewFamily),
    (HoldOut::Both, Reach::NewBoth),
];

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
