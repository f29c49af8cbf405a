//! Tiers, use cases and risk classes as declared. It must not know who asks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::names::{PersonName, ReleaseName, RiskName, TierName, UseCaseName};
use crate::time::Date;

/// Declares a named capability level.
#[derive(Clone, Debug)]
pub struct Tier {
    /// The name that applications ask for.
    pub name: TierName,
    /// What serves it, in order; empty in a new tier that only a release serves.
    pub serves: Vec<Arc<Model>>,
    /// Whether a request is changed to what its model takes; else the provider's own error comes
    /// back.
    pub adapt: bool,
    /// Names that hard-coded applications ask for: exact, or a prefix and `*`.
    pub aliases: Vec<String>,
    /// What the tier is for, in words.
    pub purpose: String,
    /// When the next model is asked.
    pub fallback: Fallback,
    /// The release that introduces a candidate here.
    pub release: Option<ReleaseName>,
}

/// The most attempts of one request over all its models.
pub const MAX_ATTEMPTS: u32 = 6;

/// Says for each kind of answer that another model might give differently whether the next one is
/// asked. All else that keeps a model from answering is always followed by the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// The model, or its provider's filter, declines.
    pub on_refusal: Then,
    /// The model has no capacity for the request now.
    pub on_overload: Then,
    /// The request is longer than the model's context.
    pub on_overflow: Then,
}

/// Says whether an answer goes to the caller or the next model is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The caller gets it.
    Return,
    /// The next model is asked.
    Next,
}

impl Fallback {
    /// What holds unless the tier says otherwise. A refusal is an outcome that evidence counts,
    /// and shopping round for a model that complies is a choice to be made aloud. Neither
    /// overload nor a context that is too short says anything about the request itself.
    pub const STANDARD: Self = Self {
        on_refusal: Then::Return,
        on_overload: Then::Next,
        on_overflow: Then::Next,
    };
}

/// Declares a purpose with an owner, a risk class and a review date.
#[derive(Clone, Debug)]
pub struct UseCase {
    /// The name that callers claim.
    pub name: UseCaseName,
    /// The person who answers for it.
    pub owner: PersonName,
    /// The risk class, where one is set.
    pub risk: Option<RiskName>,
    /// The tiers it may ask for.
    pub tiers: Vec<TierName>,
    /// Past this day it gets incumbents only.
    pub review_by: Option<Date>,
}

/// Declares a risk class and the gates no stage admitting such a use case may omit.
#[derive(Clone, Debug)]
pub struct Risk {
    /// The name of the class.
    pub name: RiskName,
    /// Names of the gates it requires.
    pub requires: Vec<String>,
}
