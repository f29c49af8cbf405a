//! The words of Chat Completions that reading and writing share. It must not read or write.

use crate::canonical::{StopReason, Usage};
use crate::fault::Malformed;
use crate::json::cursor::{Cursor, Scan};
use crate::json::write::Writer;
use crate::openai::{self, usage::Names};

/// Names the dialect.
pub(crate) const NAME: &str = "openai-chat";

/// Says what becomes of a text behind a call: a message has one place for either.
pub(super) const MOVED: &str = "what stood behind a tool call now stands before it";

/// Says that an answer is not of this dialect.
pub(super) fn malformed(message: impl Into<String>) -> Malformed {
    Malformed {
        dialect: NAME,
        message: message.into(),
    }
}

/// Reads a finish reason.
pub(super) fn stop_reason(word: &str) -> StopReason {
    match word {
        "stop" => StopReason::End,
        "length" => StopReason::MaxTokens,
        "tool_calls" | "function_call" => StopReason::ToolUse,
        "content_filter" => StopReason::Refusal,
        other => StopReason::Other(other.to_owned()),
    }
}

/// Writes a finish reason; the second is the reason's own name where the word says less.
pub(super) fn finish_reason(reason: &StopReason) -> (&'static str, Option<&str>) {
    match reason {
        StopReason::End => ("stop", None),
        StopReason::StopSequence => ("stop", Some("stop_sequence")),
        StopReason::MaxTokens => ("length", None),
        StopReason::ToolUse => ("tool_calls", None),
        StopReason::Refusal => ("content_filter", None),
        StopReason::Pause => ("stop", Some("pause_turn")),
        StopReason::ContextWindow => ("length", Some("model_context_window_exceeded")),
        StopReason::Other(word) => ("stop", Some(word)),
    }
}

/// Names what is counted.
const COUNTS: Names = Names {
    input: "prompt_tokens",
    output: "completion_tokens",
    input_details: "prompt_tokens_details",
    output_details: "completion_tokens_details",
};

/// Reads a usage object; none where it is null.
pub(super) fn usage(cursor: &mut Cursor<'_>) -> Scan<Option<Usage>> {
    openai::usage::read(cursor, &COUNTS)
}

/// Writes a usage object.
pub(super) fn write_usage(out: &mut Writer, usage: &Usage) {
    out.object(|out| {
        out.key("prompt_tokens").number(usage.input);
        out.key("completion_tokens").number(usage.output);
        out.key("total_tokens")
            .number(usage.input.saturating_add(usage.output));
        out.key("prompt_tokens_details").object(|out| {
            out.key("cached_tokens").number(usage.cached);
            out.key("cache_write_tokens").number(usage.cache_write);
        });
        out.key("completion_tokens_details").object(|out| {
            out.key("reasoning_tokens").number(usage.reasoning);
        });
    });
}
