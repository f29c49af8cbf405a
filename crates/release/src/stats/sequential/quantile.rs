//! Quantiles, as of times to the first token, watched in one arm and compared between two.
//! Source: Howard and Ramdas, "Sequential estimation of quantiles" (arXiv 1906.09712): a quantile
//! in one arm by the beta-binomial mixture, in two arms by theorem 5. It must not know what is
//! measured.

use super::super::proportion::Interval;
use super::super::roots::{crossing, minimiser};
use super::bernoulli::ln_rate_evidence;
use super::mixture::observations_of_weight;

/// Says which quantile is watched, and for how many observations the watch is best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileTuning {
    probability: f64,
    weight: f64,
}

impl QuantileTuning {
    /// Tunes a watch of the quantile of `probability` to be narrowest at `tuned_at` observations
    /// for level `1 − alpha`; none unless `probability` lies between 0 and 1.
    #[must_use]
    pub fn new(probability: f64, tuned_at: f64, alpha: f64) -> Option<Self> {
        (probability > 0.0 && probability < 1.0).then(|| Self {
            probability,
            weight: observations_of_weight(tuned_at, alpha),
        })
    }

    /// Computes the evidence against a value with `hits` of `count` observations at or under it.
    fn ln_evidence(&self, hits: f64, count: f64) -> f64 {
        ln_rate_evidence(self.probability, hits, count - hits, self.weight)
    }

    /// Finds the count of observations at or under a value that speaks least against it.
    fn least_evident(&self, count: f64) -> f64 {
        minimiser(0.0, count, |hits| self.ln_evidence(hits, count))
    }

    /// Computes the p-value, valid at any look, that both arms have the same quantile: the least
    /// joint evidence against any one value for both (theorem 5); 1 where an arm has no
    /// observations.
    #[must_use]
    pub fn p_value(&self, first: &Ordered, second: &Ordered) -> f64 {
        let least = [first, second].map(|arm| self.least_evident(arm.count()));
        let evidence = |value: f64| {
            let of = |arm: &Ordered, least: f64| {
                self.ln_evidence(arm.nearest_rank(value, least), arm.count())
            };
            of(first, least[0]) + of(second, least[1])
        };
        let near = |arm: &Ordered, rank: f64| arm.at_rank(rank.ceil().max(1.0));
        let (Some(one), Some(other)) = (near(first, least[0]), near(second, least[1])) else {
            return 1.0;
        };
        // Outside the two arms' own quantiles both speak the louder against a value.
        let between = |value: &&f64| **value >= one.min(other) && **value <= one.max(other);
        let values = first.0.iter().chain(&second.0).filter(between);
        let joint = values.map(|value| evidence(*value));
        (-joint.fold(f64::INFINITY, f64::min)).exp().min(1.0)
    }
}

/// Takes what is not a number as above every number, like a time that never ended.
fn measured(value: f64) -> f64 {
    if value.is_nan() { f64::INFINITY } else { value }
}

/// Keeps observations in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ordered(Vec<f64>);

impl Ordered {
    /// Takes one observation, in time that grows with how many there are above it.
    pub fn push(&mut self, value: f64) {
        let value = measured(value);
        let place = self
            .0
            .partition_point(|kept| kept.total_cmp(&value).is_le());
        self.0.insert(place, value);
    }

    /// Computes the interval of the quantile at level `1 − alpha`; an end that no observation
    /// bounds yet is infinite.
    #[must_use]
    pub fn interval(&self, tuning: &QuantileTuning, alpha: f64) -> Interval {
        let count = self.count();
        let is_excluded = |hits: f64| tuning.ln_evidence(hits, count) > -alpha.ln();
        let least = tuning.least_evident(count);
        // A rank of 0 or fewer, and one above the count, is no observation's.
        let fewest = if is_excluded(0.0) {
            crossing(0.0, least, |hits| !is_excluded(hits)).ceil()
        } else {
            0.0
        };
        let most = if is_excluded(count) {
            crossing(least, count, is_excluded).floor() + 1.0
        } else {
            count + 1.0
        };
        Interval {
            lower: self.at_rank(fewest).unwrap_or(f64::NEG_INFINITY),
            upper: self.at_rank(most).unwrap_or(f64::INFINITY),
        }
    }

    /// Tells how many observations there are.
    fn count(&self) -> f64 {
        self.0.len() as f64
    }

    /// Finds the observation of a rank, the first being 1.
    fn at_rank(&self, rank: f64) -> Option<f64> {
        (rank >= 1.0)
            .then(|| self.0.get(rank as usize - 1).copied())
            .flatten()
    }

    /// Computes the rank nearest to `rank` that `value` has: with equal observations it has many.
    fn nearest_rank(&self, value: f64, rank: f64) -> f64 {
        let under = self.0.partition_point(|kept| *kept < value);
        let at_most = self.0.partition_point(|kept| *kept <= value);
        rank.clamp(under as f64, at_most as f64)
    }
}

impl FromIterator<f64> for Ordered {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut values: Vec<f64> = values.into_iter().map(measured).collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }
}

/// Watches whether a quantile is one given value, in constant memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileTest {
    tuning: QuantileTuning,
    value: f64,
    count: u64,
    under: u64,
    at_most: u64,
}

impl QuantileTest {
    /// Starts a watch of whether the quantile is `value`.
    #[must_use]
    pub fn new(tuning: QuantileTuning, value: f64) -> Self {
        Self {
            tuning,
            value,
            count: 0,
            under: 0,
            at_most: 0,
        }
    }

    /// Takes one observation.
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        self.under += u64::from(value < self.value);
        self.at_most += u64::from(value <= self.value);
    }

    /// Tells whether the value is excluded at level `1 − alpha`.
    #[must_use]
    pub fn excludes(&self, alpha: f64) -> bool {
        let count = self.count as f64;
        let (under, at_most) = (self.under as f64, self.at_most as f64);
        let expected = (self.tuning.probability * count).clamp(under, at_most);
        self.tuning.ln_evidence(expected, count) > -alpha.ln()
    }
}
