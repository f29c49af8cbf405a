//! The words of the design as types, and the pure decisions over them: who is asking, which
//! model answers, and why. It must not know a wire format, a clock, a file or a socket.

mod assign;
mod balance;
mod calendar;
mod caller;
mod circuit;
mod decide;
mod draft;
mod facts;
mod model;
mod money;
mod names;
mod policy;
mod prices;
mod reach;
mod rollout;
mod status;
mod suspension;
mod tier;
mod time;
mod visible;

#[cfg(test)]
mod tests;

pub use assign::{bucket_v2, fnv1a32};
pub use balance::Balance;
pub use calendar::{DayEntry, calendar};
pub use caller::{AUTOMATION, Attributes, Caller, CallerKind, Person};
pub use circuit::{Admits, Phase as CircuitPhase, State as CircuitState};
pub use decide::{Assignment, Denial, Explanation, InRelease, decide, explain};
pub use draft::{ModelDraft, PolicyDraft, ProviderDraft, ReleaseDraft, StageDraft, TierDraft};
pub use facts::{
    Basis, Catalogue, CatalogueRow, Cause, Confidence, Disagreement, Effect, Efforts, EffortsFact,
    Example, FactFault, Facts, Feature, Known, LifecycleFact, LimitsFact, ModelFact, NotUsed,
    Platform, PriceFact, Rule, SetOff, Setting, Source, Takes, TokenRatio, TokenizerFact, Used,
    Uses,
};
pub use model::{Limits, Model, ModelDigest, ModelTag, Provider};
pub use money::{LongContext, PicoUsd, TokenPrices, Tokens};
pub use names::{
    KeyId, ModelName, Name, PersonName, ProviderName, ReleaseName, RiskName, SuiteName, TierName,
    UseCaseName,
};
pub use policy::{Policy, PolicyDigest, PolicyFault};
pub use prices::{Peak, PriceNow, PricePeriod, Prices};
pub use reach::Ask;
pub use rollout::{Admission, Advance, GateSpec, NotAdmitted, ReleasePlan, StagePlan};
pub use status::{Condition, ReleaseStatus, Share, Stage, Status};
pub use suspension::{Scope, Suspension};
pub use tier::{Fallback, MAX_ATTEMPTS, Risk, Then, Tier, UseCase};
pub use time::{Date, MS_PER_DAY, NotATime, Timestamp};
pub use visible::{VisibleName, visible_name, visible_names};
