//! What a request may use, in one word for all dialects. It must not know how a dialect spells it.

use std::fmt;

use serde::Deserialize;

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
    /// The most tokens of an answer, by number.
    MaxTokens,
    /// The older field for the most tokens of a Chat Completions answer.
    OlderMaxTokens,
    /// Images that are shown to the model.
    Images,
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
    /// What any answer may hold, or why it may end.
    Answer,
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
            Self::MaxTokens => "max_tokens",
            Self::OlderMaxTokens => "older_max_tokens",
            Self::Images => "images",
            Self::AssistantDocument => "assistant_document",
            Self::UserCitations => "user_citations",
            Self::StrictSchema => "strict_schema",
            Self::OlderOutputFormat => "older_output_format",
            Self::Beta => "beta",
            Self::ServiceTier => "service_tier",
            Self::ZeroRetention => "zero_retention",
            Self::Text => "text",
            Self::Answer => "answer",
            Self::PeakHours => "peak_hours",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
