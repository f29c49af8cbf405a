//! Takes evidence in: an eval run's items joined with the gateway's own accounting rows, so that
//! what counts is which model really answered. It must not judge.

use std::collections::HashMap;

use domain::{KeyId, ModelDigest, ReleasePlan, SuiteName};
use release::{EvalRun, Item};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Arm, EvidenceId, EvidenceRow, Outcome, UsageRow};

use crate::control::{Control, ControlError};
use crate::operator::Operator;
use crate::record::EvidenceTaken;

/// The most items that one run may bring.
const MOST_ITEMS: usize = 100_000;

/// Describes an eval run as it is brought.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brought {
    /// Which arm of the release was asked.
    pub arm: ArmName,
    /// The suite.
    pub suite: SuiteName,
    /// SHA-256 of the suite's cases.
    pub suite_digest: String,
    /// The evaluation key that the run was made with.
    pub key: KeyId,
    /// What became of each case.
    pub items: Vec<BroughtItem>,
}

/// Names an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArmName {
    /// The candidate.
    Candidate,
    /// The incumbent.
    Incumbent,
}

/// Says what became of one case, and which decision answered it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BroughtItem {
    /// The case.
    pub id: String,
    /// The cluster that it belongs to.
    pub cluster: String,
    /// The score, 0 to 1.
    pub score: f64,
    /// The decision that the answer named; none where no answer came.
    pub decision: Option<String>,
}

/// Says what was taken in.
#[derive(Debug, Serialize)]
pub struct Taken {
    /// The evidence's id.
    pub id: String,
    /// The model that it is about.
    pub digest: ModelDigest,
    /// How many items it holds.
    pub items: usize,
    /// How many of them cannot be used, and make the whole run inconclusive.
    pub spoilt: usize,
    /// Why the first of those cannot.
    pub first_reason: Option<String>,
    /// The mean score.
    pub mean: f64,
}

/// Says why evidence is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// There is no item, or there are too many.
    #[error("a run holds 1 to {MOST_ITEMS} items")]
    Count,
    /// A score is out of range, or an item stands there twice.
    #[error("item {id}: {what}")]
    Item {
        /// The item.
        id: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The release has no incumbent.
    #[error("the release has no incumbent to take evidence about")]
    NoIncumbent,
    /// The run's accounting rows are not durable yet.
    #[error("the run's accounting rows are not written yet: the store is slow or full")]
    Unsettled,
    /// Store or ledger failed.
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl Control {
    /// Lists the eval runs of a release.
    pub(crate) fn runs(&self, plan: &ReleasePlan) -> Result<Vec<EvalRun>, ControlError> {
        let rows = self.store.evidence_of(&plan.name)?;
        rows.into_iter()
            .map(|row| Ok(EvalRun::deserialize(row.body)?))
            .collect()
    }

    /// Takes an eval run in.
    ///
    /// # Errors
    /// Fails when it is malformed, or store or ledger fail.
    pub fn take(
        &self,
        plan: &ReleasePlan,
        brought: &Brought,
        by: &Operator,
    ) -> Result<Taken, IntakeError> {
        check(brought)?;
        let (arm, model) = match brought.arm {
            ArmName::Candidate => (Arm::Candidate, Some(&plan.candidate)),
            ArmName::Incumbent => (Arm::Incumbent, plan.incumbent.as_ref()),
        };
        let model = model.ok_or(IntakeError::NoIncumbent)?;
        if !(self.hooks.settle)() {
            return Err(IntakeError::Unsettled);
        }
        let used = self
            .store
            .usage_of_key(&brought.key)
            .map_err(ControlError::from)?;
        let run = EvalRun {
            suite: brought.suite.clone(),
            suite_digest: brought.suite_digest.clone(),
            digest: model.digest.clone(),
            taken_at: (self.hooks.clock)(),
            items: joined(brought, &model.digest, &used),
        };
        let body = serde_json::to_value(&run).map_err(ControlError::from)?;
        let digest = Sha256::digest(body.to_string().as_bytes());
        let rows: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let id = format!("{}-{}", brought.key, arm);
        let attempt = self
            .runs(plan)?
            .iter()
            .filter(|one| one.digest == run.digest)
            .count();
        let row = EvidenceRow {
            id: EvidenceId(id.clone()),
            release: plan.name.clone(),
            arm,
            suite: run.suite.clone(),
            suite_digest: run.suite_digest.clone(),
            model_digest: run.digest.clone(),
            taken_at: run.taken_at,
            attempt: u32::try_from(attempt).unwrap_or(u32::MAX).saturating_add(1),
            body,
        };
        self.store.put_evidence(&row).map_err(ControlError::from)?;
        let record = EvidenceTaken {
            id: id.clone(),
            release: plan.name.clone(),
            suite: run.suite.clone(),
            suite_digest: run.suite_digest.clone(),
            digest: run.digest.clone(),
            rows: format!("sha256:{rows}"),
            by: by.person.clone(),
        };
        self.append(&mut self.state(), &record)?;
        Ok(taken(id, &run))
    }
}

fn taken(id: String, run: &EvalRun) -> Taken {
    let spoilt: Vec<&String> = run
        .items
        .iter()
        .filter_map(|item| item.spoilt.as_ref())
        .collect();
    let sum: f64 = run.items.iter().map(|item| item.score).sum();
    Taken {
        id,
        digest: run.digest.clone(),
        items: run.items.len(),
        spoilt: spoilt.len(),
        first_reason: spoilt.first().map(|reason| (*reason).clone()),
        mean: sum / run.items.len() as f64,
    }
}

fn check(brought: &Brought) -> Result<(), IntakeError> {
    if brought.items.is_empty() || brought.items.len() > MOST_ITEMS {
        return Err(IntakeError::Count);
    }
    let mut seen = HashMap::new();
    for item in &brought.items {
        let wrong = |what| {
            Err(IntakeError::Item {
                id: item.id.clone(),
                what,
            })
        };
        if !(0.0..=1.0).contains(&item.score) {
            return wrong("its score is not from 0 to 1");
        }
        if seen.insert(item.id.as_str(), ()).is_some() {
            return wrong("it stands in the run twice");
        }
    }
    Ok(())
}

/// Joins each item with the row of the decision that answered it; what does not join, or was
/// answered by anything but the model asked about, is spoilt.
fn joined(brought: &Brought, digest: &ModelDigest, used: &[UsageRow]) -> Vec<Item> {
    let mut rows: HashMap<String, &UsageRow> = used
        .iter()
        .map(|row| (row.decision.to_string(), row))
        .collect();
    let mut join = |item: &BroughtItem| {
        // Taken out, so that one answer cannot stand for two items.
        let row = item
            .decision
            .as_ref()
            .and_then(|decision| rows.remove(decision));
        Item {
            id: item.id.clone(),
            cluster: item.cluster.clone(),
            score: item.score,
            spoilt: spoilt(row, digest),
        }
    };
    brought.items.iter().map(&mut join).collect()
}

fn spoilt(row: Option<&UsageRow>, digest: &ModelDigest) -> Option<String> {
    let Some(row) = row else {
        return Some("no accounting row of this key answers it".to_owned());
    };
    if row.digest.as_ref() != Some(digest) {
        return Some("another model answered it".to_owned());
    }
    match row.outcome {
        Outcome::Success | Outcome::Refusal | Outcome::Truncated => None,
        other => Some(format!("its answer ended as {other}")),
    }
}
