//! The mean of values between 0 and 1, watched by weighted sums in constant memory. Source:
//! Waudby-Smith and Ramdas (arXiv 2010.09686), the predictable plug-in sequences that the paper
//! names PrPl-EB (empirical Bernstein) and PrPl-H (Hoeffding). It must not know what is scored.

use super::super::proportion::Interval;
use super::betting::{Bets, UnitValue};

/// The greatest weight of an observation in the empirical Bernstein sequence.
const GREATEST_WEIGHT: f64 = 0.5;

/// Computes the ends where a weighted mean and a margin leave them, within 0 to 1.
fn interval(mean: f64, below: f64, above: f64) -> Interval {
    if mean.is_nan() {
        // Without observations nothing is bounded.
        return Interval {
            lower: 0.0,
            upper: 1.0,
        };
    }
    Interval {
        lower: (mean - below).max(0.0),
        upper: (mean + above).min(1.0),
    }
}

/// Watches a mean; the interval narrows with the variance that is observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmpiricalBernstein {
    bets: Bets,
    depth: f64,
    count: f64,
    sum: f64,
    weights: f64,
    weighted: f64,
    below: f64,
    above: f64,
}

impl EmpiricalBernstein {
    /// Starts a watch at level `1 − alpha`.
    #[must_use]
    pub fn new(alpha: f64) -> Self {
        Self {
            bets: Bets::new(alpha),
            depth: (2.0 / alpha).ln(),
            count: 0.0,
            sum: 0.0,
            weights: 0.0,
            weighted: 0.0,
            below: 0.0,
            above: 0.0,
        }
    }

    /// Takes one observation.
    pub fn push(&mut self, value: UnitValue) {
        let weight = self.bets.next().min(GREATEST_WEIGHT);
        self.bets.push(value);
        let price = -(-weight).ln_1p() - weight;
        let value = value.value();
        // Before the first observation each side expects the end from which it is bounded.
        let (low, high) = if self.count > 0.0 {
            (self.sum / self.count, self.sum / self.count)
        } else {
            (0.0, 1.0)
        };
        self.below += price * (value - low).powi(2);
        self.above += price * (value - high).powi(2);
        self.weights += weight;
        self.weighted += weight * value;
        self.count += 1.0;
        self.sum += value;
    }

    /// Computes the interval of the mean.
    #[must_use]
    pub fn interval(&self) -> Interval {
        interval(
            self.weighted / self.weights,
            (self.depth + self.below) / self.weights,
            (self.depth + self.above) / self.weights,
        )
    }

    /// Tells whether the mean `mean` is excluded.
    #[must_use]
    pub fn excludes(&self, mean: f64) -> bool {
        self.interval().excludes(mean)
    }
}

/// Watches a mean without regard to the variance that is observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hoeffding {
    depth: f64,
    count: f64,
    weights: f64,
    weighted: f64,
    squares: f64,
}

impl Hoeffding {
    /// Starts a watch at level `1 − alpha`.
    #[must_use]
    pub fn new(alpha: f64) -> Self {
        Self {
            depth: (2.0 / alpha).ln(),
            count: 0.0,
            weights: 0.0,
            weighted: 0.0,
            squares: 0.0,
        }
    }

    /// Takes one observation.
    pub fn push(&mut self, value: UnitValue) {
        self.count += 1.0;
        let square = (8.0 * self.depth / (self.count * self.count.ln_1p())).min(1.0);
        self.weights += square.sqrt();
        self.weighted += square.sqrt() * value.value();
        self.squares += square;
    }

    /// Computes the interval of the mean.
    #[must_use]
    pub fn interval(&self) -> Interval {
        let margin = (self.depth + self.squares / 8.0) / self.weights;
        interval(self.weighted / self.weights, margin, margin)
    }

    /// Tells whether the mean `mean` is excluded.
    #[must_use]
    pub fn excludes(&self, mean: f64) -> bool {
        self.interval().excludes(mean)
    }
}
