//! How often each group was measured, and how far a prediction reaches beyond that. It must not
//! know how to predict.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::coefficients::{FOLDS, Fit};
use crate::groups::{Groups, Level, at};
use crate::intervals::Reach;

/// The levels at which it is told.
const LEVELS: [Level; 4] = [
    Level::System,
    Level::Family,
    Level::Combination,
    Level::Degrees,
];

/// Holds how many rows of each fold lie in a group: by level and group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seen {
    counts: BTreeMap<String, BTreeMap<String, Vec<usize>>>,
}

impl Seen {
    /// Counts rows, each with its fold.
    #[must_use]
    pub fn count<'r>(rows: impl Iterator<Item = (&'r Groups, usize)>) -> Self {
        let mut seen = Self::default();
        for (groups, fold) in rows {
            for level in LEVELS {
                let by_group = seen.counts.entry(level.name().to_owned()).or_default();
                let of_group = by_group.entry(at(groups, level).to_owned());
                let folds = of_group.or_insert_with(|| vec![0; FOLDS as usize]);
                if let Some(count) = folds.get_mut(fold) {
                    *count += 1;
                }
            }
        }
        seen
    }

    /// Says how far a fit's prediction reaches: what was measured of a deployment's groups outside
    /// the fold that the fit has not seen.
    #[must_use]
    pub fn reach(&self, groups: &Groups, fit: Fit) -> Reach {
        let has = |level| self.has(level, at(groups, level), fit);
        match (has(Level::Family), has(Level::System)) {
            (false, false) => Reach::NewBoth,
            (false, true) => Reach::NewFamily,
            (true, false) => Reach::NewSystem,
            (true, true) if !has(Level::Combination) => Reach::NewCombination,
            (true, true) if !has(Level::Degrees) => Reach::NewDegrees,
            (true, true) => Reach::Known,
        }
    }

    /// Says whether an engine was measured.
    #[must_use]
    pub fn has_engine(&self, engine: &str) -> bool {
        let combinations = self.counts.get(Level::Combination.name());
        let mut names = combinations.into_iter().flat_map(BTreeMap::keys);
        names.any(|name| name.split(' ').next() == Some(engine))
    }

    fn has(&self, level: Level, group: &str, fit: Fit) -> bool {
        let by_group = self.counts.get(level.name());
        let Some(folds) = by_group.and_then(|groups| groups.get(group)) else {
            return false;
        };
        let mut folds = folds.iter().enumerate();
        folds.any(|(fold, count)| *count > 0 && fit != Fit::Without(fold))
    }
}

#[cfg(test)]
mod tests;
