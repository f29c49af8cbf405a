//! Tests of paired outcomes, and of several tests at once. Sources: McNemar 1947, Holm 1979. It
//! must not know what is tested.

use statrs::distribution::{Binomial, DiscreteCDF};

/// Computes McNemar's exact two-sided p-value from the two counts of discordant pairs.
#[must_use]
pub fn mcnemar_exact(only_first: u64, only_second: u64) -> f64 {
    let discordant = only_first.saturating_add(only_second);
    // No distribution means no conclusion: the p-value that rejects nothing.
    Binomial::new(0.5, discordant).map_or(1.0, |pairs| {
        (2.0 * pairs.cdf(only_first.min(only_second))).min(1.0)
    })
}

/// Tells for each p-value, in the order given, whether Holm's procedure rejects it while keeping
/// the error rate of the whole family at `alpha`. What is not a number is never rejected.
#[must_use]
pub fn holm(p_values: &[f64], alpha: f64) -> Vec<bool> {
    let mut ranked: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    ranked.sort_by(|one, other| one.1.total_cmp(&other.1));
    let rejected: Vec<usize> = (1..=ranked.len())
        .rev()
        .zip(ranked)
        .take_while(|(left, (_, p))| *p <= alpha / *left as f64)
        .map(|(_, (place, _))| place)
        .collect();
    let mut verdicts = vec![false; p_values.len()];
    for place in rejected {
        if let Some(verdict) = verdicts.get_mut(place) {
            *verdict = true;
        }
    }
    verdicts
}
