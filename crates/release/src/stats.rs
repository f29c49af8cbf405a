//! Intervals and tests, each traced to published figures: of a fixed number of observations here,
//! of any number looked at any time in `sequential`. It must not know a gate or what the
//! observations are of.

mod chi_square;
mod clustered;
mod multiple;
mod normal;
mod paired;
mod power;
mod proportion;
mod roots;
mod score_difference;
pub mod sequential;
mod unpaired;

pub use chi_square::{ChiSquare, RatioTest, mcnemar, mcnemar_corrected, sample_ratio};
pub use clustered::{Clustered, clustered_mean};
pub use multiple::{benjamini_hochberg, benjamini_hochberg_adjusted, bonferroni, holm};
pub use normal::normal_quantile;
pub(crate) use normal::normal_tail;
pub use paired::mcnemar_exact;
pub use power::{ErrorRates, ItemVariance, Resampling, detectable_effect, items_needed, power};
pub use proportion::{
    Interval, clopper_pearson, clopper_pearson_upper, newcombe_difference, wilson, wilson_lower,
};
pub(crate) use roots::{crossing, doubled};
pub use score_difference::{ScoreTest, score_difference, score_noninferior};
pub use unpaired::{Difference, correlation, unpaired_difference};

/// The fewest clusters that anything is concluded from.
pub(crate) const FEWEST_CLUSTERS: usize = 30;

/// Tells the share of alpha that the `attempts`-th attempt may spend, `alpha / (k (k + 1))`: the
/// shares of all attempts sum to alpha, so that running again until it passes gains nothing.
#[must_use]
pub fn alpha_of_attempt(alpha: f64, attempts: u32) -> f64 {
    let attempt = f64::from(attempts.max(1));
    alpha / (attempt * (attempt + 1.0))
}

#[cfg(test)]
mod tests;
