//! Log errors of rows that their fit had not seen: the spreads that they state, and how well those
//! hold for rows that neither the fit nor the spreads had seen. It must not fit.

use std::collections::{BTreeMap, BTreeSet};

use super::measured::{HoldOut, Measure, Measured, Residual, held_with};
use crate::groups::{Level, at};
use crate::intervals::{
    COVERAGE, ENOUGH_ROWS, Reach, Spread, TAIL, few, least_error, near, nearest, spread,
};
use crate::serving::Score;

/// By how much tails are narrowed in search of enough coverage, and below what they are not.
const NARROWER: f64 = 0.005;
const LEAST_TAIL: f64 = 0.02;

/// Holds the residuals of one way of holding out.
pub struct Held<'r> {
    /// All rows.
    pub rows: &'r [Measured],
    /// Their residuals.
    pub residuals: Vec<Residual>,
    /// How they were held out.
    pub hold_out: HoldOut,
    /// What was measured.
    pub measure: Measure,
    /// Which reach of a prediction that stands for.
    pub reach: Reach,
}

/// Holds residuals with how their spreads are stated.
pub struct Stated<'h> {
    held: &'h Held<'h>,
    tail: f64,
    is_shifted: bool,
}

/// Holds how a held-out row was predicted.
struct Scored {
    error: f64,
    is_covered: bool,
    half_width: f64,
}

impl Held<'_> {
    /// Chooses how spreads are stated, by rows of sets that were left out of them: predictions are
    /// shifted where that lowers the mean error, and the tails of what was never measured are
    /// narrowed until four fifths of it are covered. What was measured is like the rows that its
    /// spreads come from, and needs no more than the tails themselves.
    #[must_use]
    pub fn stated(&self) -> Stated<'_> {
        let stated = |tail, is_shifted| Stated {
            held: self,
            tail,
            is_shifted,
        };
        let error = |is_shifted| {
            let scored = self.scored(&[stated(TAIL, is_shifted)]);
            mean(&scored, |one| one.error)
        };
        let is_shifted = error(true) < error(false);
        if self.reach == Reach::Known {
            return stated(TAIL, is_shifted);
        }
        let steps = ((TAIL - LEAST_TAIL) / NARROWER).round() as u32;
        let narrowed = |step: u32| stated(TAIL - f64::from(step) * NARROWER, is_shifted);
        let covers = |step: &u32| {
            let scored = self.scored(&[narrowed(*step)]);
            scored.is_empty() || mean(&scored, covered) >= COVERAGE
        };
        narrowed((0..steps).find(covers).unwrap_or(steps))
    }

    /// Scores each row by spreads of sets that it shares nothing with, those of its own reach; none
    /// where there are too few of those.
    #[must_use]
    pub fn score(&self, by: &[Stated<'_>]) -> Option<Score> {
        let scored = self.scored(by);
        let round = |value: f64| (value * 1e4).round() / 1e4;
        Some(Score {
            measure: format!("{:?}", self.measure).to_lowercase(),
            held_out: format!("{:?}", self.hold_out).to_lowercase(),
            mean: round(mean(&scored, |one| one.error)),
            median: round(median(&scored, |one| one.error)?),
            covered: round(mean(&scored, covered)),
            half_width: round(median(&scored, |one| one.half_width)?),
        })
    }

    fn scored(&self, by: &[Stated<'_>]) -> Vec<Scored> {
        let set_of = |one: &Residual| held_with(&self.rows[one.row], self.hold_out);
        let sets: BTreeSet<[String; 2]> = self.residuals.iter().map(set_of).collect();
        let mut found = Vec::with_capacity(self.residuals.len());
        for set in &sets {
            let shares_none = |row: &Measured| {
                let own = held_with(row, self.hold_out);
                own.iter().zip(set).all(|(own, left)| own != left)
            };
            let spreads = by.iter().flat_map(|one| one.spreads_of(shares_none));
            let spreads: Vec<Spread> = spreads.collect();
            for residual in self.residuals.iter().filter(|one| set_of(one) == *set) {
                let groups = &self.rows[residual.row].groups;
                if let Some(spread) = near(groups, residual.reach, &spreads) {
                    found.push(scored(spread, residual.log));
                }
            }
        }
        found
    }
}

impl Stated<'_> {
    /// States the spreads of all rows.
    #[must_use]
    pub fn spreads(&self) -> Vec<Spread> {
        self.spreads_of(|_| true)
    }

    /// States the spreads of the rows that count, of those for which the fit reached as far as the
    /// way of holding out stands for.
    fn spreads_of(&self, counts: impl Fn(&Measured) -> bool) -> Vec<Spread> {
        let Held {
            rows,
            residuals,
            reach,
            ..
        } = self.held;
        let mut logs: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let mut by_combination: BTreeMap<&str, Vec<&Residual>> = BTreeMap::new();
        let counted = |one: &&Residual| one.reach == *reach && counts(&rows[one.row]);
        for residual in residuals.iter().filter(counted) {
            let groups = &rows[residual.row].groups;
            let few = few(groups);
            let near = nearest(groups, *reach).into_iter();
            for group in near.filter(|one| *one != few) {
                logs.entry(group).or_default().push(residual.log);
            }
            let combination = at(groups, Level::Combination);
            by_combination
                .entry(combination)
                .or_default()
                .push(residual);
        }
        let is_rare = |own: &Vec<&Residual>| own.len() < ENOUGH_ROWS;
        for residual in by_combination.into_values().filter(is_rare).flatten() {
            let few = few(&rows[residual.row].groups);
            logs.entry(few).or_default().push(residual.log);
        }
        let stated = logs.into_iter().filter_map(|(group, logs)| {
            let shift = if self.is_shifted {
                least_error(&logs)
            } else {
                0.0
            };
            let found = spread(*reach, group, logs, self.tail)?;
            Some(Spread { shift, ..found })
        });
        stated.map(rounded).collect()
    }
}

fn rounded(spread: Spread) -> Spread {
    let round = |value: f64| (value * 1e3).round() / 1e3;
    Spread {
        low: round(spread.low),
        high: round(spread.high),
        ..spread
    }
}

fn scored(spread: &Spread, log: f64) -> Scored {
    Scored {
        error: ((spread.shift - log).exp() - 1.0).abs(),
        is_covered: (spread.low..=spread.high).contains(&log),
        half_width: (spread.high.exp() - spread.low.exp()) / 2.0 / spread.shift.exp(),
    }
}

fn covered(one: &Scored) -> f64 {
    f64::from(u8::from(one.is_covered))
}

fn mean(of: &[Scored], value: impl Fn(&Scored) -> f64) -> f64 {
    of.iter().map(value).sum::<f64>() / of.len() as f64
}

fn median(of: &[Scored], value: impl Fn(&Scored) -> f64) -> Option<f64> {
    let mut values: Vec<f64> = of.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests;
