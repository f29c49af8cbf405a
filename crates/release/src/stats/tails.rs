//! The upper tails that p-values are read from. They must not know a statistic.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

/// Computes how often a standard normal value is above `z`.
pub(super) fn normal_tail(z: f64) -> f64 {
    // The standard normal always exists; 1 is the p-value that rejects nothing, which closes.
    Normal::new(0.0, 1.0).map_or(1.0, |normal| normal.sf(z))
}

/// Computes how often a χ² value of these degrees of freedom is above `statistic`.
pub(super) fn chi_square_tail(statistic: f64, freedom: usize) -> f64 {
    if statistic.is_infinite() {
        return 0.0;
    }
    // No distribution means no conclusion: the p-value that rejects nothing, which closes.
    ChiSquared::new(freedom as f64).map_or(1.0, |squares| squares.sf(statistic))
}
