//! A release as planned: its stages, who each admits, and the gates in front of it. It must not
//! know what has happened: that is the status.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::caller::{Attributes, Caller};
use crate::model::Model;
use crate::names::{ReleaseName, TierName, UseCaseName};
use crate::status::{Share, Stage};

/// Declares how one model enters one tier.
#[derive(Clone, Debug)]
pub struct ReleasePlan {
    /// The name in the configuration.
    pub name: ReleaseName,
    /// The tier that the candidate enters.
    pub tier: TierName,
    /// The model being released.
    pub candidate: Arc<Model>,
    /// What serves the tier today: the first of its `serves`, or in a new tier the model that a
    /// gate's `against` names.
    pub incumbent: Option<Arc<Model>>,
    /// What a caller outside the admission gets in a tier that nothing else serves.
    pub when_not_admitted: NotAdmitted,
    /// The tiers that judge answers in the suites of its gates; its evaluation keys reach them.
    pub judges: BTreeSet<TierName>,
    /// The stages to pass, in order; `sealed` is never listed.
    pub stages: Vec<StagePlan>,
    /// SHA-256 of the canonical JSON of this plan; a verdict holds it.
    pub digest: String,
}

impl ReleasePlan {
    /// Finds the plan of a stage; none for `sealed` and for stages that the plan leaves out.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<&StagePlan> {
        self.stages.iter().find(|planned| planned.stage == stage)
    }
}

/// Says what a caller gets who is not admitted to a new tier's candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotAdmitted {
    /// The answer of an unknown name.
    Refuse,
    /// Another tier's answer, once the release has opened a stage.
    Tier(TierName),
}

/// Declares one stage of a release.
#[derive(Clone, Debug, Serialize)]
pub struct StagePlan {
    /// The stage.
    pub stage: Stage,
    /// Who gets the candidate in it.
    pub admit: Admission,
    /// Percent of the admitted conversations, ascending.
    pub shares: Vec<Share>,
    /// Whether shares may rise by themselves inside the stage.
    pub advance: Advance,
    /// Criteria to enter the stage; never empty.
    pub gates: Vec<GateSpec>,
    /// Criteria to stay in it: one that fails takes the candidate out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub standing: Vec<GateSpec>,
}

/// Says who raises a share inside an opened stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Advance {
    /// A named person.
    #[default]
    Manual,
    /// The planner, while the standing criteria hold.
    Auto,
}

/// Declares who a stage admits: every given condition must hold, and an empty list is no
/// condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Admission {
    /// Teams admitted.
    pub teams: Vec<String>,
    /// Use cases admitted.
    pub use_cases: Vec<UseCaseName>,
    /// Attributes that a caller must have, by exact value.
    pub attributes: Attributes,
    /// Tokens a day that the stage may spend on the candidate, over all callers (UTC days).
    pub tokens_per_day: Option<u64>,
}

impl Admission {
    /// Names the first condition that the caller does not meet, if there is one.
    #[must_use]
    pub fn unmet(&self, caller: &Caller, use_case: &UseCaseName) -> Option<&'static str> {
        let team_is_in = caller
            .team
            .as_ref()
            .is_some_and(|team| self.teams.iter().any(|name| name == team));
        if !self.teams.is_empty() && !team_is_in {
            return Some("teams");
        }
        if !self.use_cases.is_empty() && !self.use_cases.contains(use_case) {
            return Some("use_cases");
        }
        let has_all = self.attributes.iter().all(|(name, value)| {
            caller
                .attributes
                .get(name)
                .is_some_and(|held| held == value)
        });
        if has_all { None } else { Some("attributes") }
    }
}

/// Declares one criterion: the gate's name and its parameters, checked by the gate itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateSpec {
    /// The gate's name.
    pub gate: String,
    /// Its parameters by name.
    pub params: BTreeMap<String, Value>,
}
