//! The words of Responses that reading and writing share. It must not read or write a request or
//! an answer.

use crate::canonical::{Stop, StopReason, Usage};
use crate::fault::{BadRequest, Loss, Malformed};
use crate::json::cursor::{Cursor, Scan};
use crate::json::fields::Fields;
use crate::json::write::Writer;
use crate::openai::{self, usage::Names};

/// Names the dialect.
pub(crate) const NAME: &str = "openai-responses";

/// Stands between a namespace and a tool's name in the name that the canonical form has for both.
/// No name that the API takes holds it, so the two are told apart again.
const BETWEEN_NAMES: char = '\u{1f}';

/// Says that an answer is not of this dialect.
pub(super) fn malformed(message: impl Into<String>) -> Malformed {
    Malformed {
        dialect: NAME,
        message: message.into(),
    }
}

/// Makes one name of a tool's own and its namespace's, where it has one.
pub(super) fn full_name(namespace: Option<&str>, name: String) -> String {
    match namespace {
        Some(namespace) if !namespace.is_empty() => format!("{namespace}{BETWEEN_NAMES}{name}"),
        _ => name,
    }
}

/// Takes such a name apart: the namespace, and the tool's own name.
pub(super) fn split_name(name: &str) -> (Option<&str>, &str) {
    match name.split_once(BETWEEN_NAMES) {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, name),
    }
}

/// Says how far an answer came, in the words of the API: its status, and what cut it short.
pub(super) type Status = (&'static str, Option<&'static str>);

/// Names the status of an answer that is being made.
pub(super) const IN_PROGRESS: Status = ("in_progress", None);

/// Reads why an answer ended. `refuses` and `calls` tell what is in it: the API has one word for
/// an answer, a refusal and calls.
pub(super) fn stop(
    fields: &mut Fields<'_>,
    refuses: bool,
    calls: bool,
    losses: &mut Vec<Loss>,
) -> Result<Stop, BadRequest> {
    let status = fields.string("status")?;
    let mut cut = None;
    if let Some(mut details) = fields.fields("incomplete_details")? {
        cut = details.string("reason")?;
        details.rest(losses);
    }
    let mut stop = Stop::of(settle(status.as_deref(), cut, refuses, calls));
    stop.native = fields.string("native_stop_reason")?;
    Ok(stop)
}

/// Settles why an answer ended.
pub(super) fn settle(
    status: Option<&str>,
    cut: Option<String>,
    refuses: bool,
    calls: bool,
) -> StopReason {
    if refuses {
        return StopReason::Refusal;
    }
    if status == Some("incomplete") {
        return match cut.as_deref() {
            Some("max_output_tokens") => StopReason::MaxTokens,
            Some("content_filter") => StopReason::Refusal,
            _ => StopReason::Other(cut.unwrap_or_default()),
        };
    }
    if calls {
        StopReason::ToolUse
    } else {
        StopReason::End
    }
}

/// Says with which status an answer ended. A refusal that is said in words is a complete answer.
pub(super) fn status(reason: &StopReason, refuses: bool) -> Status {
    match reason {
        StopReason::MaxTokens | StopReason::ContextWindow => {
            ("incomplete", Some("max_output_tokens"))
        }
        StopReason::Refusal if !refuses => ("incomplete", Some("content_filter")),
        _ => ("completed", None),
    }
}

/// Gives a reason's own name where the API's word says less.
pub(super) fn own_word(reason: &StopReason) -> Option<&str> {
    match reason {
        StopReason::StopSequence => Some("stop_sequence"),
        StopReason::Pause => Some("pause_turn"),
        StopReason::ContextWindow => Some("model_context_window_exceeded"),
        StopReason::Other(word) if !word.is_empty() => Some(word),
        _ => None,
    }
}

/// Names what a stop says that this dialect cannot.
pub(super) fn lost_stop(stop: &Stop) -> Vec<Loss> {
    let (word, cut) = status(&stop.reason, true);
    stop.lost(own_word(&stop.reason), cut.unwrap_or(word))
}

/// Names what is counted.
const COUNTS: Names = Names {
    input: "input_tokens",
    output: "output_tokens",
    input_details: "input_tokens_details",
    output_details: "output_tokens_details",
};

/// Reads a usage object; none where it is null.
pub(super) fn usage(cursor: &mut Cursor<'_>) -> Scan<Option<Usage>> {
    openai::usage::read(cursor, &COUNTS)
}

/// Writes a usage object.
pub(super) fn write_usage(out: &mut Writer, usage: &Usage) {
    out.object(|out| {
        out.key("input_tokens").number(usage.input);
        out.key("input_tokens_details").object(|out| {
            out.key("cached_tokens").number(usage.cached);
            out.key("cache_write_tokens").number(usage.cache_write);
        });
        out.key("output_tokens").number(usage.output);
        out.key("output_tokens_details")
            .object(|out| out.key("reasoning_tokens").number(usage.reasoning));
        out.key("total_tokens")
            .number(usage.input.saturating_add(usage.output));
    });
}
