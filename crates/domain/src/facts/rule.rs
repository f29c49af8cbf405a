//! What a model refuses or changes, as a rule that a gateway and a scanner read alike. It must not
//! know how a dialect spells a feature.

use std::fmt;

use serde::Deserialize;

use crate::time::Date;

/// Names what a request may use, in one word for all dialects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Sampling temperature.
    Temperature,
    /// Nucleus.
    TopP,
    /// How many tokens are considered.
    TopK,
    /// Penalty of what was there at all.
    PresencePenalty,
    /// Penalty of what was there often.
    FrequencyPenalty,
    /// A seed.
    Seed,
    /// A bias for single tokens.
    LogitBias,
    /// Probabilities of the tokens.
    Logprobs,
    /// How many probabilities of each token.
    TopLogprobs,
    /// Several answers to one request.
    Candidates,
    /// Tools that the model may call.
    Tools,
    /// A tool that must be called.
    ForcedTool,
    /// A tool that the provider defines, by the word of its type.
    ToolType,
    /// An answer that the request begins.
    Prefill,
    /// A system text in the middle of the conversation.
    MidSystem,
    /// Thinking up to a number of tokens.
    ThinkingBudget,
    /// Thinking as the model sees fit.
    ThinkingAdaptive,
    /// No thinking, said in words.
    ThinkingDisabled,
    /// Thinking that nothing was said about.
    ThinkingUnset,
    /// Thoughts of earlier turns that are sent back.
    ThinkingHistory,
    /// An effort, by its word.
    Effort,
    /// No word on the effort.
    EffortUnset,
    /// The older field for the most tokens of a Chat Completions answer.
    OlderMaxTokens,
    /// A document in an assistant's turn.
    AssistantDocument,
    /// Citations on a user's text.
    UserCitations,
    /// A JSON schema that must be followed.
    StrictSchema,
    /// The field by which an answer's form was asked for before.
    OlderOutputFormat,
    /// A beta header, by its word.
    Beta,
    /// A service tier, by its word.
    ServiceTier,
    /// An organisation that lets nothing be retained.
    ZeroRetention,
    /// Text, as far as its number of tokens goes.
    Text,
    /// The price by the time of day.
    PeakHours,
}

impl Feature {
    /// Names it as the facts do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::TopP => "top_p",
            Self::TopK => "top_k",
            Self::PresencePenalty => "presence_penalty",
            Self::FrequencyPenalty => "frequency_penalty",
            Self::Seed => "seed",
            Self::LogitBias => "logit_bias",
            Self::Logprobs => "logprobs",
            Self::TopLogprobs => "top_logprobs",
            Self::Candidates => "candidates",
            Self::Tools => "tools",
            Self::ForcedTool => "forced_tool",
            Self::ToolType => "tool_type",
            Self::Prefill => "prefill",
            Self::MidSystem => "mid_system",
            Self::ThinkingBudget => "thinking_budget",
            Self::ThinkingAdaptive => "thinking_adaptive",
            Self::ThinkingDisabled => "thinking_disabled",
            Self::ThinkingUnset => "thinking_unset",
            Self::ThinkingHistory => "thinking_history",
            Self::Effort => "effort",
            Self::EffortUnset => "effort_unset",
            Self::OlderMaxTokens => "older_max_tokens",
            Self::AssistantDocument => "assistant_document",
            Self::UserCitations => "user_citations",
            Self::StrictSchema => "strict_schema",
            Self::OlderOutputFormat => "older_output_format",
            Self::Beta => "beta",
            Self::ServiceTier => "service_tier",
            Self::ZeroRetention => "zero_retention",
            Self::Text => "text",
            Self::PeakHours => "peak_hours",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says what happens to a request that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The provider refuses it.
    Error,
    /// It is answered, and something of it has no effect or another one.
    Silent,
    /// It costs more or less.
    Cost,
    /// The answer is another one, or has another form.
    Behaviour,
}

impl Effect {
    /// Names it as the facts do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Silent => "silent",
            Self::Cost => "cost",
            Self::Behaviour => "behaviour",
        }
    }
}

/// Says how well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A third party says so.
    Reported,
    /// Somebody asked the provider's API and published its answer.
    Probed,
    /// The vendor's own page says so, and was read.
    Documented,
}

impl Confidence {
    /// Names it as the facts do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Probed => "probed",
            Self::Documented => "documented",
        }
    }
}

/// Names a page and the day it was read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Where it is.
    pub url: String,
    /// When it was read.
    pub read_on: Date,
    /// How it was read, where not at its own address: a mirror, an excerpt.
    #[serde(default)]
    pub via: Option<String>,
}

/// Says why a fact is held to be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The pages that say so; never none.
    pub sources: Vec<Source>,
    /// How well it is known.
    pub confidence: Confidence,
    /// What another source says instead.
    pub disputed: Option<String>,
}

/// Names a feature and those of its values that are meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The feature.
    pub feature: Feature,
    /// Its values; none means any.
    #[serde(default)]
    pub values: Vec<String>,
}

/// States one thing that a model, or a version of its API, refuses or changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Names it, in findings and reports.
    pub id: String,
    /// Any of these sets it off; all of them where `together`.
    pub features: Vec<Feature>,
    /// Whether only all of the features at once set it off.
    pub together: bool,
    /// The only values that set it off; none means any.
    pub only: Vec<String>,
    /// Values that do not set it off, such as a default.
    pub except: Vec<String>,
    /// What the request must set as well, all of it.
    pub with: Vec<Setting>,
    /// What the request may not set. What it leaves unsaid has the model's default.
    pub unless: Vec<Setting>,
    /// Names of the models' rows; none means every model under the API version.
    pub models: Vec<String>,
    /// The platforms on which it holds.
    pub platforms: Vec<String>,
    /// The dialects in which it holds; none means every one.
    pub dialects: Vec<String>,
    /// The version of the API under which it holds; none means every one.
    pub api_version: Option<String>,
    /// What happens.
    pub effect: Effect,
    /// What happens, in a sentence.
    pub says: String,
    /// What to do about it, in a sentence.
    pub remedy: String,
    /// What to write instead, where a word can be named.
    pub replacement: Option<String>,
    /// Why it is held to be true.
    pub basis: Basis,
}
