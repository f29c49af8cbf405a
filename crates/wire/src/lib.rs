//! Dialects to the canonical form and back, and event-stream framing; pure. It must not know a
//! tier or a provider, and does no I/O.

pub mod adapt;
mod anthropic_messages;
pub mod array;
pub mod canonical;
mod counts;
mod crossing;
mod cut;
pub mod dialect;
mod dialects;
pub mod fault;
pub mod frames;
mod free_text;
mod gemini;
mod json;
mod known;
mod openai;
mod openai_chat;
mod openai_responses;
mod passed;
pub mod peek;
pub mod readdress;
pub mod sealed;
mod sources;
mod splice;
pub mod stream;
mod survey;
pub mod tool_names;
mod trouble;
mod turns;
mod uses;

pub use adapt::{
    NoThinking, Parameter, Refused, Restrictions, ToolEffort, When, Words, adapt_body,
    adapt_request,
};
pub use array::ArrayFraming;
pub use canonical::{
    CallForm, Citation, Close, Ending, Format, Grammar, Json, Message, Part, Reply, Request, Role,
    Sampling, ServiceTier, Source, Stop, StopReason, Stream, Thinking, Thoughts, Tool, ToolChoice,
    ToolInput, ToolResult, ToolUse, Usage, UsageChunk,
};
pub use dialect::{
    DecodeEvents, Dialect, EncodeEvents, Encoded, ListedModel, Observed, Pass, Stripped, Tap,
    Target, Translated,
};
pub use dialects::{CHAT, DIALECTS, GEMINI, MESSAGES, RESPONSES, dialect};
pub use fault::{BadRequest, ErrorKind, Loss, Malformed, WireError};
pub use frames::{Frame, Framer, Framing, MAX_EVENT_BYTES, OversizedEvent};
pub use gemini::decode_segment;
pub use json::cursor::{MAX_DEPTH, MAX_FIELDS};
pub use known::ToolTypes;
pub use passed::{COMPLETIONS, COUNT_TOKENS, EMBEDDINGS};
pub use peek::{AskUsage, Edits, Features, IncludeUsage, Opening, Peek, SamplingSet};
pub use sealed::{Sealed, Seals};
pub use stream::{Accumulator, Event};
pub use tool_names::ToolNames;
pub use trouble::Trouble;
pub use uses::{Reading, Use, uses};
