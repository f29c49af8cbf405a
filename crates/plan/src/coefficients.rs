//! Fitted corrections: for each part of a time and each group a number whose exponential scales
//! the part. It must not know how they were fitted.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::groups::{Groups, Level};

/// How often the rows are fitted: once with all, and once without each fold.
pub const FITS: usize = 6;
/// The folds that are held out in turn.
pub const FOLDS: u64 = (FITS - 1) as u64;
/// The name of the correction that scales all parts alike.
pub const WHOLE: &str = "whole";

/// Holds one number for each fit.
pub type Numbers = Vec<f64>;
/// Holds corrections as a file does: by part, level and group.
pub type Table = BTreeMap<String, BTreeMap<String, BTreeMap<String, Numbers>>>;

/// Holds the corrections of one measure, ready for use.
#[derive(Clone, Debug)]
pub struct Coefficients {
    parts: usize,
    /// By level, then group: the parts that are corrected there, the whole as the last.
    levels: Vec<HashMap<String, Vec<(usize, Numbers)>>>,
}

/// Says which fit a prediction comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fit {
    /// That over all rows.
    All,
    /// That without one fold.
    Without(usize),
}

impl Fit {
    const fn place(self) -> usize {
        match self {
            Self::All => 0,
            Self::Without(fold) => fold + 1,
        }
    }
}

impl Coefficients {
    /// Makes them ready for use; parts and levels that are not known are left out.
    #[must_use]
    pub fn new(parts: &[&str], table: &Table) -> Self {
        let mut levels = vec![HashMap::<String, Vec<_>>::new(); Level::ALL.len()];
        for (part, by_level) in table {
            let place = parts.iter().position(|one| one == part);
            let is_whole = part == WHOLE;
            let Some(place) = place.or(is_whole.then_some(parts.len())) else {
                continue;
            };
            for (at, level) in Level::ALL.iter().enumerate() {
                for (group, numbers) in by_level.get(level.name()).into_iter().flatten() {
                    let row = levels[at].entry(group.clone()).or_default();
                    row.push((place, numbers.clone()));
                }
            }
        }
        Self {
            parts: parts.len(),
            levels,
        }
    }

    /// Tells the corrections that all deployments of a group of one level have in common, in the
    /// order of the parts.
    #[must_use]
    pub fn common(&self, level: Level, group: &str) -> Vec<f64> {
        let mut logs = vec![0.0; self.parts];
        for (at, group) in [(Level::All, ""), (level, group)] {
            let place = Level::ALL.iter().position(|one| *one == at);
            let rows = place.and_then(|place| self.levels[place].get(group));
            for (part, numbers) in rows.into_iter().flatten() {
                if let Some(log) = logs.get_mut(*part) {
                    *log += numbers.first().copied().unwrap_or_default();
                }
            }
        }
        logs
    }

    /// Tells by how much each part is scaled in its groups, and as the last, their sum.
    #[must_use]
    pub fn scales(&self, groups: &Groups, fit: Fit) -> Vec<f64> {
        let mut logs = vec![0.0; self.parts + 1];
        for (rows, group) in self.levels.iter().zip(groups) {
            for (place, numbers) in rows.get(group).into_iter().flatten() {
                logs[*place] += numbers.get(fit.place()).copied().unwrap_or_default();
            }
        }
        logs.iter().map(|log| log.exp()).collect()
    }
}
