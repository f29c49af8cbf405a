//! Stated intervals: between which factors of a prediction four fifths of measurements lay, by the
//! nearest group with enough rows that their fit had not seen. It must not know how to predict.

use serde::{Deserialize, Serialize};

use crate::groups::{Groups, Level, at};

/// The share of measurements that a stated interval should hold.
pub const COVERAGE: f64 = 0.8;
/// The share that it leaves on either side of the rows that it comes from.
pub const TAIL: f64 = (1.0 - COVERAGE) / 2.0;
/// Rows from which a group states an interval of its own.
pub const ENOUGH_ROWS: usize = 30;

/// Says how far a prediction reaches beyond what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Other points of this combination of engine, accelerator and model were measured, with these
    /// degrees of parallelism.
    Known,
    /// Its combination was, with other degrees.
    NewDegrees,
    /// Its accelerator and its model were, not together.
    NewCombination,
    /// Its accelerator was not.
    NewSystem,
    /// Its model was not.
    NewFamily,
    /// Neither was.
    NewBoth,
}

impl Reach {
    /// Says what was measured near by, in words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Known => "measured",
            Self::NewDegrees => "new degrees of parallelism",
            Self::NewCombination => "new combination",
            Self::NewSystem => "new accelerator",
            Self::NewFamily => "new model family",
            Self::NewBoth => "new model and accelerator",
        }
    }
}

/// Holds the spread of measurements around predictions in one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// How far the predictions reached.
    pub reach: Reach,
    /// The group, by the narrowest level that had enough rows; `together` and `apart` for all of
    /// one way of serving.
    pub group: String,
    /// Log of measured over predicted below which a tenth lay, or less where the rows stand for
    /// what was never measured.
    pub low: f64,
    /// The same, above.
    pub high: f64,
    /// What is added to the log of a prediction so that its mean relative error is least.
    pub shift: f64,
    /// How many rows it rests on.
    pub rows: usize,
}

/// Names the groups whose spread may stand for a deployment's, the nearest first.
#[must_use]
pub fn nearest(groups: &Groups, reach: Reach) -> Vec<String> {
    let is_apart = at(groups, Level::Layout).starts_with("apart");
    let mode = if is_apart { "apart" } else { "together" };
    let mode = mode.to_owned();
    if reach != Reach::Known {
        return vec![mode];
    }
    let narrow = [Level::CombinationLayout, Level::Combination];
    let narrow = narrow.map(|level| at(groups, level).to_owned());
    let few = few(groups);
    narrow.into_iter().chain([few, mode]).collect()
}

/// Finds the nearest spread that stands for a deployment, if there is any.
#[must_use]
pub fn near<'s>(groups: &Groups, reach: Reach, spreads: &'s [Spread]) -> Option<&'s Spread> {
    let of_group = |group: &String| {
        let is_it = |one: &&Spread| one.reach == reach && one.group == *group;
        spreads.iter().find(is_it)
    };
    nearest(groups, reach).iter().find_map(of_group)
}

/// Names the group of those whose own combination has too few rows: what is rarely measured is
/// known less well than what is measured often.
#[must_use]
pub fn few(groups: &Groups) -> String {
    let is_apart = at(groups, Level::Layout).starts_with("apart");
    if is_apart {
        "few apart"
    } else {
        "few together"
    }
    .to_owned()
}

/// Works out the spread of some log residuals with so large a share on either side; none where
/// there are too few. Nothing is shifted.
#[must_use]
pub fn spread(reach: Reach, group: String, mut logs: Vec<f64>, tail: f64) -> Option<Spread> {
    if logs.len() < ENOUGH_ROWS {
        return None;
    }
    logs.sort_by(f64::total_cmp);
    let rows = logs.len();
    // Conformal ranks: the next measurement is one more among the rows.
    let low = (tail * (rows as f64 + 1.0)).floor().max(1.0) as usize - 1;
    Some(Spread {
        reach,
        group,
        low: logs[low],
        high: logs[rows - 1 - low],
        shift: 0.0,
        rows,
    })
}

/// Finds the shift at which `|predicted / measured − 1|` is least on average.
#[must_use]
pub fn least_error(logs: &[f64]) -> f64 {
    let cost = |shift: f64| {
        logs.iter()
            .map(|log| ((shift - log).exp() - 1.0).abs())
            .sum::<f64>()
    };
    let steps = (-50..=50).map(|step| f64::from(step) / 50.0);
    let best = steps.min_by(|one, two| cost(*one).total_cmp(&cost(*two)));
    best.unwrap_or_default()
}

#[cfg(test)]
mod tests;
