//! Mixtures of exponential supermartingales, and the curves that they stay under at all times at
//! once. Sources: Howard, Ramdas, McAuliffe and Sekhon, "Time-uniform, nonparametric,
//! nonasymptotic confidence sequences" (arXiv 1810.08240), propositions 4 to 9; Johari, Pekelis
//! and Walsh, "Always valid inference" (arXiv 1512.04922), for the mixture's name mSPRT. It must
//! not know what is summed.

use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur, ln_gamma};

use super::super::roots::{crossing, doubled};
use super::special::{ln_beta, ln_beta_share, ln_normal};

/// Measures the evidence that a sum of centred observations is not centred after all.
///
/// `time` is the intrinsic time, the variance that the sum should have gathered by now; for `n`
/// observations of variance `s2` it is `n s2`.
pub trait Mixture {
    /// Computes the logarithm of the mixture, which by Ville's inequality ever exceeds
    /// `ln(1 / alpha)` with probability `alpha` at most if the observations are centred.
    fn ln_value(&self, sum: f64, time: f64) -> f64;

    /// Tells the greatest sum that can be reached by `time`; infinity if there is none.
    fn greatest_sum(&self, _time: f64) -> f64 {
        f64::INFINITY
    }

    /// Computes the sum at which the mixture reaches `1 / alpha`: the boundary at `time`.
    fn bound(&self, time: f64, alpha: f64) -> f64 {
        let is_beyond = |sum: f64| self.ln_value(sum, time) > -alpha.ln();
        let greatest = self.greatest_sum(time);
        let above = if greatest.is_finite() {
            Some(greatest)
        } else {
            doubled(time.max(1.0), is_beyond)
        };
        match above {
            Some(above) if is_beyond(above) => crossing(0.0, above, is_beyond),
            Some(above) => above,
            // A boundary that was not found excludes nothing, which closes.
            None => f64::INFINITY,
        }
    }
}

/// Computes the `rho` with which the two-sided normal mixture is narrowest at `time`, to a close
/// approximation (Howard et al., section 3.5).
fn narrowest_rho(time: f64, alpha: f64) -> f64 {
    let twice = -2.0 * alpha.ln();
    time / (twice + twice.ln_1p())
}

/// Mixes over a normal distribution of both signs: for sub-Gaussian sums.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoSidedNormal {
    rho: f64,
}

impl TwoSidedNormal {
    /// Makes the mixture that is narrowest at intrinsic time `time` for level `1 − alpha`.
    #[must_use]
    pub fn tuned(time: f64, alpha: f64) -> Self {
        Self::with_rho(narrowest_rho(time, alpha))
    }

    /// Makes the mixture whose normal distribution has the variance `1 / rho`.
    #[must_use]
    pub fn with_rho(rho: f64) -> Self {
        Self { rho }
    }

    /// Tells the reciprocal of the variance that is mixed over.
    #[must_use]
    pub fn rho(&self) -> f64 {
        self.rho
    }
}

impl Mixture for TwoSidedNormal {
    fn ln_value(&self, sum: f64, time: f64) -> f64 {
        let total = time + self.rho;
        0.5 * (self.rho / total).ln() + sum * sum / (2.0 * total)
    }

    fn bound(&self, time: f64, alpha: f64) -> f64 {
        ((time + self.rho) * ((time / self.rho).ln_1p() - 2.0 * alpha.ln())).sqrt()
    }
}

/// Mixes over the positive half of a normal distribution: only a sum above zero is evidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneSidedNormal {
    rho: f64,
}

impl OneSidedNormal {
    /// Makes the mixture that is narrowest at intrinsic time `time` for level `1 − alpha`.
    #[must_use]
    pub fn tuned(time: f64, alpha: f64) -> Self {
        Self {
            rho: narrowest_rho(time, 2.0 * alpha),
        }
    }
}

impl Mixture for OneSidedNormal {
    fn ln_value(&self, sum: f64, time: f64) -> f64 {
        let total = time + self.rho;
        let weight = ln_normal(sum / total.sqrt());
        0.5 * (4.0 * self.rho / total).ln() + sum * sum / (2.0 * total) + weight
    }
}

/// Mixes over a gamma distribution: for sub-exponential sums of scale `c`, as of observations
/// bounded on one side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaExponential {
    rho: f64,
    scale: f64,
    ln_front: f64,
}

impl GammaExponential {
    /// Makes the mixture for the scale `c`, tuned as the one-sided normal mixture is.
    #[must_use]
    pub fn tuned(time: f64, alpha: f64, scale: f64) -> Self {
        let rho = narrowest_rho(time, 2.0 * alpha);
        let shape = rho / (scale * scale);
        let ln_front = shape * shape.ln() - ln_gamma(shape) - ln_lower(shape, shape);
        Self {
            rho,
            scale,
            ln_front,
        }
    }
}

impl Mixture for GammaExponential {
    fn ln_value(&self, sum: f64, time: f64) -> f64 {
        let square = self.scale * self.scale;
        let shape = (time + self.rho) / square;
        let gathered = (self.scale * sum + time) / square;
        let reach = gathered + self.rho / square;
        if reach <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let weight = ln_gamma(shape) + ln_lower(shape, reach);
        self.ln_front + weight - shape * reach.ln() + gathered
    }
}

/// Mixes over a gamma distribution: for sub-Poisson sums of scale `c`, as of observations with a
/// largest step upwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaPoisson {
    rho: f64,
    scale: f64,
    ln_front: f64,
}

impl GammaPoisson {
    /// Makes the mixture for the scale `c`, tuned as the one-sided normal mixture is.
    #[must_use]
    pub fn tuned(time: f64, alpha: f64, scale: f64) -> Self {
        let rho = narrowest_rho(time, 2.0 * alpha);
        let shape = rho / (scale * scale);
        let ln_front = shape * shape.ln() - ln_gamma(shape) - ln_upper(shape, shape);
        Self {
            rho,
            scale,
            ln_front,
        }
    }
}

impl Mixture for GammaPoisson {
    fn ln_value(&self, sum: f64, time: f64) -> f64 {
        let square = self.scale * self.scale;
        let rate = (time + self.rho) / square;
        let shape = sum / self.scale + rate;
        if shape <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let weight = ln_gamma(shape) + ln_upper(shape, rate);
        self.ln_front + weight - shape * rate.ln() + time / square
    }
}

fn ln_lower(shape: f64, reach: f64) -> f64 {
    // What cannot be computed is no evidence.
    checked_gamma_lr(shape, reach).map_or(f64::NEG_INFINITY, f64::ln)
}

fn ln_upper(shape: f64, reach: f64) -> f64 {
    // What cannot be computed is no evidence.
    checked_gamma_ur(shape, reach).map_or(f64::NEG_INFINITY, f64::ln)
}

/// Mixes over a beta distribution: for sub-Bernoulli sums, whose observations lie `below` under
/// and `above` over their mean at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaBinomial {
    weight: f64,
    below: f64,
    above: f64,
    sides: Sides,
    ln_front: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sides {
    Above,
    Both,
}

impl BetaBinomial {
    /// Makes the mixture to which sums on both sides of zero are evidence.
    #[must_use]
    pub fn two_sided(time: f64, alpha: f64, below: f64, above: f64) -> Self {
        Self::new(narrowest_rho(time, alpha), below, above, Sides::Both)
    }

    /// Makes the mixture to which only sums above zero are evidence.
    #[must_use]
    pub fn one_sided(time: f64, alpha: f64, below: f64, above: f64) -> Self {
        Self::new(narrowest_rho(time, 2.0 * alpha), below, above, Sides::Above)
    }

    fn new(rho: f64, below: f64, above: f64, sides: Sides) -> Self {
        let spread = below * above;
        let mut made = Self {
            weight: (rho - spread).max(spread * LEAST_WEIGHT),
            below,
            above,
            sides,
            ln_front: 0.0,
        };
        made.ln_front = made.ln_share(0.0, 0.0);
        made
    }

    fn ln_share(&self, sum: f64, time: f64) -> f64 {
        let range = self.below + self.above;
        let misses = (self.weight + time - self.below * sum) / (self.below * range);
        let hits = (self.weight + time + self.above * sum) / (self.above * range);
        let whole = ln_beta(misses, hits);
        match self.sides {
            Sides::Both => whole,
            Sides::Above => whole + ln_beta_share(misses, hits, self.above / range),
        }
    }
}

/// The least weight of the beta distribution, in units of one observation's variance: a mixture
/// tuned for a time before the first observation still has a distribution to mix over.
pub(super) const LEAST_WEIGHT: f64 = 1e-3;

/// Computes how many observations the beta distribution weighs when it is tuned to be narrowest
/// after `tuned_at` of them.
pub(super) fn observations_of_weight(tuned_at: f64, alpha: f64) -> f64 {
    (narrowest_rho(tuned_at, alpha) - 1.0).max(LEAST_WEIGHT)
}

impl Mixture for BetaBinomial {
    fn ln_value(&self, sum: f64, time: f64) -> f64 {
        let (below, above) = (self.below, self.above);
        let range = below + above;
        let scale = time / (below * above) * range.ln();
        let hits = (time + above * sum) / (above * range) * below.ln();
        let misses = (time - below * sum) / (below * range) * above.ln();
        scale - hits - misses + self.ln_share(sum, time) - self.ln_front
    }

    fn greatest_sum(&self, time: f64) -> f64 {
        time / self.below
    }
}

/// Watches a mean by the mixture sequential probability ratio test, for observations of known
/// variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Msprt {
    mixture: TwoSidedNormal,
    variance: f64,
    count: u64,
    sum: f64,
}

impl Msprt {
    /// Starts a watch of observations whose variance is `variance`, with effects expected to be
    /// normal with variance `effect_variance`.
    #[must_use]
    pub fn new(variance: f64, effect_variance: f64) -> Self {
        Self {
            mixture: TwoSidedNormal::with_rho(variance * variance / effect_variance),
            variance,
            count: 0,
            sum: 0.0,
        }
    }

    /// Takes one observation.
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
    }

    /// Computes the logarithm of the likelihood ratio Λ against the mean `mean`.
    #[must_use]
    pub fn ln_ratio(&self, mean: f64) -> f64 {
        let count = self.count as f64;
        self.mixture
            .ln_value(self.sum - count * mean, count * self.variance)
    }

    /// Computes the p-value `min(1, 1 / Λ)` of the mean `mean`; it is valid at any look.
    #[must_use]
    pub fn p_value(&self, mean: f64) -> f64 {
        (-self.ln_ratio(mean)).exp().min(1.0)
    }

    /// Tells whether the mean `mean` is excluded at level `1 − alpha`.
    #[must_use]
    pub fn excludes(&self, mean: f64, alpha: f64) -> bool {
        self.ln_ratio(mean) > -alpha.ln()
    }
}
