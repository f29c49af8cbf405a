//! Tiergate's own form of a request and an answer, between two dialects. It must not know any
//! dialect's spelling, nor hold what no second dialect could take.

use crate::fault::{Loss, WireError};
use crate::sealed::Sealed;

/// Holds raw JSON text, whole and valid, with its number spelling kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(pub String);

/// Holds a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The name asked for.
    pub model: String,
    /// Leading system texts, in order.
    pub system: Vec<String>,
    /// The conversation; neighbours may have the same role.
    pub messages: Vec<Message>,
    /// Tools that the model may call.
    pub tools: Vec<Tool>,
    /// Which tool it may or must call.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several calls in one answer are allowed; none leaves it to the model.
    pub parallel_tools: Option<bool>,
    /// Most tokens to answer with.
    pub max_tokens: Option<u64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// How to sample.
    pub sampling: Sampling,
    /// Whether and how long to think.
    pub thinking: Option<Thinking>,
    /// How much effort to make, in the word of the request.
    pub effort: Option<String>,
    /// What form the answer must have.
    pub format: Option<Format>,
    /// Whether the thoughts are told, and how.
    pub thoughts: Option<Thoughts>,
    /// How much to say, in the word of the request.
    pub verbosity: Option<String>,
    /// How many likely tokens to tell beside each token of the answer; none tells nothing of how
    /// likely the answer's own are either.
    pub logprobs: Option<u64>,
    /// The end user's id, as the application names it.
    pub user: Option<String>,
    /// Pairs for the application's own books, in order.
    pub metadata: Vec<(String, String)>,
    /// Key that requests with a common beginning share, for the provider's cache.
    pub cache_key: Option<String>,
    /// In which queue to be served.
    pub service_tier: Option<ServiceTier>,
    /// Whether the answer is streamed, and with its usage.
    pub stream: Stream,
}

/// Says whether an answer is streamed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stream {
    /// One body.
    #[default]
    Whole,
    /// Events; the usage chunk goes out or stays in.
    Events(UsageChunk),
}

/// Says whether a stream's usage chunk is shown to the client, where its dialect makes it a
/// choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UsageChunk {
    /// The client asked for it.
    Show,
    /// Only Tiergate asked for it.
    #[default]
    Hide,
}

/// Holds one turn, or a piece of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

/// Names who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The application, in the middle of the conversation.
    System,
    /// The user, tool results included.
    User,
    /// The model.
    Assistant,
}

/// Holds one piece of a turn or of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(String),
    /// The model's own words of refusal.
    Refusal(String),
    /// A picture.
    Image(Source),
    /// A document.
    Document {
        /// Where its bytes are.
        source: Source,
        /// What it is called.
        name: Option<String>,
    },
    /// A sound recording.
    Audio(Source),
    /// A call of a tool.
    ToolUse(ToolUse),
    /// What a tool answered.
    ToolResult(ToolResult),
    /// Thoughts with the signature that their maker checks; of use to that maker alone.
    Thinking {
        /// The thoughts, perhaps empty.
        text: String,
        /// The signature.
        signature: Option<Sealed>,
    },
    /// Thoughts that only their maker can read.
    HiddenThinking(Sealed),
    /// Where something said in the nearest text before it comes from.
    Citation(Citation),
    /// How likely the tokens of the nearest text before it were: a JSON array of objects with
    /// `token`, `logprob`, `bytes` and `top_logprobs`, as two dialects spell it.
    Logprobs(Json),
}

/// Says where something in a text comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Citation {
    /// Address of the source, where it has one.
    pub url: Option<String>,
    /// What the source is called.
    pub title: Option<String>,
    /// The source's own words.
    pub quote: Option<String>,
    /// From which to which character of the text it belongs to, the last excluded; none for all of
    /// it.
    pub span: Option<(u64, u64)>,
    /// The whole citation as JSON text in its maker's form, so that the same dialect loses nothing.
    pub own: Option<Sealed>,
}

impl Part {
    /// Tells whether it says something of the text before it and is none itself.
    pub(crate) fn is_remark(&self) -> bool {
        matches!(self, Self::Citation(_) | Self::Logprobs(_))
    }
}

/// Lists what is said of the text that stands at a place among the parts of a turn.
pub(crate) fn remarks<'p>(parts: &[&'p Part], at: usize) -> impl Iterator<Item = &'p Part> {
    let behind = parts.get(at + 1..).unwrap_or_default();
    behind.iter().copied().take_while(|part| part.is_remark())
}

/// Says where a picture's, document's or recording's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the request.
    Inline {
        /// Such as `image/png`.
        media_type: String,
        /// The bytes in base64, as they came.
        base64: String,
    },
    /// At an address that the provider fetches.
    Url(String),
}

/// Holds a call of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolUse {
    /// The call's id, by which its result is found.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments as the model wrote them: JSON text, perhaps cut off, or free text.
    pub arguments: String,
    /// Which of both the arguments are.
    pub form: CallForm,
    /// What the maker of the call checks when it comes back.
    pub signature: Option<Sealed>,
}

/// Says what the arguments of a call are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallForm {
    /// A JSON object.
    #[default]
    Json,
    /// Free text.
    Text,
}

/// Holds what a tool answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// The id of the call.
    pub id: String,
    /// The answer: texts, images, documents.
    pub parts: Vec<Part>,
    /// Whether the tool failed.
    pub failed: bool,
}

/// Declares a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// What it takes.
    pub input: ToolInput,
}

/// Says what a tool takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolInput {
    /// A JSON object.
    Json {
        /// The JSON schema of its arguments; none means none are taken.
        schema: Option<Json>,
        /// Whether arguments must follow the schema.
        strict: Option<bool>,
    },
    /// Free text, which a grammar may bind.
    Text(Option<Grammar>),
}

/// Binds a tool's free text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grammar {
    /// Names the language that it is written in, such as `lark`.
    pub syntax: String,
    /// The grammar.
    pub definition: String,
}

/// Says which tool may or must be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// Some tool must be called.
    Any,
    /// None may be called.
    None,
    /// This one must be called.
    Tool(String),
    /// No other than these may be called.
    Allowed {
        /// Their names.
        names: Vec<String>,
        /// Whether one of them must be.
        is_required: bool,
    },
}

/// Names the queue in which a request is served, asked for or told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceTier {
    /// As the provider's settings for the account say.
    Auto,
    /// The usual one.
    Standard,
    /// A cheaper, slower one.
    Flex,
    /// A dearer, faster one.
    Priority,
    /// Another, in its provider's word.
    Other(String),
}

/// Says whether thoughts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoughts {
    /// They are not, though their signatures are.
    Omitted,
    /// They are, as the provider usually does.
    Told,
    /// They are, in short.
    Concise,
    /// They are, at length.
    Detailed,
}

/// Holds how to sample; numbers keep their spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sampling {
    /// Temperature.
    pub temperature: Option<Json>,
    /// Nucleus.
    pub top_p: Option<Json>,
    /// How many tokens are considered.
    pub top_k: Option<Json>,
    /// Penalty of what was there at all.
    pub presence_penalty: Option<Json>,
    /// Penalty of what was there often.
    pub frequency_penalty: Option<Json>,
    /// Seed.
    pub seed: Option<Json>,
}

/// Says whether and how long to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// Not at all.
    Disabled,
    /// As the model sees fit.
    Adaptive,
    /// Up to so many tokens.
    Budget(u64),
}

/// Says what form the answer must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Some JSON object.
    JsonObject,
    /// JSON that follows a schema.
    Schema {
        /// The schema's name, where one was given.
        name: Option<String>,
        /// What it describes.
        description: Option<String>,
        /// The schema.
        schema: Json,
        /// Whether it must be followed.
        strict: Option<bool>,
    },
}

/// Holds an answer that is not streamed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The answer's id.
    pub id: String,
    /// The model that answered.
    pub model: String,
    /// The answer.
    pub parts: Vec<Part>,
    /// Why it ended.
    pub stop: Stop,
    /// What it used, where known.
    pub usage: Option<Usage>,
    /// When it was made, in Unix seconds, where known.
    pub created: Option<u64>,
    /// In which queue it was served, where told.
    pub service_tier: Option<ServiceTier>,
}

/// Says why an answer ended, with what a dialect may add.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// The reason.
    pub reason: StopReason,
    /// The stop sequence that was met.
    pub sequence: Option<String>,
    /// Category of a refusal.
    pub category: Option<String>,
    /// Explanation of a refusal.
    pub explanation: Option<String>,
    /// The provider's own word, where the reason says less than it.
    pub native: Option<String>,
}

impl Stop {
    /// Names what a dialect cannot say that has one word for each reason and none of a stop
    /// sequence or a category; `own` is the reason's own name where that word says less.
    pub(crate) fn lost(&self, own: Option<&str>, word: &str) -> Vec<Loss> {
        let mut losses = Vec::new();
        if let Some(own) = own {
            losses.push(Loss::new("stop_reason", format!("{own} became {word}")));
        }
        if self.sequence.is_some() {
            losses.push(Loss::new("stop_sequence", "which one it was has no field"));
        }
        if self.category.is_some() {
            losses.push(Loss::new("stop_details.category", "has no field"));
        }
        losses
    }

    /// Makes a stop with nothing but its reason.
    #[must_use]
    pub fn of(reason: StopReason) -> Self {
        Self {
            reason,
            sequence: None,
            category: None,
            explanation: None,
            native: None,
        }
    }
}

/// Names why an answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It was finished.
    #[default]
    End,
    /// It reached its most tokens.
    MaxTokens,
    /// It met a stop sequence.
    StopSequence,
    /// It calls tools.
    ToolUse,
    /// The model, or its safeguard, declined.
    Refusal,
    /// Its provider paused a long turn.
    Pause,
    /// The context window is full.
    ContextWindow,
    /// Another reason, in its provider's word.
    Other(String),
}

/// Counts tokens. `input` holds everything read, cached parts included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Usage {
    /// All input tokens, cached and cache-written ones included.
    pub input: u64,
    /// Input read from a cache; a part of `input`.
    pub cached: u64,
    /// Input written to a cache; a part of `input`.
    pub cache_write: u64,
    /// Input written to be kept for an hour; a part of `cache_write`.
    pub cache_write_1h: u64,
    /// All output tokens, reasoning included.
    pub output: u64,
    /// Output spent on reasoning; a part of `output`.
    pub reasoning: u64,
}

/// Says how a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With its terminator, or in the one way that counts as one.
    Complete,
    /// Without it: to the client this must become an error, never a clean end.
    Unfinished,
    /// With an error event.
    Failed(WireError),
}

/// Says how the bytes of a stream stopped coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// As HTTP says a body ends.
    Clean,
    /// Before that.
    Cut,
}
