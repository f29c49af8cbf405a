//! The rate of a yes or no, watched. Source: Howard, Ramdas, McAuliffe and Sekhon (arXiv
//! 1810.08240), propositions 6 and 7, the beta-binomial mixture, written in hits and misses. It
//! must not know what is counted.

use super::super::proportion::Interval;
use super::super::roots::crossing;
use super::mixture::observations_of_weight;
use super::special::{ln_beta, ln_beta_share};

/// Computes the logarithm of the two-sided beta-binomial mixture of `hits` and `misses` against
/// the rate `rate`, with a beta distribution that weighs `weight` observations.
pub(super) fn ln_rate_evidence(rate: f64, hits: f64, misses: f64, weight: f64) -> f64 {
    let (yes, no) = (weight * rate, weight * (1.0 - rate));
    ln_beta(yes + hits, no + misses)
        - ln_beta(yes, no)
        - hits * rate.ln()
        - misses * (-rate).ln_1p()
}

/// Computes the same for the mixture to which only rates above `rate` are evidence.
fn ln_excess_evidence(rate: f64, hits: f64, misses: f64, weight: f64) -> f64 {
    if hits <= rate * (hits + misses) {
        // The mixture is one at most where the observed rate is no higher, and costly to compute.
        return f64::NEG_INFINITY;
    }
    let (yes, no) = (weight * rate, weight * (1.0 - rate));
    let kept = ln_beta_share(no + misses, yes + hits, 1.0 - rate);
    ln_rate_evidence(rate, hits, misses, weight) + kept - ln_beta_share(no, yes, 1.0 - rate)
}

/// Watches a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BernoulliRate {
    hits: f64,
    misses: f64,
    both: f64,
    one: f64,
}

impl BernoulliRate {
    /// Starts a watch that is narrowest after some `tuned_at` observations at level `1 − alpha`.
    #[must_use]
    pub fn new(tuned_at: f64, alpha: f64) -> Self {
        Self {
            hits: 0.0,
            misses: 0.0,
            both: observations_of_weight(tuned_at, alpha),
            one: observations_of_weight(tuned_at, 2.0 * alpha),
        }
    }

    /// Takes one observation that is a hit.
    pub fn push_hit(&mut self) {
        self.hits += 1.0;
    }

    /// Takes one observation that is a miss.
    pub fn push_miss(&mut self) {
        self.misses += 1.0;
    }

    /// Takes many observations at once.
    pub fn push_counts(&mut self, hits: u64, misses: u64) {
        self.hits += hits as f64;
        self.misses += misses as f64;
    }

    /// Tells whether the rate `rate` is excluded at level `1 − alpha`.
    #[must_use]
    pub fn excludes(&self, rate: f64, alpha: f64) -> bool {
        if rate <= 0.0 {
            return self.hits > 0.0 || rate < 0.0;
        }
        if rate >= 1.0 {
            return self.misses > 0.0 || rate > 1.0;
        }
        ln_rate_evidence(rate, self.hits, self.misses, self.both) > -alpha.ln()
    }

    /// Tells whether the true rate is above `rate` at the one-sided level `1 − alpha`.
    #[must_use]
    pub fn is_above(&self, rate: f64, alpha: f64) -> bool {
        if rate <= 0.0 {
            return self.hits > 0.0;
        }
        rate < 1.0 && ln_excess_evidence(rate, self.hits, self.misses, self.one) > -alpha.ln()
    }

    /// Tells whether the true rate is below `rate` at the one-sided level `1 − alpha`.
    #[must_use]
    pub fn is_below(&self, rate: f64, alpha: f64) -> bool {
        if rate >= 1.0 {
            return self.misses > 0.0;
        }
        let rest = 1.0 - rate;
        rate > 0.0 && ln_excess_evidence(rest, self.misses, self.hits, self.one) > -alpha.ln()
    }

    /// Computes the interval of the rate at level `1 − alpha`.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Interval {
        let count = self.hits + self.misses;
        if count <= 0.0 {
            return Interval {
                lower: 0.0,
                upper: 1.0,
            };
        }
        let share = self.hits / count;
        let lower = crossing(0.0, share, |rate| !self.excludes(rate, alpha));
        let upper = crossing(share, 1.0, |rate| self.excludes(rate, alpha));
        Interval {
            lower: if self.hits > 0.0 { lower } else { 0.0 },
            upper: if self.misses > 0.0 { upper } else { 1.0 },
        }
    }

    /// Computes the one-sided lower bound of the rate at level `1 − alpha`.
    #[must_use]
    pub fn lower(&self, alpha: f64) -> f64 {
        if self.hits <= 0.0 {
            return 0.0;
        }
        let share = self.hits / (self.hits + self.misses);
        crossing(0.0, share, |rate| !self.is_above(rate, alpha))
    }

    /// Computes the one-sided upper bound of the rate at level `1 − alpha`.
    #[must_use]
    pub fn upper(&self, alpha: f64) -> f64 {
        if self.misses <= 0.0 {
            return 1.0;
        }
        let share = self.hits / (self.hits + self.misses);
        crossing(share, 1.0, |rate| self.is_below(rate, alpha))
    }
}
