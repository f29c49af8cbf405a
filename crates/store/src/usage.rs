//! One request as it is accounted for: who asked, what answered, what it took. It must not hold
//! content.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use domain::{
    ModelDigest, ModelName, PicoUsd, ReleaseName, Stage, TierName, Timestamp, Tokens, UseCaseName,
};

use crate::decision::DecisionId;
use crate::key::UsageCaller;

/// Bytes kept of the name asked for and of the step.
pub const MAX_NAME_BYTES: usize = 256;
/// Bytes that the attempts and the features may have each.
pub const MAX_JSON_BYTES: usize = 4_096;

/// Accounts for one request. Rows that share their names (clones of one) are recorded at half
/// the cost: take them from key and policy, not from the request.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageRow {
    /// The decision; its time is the row's.
    pub decision: DecisionId,
    /// Who asked; [`crate::key::Key::usage`] has it ready.
    pub caller: Arc<UsageCaller>,
    /// The use case that applied.
    pub use_case: Option<UseCaseName>,
    /// The agent's step, as the request names it.
    pub step: Option<Box<str>>,
    /// The tier that answered.
    pub tier: Option<TierName>,
    /// The model that served, after fallbacks; none where none was reached.
    pub model: Option<ModelName>,
    /// The digest of that model.
    pub digest: Option<ModelDigest>,
    /// The release that the caller was in, and its stage.
    pub release: Option<(ReleaseName, Stage)>,
    /// Which arm of that release was chosen, whoever answered in the end.
    pub chosen: Option<Arm>,
    /// Which arm of that release answered.
    pub arm: Option<Arm>,
    /// The name asked for.
    pub requested: Box<str>,
    /// The dialect asked in.
    pub dialect: Cow<'static, str>,
    /// The HTTP status answered; 499 where the caller left before there was one.
    pub status: u16,
    /// How it ended.
    pub outcome: Outcome,
    /// The tokens, as the provider counts them.
    pub tokens: Tokens,
    /// What it cost; none where no price is known.
    pub cost: Option<PicoUsd>,
    /// Where the price is from, such as the facts' date or the configuration.
    pub price_basis: Option<Arc<str>>,
    /// Milliseconds until the first visible output.
    pub first_token_ms: Option<u32>,
    /// Milliseconds until the end.
    pub total_ms: u32,
    /// The attempts as small JSON, where there was more to say than one success.
    pub attempts: Option<Box<str>>,
    /// A hash of the conversation.
    pub conversation: Option<u64>,
    /// Features without content, a flat JSON object.
    pub features: Option<String>,
}

impl UsageRow {
    /// Tells when the decision was made.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.decision.at()
    }

    /// Tells when its request ended.
    #[must_use]
    pub fn ended_at(&self) -> Timestamp {
        Timestamp(self.at().0.saturating_add(i64::from(self.total_ms)))
    }

    /// Cuts what callers may make as long as they like, so that a queue of rows is bounded in
    /// bytes too.
    pub(crate) fn bound(&mut self) {
        clip(&mut self.requested);
        if let Some(step) = &mut self.step {
            clip(step);
        }
        // Half a JSON text is none: a mark stands in its place.
        if self
            .attempts
            .as_ref()
            .is_some_and(|json| json.len() > MAX_JSON_BYTES)
        {
            self.attempts = Some(r#"[{"too_long":true}]"#.into());
        }
        if self
            .features
            .as_ref()
            .is_some_and(|json| json.len() > MAX_JSON_BYTES)
        {
            self.features = Some(r#"{"too_long":true}"#.into());
        }
    }
}

fn clip(text: &mut Box<str>) {
    if text.len() > MAX_NAME_BYTES {
        let end = text.floor_char_boundary(MAX_NAME_BYTES);
        *text = text.get(..end).unwrap_or_default().into();
    }
}

/// Names the arm of a release that answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arm {
    /// The model being released.
    Candidate,
    /// What serves beside it.
    Incumbent,
}

impl Arm {
    /// Lists both, in the order of their stored numbers.
    pub const ALL: [Self; 2] = [Self::Candidate, Self::Incumbent];

    /// Shows the word used everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Incumbent => "incumbent",
        }
    }
}

/// Says how a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Answered in full.
    Success,
    /// The model said no.
    Refusal,
    /// The answer was cut at a limit.
    Truncated,
    /// No answer, or half of one.
    Error,
    /// Answered in full by another model than the chosen one.
    Fallback,
    /// Tiergate said no.
    Denied,
    /// The caller left.
    Cancelled,
}

impl Outcome {
    /// Lists all, in the order of their stored numbers.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::Refusal,
        Self::Truncated,
        Self::Error,
        Self::Fallback,
        Self::Denied,
        Self::Cancelled,
    ];

    /// Shows the word used in tables, metrics and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refusal => "refusal",
            Self::Truncated => "truncated",
            Self::Error => "error",
            Self::Fallback => "fallback",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
