//! The words of the Messages API that reading and writing share. It must not read or write.

use crate::canonical::{ServiceTier, Stop, StopReason, Usage};
use crate::counts::numbers;
use crate::fault::{BadRequest, Loss, Malformed};
use crate::json::cursor::{Cursor, Scan};
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;

/// Names the dialect.
pub(crate) const NAME: &str = "anthropic-messages";

/// Names the first API version without sampling parameters. Versions are dates, so they compare
/// as texts.
pub(super) const WITHOUT_SAMPLING: &str = "2026-10-21";

/// Says that an answer is not of this dialect.
pub(super) fn malformed(message: impl Into<String>) -> Malformed {
    Malformed {
        dialect: NAME,
        message: message.into(),
    }
}

/// Tells whether an API version takes no sampling parameters.
pub(super) fn refuses_sampling(version: Option<&str>) -> bool {
    version.is_some_and(|version| version >= WITHOUT_SAMPLING)
}

/// Reads a stop reason.
pub(super) fn stop_reason(word: &str) -> StopReason {
    match word {
        "end_turn" => StopReason::End,
        "max_tokens" => StopReason::MaxTokens,
        "stop_sequence" => StopReason::StopSequence,
        "tool_use" => StopReason::ToolUse,
        "refusal" => StopReason::Refusal,
        "pause_turn" => StopReason::Pause,
        "model_context_window_exceeded" => StopReason::ContextWindow,
        other => StopReason::Other(other.to_owned()),
    }
}

/// Reads why an answer ended, of the object that says it; none where it has not yet.
pub(super) fn stop(
    fields: &mut Fields<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Option<Stop>, BadRequest> {
    let reason = fields.string("stop_reason")?;
    let mut stop = Stop::of(reason.as_deref().map(stop_reason).unwrap_or_default());
    stop.sequence = fields.string("stop_sequence")?;
    stop.native = fields.string("native_stop_reason")?;
    if let Some(mut details) = fields.fields("stop_details")? {
        stop.category = details.string("category")?;
        stop.explanation = details.string("explanation")?;
        drop(details.take("type"));
        details.rest(losses);
    }
    Ok(reason.map(|_| stop))
}

fn word(reason: &StopReason) -> (&'static str, Option<&str>) {
    match reason {
        StopReason::End => ("end_turn", None),
        StopReason::MaxTokens => ("max_tokens", None),
        StopReason::StopSequence => ("stop_sequence", None),
        StopReason::ToolUse => ("tool_use", None),
        StopReason::Refusal => ("refusal", None),
        StopReason::Pause => ("pause_turn", None),
        StopReason::ContextWindow => ("model_context_window_exceeded", None),
        StopReason::Other(word) => ("end_turn", Some(word)),
    }
}

/// Writes why an answer ended.
pub(super) fn write_stop(out: &mut Writer, stop: &Stop) {
    let (reason, own) = word(&stop.reason);
    out.key("stop_reason").string(reason);
    out.nullable_field("stop_sequence", stop.sequence.as_deref());
    out.string_field("native_stop_reason", stop.native.as_deref().or(own));
    if stop.reason == StopReason::Refusal {
        out.key("stop_details").object(|out| {
            out.key("type").string("refusal");
            out.nullable_field("category", stop.category.as_deref());
            out.nullable_field("explanation", stop.explanation.as_deref());
        });
    }
}

/// Names what a stop says that this dialect cannot.
pub(super) fn lost_stop(stop: &Stop) -> Option<Loss> {
    let (word, own) = word(&stop.reason);
    own.map(|own| Loss::new("finish_reason", format!("{own} became {word}")))
}

/// Counts as the API does: input without its cached parts, and of a stream several times, each
/// naming the sum so far of what it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    uncached: u64,
    cache_write: u64,
    /// Of what was written, what is kept for an hour.
    cache_write_1h: u64,
    cached: u64,
    output: u64,
    thinking: u64,
    is_known: bool,
}

impl Counts {
    /// Takes a usage object. A later count replaces an earlier one, as the vendor's own readers
    /// do; but what went in is not nothing because a server that named it leaves a zero later.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        numbers(cursor, &mut |outer, key, count| {
            let is_output = matches!(key, "output_tokens" | "thinking_tokens");
            let place = match (outer, key) {
                ("", "input_tokens") => &mut self.uncached,
                ("", "cache_creation_input_tokens") => &mut self.cache_write,
                ("cache_creation", "ephemeral_1h_input_tokens") => &mut self.cache_write_1h,
                ("", "cache_read_input_tokens") => &mut self.cached,
                ("", "output_tokens") => &mut self.output,
                ("output_tokens_details", "thinking_tokens") => &mut self.thinking,
                _ => return,
            };
            if count > 0 || is_output {
                *place = count;
            }
            self.is_known = true;
        })
    }

    /// Gives the counts in canonical form, where any came.
    pub(super) fn usage(self) -> Option<Usage> {
        let input = self.uncached.saturating_add(self.cached);
        self.is_known.then_some(Usage {
            input: input.saturating_add(self.cache_write),
            cached: self.cached,
            cache_write: self.cache_write,
            cache_write_1h: self.cache_write_1h,
            output: self.output,
            reasoning: self.thinking,
        })
    }
}

/// Reads in which queue an answer was served, of its usage.
pub(super) fn served(usage: &Value<'_>) -> Option<ServiceTier> {
    let word = usage.fields().ok()?.string("service_tier").ok()??;
    Some(match word.as_str() {
        "standard" => ServiceTier::Standard,
        "priority" => ServiceTier::Priority,
        _ => ServiceTier::Other(word),
    })
}

fn served_word(tier: &ServiceTier) -> &str {
    match tier {
        ServiceTier::Auto | ServiceTier::Standard => "standard",
        ServiceTier::Flex => "flex",
        ServiceTier::Priority => "priority",
        ServiceTier::Other(word) => word,
    }
}

/// Writes a usage object.
pub(super) fn write_usage(out: &mut Writer, usage: &Usage, tier: Option<&ServiceTier>) {
    let cached = usage.cached.saturating_add(usage.cache_write);
    out.object(|out| {
        out.key("input_tokens")
            .number(usage.input.saturating_sub(cached));
        out.key("cache_creation_input_tokens")
            .number(usage.cache_write);
        if usage.cache_write_1h > 0 {
            let short = usage.cache_write.saturating_sub(usage.cache_write_1h);
            out.key("cache_creation").object(|out| {
                out.key("ephemeral_5m_input_tokens").number(short);
                out.key("ephemeral_1h_input_tokens")
                    .number(usage.cache_write_1h);
            });
        }
        out.key("cache_read_input_tokens").number(usage.cached);
        out.key("output_tokens").number(usage.output);
        if usage.reasoning > 0 {
            out.key("output_tokens_details")
                .object(|out| out.key("thinking_tokens").number(usage.reasoning));
        }
        out.string_field("service_tier", tier.map(served_word));
    });
}
