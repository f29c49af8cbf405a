//! How many conversations it takes to see a regression: told before a stage opens. It must not
//! know what was observed.
//!
//! The logarithm of the capital is near `f(n) = ln Σ w exp(n g)` after `n` pairs, over the bets of
//! weight `w` whose logarithm grows by `g` a pair. It reaches `ln(1/alpha)` after some pairs, what
//! the mixture costs included, and there rises by `f'` with the variance `v`. The first passage is
//! then about inverse Gaussian with that mean and the variance `n v / f'²` (Wald; Folks and
//! Chhikara 1978), to which the wait for the other arm adds its own; its quantile at 90 % is the
//! bound. `g` and `v` are exact, over the binomial distributions of both arms.

use domain::Share;

use super::bound::Bound;
use super::pairs::Proportion;
use super::wealth::Wealth;
use crate::stats::{FEWEST_CLUSTERS, normal_tail};

/// How surely the regression is seen within the bound.
const SURE: f64 = 0.9;

/// Says what is assumed of a share that went wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assumed {
    /// The incumbent's share.
    pub base: f64,
    /// The candidate's share.
    pub candidate: f64,
    /// The bound.
    pub bound: Bound,
    /// The error rate that harm may spend.
    pub alpha: f64,
}

/// Computes how many of the candidate's conversations it takes until harm beyond the bound is
/// seen with 90 % probability; none where it never is.
#[must_use]
pub fn conversations_needed(assumed: &Assumed, share: Share) -> Option<f64> {
    let proportion = match assumed.bound {
        Bound::Absolute(_) => Proportion {
            candidates: 1,
            incumbents: 0,
        },
        Bound::Worse(_) => Proportion::of(share)?,
    };
    let values = values(assumed, proportion);
    let room = match assumed.bound {
        Bound::Absolute(most) => most,
        Bound::Worse(most) => 1.0 + most,
    };
    let bets = Wealth::new(room.max(0.01)).bets();
    let walk = Walk::new(&values, &bets);
    let passage = walk.passage(assumed.alpha)?;
    let passage = match assumed.bound {
        Bound::Absolute(_) => passage,
        Bound::Worse(_) => passage.with_wait(proportion, share),
    };
    Some(passage.quantile(SURE)?.ceil().max(FEWEST_CLUSTERS as f64))
}

/// Lists what a pair may give beyond the bound, each with its probability.
fn values(assumed: &Assumed, proportion: Proportion) -> Vec<(f64, f64)> {
    let ours = binomial(proportion.candidates, assumed.candidate);
    let (most, theirs) = match assumed.bound {
        Bound::Absolute(most) => (most, vec![(0.0, 1.0)]),
        Bound::Worse(most) => (most, binomial(proportion.incumbents, assumed.base)),
    };
    let mut values = Vec::with_capacity(ours.len() * theirs.len());
    for (our, p) in &ours {
        values.extend(theirs.iter().map(|(their, q)| (our - their - most, p * q)));
    }
    values
}

/// Lists the shares of `count` that may go wrong, each with its probability.
fn binomial(count: usize, rate: f64) -> Vec<(f64, f64)> {
    let total = count as f64;
    let mut ln_ways = 0.0;
    let mut list = Vec::with_capacity(count + 1);
    for wrong in 0..=count {
        let (yes, no) = (wrong as f64, total - wrong as f64);
        let ln = |times: f64, rate: f64| if times > 0.0 { times * rate.ln() } else { 0.0 };
        let weight = (ln_ways + ln(yes, rate) + ln(no, 1.0 - rate)).exp();
        list.push((yes / total, weight));
        ln_ways += (no / (yes + 1.0)).ln();
    }
    list
}

/// Holds how each bet grows a pair: its weight, its mean and its variance.
struct Walk(Vec<(f64, f64, f64)>);

impl Walk {
    fn new(values: &[(f64, f64)], bets: &[(f64, f64)]) -> Self {
        let growth = |(bet, weight): &(f64, f64)| {
            let moment = |power: i32| -> f64 {
                let gains = values.iter();
                let part = |(value, p): &(f64, f64)| p * (bet * value).ln_1p().powi(power);
                gains.map(part).sum()
            };
            let mean = moment(1);
            (*weight, mean, moment(2) - mean * mean)
        };
        Self(bets.iter().map(growth).collect())
    }

    /// Finds when the capital reaches its level; none where no bet grows.
    fn passage(&self, alpha: f64) -> Option<Passage> {
        let best = self.0.iter().map(|(_, growth, _)| *growth);
        let best = best.fold(f64::NEG_INFINITY, f64::max);
        if best <= 0.0 {
            return None;
        }
        let parts = |pairs: f64| -> Vec<f64> {
            let part =
                |(weight, growth, _): &(f64, f64, f64)| weight * (pairs * (growth - best)).exp();
            self.0.iter().map(part).collect()
        };
        let is_passed = |pairs: f64| {
            let sum: f64 = parts(pairs).iter().sum();
            pairs * best + sum.ln() >= -alpha.ln()
        };
        let high = crate::stats::doubled(1.0, is_passed)?;
        let mean = crate::stats::crossing(0.0, high, is_passed);
        let (mut sum, mut rise, mut spread) = (0.0, 0.0, 0.0);
        for ((_, growth, variance), part) in self.0.iter().zip(parts(mean)) {
            sum += part;
            rise += part * growth;
            spread += part * variance;
        }
        let variance = mean * spread * sum / (rise * rise);
        Some(Passage { mean, variance })
    }
}

/// Holds the mean and the variance of a first passage.
#[derive(Clone, Copy)]
struct Passage {
    mean: f64,
    variance: f64,
}

impl Passage {
    /// Counts the candidate's conversations in place of pairs, and those that pass until there are
    /// incumbents beside them, as chance deals them out: the wait is a normal value where it is
    /// above zero, and none below.
    fn with_wait(self, proportion: Proportion, share: Share) -> Self {
        let share = f64::from(share.as_percent()) / 100.0;
        let odds = share / (1.0 - share);
        let incumbents = proportion.incumbents as f64;
        let each = (proportion.candidates as f64).max(incumbents * odds);
        let uneven = self.mean * incumbents * odds / (1.0 - share);
        let (mean, variance) = (0.398_942, 0.340_845);
        Self {
            mean: self.mean * each + mean * uneven.sqrt(),
            variance: self.variance * each * each + variance * uneven,
        }
    }

    /// Finds a quantile of the inverse Gaussian distribution.
    fn quantile(self, probability: f64) -> Option<f64> {
        let mean = self.mean;
        if self.variance <= 0.0 {
            return Some(mean);
        }
        let shape = mean.powi(3) / self.variance;
        let is_passed = |time: f64| {
            let root = (shape / time).sqrt();
            let early = normal_tail(root * (1.0 - time / mean));
            let mirrored = normal_tail(root * (1.0 + time / mean));
            // The product of a large and a small number; where the first is too large to be a
            // number the second is too small, and together they are next to nothing.
            let rest = (2.0 * shape / mean + mirrored.ln()).exp();
            early + rest >= probability
        };
        let high = crate::stats::doubled(mean, is_passed)?;
        Some(crate::stats::crossing(0.0, high, is_passed))
    }
}
