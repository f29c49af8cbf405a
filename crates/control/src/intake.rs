//! Takes evidence in: an eval run's items joined with the gateway's own accounting rows, so that
//! what counts is which model really answered. It must not judge.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use domain::{CallerKind, KeyId, Model, ModelDigest, ReleasePlan, SuiteName};
use release::{EvalRun, Item};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Arm, EvidenceId, EvidenceRow, Outcome, UsageRow};

use crate::book::Book;
use crate::control::Control;
use crate::error::ControlError;
use crate::operator::Operator;
use crate::payload::{self, Payload};
use crate::record::{EvidenceTaken, FileTaken, FileTold};
use crate::unbrought;

/// The most items that one run may bring.
const MOST_ITEMS: usize = 100_000;

/// Describes an eval run as it is brought.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Brought {
    /// Which arm of the release was asked.
    pub arm: ArmName,
    /// The suite.
    #[schemars(with = "String")]
    pub suite: SuiteName,
    /// SHA-256 of the suite's cases.
    pub suite_digest: String,
    /// The evaluation key that the run was made with.
    #[schemars(with = "String")]
    pub key: KeyId,
    /// What became of each case.
    pub items: Vec<BroughtItem>,
}

/// Names an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArmName {
    /// The candidate.
    Candidate,
    /// The incumbent.
    Incumbent,
}

impl fmt::Display for ArmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Candidate => "candidate",
            Self::Incumbent => "incumbent",
        })
    }
}

/// Says what became of one case, and which decision answered it.
#[derive(Debug, Deserialize, JsonSchema)]
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
    /// How many reasons there are why it cannot be used; any makes the whole run inconclusive.
    pub spoilt: usize,
    /// The first of those reasons.
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
    /// The key is not one that this release's evidence is made with.
    #[error("`{key}` is not the id of an evaluation key of this release")]
    Key {
        /// The key named.
        key: KeyId,
    },
    /// A run of this key on this arm was taken in before, or the key was used for a file.
    #[error("a run of this key on the {arm} is taken in already: a new run takes a new key")]
    Twice {
        /// The arm.
        arm: Arm,
    },
    /// The run's accounting rows are not durable yet.
    #[error("the run's accounting rows are not written yet: the store is slow or full")]
    Unsettled,
    /// Store or ledger failed.
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl Control {
    /// Gathers the eval runs of a release that the ledger names, and counts those that it does not;
    /// one that was erased, or whose rows are gone or changed, is spoilt, and does not make way for
    /// an older one.
    pub(crate) fn runs(&self, plan: &ReleasePlan, book: &Book) -> Result<Runs, ControlError> {
        let named = book.evidence.get(&plan.name);
        let named = named.map_or(&[][..], Vec::as_slice);
        let asked = self.store.asked_for(&plan.name)?;
        let never_brought = unbrought::count(asked, named.iter().map(|(taken, _)| taken));
        let rows = self.store.evidence_of(&plan.name)?;
        let rows: HashMap<&str, &EvidenceRow> =
            rows.iter().map(|row| (row.id.0.as_str(), row)).collect();
        let run = |(taken, at): &(EvidenceTaken, _)| {
            let row = rows.get(taken.id.as_str()).copied();
            payload::counted((taken, *at), row, book.erased.get(&taken.id)).run
        };
        Ok(Runs {
            brought: named.iter().map(run).collect(),
            never_brought,
        })
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
        let (arm, model) = asked(plan, brought.arm)?;
        let used = self.used(plan, &brought.key)?;
        let (items, left_out) = joined(brought, &model.digest, arm, &used);
        let run = EvalRun {
            suite: brought.suite.clone(),
            suite_digest: brought.suite_digest.clone(),
            digest: model.digest.clone(),
            taken_at: (self.hooks.clock)(),
            items,
            spoilt: (left_out > 0)
                .then(|| format!("{left_out} answers to its key are not among its items")),
            known_error: None,
        };
        let key = &brought.key;
        let kept = Kept {
            key,
            arm,
            run: &run,
            file: None,
        };
        let (id, _) = self.keep(plan, kept, by)?;
        Ok(taken(id, &run))
    }

    /// Reads what the gateway accounted for under a key, once all of it is durable.
    pub(crate) fn used(
        &self,
        plan: &ReleasePlan,
        key: &KeyId,
    ) -> Result<Vec<UsageRow>, IntakeError> {
        self.check_key(plan, key)?;
        if !(self.hooks.settle)() {
            return Err(IntakeError::Unsettled);
        }
        let used = self.store.usage_of_key(key);
        Ok(used.map_err(ControlError::from)?)
    }

    /// Checks that the run was made with an evaluation key of this very release.
    fn check_key(&self, plan: &ReleasePlan, id: &KeyId) -> Result<(), IntakeError> {
        let key = self.store.key(id).map_err(ControlError::from)?;
        let caller = key.as_ref().and_then(|key| key.caller());
        let is_of_release = caller.is_some_and(|caller| match &caller.kind {
            CallerKind::Evaluator { release } => *release == plan.name,
            CallerKind::Application => false,
        });
        is_of_release
            .then_some(())
            .ok_or_else(|| IntakeError::Key { key: id.clone() })
    }

    /// Keeps a run: its rows and the key of their commitment in the store, then what is bound to
    /// them in the ledger. Rows that the ledger does not name count for nothing, so that a run may
    /// be brought again after a failure.
    pub(crate) fn keep(
        &self,
        plan: &ReleasePlan,
        kept: Kept<'_>,
        by: &Operator,
    ) -> Result<(String, u32), IntakeError> {
        let Kept { key, arm, run, .. } = kept;
        let mut logbook = self.logbook();
        // What the ledger names has to be certain before rows make way for others.
        self.settle_ledger(&mut logbook)?;
        let named = logbook.book().evidence.get(&plan.name);
        let named = || named.into_iter().flatten().map(|(taken, _)| taken);
        let id = format!("{key}-{arm}");
        // What was erased under this name before the ledger took it does not come back.
        let is_erased = logbook.book().erased.contains_key(&id);
        if is_erased || named().any(|taken| kept.shares_key(taken)) {
            return Err(IntakeError::Twice { arm });
        }
        let is_before =
            |taken: &&EvidenceTaken| taken.digest == run.digest && taken.suite == run.suite;
        let before = u32::try_from(named().filter(is_before).count());
        let attempt = before.unwrap_or(u32::MAX).saturating_add(1);
        let (row, rows) = self.row(&kept, (EvidenceId(id.clone()), attempt), plan)?;
        self.put(&row)?;
        let (file, _) = kept.file.unzip();
        let record = EvidenceTaken {
            id: id.clone(),
            release: plan.name.clone(),
            arm: Some(arm.as_str().to_owned()),
            suite: run.suite.clone(),
            suite_digest: run.suite_digest.clone(),
            digest: run.digest.clone(),
            rows,
            by: by.person.clone(),
            file,
        };
        logbook.append(&record, (self.hooks.clock)())?;
        Ok((id, attempt))
    }

    /// Makes a row of its own key, and what binds an entry to it.
    fn row(
        &self,
        kept: &Kept<'_>,
        (id, attempt): (EvidenceId, u32),
        plan: &ReleasePlan,
    ) -> Result<(EvidenceRow, String), ControlError> {
        let run = kept.run;
        let payload = Payload {
            run: run.clone(),
            file: kept.file.as_ref().map(|(_, told)| told.clone()),
        };
        let body = serde_json::to_value(&payload)?;
        let key = self.store.draw_commitment_key()?;
        let rows = payload::bound(&key, &body);
        let row = EvidenceRow {
            id,
            release: plan.name.clone(),
            arm: kept.arm,
            suite: run.suite.clone(),
            suite_digest: run.suite_digest.clone(),
            model_digest: run.digest.clone(),
            taken_at: run.taken_at,
            attempt,
            body,
            commitment_key: Some(key),
        };
        Ok((row, rows))
    }

    /// Puts a row into the store, in the place of one that a failure left behind.
    fn put(&self, row: &EvidenceRow) -> Result<(), ControlError> {
        if self.store.release_of_evidence(&row.id)?.is_some() {
            self.store.erase_evidence(&row.id)?;
        }
        self.store.put_evidence(row)?;
        Ok(())
    }
}

/// Holds the runs that were made of a release's models, as far as gates look at them.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    /// Those brought in.
    pub(crate) brought: Vec<EvalRun>,
    /// How many were made on each model and never brought in.
    pub(crate) never_brought: BTreeMap<ModelDigest, u32>,
}

/// Holds a run that is to be kept.
pub(crate) struct Kept<'a> {
    /// The evaluation key that it was made with.
    pub(crate) key: &'a KeyId,
    /// Which arm was asked.
    pub(crate) arm: Arm,
    /// The run.
    pub(crate) run: &'a EvalRun,
    /// The file that it was read out of, where another tool made it: what may be known of it for
    /// ever, and what may not.
    pub(crate) file: Option<(FileTaken, FileTold)>,
}

impl Kept<'_> {
    /// Tells whether a run that was taken in used up this one's key: a key is for one file, or for
    /// one run of our own on each arm.
    fn shares_key(&self, taken: &EvidenceTaken) -> bool {
        let is_of_file = self.file.is_some() || taken.file.is_some();
        match taken.key_and_arm() {
            Some((key, _)) if is_of_file => key == self.key.as_str(),
            Some((key, arm)) => key == self.key.as_str() && arm == self.arm.as_str(),
            None => false,
        }
    }
}

/// Finds the model of an arm.
pub(crate) fn asked(plan: &ReleasePlan, arm: ArmName) -> Result<(Arm, &Model), IntakeError> {
    let (arm, model) = match arm {
        ArmName::Candidate => (Arm::Candidate, Some(&plan.candidate)),
        ArmName::Incumbent => (Arm::Incumbent, plan.incumbent.as_ref()),
    };
    let model = model.ok_or(IntakeError::NoIncumbent)?;
    Ok((arm, model))
}

pub(crate) fn taken(id: String, run: &EvalRun) -> Taken {
    let of_items = run.items.iter().filter_map(|item| item.spoilt.as_ref());
    let spoilt: Vec<&String> = run.spoilt.iter().chain(of_items).collect();
    let sum: f64 = run.items.iter().map(|item| item.score).sum();
    // A file may hold no item at all.
    let count = run.items.len().max(1) as f64;
    Taken {
        id,
        digest: run.digest.clone(),
        items: run.items.len(),
        spoilt: spoilt.len(),
        first_reason: spoilt.first().map(|reason| (*reason).clone()),
        mean: sum / count,
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
/// answered by anything but the model asked about, is spoilt. Counts the answers of that arm
/// that no item stands for, too: a run is brought whole, not as far as it suits.
fn joined(
    brought: &Brought,
    digest: &ModelDigest,
    arm: Arm,
    used: &[UsageRow],
) -> (Vec<Item>, usize) {
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
    let items = brought.items.iter().map(&mut join).collect();
    let left_out = rows.values().filter(|row| row.arm == Some(arm)).count();
    (items, left_out)
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
