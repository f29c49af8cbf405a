//! The score interval and the score test of a difference of two proportions, which hold where
//! samples are small or shares near 0 or 1. Sources: Miettinen and Nurminen 1985, whose variance
//! is inflated by `n / (n − 1)`; Farrington and Manning 1990, for the restricted estimate in
//! closed form. It must not know what is counted.

use std::f64::consts::PI;

use super::normal::{normal_quantile, normal_tail};
use super::proportion::Interval;
use super::roots::crossing;

/// Holds a score test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreTest {
    /// The statistic, standard normal under the hypothesis.
    pub z: f64,
    /// The one-sided p-value.
    pub p: f64,
}

/// Computes the interval of Miettinen and Nurminen of `first − second`, each `(hits, count)`, at
/// level `1 − alpha`. Where a side has no observation, it is everything.
#[must_use]
pub fn score_difference(first: (f64, f64), second: (f64, f64), alpha: f64) -> Interval {
    let everything = Interval {
        lower: -1.0,
        upper: 1.0,
    };
    let Some(sides) = Sides::new(first, second) else {
        return everything;
    };
    let z = normal_quantile(1.0 - alpha / 2.0);
    let middle = sides.difference();
    Interval {
        lower: crossing(-1.0, middle, |at| sides.score(at) <= z),
        upper: crossing(middle, 1.0, |at| sides.score(at) <= -z),
    }
}

/// Tests that `first` is not lower than `second` by `margin` or more, each `(hits, count)`, on
/// the variance that Miettinen and Nurminen give it. A small p-value says not inferior; a side
/// without observations, and a margin that is no number, reject nothing.
#[must_use]
pub fn score_noninferior(first: (f64, f64), second: (f64, f64), margin: f64) -> ScoreTest {
    // No difference is beyond 1 either way.
    let at = -margin.clamp(-1.0, 1.0);
    let sides = Sides::new(first, second).filter(|_| !at.is_nan());
    let z = sides.map_or(f64::NEG_INFINITY, |sides| sides.score(at));
    ScoreTest {
        z,
        p: normal_tail(z),
    }
}

/// Two proportions, each of at least one observation.
struct Sides {
    first: f64,
    second: f64,
    first_count: f64,
    second_count: f64,
}

impl Sides {
    fn new(first: (f64, f64), second: (f64, f64)) -> Option<Self> {
        let is_sample = |(hits, count): (f64, f64)| count >= 1.0 && (0.0..=count).contains(&hits);
        (is_sample(first) && is_sample(second)).then(|| Self {
            first: first.0 / first.1,
            second: second.0 / second.1,
            first_count: first.1,
            second_count: second.1,
        })
    }

    fn difference(&self) -> f64 {
        self.first - self.second
    }

    /// Computes the statistic of the hypothesis that the true difference is `at`.
    fn score(&self, at: f64) -> f64 {
        let distance = self.difference() - at;
        if distance == 0.0 {
            return 0.0;
        }
        let first = self.restricted(at);
        let second = (first - at).clamp(0.0, 1.0);
        let count = self.first_count + self.second_count;
        let variance =
            first * (1.0 - first) / self.first_count + second * (1.0 - second) / self.second_count;
        // Without variance the quotient is infinite, with the sign of the distance.
        distance / (variance * count / (count - 1.0)).sqrt()
    }

    /// Finds the likeliest first share where the difference is `at`: the root of a cubic
    /// equation, in the notation of Farrington and Manning.
    fn restricted(&self, at: f64) -> f64 {
        let theta = self.second_count / self.first_count;
        let a = 1.0 + theta;
        let b = -(a + self.first + theta * self.second + at * (theta + 2.0));
        let c = at * at + at * (2.0 * self.first + theta + 1.0) + self.first + theta * self.second;
        let d = -self.first * at * (1.0 + at);
        let third = b / (3.0 * a);
        let v = third.powi(3) - b * c / (6.0 * a * a) + d / (2.0 * a);
        let u = (third * third - c / (3.0 * a)).max(0.0).sqrt();
        let u = if v < 0.0 { -u } else { u };
        let ratio = v / u.powi(3);
        // Rounding may carry the ratio out of its range; with `u` at 0 there is one root only.
        let w = if ratio.is_finite() {
            (PI + ratio.clamp(-1.0, 1.0).acos()) / 3.0
        } else {
            0.0
        };
        (2.0 * u * w.cos() - third).clamp(at.max(0.0), (1.0 + at).min(1.0))
    }
}
