//! A policy as written down, before its names are checked against each other. It must not know
//! the configuration file's syntax.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::caller::Person;
use crate::facts::Takes;
use crate::model::Limits;
use crate::prices::Prices;
use crate::rollout::{Admission, Advance, GateSpec, NotAdmitted};
use crate::status::Stage;
use crate::tier::{Fallback, Risk, UseCase};

/// Holds everything declared, with references still plain names.
#[derive(Clone, Debug, Default)]
pub struct PolicyDraft {
    /// Tiers from the lowest to the highest; empty means the default order.
    pub tiers_order: Vec<String>,
    /// Providers.
    pub providers: Vec<ProviderDraft>,
    /// Models.
    pub models: Vec<ModelDraft>,
    /// Tiers.
    pub tiers: Vec<TierDraft>,
    /// People.
    pub people: Vec<Person>,
    /// Risk classes.
    pub risks: Vec<Risk>,
    /// Use cases.
    pub use_cases: Vec<UseCase>,
    /// Releases.
    pub releases: Vec<ReleaseDraft>,
}

/// Declares a provider.
#[derive(Clone, Debug)]
pub struct ProviderDraft {
    /// Its name.
    pub name: String,
    /// The adapter.
    pub dialect: String,
    /// The base URL, empty for a model in this process.
    pub base_url: String,
}

/// Declares a model.
#[derive(Clone, Debug)]
pub struct ModelDraft {
    /// Its name.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// The provider's id for it.
    pub id: String,
    /// The safeguard profile.
    pub safeguards: Option<String>,
    /// Fixed parameters.
    pub params: Map<String, Value>,
    /// The weights' hash.
    pub weights: Option<String>,
    /// Limits of one request.
    pub limits: Limits,
    /// Prices, where known.
    pub prices: Option<Prices>,
    /// What is known of what it refuses and changes.
    pub takes: Takes,
}

/// Declares a tier.
#[derive(Clone, Debug)]
pub struct TierDraft {
    /// Its name.
    pub name: String,
    /// Names of the models that serve it, in order.
    pub serves: Vec<String>,
    /// Whether a request is changed to what its model takes.
    pub adapt: bool,
    /// Aliases, exact or ending in `*`.
    pub aliases: Vec<String>,
    /// What it is for.
    pub purpose: String,
    /// When the next model is asked.
    pub fallback: Fallback,
}

/// Declares a release.
#[derive(Clone, Debug)]
pub struct ReleaseDraft {
    /// Its name.
    pub name: String,
    /// The tier's name.
    pub tier: String,
    /// The candidate's name.
    pub candidate: String,
    /// What a caller outside the admission gets.
    pub when_not_admitted: NotAdmitted,
    /// The tiers that judge answers in the suites of its gates.
    pub judges: BTreeSet<String>,
    /// Its stages in order.
    pub stages: Vec<StageDraft>,
}

/// Declares a stage.
#[derive(Clone, Debug)]
pub struct StageDraft {
    /// The stage.
    pub stage: Stage,
    /// Whom it admits; only `general` may leave it out.
    pub admit: Option<Admission>,
    /// Shares in percent; empty means all at once.
    pub shares: Vec<u64>,
    /// Who raises them.
    pub advance: Advance,
    /// The gates in front of it.
    pub gates: Vec<GateSpec>,
    /// The criteria to stay in it.
    pub standing: Vec<GateSpec>,
}
