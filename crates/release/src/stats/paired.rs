//! The exact test of paired outcomes. Source: McNemar 1947. It must not know what is tested.

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
