//! Intervals and tests of a fixed number of observations, each traced to published figures. It
//! must not know a gate or what the observations are of.

mod clustered;
mod proportion;

pub use clustered::{Clustered, clustered_mean};
pub use proportion::{
    Interval, clopper_pearson, clopper_pearson_upper, newcombe_difference, wilson, wilson_lower,
};

use statrs::distribution::{ContinuousCDF, Normal};

/// Finds the quantile of the standard normal distribution.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    // The standard normal always exists; infinity bounds nothing, which closes.
    Normal::new(0.0, 1.0).map_or(f64::INFINITY, |normal| normal.inverse_cdf(probability))
}

/// Splits alpha evenly over attempts, so that repeating a run until it passes gains nothing.
#[must_use]
pub fn alpha_of_attempt(alpha: f64, attempts: u32) -> f64 {
    alpha / f64::from(attempts.max(1))
}

#[cfg(test)]
mod tests;
