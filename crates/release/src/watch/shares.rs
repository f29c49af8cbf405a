//! Two e-processes over values between fixed ends: one bets that the candidate does harm beyond
//! the bound, one that it does not. Both may be looked at after every value. It must not know
//! which metric is watched.

use super::wealth::Wealth;
use crate::stats::Interval;
use crate::stats::sequential::{BettingMean, UnitValue};

/// The least room that bets are made for: a bound at the very end would let one value decide.
const LEAST_ROOM: f64 = 0.01;

/// Watches one mean against one bound.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// The smallest and the largest value that there may be.
    ends: (f64, f64),
    bound: f64,
    harm: Wealth,
    safety: Wealth,
    mean: BettingMean,
    sum: f64,
    count: f64,
    most_harm: f64,
}

impl Evidence {
    /// Watches values between `ends` against a bound, with an interval at level `1 − alpha`.
    pub(super) fn new(ends: (f64, f64), bound: f64, alpha: f64) -> Self {
        let room = |room: f64| Wealth::new(room.max(LEAST_ROOM));
        Self {
            ends,
            bound,
            harm: room(bound - ends.0),
            safety: room(ends.1 - bound),
            mean: BettingMean::new(alpha),
            sum: 0.0,
            count: 0.0,
            most_harm: f64::MIN,
        }
    }

    /// Takes one value.
    pub(super) fn push(&mut self, value: f64) {
        let value = value.clamp(self.ends.0, self.ends.1);
        self.harm.push(value - self.bound);
        self.safety.push(self.bound - value);
        self.most_harm = self.most_harm.max(self.harm.ln_value());
        self.sum += value;
        self.count += 1.0;
        if let Some(unit) = UnitValue::new((value - self.ends.0) / self.width()) {
            self.mean.push(unit);
        }
    }

    fn width(&self) -> f64 {
        self.ends.1 - self.ends.0
    }

    /// Tells the logarithm of the largest e-value for harm so far: once shown, it stays shown.
    pub(super) fn ln_harm(&self) -> f64 {
        self.most_harm
    }

    /// Tells the logarithm of the e-value for safety as it stands.
    pub(super) fn ln_safety(&self) -> f64 {
        self.safety.ln_value()
    }

    /// Tells the mean, where there is a value.
    pub(super) fn estimate(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }

    /// Computes the interval of the mean that holds at all looks together.
    pub(super) fn interval(&self) -> Interval {
        let unit = self.mean.interval();
        Interval {
            lower: self.ends.0 + unit.lower * self.width(),
            upper: self.ends.0 + unit.upper * self.width(),
        }
    }
}
