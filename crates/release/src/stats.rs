//! Intervals and tests of a fixed number of observations, each traced to published figures. It
//! must not know a gate or what the observations are of.

mod clustered;
mod normal;
mod paired;
mod proportion;

pub use clustered::{Clustered, clustered_mean};
pub use normal::normal_quantile;
pub use paired::{holm, mcnemar_exact};
pub use proportion::{
    Interval, clopper_pearson, clopper_pearson_upper, newcombe_difference, wilson, wilson_lower,
};

/// Tells the share of alpha that the `attempts`-th attempt may spend, `alpha / (k (k + 1))`: the
/// shares of all attempts sum to alpha, so that running again until it passes gains nothing.
#[must_use]
pub fn alpha_of_attempt(alpha: f64, attempts: u32) -> f64 {
    let attempt = f64::from(attempts.max(1));
    alpha / (attempt * (attempt + 1.0))
}

#[cfg(test)]
mod tests;
