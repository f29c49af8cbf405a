//! Whether conversations begin in the arms as the share says. Looked at after every one, so it is
//! a confidence sequence and no chi-square test of a fixed number. It must not know what leads to
//! a mismatch.

use domain::Share;

use super::observation::WatchedArm;
use crate::stats::Interval;
use crate::stats::sequential::BernoulliRate;

/// How often a split as declared is held for a mismatch, over all looks.
pub(crate) const ALPHA: f64 = 0.001;
/// The conversations for which the sequence is narrowest.
const TUNED_AT: f64 = 1_000.0;

/// Counts the conversations that began under one share.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    share: Share,
    rate: BernoulliRate,
    candidates: u64,
    incumbents: u64,
}

impl Split {
    pub(super) fn new(share: Share) -> Self {
        Self {
            share,
            rate: BernoulliRate::new(TUNED_AT, ALPHA),
            candidates: 0,
            incumbents: 0,
        }
    }

    pub(super) fn begun(&mut self, arm: WatchedArm) {
        match arm {
            WatchedArm::Candidate => {
                self.candidates += 1;
                self.rate.push_hit();
            }
            WatchedArm::Incumbent => {
                self.incumbents += 1;
                self.rate.push_miss();
            }
        }
    }

    /// Tells the share.
    #[must_use]
    pub fn share(&self) -> Share {
        self.share
    }

    /// Counts the conversations that began: the candidate's and the incumbent's.
    #[must_use]
    pub fn counts(&self) -> [u64; 2] {
        [self.candidates, self.incumbents]
    }

    /// Computes the interval of the candidate's share that holds at all looks together.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.rate.interval(ALPHA)
    }

    /// Tells whether the share declared is excluded.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        let declared = f64::from(self.share.as_percent()) / 100.0;
        // Where everybody gets the candidate nothing is split.
        declared < 1.0 && self.rate.excludes(declared, ALPHA)
    }
}
