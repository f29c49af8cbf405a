//! Tiers, use cases and risk classes as declared. It must not know who asks.

use std::sync::Arc;

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
    /// The release that introduces a candidate here.
    pub release: Option<ReleaseName>,
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
