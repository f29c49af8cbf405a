//! The policy: everything declared, with every name resolved and every rule between the parts
//! checked once, so that the request path has nothing left to check. It must not know what has
//! happened.

mod aliases;
mod build;
mod fault;
mod required;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::caller::Person;
use crate::model::Model;
use crate::names::{ModelName, PersonName, ReleaseName, RiskName, TierName, UseCaseName};
use crate::rollout::{ReleasePlan, StagePlan};
use crate::tier::{Risk, Tier, UseCase};
use aliases::Aliases;

pub use fault::PolicyFault;

/// Names a loaded policy: SHA-256 of the configuration's canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDigest(pub Arc<str>);

impl fmt::Display for PolicyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Holds everything declared, ready to decide over.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Names this policy in the ledger.
    pub digest: PolicyDigest,
    /// Tiers from the lowest to the highest.
    pub tiers_order: Vec<TierName>,
    /// Models by name.
    pub models: BTreeMap<ModelName, Arc<Model>>,
    /// Tiers by name.
    pub tiers: BTreeMap<TierName, Tier>,
    /// People by name.
    pub people: BTreeMap<PersonName, Person>,
    /// Risk classes by name.
    pub risks: BTreeMap<RiskName, Risk>,
    /// Use cases by name.
    pub use_cases: BTreeMap<UseCaseName, UseCase>,
    /// Releases by name.
    pub releases: BTreeMap<ReleaseName, ReleasePlan>,
    aliases: Aliases,
    serving: HashMap<ModelName, Vec<TierName>>,
    candidates: HashMap<ModelName, Vec<ReleaseName>>,
}

impl Policy {
    /// Finds the tier that an alias leads to: the exact alias first, then the pattern with the
    /// longest literal prefix.
    #[must_use]
    pub fn tier_by_alias(&self, name: &str) -> Option<&Tier> {
        self.aliases
            .find(name)
            .and_then(|tier| self.tiers.get(tier))
    }

    /// Lists the tiers that a model serves as an incumbent.
    pub fn tiers_served_by(&self, model: &str) -> impl Iterator<Item = &Tier> {
        self.serving
            .get(model)
            .into_iter()
            .flatten()
            .filter_map(|name| self.tiers.get(name))
    }

    /// Lists the releases whose candidate a model is.
    pub fn releases_of(&self, model: &str) -> impl Iterator<Item = &ReleasePlan> {
        self.candidates
            .get(model)
            .into_iter()
            .flatten()
            .filter_map(|name| self.releases.get(name))
    }

    /// Tells whether a model serves a tier or is a release's candidate.
    pub(crate) fn is_placed(&self, model: &str) -> bool {
        self.serving.contains_key(model) || self.candidates.contains_key(model)
    }

    /// Names one of the candidates, where there is a release.
    pub(crate) fn any_candidate(&self) -> Option<&str> {
        let first = self.releases.values().next();
        first.map(|plan| plan.candidate.name.as_str())
    }

    /// Lists the gates that the risk of a use case requires which a stage admits, each with such
    /// a use case.
    #[must_use]
    pub fn required_gates(
        &self,
        plan: &ReleasePlan,
        stage: &StagePlan,
    ) -> BTreeMap<String, UseCaseName> {
        let (listed, tier) = (&stage.admit.use_cases, plan.tier.as_str());
        let required = required::required(&self.use_cases, &self.risks, listed, tier);
        let named = |(case, gate): (&UseCase, &str)| (gate.to_owned(), case.name.clone());
        required.into_iter().map(named).collect()
    }

    /// Finds a tier's release plan.
    #[must_use]
    pub fn release_of_tier(&self, tier: &Tier) -> Option<&ReleasePlan> {
        tier.release
            .as_ref()
            .and_then(|name| self.releases.get(name))
    }
}
