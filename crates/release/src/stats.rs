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

/// Splits alpha over attempts: the bar rises with each one. The sum over attempts is not bounded
/// (harmonic), so a candidate on the very threshold gains a little by each of many reruns.
#[must_use]
pub fn alpha_of_attempt(alpha: f64, attempts: u32) -> f64 {
    alpha / f64::from(attempts.max(1))
}

#[cfg(test)]
mod tests;
