//! What a model does not take, in words that every dialect shares. It must not know a model, nor
//! how a dialect spells anything.

/// Names a parameter that a model may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// Temperature.
    Temperature,
    /// Nucleus.
    TopP,
    /// How many tokens are considered.
    TopK,
    /// Penalty of what was there at all.
    PresencePenalty,
    /// Penalty of what was there often.
    FrequencyPenalty,
    /// Seed.
    Seed,
    /// A bias for single tokens.
    LogitBias,
    /// Probabilities of the tokens.
    Logprobs,
    /// How many probabilities of each token.
    TopLogprobs,
}

impl Parameter {
    /// Names it where a dialect has no name for it.
    pub(crate) fn as_str(self) -> &'static str {
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
        }
    }
}

/// Says under which circumstance something is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// Unless the effort, said or by default, is this word; where the default is not known and
    /// none is said, it is not refused here.
    EffortOtherThan(String),
    /// When the request says no effort.
    EffortUnset,
    /// When the request thinks with a budget.
    ThinkingBudget,
    /// When the request thinks as the model sees fit.
    ThinkingAdaptive,
}

/// Names a parameter that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The parameter.
    pub parameter: Parameter,
    /// Values that are taken all the same, as JSON text; numbers compare by value.
    pub except: Vec<String>,
    /// When.
    pub when: When,
}

/// Says what becomes of "no thinking" with a model that refuses the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoThinking {
    /// They are left out, and the effort is lowered where none is said.
    Omitted,
    /// Another word takes their place.
    Word(String),
    /// They are refused only at these efforts, which are lowered to the word behind.
    NotAt(Vec<String>, String),
}

/// Says what a model takes of tools and effort together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolEffort {
    /// With tools an effort that is said must be this word.
    Said(String),
    /// With tools this word must be said.
    MustSay(String),
    /// Tools are refused.
    NoTools,
}

/// Lists what a model does not take; by default it takes everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Restrictions {
    /// Parameters that are refused.
    pub refused: Vec<Refused>,
    /// Whether temperature and top_p are refused together.
    pub one_of_temperature_and_top_p: bool,
    /// When a forced tool is refused.
    pub forced_tool: Vec<When>,
    /// Whether an answer that the request begins is refused.
    pub prefill: bool,
    /// Whether a thinking budget is refused.
    pub thinking_budget: bool,
    /// Whether adaptive thinking is refused.
    pub thinking_adaptive: bool,
    /// What becomes of "no thinking".
    pub no_thinking: Option<NoThinking>,
    /// The words of effort that are taken, where known; none of them where no effort is.
    pub efforts: Option<Vec<String>>,
    /// The effort where none is said, where known.
    pub default_effort: Option<String>,
    /// What holds for tools and effort together.
    pub tool_effort: Option<ToolEffort>,
    /// Whether the older field for the most tokens is refused.
    pub older_max_tokens: bool,
    /// The most output tokens.
    pub max_output_tokens: Option<u64>,
    /// Whether each object of a strict schema must be closed.
    pub closed_schemas: bool,
}
