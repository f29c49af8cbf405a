//! The mean of values of unknown range, as costs and times are, watched by its normal limit.
//! Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory
//! and asymptotic confidence sequences" (arXiv 2103.06476), equations 9, 134 and 155. It must not
//! know what is measured.

use super::super::proportion::Interval;
use super::arm::Arm;
use super::mixture::{Mixture, TwoSidedNormal};

/// Says at what level a mean is watched, and for how many observations the watch is best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    alpha: f64,
    two_sided: TwoSidedNormal,
    one_sided: TwoSidedNormal,
}

impl Tuning {
    /// Tunes a watch at level `1 − alpha` to be narrowest at `tuned_at` observations.
    #[must_use]
    pub fn new(alpha: f64, tuned_at: f64) -> Self {
        Self {
            alpha,
            two_sided: TwoSidedNormal::tuned(tuned_at, alpha),
            one_sided: TwoSidedNormal::tuned(tuned_at, 2.0 * alpha),
        }
    }

    /// Tells the paper's ρ of the two-sided sequence.
    #[must_use]
    pub fn rho(&self) -> f64 {
        self.two_sided.rho().recip().sqrt()
    }

    /// Computes how far the true mean may be from the observed one on both sides after `count`
    /// observations whose variance is `variance` (equation 9: the normal mixture at time `count`).
    #[must_use]
    pub fn half_width(&self, variance: f64, count: f64) -> f64 {
        if !is_variance(variance) {
            return f64::INFINITY;
        }
        variance.sqrt() * self.two_sided.bound(count, self.alpha) / count
    }

    /// Computes how far the true mean may be below the observed one (equation 134).
    #[must_use]
    pub fn one_sided_width(&self, variance: f64, count: f64) -> f64 {
        if !is_variance(variance) {
            return f64::INFINITY;
        }
        let total = count + self.one_sided.rho();
        let growth = (total / self.one_sided.rho()).sqrt() / (2.0 * self.alpha);
        (2.0 * variance * total * growth.ln_1p()).sqrt() / count
    }

    /// Computes the p-value of a two-sided deviation `deviation` of the observed mean; it is valid
    /// at any look.
    #[must_use]
    pub fn p_value(&self, deviation: f64, variance: f64, count: f64) -> f64 {
        if !is_variance(variance) {
            return 1.0;
        }
        let sum = deviation * count / variance.sqrt();
        (-self.two_sided.ln_value(sum, count)).exp().min(1.0)
    }
}

/// Tells whether there is a variance to judge by: observations that are all the same, or not all
/// numbers, are no evidence, which closes.
fn is_variance(variance: f64) -> bool {
    variance > 0.0 && variance.is_finite()
}

/// Watches a mean from `first_look` observations on; before, nothing is bounded, for the normal
/// limit is far away. A value that is not a number leaves nothing bounded from then on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AsymptoticMean {
    tuning: Tuning,
    first_look: f64,
    count: f64,
    mean: f64,
    squares: f64,
}

impl AsymptoticMean {
    /// Starts a watch. The error rate holds in the limit of a late `first_look`: for skewed
    /// values, like costs, some hundreds.
    #[must_use]
    pub fn new(tuning: Tuning, first_look: u32) -> Self {
        Self {
            tuning,
            first_look: f64::from(first_look.max(2)),
            count: 0.0,
            mean: 0.0,
            squares: 0.0,
        }
    }

    /// Takes one observation.
    pub fn push(&mut self, value: f64) {
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    /// Sums up what was observed, to be compared with another arm; none before two observations.
    #[must_use]
    pub fn arm(&self) -> Option<Arm> {
        (self.count >= 2.0).then(|| Arm {
            count: self.count,
            mean: self.mean,
            variance: self.squares / (self.count - 1.0),
        })
    }

    /// Computes the two-sided interval of the mean.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.within(|variance| self.tuning.half_width(variance, self.count))
    }

    /// Computes the one-sided lower bound of the mean.
    #[must_use]
    pub fn lower(&self) -> f64 {
        self.one_sided().lower
    }

    /// Computes the one-sided upper bound of the mean.
    #[must_use]
    pub fn upper(&self) -> f64 {
        self.one_sided().upper
    }

    /// Tells whether the mean `mean` lies outside the two-sided interval.
    #[must_use]
    pub fn excludes(&self, mean: f64) -> bool {
        self.interval().excludes(mean)
    }

    fn one_sided(&self) -> Interval {
        self.within(|variance| self.tuning.one_sided_width(variance, self.count))
    }

    fn within(&self, width: impl Fn(f64) -> f64) -> Interval {
        let early = self.count < self.first_look;
        let width = width(self.squares / (self.count - 1.0));
        if early || width.is_infinite() {
            return Interval {
                lower: f64::NEG_INFINITY,
                upper: f64::INFINITY,
            };
        }
        Interval {
            lower: self.mean - width,
            upper: self.mean + width,
        }
    }
}
