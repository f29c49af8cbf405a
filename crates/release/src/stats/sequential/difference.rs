//! Two arms compared: their means' difference, absolute or relative to the first, with its error.
//! Sources: the delta method for ratios; Welch 1947 for the look at a fixed number; the
//! asymptotic sequence of arXiv 2103.06476 for looks at any time, as in GrowthBook's statistics.
//! It must not know what the arms are.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::super::proportion::Interval;
use super::arm::Arm;
use super::asymptotic::Tuning;

/// Holds how the second arm differs from the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The estimate of the difference.
    pub estimate: f64,
    /// The estimate's standard error.
    pub error: f64,
    count: f64,
    freedom: f64,
}

impl Difference {
    /// Compares by `second − first`.
    #[must_use]
    pub fn absolute(first: &Arm, second: &Arm) -> Self {
        let error = (first.error_squared() + second.error_squared()).sqrt();
        Self::new(first, second, second.mean - first.mean, error)
    }

    /// Compares by `(second − first) / first`; none where the first mean is zero.
    #[must_use]
    pub fn relative(first: &Arm, second: &Arm) -> Option<Self> {
        let base = first.mean * first.mean;
        if base <= 0.0 {
            return None;
        }
        let ratio = second.mean * second.mean / base;
        let square = (second.error_squared() + first.error_squared() * ratio) / base;
        let estimate = (second.mean - first.mean) / first.mean;
        Some(Self::new(first, second, estimate, square.sqrt()))
    }

    fn new(first: &Arm, second: &Arm, estimate: f64, error: f64) -> Self {
        let (one, two) = (first.error_squared(), second.error_squared());
        let shares = one * one / (first.count - 1.0) + two * two / (second.count - 1.0);
        Self {
            estimate,
            error,
            count: first.count + second.count,
            freedom: (one + two).powi(2) / shares,
        }
    }

    /// Tells the variance of one observation of either arm that would give this error.
    fn variance(&self) -> f64 {
        self.error * self.error * self.count
    }

    /// Computes the interval that holds at all looks together.
    #[must_use]
    pub fn interval(&self, tuning: &Tuning) -> Interval {
        let width = tuning.half_width(self.variance(), self.count);
        Interval {
            lower: self.estimate - width,
            upper: self.estimate + width,
        }
    }

    /// Computes the one-sided lower bound that holds at all looks together.
    #[must_use]
    pub fn lower(&self, tuning: &Tuning) -> f64 {
        self.estimate - tuning.one_sided_width(self.variance(), self.count)
    }

    /// Computes the one-sided upper bound that holds at all looks together.
    #[must_use]
    pub fn upper(&self, tuning: &Tuning) -> f64 {
        self.estimate + tuning.one_sided_width(self.variance(), self.count)
    }

    /// Computes the two-sided p-value of no difference that holds at all looks together.
    #[must_use]
    pub fn p_value(&self, tuning: &Tuning) -> f64 {
        tuning.p_value(self.estimate, self.variance(), self.count)
    }

    /// Computes the one-sided lower bound at level `1 − alpha` that holds at one look fixed
    /// beforehand (Welch's t).
    #[must_use]
    pub fn lower_at_fixed_look(&self, alpha: f64) -> f64 {
        // Without a distribution nothing is bounded, which closes.
        self.welch().map_or(f64::NEG_INFINITY, |t| {
            self.estimate - t.inverse_cdf(1.0 - alpha) * self.error
        })
    }

    /// Computes the one-sided p-value, that the second arm is no greater, of one look fixed
    /// beforehand (Welch's t).
    #[must_use]
    pub fn p_value_at_fixed_look(&self) -> f64 {
        self.welch()
            .map_or(1.0, |t| t.sf(self.estimate / self.error))
    }

    fn welch(&self) -> Option<StudentsT> {
        StudentsT::new(0.0, 1.0, self.freedom).ok()
    }
}
