//! Fits corrections of parts to measured times: robust least squares on log error with a penalty on
//! each correction, so that a group with few rows stays near the group above it. It must not know
//! what the parts are.

use std::collections::HashMap;

use crate::groups::{Groups, Level};
use crate::least_squares::Rows;

/// Holds one measured time and what it is made of.
#[derive(Clone, Debug)]
pub struct Point {
    /// The parts, before correction.
    pub parts: Vec<f64>,
    /// Its groups.
    pub groups: Groups,
    /// The measured time.
    pub observed: f64,
    /// What it counts: a measurement published three times counts a third each time.
    pub weight: f64,
}

/// Says what is corrected at which level and how strongly each correction is held back.
#[derive(Clone, Debug)]
pub struct Scheme {
    /// The corrections expected of each part before any row is seen, and how firmly.
    pub expected: Vec<(f64, f64)>,
    /// The levels at which a part is corrected, with their penalties.
    pub parts: Vec<(Level, f64)>,
    /// The levels at which the whole is, with theirs.
    pub whole: Vec<(Level, f64)>,
    /// The log error beyond which a row is taken for odd.
    pub scale: f64,
}

/// Holds fitted corrections: by part (the whole last), level and group.
pub type Fitted = Vec<((usize, Level, String), f64)>;

/// The weight of a row falls with its error as under Student's distribution of this many degrees.
const DEGREES: f64 = 4.0;
/// Most steps of a fit.
const STEPS: usize = 30;
/// A step that betters the sum by less than this share is the last.
const ENOUGH: f64 = 1e-4;
/// Most change of one correction in a step.
const MOST_CHANGE: f64 = 1.5;

struct Problem<'p> {
    points: &'p [&'p Point],
    scheme: &'p Scheme,
    names: Vec<(usize, Level, String)>,
    penalties: Vec<f64>,
    expected: Vec<f64>,
    /// For each point the parts that are corrected, and by which corrections.
    parts: Vec<Vec<usize>>,
    columns: Vec<Vec<usize>>,
}

/// Fits.
#[must_use]
pub fn fit(points: &[&Point], scheme: &Scheme) -> Fitted {
    let problem = Problem::new(points, scheme);
    let mut values = problem.expected.clone();
    let mut cost = problem.cost(&values);
    let mut damping = 0.3;
    for _ in 0..STEPS {
        let (rows, slope) = problem.rows(&values);
        let before = cost;
        for _ in 0..6 {
            let moved = moved(&rows, &slope, &values, damping);
            let reached = problem.cost(&moved);
            if reached < cost {
                (values, cost) = (moved, reached);
                damping = f64::max(damping / 5.0, 1e-4);
                break;
            }
            damping *= 6.0;
        }
        if before - cost < ENOUGH * before.abs() {
            break;
        }
    }
    problem.names.into_iter().zip(values).collect()
}

impl<'p> Problem<'p> {
    fn new(points: &'p [&'p Point], scheme: &'p Scheme) -> Self {
        let mut problem = Self {
            points,
            scheme,
            names: Vec::new(),
            penalties: Vec::new(),
            expected: Vec::new(),
            parts: vec![Vec::new(); points.len()],
            columns: vec![Vec::new(); points.len()],
        };
        let parts = scheme.expected.len();
        for part in 0..parts {
            for (level, penalty) in &scheme.parts {
                problem.place(part, *level, *penalty);
            }
        }
        for (level, penalty) in &scheme.whole {
            problem.place(parts, *level, *penalty);
        }
        problem
    }

    fn place(&mut self, part: usize, level: Level, penalty: f64) {
        let mut known: HashMap<&'p str, usize> = HashMap::new();
        let points = self.points;
        for (at, point) in points.iter().enumerate() {
            let group = crate::groups::at(&point.groups, level);
            let next = self.names.len();
            let which = *known.entry(group).or_insert(next);
            if which == next {
                self.names.push((part, level, group.to_owned()));
                let first = self
                    .scheme
                    .expected
                    .get(part)
                    .filter(|_| level == Level::All);
                let (expected, firmness) = first.copied().unwrap_or((0.0, penalty));
                self.expected.push(expected);
                self.penalties.push(firmness);
            }
            self.parts[at].push(part);
            self.columns[at].push(which);
        }
    }

    /// Tells the log of a point's time and the share of each part in it.
    fn predicted(&self, at: usize, values: &[f64], shares: &mut Vec<f64>) -> f64 {
        let parts = self.scheme.expected.len();
        let mut logs = vec![0.0; parts + 1];
        for (part, which) in self.parts[at].iter().zip(&self.columns[at]) {
            logs[*part] += values[*which];
        }
        shares.clear();
        let own = self.points[at].parts.iter().zip(&logs);
        shares.extend(own.map(|(part, log)| part * log.clamp(-12.0, 12.0).exp()));
        let sum: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= sum);
        shares.push(1.0);
        sum.ln() + logs[parts]
    }

    fn cost(&self, values: &[f64]) -> f64 {
        let mut shares = Vec::new();
        let mut cost = 0.0;
        for (at, point) in self.points.iter().enumerate() {
            let error = point.observed.ln() - self.predicted(at, values, &mut shares);
            let odd = (error / self.scheme.scale).powi(2) / DEGREES;
            cost += point.weight * (DEGREES + 1.0) / 2.0 * odd.ln_1p();
        }
        let held = self.penalties.iter().zip(values.iter().zip(&self.expected));
        let held = held.map(|(penalty, (value, expected))| penalty * (value - expected).powi(2));
        cost + held.sum::<f64>() / 2.0
    }

    /// Lays out the step from some values: its rows, and the slope of the cost.
    fn rows(&self, values: &[f64]) -> (Rows<'_>, Vec<f64>) {
        let held = values.iter().zip(&self.expected).zip(&self.penalties);
        let mut slope: Vec<f64> = held.map(|((one, two), by)| by * (two - one)).collect();
        let mut rows = Rows {
            columns: &self.columns,
            entries: Vec::with_capacity(self.points.len()),
            weights: Vec::with_capacity(self.points.len()),
            penalties: &self.penalties,
        };
        let mut shares = Vec::new();
        let scale = self.scheme.scale;
        for (at, point) in self.points.iter().enumerate() {
            let error = point.observed.ln() - self.predicted(at, values, &mut shares);
            let counts = (DEGREES + 1.0) / (DEGREES + (error / scale).powi(2));
            let weight = point.weight * counts / (scale * scale);
            let entries: Vec<f64> = self.parts[at].iter().map(|part| shares[*part]).collect();
            for (column, entry) in self.columns[at].iter().zip(&entries) {
                slope[*column] += weight * entry * error;
            }
            rows.entries.push(entries);
            rows.weights.push(weight);
        }
        (rows, slope)
    }
}

fn moved(rows: &Rows<'_>, slope: &[f64], values: &[f64], damping: f64) -> Vec<f64> {
    let diagonal = rows.diagonal();
    let added: Vec<f64> = diagonal.iter().map(|one| one * damping).collect();
    let step = rows.solve(slope, &added, &diagonal);
    let clipped = step.iter().map(|one| one.clamp(-MOST_CHANGE, MOST_CHANGE));
    values
        .iter()
        .zip(clipped)
        .map(|(value, step)| value + step)
        .collect()
}
