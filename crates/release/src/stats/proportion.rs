//! Intervals of proportions and of their differences. Sources: Wilson 1927, Clopper and Pearson
//! 1934, Newcombe 1998 (method 10). It must not know what is counted.

use statrs::distribution::{Beta, ContinuousCDF};

use super::normal::normal_quantile;

/// Holds an interval's ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl Interval {
    /// Tells whether a value lies outside; what is not a number lies nowhere.
    pub(crate) fn excludes(&self, value: f64) -> bool {
        value < self.lower || value > self.upper
    }
}

/// Computes Wilson's two-sided score interval of `hits` in `count` at level `1 − alpha`.
#[must_use]
pub fn wilson(hits: f64, count: f64, alpha: f64) -> Interval {
    wilson_at(hits, count, normal_quantile(1.0 - alpha / 2.0))
}

/// Computes Wilson's one-sided lower bound at level `1 − alpha`.
#[must_use]
pub fn wilson_lower(hits: f64, count: f64, alpha: f64) -> f64 {
    wilson_at(hits, count, normal_quantile(1.0 - alpha)).lower
}

fn wilson_at(hits: f64, count: f64, z: f64) -> Interval {
    if count <= 0.0 {
        return Interval {
            lower: 0.0,
            upper: 1.0,
        };
    }
    let share = hits / count;
    let scale = 1.0 + z * z / count;
    let centre = (share + z * z / (2.0 * count)) / scale;
    let spread = (share * (1.0 - share) / count + z * z / (4.0 * count * count)).max(0.0);
    let half = z / scale * spread.sqrt();
    Interval {
        lower: (centre - half).max(0.0),
        upper: (centre + half).min(1.0),
    }
}

/// Computes the exact two-sided interval of Clopper and Pearson at level `1 − alpha`.
#[must_use]
pub fn clopper_pearson(hits: u64, count: u64, alpha: f64) -> Interval {
    Interval {
        lower: exact_lower(hits, count, alpha / 2.0),
        upper: clopper_pearson_upper(hits, count, alpha / 2.0),
    }
}

/// Computes the exact one-sided upper bound at level `1 − alpha`.
#[must_use]
pub fn clopper_pearson_upper(hits: u64, count: u64, alpha: f64) -> f64 {
    if hits >= count {
        return 1.0;
    }
    beta_quantile(1.0 - alpha, hits as f64 + 1.0, (count - hits) as f64).unwrap_or(1.0)
}

fn exact_lower(hits: u64, count: u64, alpha: f64) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    let misses = count.saturating_sub(hits) as f64;
    beta_quantile(alpha, hits as f64, misses + 1.0).unwrap_or(0.0)
}

fn beta_quantile(probability: f64, a: f64, b: f64) -> Option<f64> {
    Beta::new(a, b)
        .ok()
        .map(|beta| beta.inverse_cdf(probability))
}

/// Computes Newcombe's hybrid score interval of `first − second`, each `(hits, count)`.
#[must_use]
pub fn newcombe_difference(first: (f64, f64), second: (f64, f64), alpha: f64) -> Interval {
    let (one, two) = (
        wilson(first.0, first.1, alpha),
        wilson(second.0, second.1, alpha),
    );
    let (p1, p2) = (first.0 / first.1, second.0 / second.1);
    let difference = p1 - p2;
    Interval {
        lower: difference - ((p1 - one.lower).powi(2) + (two.upper - p2).powi(2)).sqrt(),
        upper: difference + ((one.upper - p1).powi(2) + (p2 - two.lower).powi(2)).sqrt(),
    }
}
