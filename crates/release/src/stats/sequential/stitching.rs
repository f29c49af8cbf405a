//! Boundaries stitched together from epochs of geometric length; they grow like the law of the
//! iterated logarithm. Sources: Howard, Ramdas, McAuliffe and Sekhon (arXiv 1810.08240), theorem
//! 1; Howard and Ramdas, "Sequential estimation of quantiles" (arXiv 1906.09712), theorems 2 and
//! 3. It must not know what is summed.

use super::super::roots::{crossing, doubled, minimiser};
use super::special::zeta;

/// How crossing probability is shared out over epochs: epoch `k` gets a share like `k^-1.4`.
const DECAY: f64 = 1.4;
/// How much longer each epoch is than the one before.
const EPOCH: f64 = 2.0;
/// How far apart the quantiles are, in logits at the first epoch, for which double stitching
/// bounds each.
const GRID: f64 = 0.5;

/// Computes the two constants of theorem 1 that go with the epochs' length.
fn epoch_constants() -> (f64, f64) {
    let root = EPOCH.powf(0.25);
    (
        (root + 1.0 / root) / 2.0_f64.sqrt(),
        (EPOCH.sqrt() + 1.0) / 2.0,
    )
}

/// Bounds a sub-gamma sum at all times at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolyStitching {
    first: f64,
    scale: f64,
    ln_shares: f64,
}

impl PolyStitching {
    /// Makes the boundary that is narrowest from intrinsic time `first` on, for a sum that is
    /// sub-gamma with scale `scale` (zero for a sub-Gaussian sum).
    #[must_use]
    pub fn new(first: f64, scale: f64) -> Self {
        Self {
            first,
            scale,
            ln_shares: (zeta(DECAY) / EPOCH.ln().powf(DECAY)).ln(),
        }
    }

    /// Computes the boundary at intrinsic time `time` for crossing probability `alpha`.
    #[must_use]
    pub fn bound(&self, time: f64, alpha: f64) -> f64 {
        let time = time.max(self.first);
        let (k1, k2) = epoch_constants();
        let epochs = (EPOCH * time / self.first).ln().ln();
        let depth = DECAY * epochs + self.ln_shares - alpha.ln();
        let linear = k2 * self.scale * depth;
        (k1 * k1 * time * depth + linear * linear).sqrt() + linear
    }
}

/// Bounds how far the empirical distribution function ever strays from the true one, everywhere
/// at once (theorem 2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmpiricalProcess {
    first: f64,
    slope: f64,
    offset: f64,
}

impl EmpiricalProcess {
    /// Makes the bound `slope · sqrt((ln(1 + ln(t / first)) + C) / t)`, with the least `C` for
    /// which it is crossed with probability `alpha` at most; none unless `slope` is above
    /// `sqrt(1/2)`, where there is no such `C`.
    #[must_use]
    pub fn new(alpha: f64, first: f64, slope: f64) -> Option<Self> {
        if slope <= 0.5_f64.sqrt() {
            return None;
        }
        let holds = |offset: f64| crossing_probability(slope, offset) <= alpha;
        let above = doubled(0.5, holds)?;
        let offset = crossing(above / 2.0, above, holds);
        Some(Self {
            first,
            slope,
            offset,
        })
    }

    /// Computes the bound after `count` observations: a distance between probabilities.
    #[must_use]
    pub fn bound(&self, count: f64) -> f64 {
        if count < self.first {
            return f64::INFINITY;
        }
        let growth = (count / self.first).ln().ln_1p();
        self.slope * ((growth + self.offset) / count).sqrt()
    }
}

/// Computes theorem 2's bound on the crossing probability, at the epochs' best length.
fn crossing_probability(slope: f64, offset: f64) -> f64 {
    let within = |epoch: f64| slope - (2.0 * (epoch - 1.0) / offset).sqrt();
    let longest = crossing(1.0, 2.0 * slope * slope, |epoch| {
        (epoch / 2.0).sqrt() > within(epoch)
    });
    let probability = |epoch: f64| {
        let rate = 2.0 / epoch * within(epoch).powi(2);
        if rate <= 1.0 {
            return f64::INFINITY;
        }
        4.0 * (-rate * offset).exp() * (1.0 + 1.0 / ((rate - 1.0) * epoch.ln()))
    };
    probability(minimiser(1.0, longest, probability))
}

/// Bounds all quantiles at all times at once (theorem 3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DoubleStitching {
    first: f64,
}

impl DoubleStitching {
    /// Makes the bound that is narrowest from `first` observations on.
    #[must_use]
    pub fn new(first: f64) -> Self {
        Self { first }
    }

    /// Computes the bound for the quantile of `probability` after `count` observations: how many
    /// observations its rank may be off, with probability `alpha` at most for all of them.
    #[must_use]
    pub fn bound(&self, probability: f64, count: f64, alpha: f64) -> f64 {
        let lateness = count.max(self.first) / self.first;
        let logit = (probability / (1.0 - probability)).ln();
        let next = logit + 2.0 * GRID * (EPOCH / lateness).sqrt();
        let nearest = if probability >= 0.5 {
            probability
        } else {
            (1.0 / (1.0 + (-next).exp())).min(0.5)
        };
        let variance = nearest * (1.0 - nearest);
        let place = lateness.sqrt() * logit.abs() / (2.0 * GRID) + 1.0;
        let shares = 2.0 * zeta(DECAY) * (2.0 * zeta(DECAY) + 1.0) / EPOCH.ln().powf(DECAY);
        let epochs = (EPOCH * lateness).ln().ln();
        let depth = DECAY * (epochs + place.ln()) + (shares / alpha).ln();
        let (k1, k2) = epoch_constants();
        let linear = k2 * (1.0 - 2.0 * probability) / 3.0 * depth;
        let gathered = k1 * k1 * variance * lateness * self.first * depth;
        let grid = GRID * (EPOCH * lateness * variance).sqrt();
        grid + (gathered + linear * linear).sqrt() + linear
    }
}
