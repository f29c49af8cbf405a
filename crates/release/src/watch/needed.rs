//! How many conversations it takes to see a regression: told before a stage opens. It must not
//! know what was observed.
//!
//! The capital of one bet is a random walk: its logarithm drifts by `g` a pair and varies by `v`.
//! The first passage of level `a = ln(bets / alpha)` is inverse Gaussian with mean `a / g` and
//! shape `a² / v` (Wald; Folks and Chhikara 1978), whose quantile at 90 % is the bound: a mixture
//! is at least each bet's capital divided by how many bets there are. `g` and `v` are exact, over
//! the binomial distributions of both arms.

use domain::Share;

use super::bound::Bound;
use super::pairs::Proportion;
use super::wealth::Wealth;
use crate::stats::{normal_quantile, normal_tail};

/// How surely the regression is seen within the bound.
const SURE: f64 = 0.9;
/// The fewest conversations that anything is concluded from.
const FEWEST: f64 = 30.0;

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
    let wealth = Wealth::new(room.max(0.01));
    let bets = wealth.bets();
    let level = (bets.len() as f64 / assumed.alpha).ln();
    let pairs = bets.iter().filter_map(|bet| passage(&values, *bet, level));
    let pairs = pairs.reduce(f64::min)?;
    Some((pairs.ceil() * proportion.candidates as f64).max(FEWEST))
}

/// Computes how many of the candidate's conversations a test of a number fixed beforehand takes
/// to see the same with 80 % probability at the same error rate (two proportions, normal limit).
#[must_use]
pub fn fixed_conversations_needed(assumed: &Assumed, share: Share) -> Option<f64> {
    let of = |rate: f64| rate * (1.0 - rate);
    let (effect, theirs) = match assumed.bound {
        Bound::Absolute(most) => (assumed.candidate - most, 0.0),
        Bound::Worse(most) => {
            let percent = f64::from(share.as_percent());
            let beside = (100.0 - percent) / percent;
            let effect = assumed.candidate - assumed.base - most;
            (effect, of(assumed.base) / beside)
        }
    };
    let variance = of(assumed.candidate) + theirs;
    let z = normal_quantile(1.0 - assumed.alpha) + normal_quantile(0.8);
    (effect > 0.0).then(|| z * z * variance / (effect * effect))
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

/// Finds the quantile of the first passage of `level` by one bet's capital, in pairs.
fn passage(values: &[(f64, f64)], bet: f64, level: f64) -> Option<f64> {
    let gain = |value: f64| (bet * value).ln_1p();
    let drift: f64 = values.iter().map(|(value, p)| p * gain(*value)).sum();
    let square: f64 = values
        .iter()
        .map(|(value, p)| p * gain(*value).powi(2))
        .sum();
    let variance = square - drift * drift;
    if drift <= 0.0 {
        return None;
    }
    if variance <= 0.0 {
        return Some(level / drift);
    }
    let (mean, shape) = (level / drift, level * level / variance);
    let is_passed = |time: f64| {
        let root = (shape / time).sqrt();
        let early = normal_tail(root * (1.0 - time / mean));
        let mirrored = normal_tail(root * (1.0 + time / mean));
        // The product of a large and a small number; where the first is too large to be a number
        // the second is too small, and together they are next to nothing.
        let rest = (2.0 * shape / mean + mirrored.ln()).exp();
        early + rest >= SURE
    };
    let high = crate::stats::doubled(mean, is_passed)?;
    Some(crate::stats::crossing(0.0, high, is_passed))
}
