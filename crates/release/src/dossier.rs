//! Everything that a gate may look at: the plan, the status, the evidence and the approvals. It
//! must not judge any of it.

use std::collections::BTreeMap;

use domain::{
    KeyId, ModelDigest, Person, PersonName, ReleasePlan, ReleaseStatus, Stage, SuiteName,
    Timestamp, UseCaseName,
};
use serde::{Deserialize, Serialize};

use crate::watch::Watch;
use crate::way::{self, Point, Step};

/// Holds what is known about one release when a stage is to be entered.
#[derive(Clone, Copy)]
pub struct Dossier<'a> {
    /// The release's plan.
    pub plan: &'a ReleasePlan,
    /// Where the plan's candidate stands, as [`standing`](crate::way::standing) shows it.
    pub status: &'a ReleaseStatus,
    /// Every eval run taken in, whatever model it is about.
    pub runs: &'a [EvalRun],
    /// How many runs on a model were made and never brought in: each is an attempt on every suite.
    pub never_brought: &'a BTreeMap<ModelDigest, u32>,
    /// Every approval given.
    pub approvals: &'a [Approval],
    /// Every waiver given.
    pub waivers: &'a [Waiver],
    /// Every incident reported of this release's candidates.
    pub incidents: &'a [Incident],
    /// What is seen of its traffic in the stage that it is in; none where nothing is watched.
    pub watch: Option<&'a Watch>,
    /// Gates that the risk class of a use case requires which the next stage admits, each with
    /// such a use case.
    pub required: &'a BTreeMap<String, UseCaseName>,
    /// Who asks for the move.
    pub requester: &'a PersonName,
    /// People by name.
    pub people: &'a BTreeMap<PersonName, Person>,
    /// The digest of each declared suite's cases today.
    pub suites: &'a BTreeMap<SuiteName, String>,
    /// The digest of a declared model by name, for gates that name what they compare against.
    pub models: &'a BTreeMap<String, ModelDigest>,
    /// The time of the judgement.
    pub now: Timestamp,
}

impl<'a> Dossier<'a> {
    /// Names the place where the release stands.
    #[must_use]
    pub fn place(&self) -> Point {
        Point {
            stage: self.status.stage,
            share: self.status.share,
        }
    }

    /// Finds the next step, whose gates are judged; none at the end of the plan.
    #[must_use]
    pub fn next_step(&self) -> Option<Step<'a>> {
        way::next_step(self.plan, self.status)
    }
}

/// Holds one run of a suite against one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvalRun {
    /// The suite's name.
    pub suite: SuiteName,
    /// SHA-256 of its cases.
    pub suite_digest: String,
    /// The model that the run is about.
    pub digest: ModelDigest,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// What became of each case.
    pub items: Vec<Item>,
    /// What spoils the run as a whole, if anything: answers that it leaves out, rows that are
    /// not those of the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoilt: Option<String>,
    /// How often what scored it errs, where that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_error: Option<KnownError>,
}

/// Says how often a scorer errs, as far as it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownError {
    /// The share of what it should find that it finds.
    pub sensitivity: f64,
    /// The share of what it should leave alone that it leaves alone.
    pub specificity: f64,
}

impl KnownError {
    /// Tells how much of a share is there in truth when so much was found (Rogan and Gladen); none
    /// of a scorer that finds no more than chance does.
    #[must_use]
    pub fn corrected(&self, found: f64) -> Option<f64> {
        let gain = self.sensitivity + self.specificity - 1.0;
        let corrected = (found + self.specificity - 1.0) / gain;
        (gain > 0.0).then(|| corrected.clamp(0.0, 1.0))
    }
}

/// Says what became of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The case.
    pub id: String,
    /// The cluster that it belongs to; the case itself where none is given.
    pub cluster: String,
    /// The score, 0 to 1.
    pub score: f64,
    /// What spoils it as evidence, if anything: a fallback, another model, an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoilt: Option<String>,
}

/// Holds one person's approval of one stage, candidate and plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The stage approved.
    pub stage: Stage,
    /// Who approves.
    pub person: PersonName,
    /// The key it was given with.
    pub key: KeyId,
    /// Who issued that key.
    pub issuer: Option<PersonName>,
    /// The candidate approved.
    pub digest: ModelDigest,
    /// The plan approved.
    pub plan: String,
    /// When.
    pub at: Timestamp,
}

/// Holds one waiver of one criterion of one stage, candidate and plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The stage to be entered.
    pub stage: Stage,
    /// The criterion, whole, as JSON text: a ledger's entries hold no broken numbers.
    pub criterion: String,
    /// Who answers for it.
    pub person: PersonName,
    /// The key it was given with.
    pub key: KeyId,
    /// Who issued that key.
    pub issuer: Option<PersonName>,
    /// Why.
    pub reason: String,
    /// When it ends.
    pub until: Timestamp,
    /// The candidate.
    pub digest: ModelDigest,
    /// The plan.
    pub plan: String,
    /// When.
    pub at: Timestamp,
}

/// Holds one incident with a candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The candidate.
    pub digest: ModelDigest,
    /// What happened.
    pub what: String,
    /// Who reports it.
    pub by: PersonName,
    /// When.
    pub at: Timestamp,
}
