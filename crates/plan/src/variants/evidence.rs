//! What evidence says of a variant: a score with its interval where it counts, and why it does not
//! where it does not. It must not say anything of what nobody measured.

use release::stats::{alpha_of_attempt, wilson};
use serde::{Deserialize, Serialize};

/// The share that the interval of a score leaves out that a file states.
const ALPHA_OF_FILE: f64 = 0.1;
/// The error rate of all attempts together at one end of an interval: that of every gate on evals.
const ALPHA_OF_GATES: f64 = 0.05;

/// States a score of one variant, as a gate or a suite gave it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scored {
    /// The variant.
    pub variant: String,
    /// The suite.
    pub suite: String,
    /// The share of items that passed.
    pub score: f64,
    /// How many items there were.
    pub items: u64,
}

/// Shows a score with its interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The suite.
    pub suite: String,
    /// The mean score of the items.
    pub score: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
    /// How sure the interval is, from 0 to 1.
    pub level: f64,
    /// How many items.
    pub items: u64,
    /// The run that it is of; none of a score that a file states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
}

/// Describes a run of a suite that a store keeps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// The release that it was made for.
    pub release: String,
    /// Which arm of it was asked.
    pub arm: String,
    /// The digest of the model that answered.
    pub digest: String,
    /// The day on which it was taken in, UTC.
    pub day: String,
    /// How many days ago that was.
    pub age_days: f64,
}

/// States the mean score of a run that counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub score: f64,
    /// How many items it is of.
    pub items: u64,
    /// How many clusters they come in.
    pub clusters: u64,
    /// How many runs of the suite on this model there were, this one included.
    pub attempts: u32,
}

/// Names a run that does not count, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotCounted {
    /// The suite.
    pub suite: String,
    /// Why it does not count, and how to mend it.
    pub why: String,
    /// How many items it holds.
    pub items: u64,
    /// The run.
    pub run: Run,
}

/// Lists what a file of scores says of a variant; nothing where it says nothing.
#[must_use]
pub fn evidence(scores: &[Scored], variant: &str) -> Vec<Evidence> {
    let own = scores.iter().filter(|scored| scored.variant == variant);
    own.map(|scored| {
        let items = scored.items as f64;
        let interval = wilson(scored.score * items, items, ALPHA_OF_FILE);
        Evidence {
            suite: scored.suite.clone(),
            score: scored.score,
            low: interval.lower,
            high: interval.upper,
            level: 1.0 - ALPHA_OF_FILE,
            items: scored.items,
            run: None,
        }
    })
    .collect()
}

/// Puts Wilson's interval around the mean score of a run, with the clusters as its observations.
/// Its lower end is the bound by which the gate `eval_floor` judges: each rerun has a wider one.
#[must_use]
pub fn of_run(suite: &str, mean: Mean, run: Run) -> Evidence {
    let clusters = mean.clusters as f64;
    let alpha = 2.0 * alpha_of_attempt(ALPHA_OF_GATES, mean.attempts);
    let interval = wilson(mean.score * clusters, clusters, alpha);
    Evidence {
        suite: suite.to_owned(),
        score: mean.score,
        low: interval.lower,
        high: interval.upper,
        level: 1.0 - alpha,
        items: mean.items,
        run: Some(run),
    }
}

/// Tells whether one variant is surely better in a suite that both have: the intervals do not
/// meet. None where a suite is missing.
#[must_use]
pub fn is_surely_better(one: &[Evidence], other: &[Evidence], suite: &str) -> Option<bool> {
    let of = |all: &[Evidence]| all.iter().find(|found| found.suite == suite).cloned();
    Some(of(one)?.low > of(other)?.high)
}
