//! Tests on the χ² distribution: of discordant pairs, and of how traffic fell to its arms.
//! Sources: McNemar 1947, Edwards 1948 for the correction, Pearson 1900. It must not know what is
//! counted.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Holds a χ² test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquare {
    /// The statistic.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub freedom: usize,
    /// The p-value.
    pub p: f64,
}

/// Holds a test of how observations fell to arms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioTest {
    /// The test; a small p-value says that the split is not the planned one.
    pub test: ChiSquare,
    /// The fewest observations that the plan expects of an arm: under 5 the p-value is rough.
    pub fewest_expected: f64,
}

/// Computes McNemar's χ² from the two counts of discordant pairs. Without any, it rejects
/// nothing.
#[must_use]
pub fn mcnemar(only_first: u64, only_second: u64) -> ChiSquare {
    mcnemar_less(only_first, only_second, 0.0)
}

/// Computes McNemar's χ² with the correction for continuity, as [`mcnemar`] otherwise. Where
/// pairs are few, [`mcnemar_exact`](super::mcnemar_exact) is the one to take.
#[must_use]
pub fn mcnemar_corrected(only_first: u64, only_second: u64) -> ChiSquare {
    mcnemar_less(only_first, only_second, 1.0)
}

fn mcnemar_less(only_first: u64, only_second: u64, correction: f64) -> ChiSquare {
    let discordant = only_first.saturating_add(only_second);
    // A correction never carries the difference past 0.
    let difference = (only_first.abs_diff(only_second) as f64 - correction).max(0.0);
    let statistic = if discordant == 0 {
        0.0
    } else {
        difference * difference / discordant as f64
    };
    chi_square(statistic, 1)
}

/// Tests whether observations fell to the arms in the planned ratio, each arm being `(observed,
/// weight)`. None where that cannot be asked: fewer than two arms with a weight, a weight that is
/// no number from 0, or nothing observed. What fell to an arm without weight cannot be chance.
#[must_use]
pub fn sample_ratio(arms: &[(u64, f64)]) -> Option<RatioTest> {
    let is_weight = |weight: f64| weight.is_finite() && weight >= 0.0;
    if !arms.iter().all(|(_, weight)| is_weight(*weight)) {
        return None;
    }
    let total: f64 = arms.iter().map(|(observed, _)| *observed as f64).sum();
    let weights: f64 = arms.iter().map(|(_, weight)| weight).sum();
    let open: Vec<(f64, f64)> = arms
        .iter()
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(observed, weight)| (*observed as f64, total * (weight / weights)))
        .collect();
    if open.len() < 2 || total <= 0.0 {
        return None;
    }
    let is_stray = arms.iter().any(|arm| arm.0 > 0 && arm.1 <= 0.0);
    let statistic = if is_stray {
        f64::INFINITY
    } else {
        let square = |(observed, expected): &(f64, f64)| (observed - expected).powi(2) / expected;
        open.iter().map(square).sum()
    };
    let expected = open.iter().map(|(_, expected)| *expected);
    Some(RatioTest {
        test: chi_square(statistic, open.len() - 1),
        fewest_expected: expected.fold(f64::INFINITY, f64::min),
    })
}

fn chi_square(statistic: f64, freedom: usize) -> ChiSquare {
    ChiSquare {
        statistic,
        freedom,
        p: tail(statistic, freedom),
    }
}

/// Computes how often a χ² value of these degrees of freedom is above `statistic`.
fn tail(statistic: f64, freedom: usize) -> f64 {
    if statistic.is_infinite() {
        return 0.0;
    }
    // No distribution means no conclusion: the p-value that rejects nothing, which closes.
    ChiSquared::new(freedom as f64).map_or(1.0, |squares| squares.sf(statistic))
}
