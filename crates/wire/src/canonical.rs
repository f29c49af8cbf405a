//! Tiergate's own form of a request and an answer, between two dialects. It must not know any
//! dialect's spelling, nor hold what no second dialect could take.

use crate::fault::WireError;

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
    /// The end user's id, as the application names it.
    pub user: Option<String>,
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
    /// A call of a tool.
    ToolUse(ToolUse),
    /// What a tool answered.
    ToolResult(ToolResult),
    /// Thoughts with the signature that their maker checks; of use to that maker alone.
    Thinking {
        /// The thoughts, perhaps empty.
        text: String,
        /// The signature.
        signature: Option<String>,
    },
    /// Thoughts that only their maker can read.
    HiddenThinking(String),
}

/// Says where a picture's or document's bytes are.
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
    /// The arguments as the model wrote them: JSON text, perhaps cut off.
    pub arguments: String,
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
    /// The JSON schema of its arguments; none means none are taken.
    pub schema: Option<Json>,
    /// Whether arguments must follow the schema.
    pub strict: Option<bool>,
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
}

impl Stop {
    /// Makes a stop with nothing but its reason.
    #[must_use]
    pub fn of(reason: StopReason) -> Self {
        Self {
            reason,
            sequence: None,
            category: None,
            explanation: None,
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
