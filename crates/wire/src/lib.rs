//! Dialects to the canonical form and back, and event-stream framing; pure. It must not know a
//! tier or a provider, and does no I/O.

mod anthropic_messages;
pub mod canonical;
mod counts;
pub mod dialect;
mod dialects;
pub mod fault;
pub mod frames;
mod json;
mod openai_chat;
pub mod peek;
pub mod readdress;
mod sources;
mod splice;
pub mod stream;
mod survey;
pub mod tool_names;
mod turns;

pub use canonical::{
    Close, Ending, Format, Json, Message, Part, Reply, Request, Role, Sampling, Source, Stop,
    StopReason, Stream, Thinking, Tool, ToolChoice, ToolResult, ToolUse, Usage, UsageChunk,
};
pub use dialect::{
    DecodeEvents, Dialect, EncodeEvents, Encoded, ListedModel, Observed, Pass, Tap, Target,
    Translated,
};
pub use dialects::{CHAT, DIALECTS, MESSAGES, dialect};
pub use fault::{BadRequest, ErrorKind, Loss, Malformed, WireError};
pub use frames::{Frame, Framer, MAX_EVENT_BYTES, OversizedEvent};
pub use json::cursor::{MAX_DEPTH, MAX_FIELDS};
pub use peek::{AskUsage, Edits, Features, IncludeUsage, Opening, Peek, SamplingSet};
pub use stream::{Accumulator, Event};
pub use tool_names::ToolNames;
