//! The normal distribution. It must not know what is bounded by it.

use statrs::distribution::{ContinuousCDF, Normal};

/// Finds the quantile of the standard normal distribution.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    // The standard normal always exists; infinity bounds nothing, which closes.
    Normal::new(0.0, 1.0).map_or(f64::INFINITY, |normal| normal.inverse_cdf(probability))
}

/// Computes how often a standard normal value is above `z`.
pub(crate) fn normal_tail(z: f64) -> f64 {
    // The standard normal always exists; 1 is the p-value that rejects nothing, which closes.
    Normal::new(0.0, 1.0).map_or(1.0, |normal| normal.sf(z))
}
