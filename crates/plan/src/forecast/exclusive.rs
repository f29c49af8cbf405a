//! Outcomes of which at most one can come: their probabilities sum to at most one. What says more
//! is found, and repaired together with the order of the days. It must not hide a repair.

use serde::Serialize;

use super::families::{Family, Repaired};

/// How far a sum may lie above one by the rounding of its terms.
const ROUNDING: f64 = 1e-9;
/// Halvings of the interval that holds the multiplier: as many as a double has digits, and some.
const HALVINGS: usize = 128;

/// Shows outcomes that exclude each other and are together more than certain.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[error(
    "{} exclude each other and sum to {sum:.4}, above 1 (lines {})",
    listed(of.iter().map(|one| format!("`{}`", one.event))),
    listed(of.iter().map(|one| one.line.to_string()))
)]
pub struct Excess {
    /// The last probability of each.
    pub of: Vec<Term>,
    /// Their sum.
    pub sum: f64,
}

/// Holds one outcome's last probability.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    /// The outcome.
    pub event: String,
    /// The probability by its last day.
    pub probability: f64,
    /// The line that says so.
    pub line: usize,
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// Finds whether outcomes that exclude each other are together more than certain. By any day the
/// sum is at most that by the last days, since no family falls.
#[must_use]
pub fn excess(families: &[Family]) -> Option<Excess> {
    let sum = sum_of(families.iter());
    let term = |family: &Family| Term {
        event: family.event().to_owned(),
        probability: family.last(),
        line: family.points().last().map_or(0, |one| one.line),
    };
    (sum > 1.0 + ROUNDING).then(|| Excess {
        of: families.iter().map(term).collect(),
        sum,
    })
}

/// Finds the nearest families that are coherent, each for itself and together: the weighted sum of
/// squared changes is least. The constraint on the sum has a multiplier that lowers the last rows;
/// for each value of it the families are independent isotonic regressions, and the sum falls as it
/// grows, so that halving finds it.
#[must_use]
pub fn repaired(families: &[Family]) -> Vec<Repaired> {
    let under = |pull: f64| -> Vec<Repaired> {
        let each = families.iter().map(|one| one.repaired_under(pull));
        each.collect()
    };
    let is_enough = |repaired: &[Repaired]| sum_of(repaired.iter().map(|one| &one.family)) <= 1.0;
    let free = under(0.0);
    if excess(
        &free
            .iter()
            .map(|one| one.family.clone())
            .collect::<Vec<_>>(),
    )
    .is_none()
    {
        return free;
    }
    let weights = families.iter().flat_map(Family::points);
    // A pull of twice all weights brings every last row to 0 or below, whatever it is pooled with.
    let mut most = 2.0 * weights.map(|one| one.weight).sum::<f64>();
    let mut least = 0.0;
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(least, most);
        if is_enough(&under(middle)) {
            most = middle;
        } else {
            least = middle;
        }
    }
    under(most)
}

fn sum_of<'f>(families: impl Iterator<Item = &'f Family>) -> f64 {
    families.map(Family::last).sum()
}

#[cfg(test)]
mod tests;
