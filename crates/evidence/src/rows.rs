//! Rows of evidence: what became of each case of one run, and who really answered it. It must not
//! judge whether that is enough.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ModelDigest, PicoUsd, ReleaseName, SuiteName, Timestamp, Tokens};
use serde::{Deserialize, Serialize};

/// The most rows that one run may hold.
pub(crate) const MOST_ROWS: usize = 100_000;

/// Says which side of a release was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The model being released.
    Candidate,
    /// What serves the tier today.
    Incumbent,
}

/// Says how one request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered to the end.
    Ok,
    /// Answered with a refusal.
    Refused,
    /// Answered by another model in this one's place.
    Fallback,
    /// Cut off at the limit of tokens.
    Truncated,
    /// Not answered.
    Error,
}

/// Names the scorer that a score came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoredBy {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
}

/// Holds what became of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The case.
    pub item: String,
    /// The cluster that it belongs to.
    pub cluster: String,
    /// The how-manyeth time within the run that the case was asked, from 1.
    pub epoch: u32,
    /// The model asked for.
    pub requested_model: String,
    /// The model that the answer names; none where no answer came.
    pub served_model: Option<String>,
    /// The digest of the model that served, where the gateway told it.
    pub served_digest: Option<ModelDigest>,
    /// How the request ended.
    pub outcome: Outcome,
    /// The score, 0 to 1.
    pub score: f64,
    /// Why that score, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What scored it.
    pub scorer: ScoredBy,
    /// The tokens used.
    #[serde(default)]
    pub tokens: Tokens,
    /// What it cost, where there is a price.
    pub cost: Option<PicoUsd>,
    /// How long the answer took, in milliseconds.
    pub time_ms: u64,
    /// SHA-256 of the bytes that the case came from.
    pub source: String,
    /// The how-manyeth attempt of the whole run it belongs to, from 1.
    pub attempt: u32,
    /// The gateway's decision that answered it; none where no answer came.
    pub decision: Option<String>,
}

/// Holds one run of a suite against one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvalRun {
    /// The release.
    pub release: ReleaseName,
    /// Which side of it was asked.
    pub arm: Arm,
    /// The suite.
    pub suite: SuiteName,
    /// SHA-256 of its bytes.
    pub suite_digest: String,
    /// The how-manyeth attempt on this model and suite it is, from 1.
    pub attempt: u32,
    /// The model that the run is about.
    pub model: ModelDigest,
    /// What became of each case.
    pub rows: Vec<Row>,
    /// When it was taken.
    pub taken_at: Timestamp,
}

/// Says what is wrong with a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunFault {
    /// There are no rows, or too many.
    #[error("the run holds {count} rows: bring 1 to {MOST_ROWS}")]
    Count {
        /// How many there are.
        count: usize,
    },
    /// A row is wrong.
    #[error("item {item}, epoch {epoch}: {what}")]
    Row {
        /// The case.
        item: String,
        /// The epoch.
        epoch: u32,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
}

/// Sums a run up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// How many rows there are.
    pub rows: usize,
    /// How many clusters they come in.
    pub clusters: usize,
    /// The mean score of all rows; none of none.
    pub mean: Option<f64>,
    /// How many rows ended in each way.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// How many rows say nothing of the model that the run is about.
    pub spoilt: usize,
}

impl Row {
    /// Says why the row is no evidence about a model, if it is none. A refusal and a truncated
    /// answer are what the model did; a served model that is unknown closes.
    #[must_use]
    pub fn spoilt(&self, model: &ModelDigest) -> Option<&'static str> {
        match self.outcome {
            Outcome::Fallback => return Some("a fallback answered it"),
            Outcome::Error => return Some("it was not answered"),
            Outcome::Ok | Outcome::Refused | Outcome::Truncated => {}
        }
        match &self.served_digest {
            None => Some("it is not known which model answered it"),
            Some(served) if served != model => Some("another model answered it"),
            Some(_) => None,
        }
    }
}

impl EvalRun {
    /// Checks what a run must hold for anything to be computed from it.
    ///
    /// # Errors
    /// Returns the first thing wrong.
    // INVARIANT: a decision answers one row only, so that one good answer cannot stand for many;
    // held by `tests::a_run_that_is_wrong_names_the_row`.
    pub fn check(&self) -> Result<(), RunFault> {
        let count = self.rows.len();
        if count == 0 || count > MOST_ROWS {
            return Err(RunFault::Count { count });
        }
        let (mut seen, mut decisions) = (BTreeSet::new(), BTreeSet::new());
        for row in &self.rows {
            let wrong = |what| {
                Err(RunFault::Row {
                    item: row.item.clone(),
                    epoch: row.epoch,
                    what,
                })
            };
            if !(0.0..=1.0).contains(&row.score) {
                return wrong("its score is not from 0 to 1");
            }
            if row.item.is_empty() || row.cluster.is_empty() {
                return wrong("it lacks its item or its cluster");
            }
            if row.epoch == 0 || row.attempt != self.attempt || self.attempt == 0 {
                return wrong("its epoch or attempt is not counted from 1, or is not the run's");
            }
            if row.source != self.suite_digest {
                return wrong("it comes from another suite: run the suite again");
            }
            if !seen.insert((row.item.as_str(), row.epoch)) {
                return wrong("it stands in the run twice");
            }
            if let Some(decision) = &row.decision
                && !decisions.insert(decision.as_str())
            {
                return wrong("its decision answered another row already");
            }
        }
        Ok(())
    }

    /// Sums the run up.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let clusters: BTreeSet<&str> = self.rows.iter().map(|row| row.cluster.as_str()).collect();
        let mut outcomes = BTreeMap::new();
        for row in &self.rows {
            *outcomes.entry(row.outcome).or_default() += 1;
        }
        let sum: f64 = self.rows.iter().map(|row| row.score).sum();
        let count = self.rows.len();
        let is_spoilt = |row: &&Row| row.spoilt(&self.model).is_some();
        Summary {
            rows: count,
            clusters: clusters.len(),
            mean: (count > 0).then(|| sum / count as f64),
            outcomes,
            spoilt: self.rows.iter().filter(is_spoilt).count(),
        }
    }
}

#[cfg(test)]
mod tests;
