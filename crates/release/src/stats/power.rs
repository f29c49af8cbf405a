//! How many items a paired comparison needs, what it can find, and how likely it finds it.
//! Source: Miller, "Adding Error Bars to Evals" (arXiv 2411.00640), section 5. It must not know
//! which models are compared.

use super::normal::{normal_quantile, normal_tail};

/// Holds the variance of one item's difference, by where it comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemVariance {
    /// The variance of the expected difference from item to item.
    pub between: f64,
    /// What asking the first model again adds.
    pub first: Resampling,
    /// What asking the second model again adds.
    pub second: Resampling,
}

/// Holds what chance adds to one model's score of an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// The mean variance of the score when the same item is asked again.
    pub variance: f64,
    /// How often each item is asked, from 1.
    pub samples: u32,
}

/// Holds the two error rates that a comparison is planned for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorRates {
    /// How often a difference may be found where there is none, on both sides together.
    pub alpha: f64,
    /// How often a difference may be missed: one less the power.
    pub beta: f64,
}

impl Resampling {
    /// Leaves chance out of account, as for a model that always answers alike.
    pub const NONE: Self = Self {
        variance: 0.0,
        samples: 1,
    };

    fn of_mean(self) -> f64 {
        self.variance / f64::from(self.samples.max(1))
    }
}

impl ItemVariance {
    fn total(&self) -> f64 {
        self.between + self.first.of_mean() + self.second.of_mean()
    }
}

impl ErrorRates {
    fn quantiles(self) -> f64 {
        normal_quantile(1.0 - self.alpha / 2.0) + normal_quantile(1.0 - self.beta)
    }
}

/// Computes how many items find a difference of `effect` at these error rates; the next whole
/// number is the one to take. An effect of 0 needs more than there are.
#[must_use]
pub fn items_needed(variance: &ItemVariance, effect: f64, rates: ErrorRates) -> f64 {
    if effect == 0.0 {
        return f64::INFINITY;
    }
    rates.quantiles().powi(2) * variance.total() / (effect * effect)
}

/// Computes the least difference that `items` items find at these error rates.
#[must_use]
pub fn detectable_effect(variance: &ItemVariance, items: u64, rates: ErrorRates) -> f64 {
    rates.quantiles() * (variance.total() / items as f64).sqrt()
}

/// Computes the chance that `items` items find a difference of `effect` in its own direction, at
/// a two-sided error rate of `alpha`; 0 without items.
#[must_use]
pub fn power(variance: &ItemVariance, items: u64, effect: f64, alpha: f64) -> f64 {
    if items == 0 || effect == 0.0 {
        return 0.0;
    }
    let error = (variance.total() / items as f64).sqrt();
    normal_tail(normal_quantile(1.0 - alpha / 2.0) - effect.abs() / error)
}
