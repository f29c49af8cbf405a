//! What a stage will see before it opens: for each criterion of its live traffic, how many
//! conversations it takes to see which regression. It must not know what a person makes of it.

use domain::{Share, StagePlan};
use serde::Serialize;

use crate::watch::{Assumed, Bound, CANARY, Scale, asked, conversations_needed};

/// How much worse than its bound a candidate is, in points of the share.
const REGRESSIONS: [f64; 3] = [0.05, 0.1, 0.2];
/// What is assumed to go wrong with the incumbent, as a share.
const BASE: f64 = 0.05;

/// Says how many conversations one regression takes to be seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sensitivity {
    /// The metric.
    pub metric: &'static str,
    /// The share of the conversations that get the candidate, in percent.
    pub share: Share,
    /// What is assumed to go wrong beside it, as a share.
    pub base: f64,
    /// What goes wrong with the candidate.
    pub candidate: f64,
    /// How many of its conversations it takes to see that with 90 % probability; none where
    /// nothing is beside it to compare with.
    pub conversations: Option<u64>,
}

/// Lists what a stage's standing criteria will see at each of its shares. Times and costs depend
/// on their spread, which nobody knows before.
#[must_use]
pub fn sensitivity(stage: &StagePlan) -> Vec<Sensitivity> {
    let watched = stage.standing.iter().filter(|spec| spec.gate == CANARY);
    let count = watched.clone().count() as f64;
    let mut list = Vec::new();
    for asked in watched.filter_map(|spec| asked(spec).ok()) {
        if !matches!(asked.metric.scale, Scale::Good | Scale::Bad) {
            continue;
        }
        for share in &stage.shares {
            for regression in REGRESSIONS {
                let (base, allowed) = match asked.bound {
                    Bound::Worse(most) => (BASE, BASE + most),
                    Bound::Absolute(most) => (most, most),
                };
                let candidate = (allowed + regression).min(1.0);
                let assumed = Assumed {
                    base,
                    candidate,
                    bound: asked.bound,
                    alpha: asked.alpha / count,
                };
                let needed = conversations_needed(&assumed, *share);
                list.push(Sensitivity {
                    metric: asked.metric.name,
                    share: *share,
                    base,
                    candidate,
                    conversations: needed.map(|needed| needed as u64),
                });
            }
        }
    }
    list
}
