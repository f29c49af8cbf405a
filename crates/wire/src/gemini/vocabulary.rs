//! The words of the Gemini API that reading and writing share. It must not read or write.

use crate::canonical::{ServiceTier, Stop, StopReason, Usage};
use crate::counts::numbers;
use crate::fault::{Loss, Malformed};
use crate::json::cursor::{Cursor, Scan};
use crate::json::write::Writer;

/// Names the dialect.
pub(crate) const NAME: &str = "gemini";

/// Says why a field is refused.
pub(super) const ELSEWHERE: &str = "cannot be carried to a model behind another API; leave it out";

/// Lists the words for the end of an answer; of those with one reason the first is written.
const REASONS: [(&str, StopReason); 12] = [
    ("STOP", StopReason::End),
    ("MAX_TOKENS", StopReason::MaxTokens),
    ("SAFETY", StopReason::Refusal),
    ("PROHIBITED_CONTENT", StopReason::Refusal),
    ("BLOCKLIST", StopReason::Refusal),
    ("SPII", StopReason::Refusal),
    ("RECITATION", StopReason::Refusal),
    ("IMAGE_SAFETY", StopReason::Refusal),
    ("IMAGE_PROHIBITED_CONTENT", StopReason::Refusal),
    ("IMAGE_RECITATION", StopReason::Refusal),
    ("MODEL_ARMOR", StopReason::Refusal),
    ("ESCALATION", StopReason::Refusal),
];

/// Lists the words for the end of an answer that no other dialect has.
const OTHERS: [&str; 11] = [
    "OTHER",
    "LANGUAGE",
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "MALFORMED_RESPONSE",
    "IMAGE_OTHER",
    "NO_IMAGE",
    "CONTINUATION",
    "PUP_LIMITED_DISABLED",
];

/// Says that an answer is not of this dialect.
pub(super) fn malformed(message: impl Into<String>) -> Malformed {
    Malformed {
        dialect: NAME,
        message: message.into(),
    }
}

/// Settles why an answer ended: the API says `STOP` where functions are called.
pub(super) fn settle(word: &str, calls: bool) -> StopReason {
    let known = REASONS.iter().find(|(known, _)| *known == word);
    match known {
        Some((_, StopReason::End)) if calls => StopReason::ToolUse,
        Some((_, reason)) => reason.clone(),
        None => StopReason::Other(word.to_owned()),
    }
}

/// Reads why an answer ended.
pub(super) fn stop(word: &str, calls: bool, message: Option<String>) -> Stop {
    let mut stop = Stop::of(settle(word, calls));
    if stop.reason == StopReason::Refusal {
        stop.native = (word != "SAFETY").then(|| word.to_owned());
        stop.explanation = message;
    }
    stop
}

/// Reads why a prompt was blocked; every reason is a refusal.
pub(super) fn blocked(word: &str, message: Option<String>) -> Stop {
    Stop {
        native: (word != "SAFETY").then(|| word.to_owned()),
        explanation: message,
        ..Stop::of(StopReason::Refusal)
    }
}

/// Picks the word for the end of an answer; the second is the reason's own name where the word
/// says less.
pub(super) fn finish_reason(stop: &Stop) -> (&str, Option<&str>) {
    if let Some(native) = stop.native.as_deref()
        && REASONS.contains(&(native, stop.reason.clone()))
    {
        return (native, None);
    }
    match &stop.reason {
        StopReason::End | StopReason::ToolUse => ("STOP", None),
        StopReason::StopSequence => ("STOP", Some("stop_sequence")),
        StopReason::MaxTokens => ("MAX_TOKENS", None),
        StopReason::Refusal => ("SAFETY", None),
        StopReason::Pause => ("STOP", Some("pause_turn")),
        StopReason::ContextWindow => ("MAX_TOKENS", Some("model_context_window_exceeded")),
        StopReason::Other(word) => match OTHERS.iter().find(|known| *known == word) {
            Some(known) => (known, None),
            None => ("OTHER", Some(word)),
        },
    }
}

/// Names what a stop says that this dialect cannot.
pub(super) fn lost_stop(stop: &Stop) -> Vec<Loss> {
    let (word, own) = finish_reason(stop);
    stop.lost(own, word)
}

/// Reads a usage object; none where nothing is counted in it. Thoughts and what tools read are
/// counted beside the rest.
pub(super) fn usage(cursor: &mut Cursor<'_>) -> Scan<Option<Usage>> {
    let mut usage = Usage::default();
    let mut any = false;
    let mut tools = 0;
    numbers(cursor, &mut |outer, key, count| {
        let place = match (outer, key) {
            ("", "promptTokenCount") => &mut usage.input,
            ("", "cachedContentTokenCount") => &mut usage.cached,
            ("", "candidatesTokenCount") => &mut usage.output,
            ("", "thoughtsTokenCount") => &mut usage.reasoning,
            ("", "toolUsePromptTokenCount") => &mut tools,
            _ => return,
        };
        *place = count;
        any = true;
    })?;
    usage.input = usage.input.saturating_add(tools);
    usage.output = usage.output.saturating_add(usage.reasoning);
    Ok(any.then_some(usage))
}

/// Writes a usage object.
pub(super) fn write_usage(out: &mut Writer, usage: &Usage, tier: Option<&ServiceTier>) {
    out.object(|out| {
        out.key("promptTokenCount").number(usage.input);
        if usage.cached > 0 {
            out.key("cachedContentTokenCount").number(usage.cached);
        }
        out.key("candidatesTokenCount")
            .number(usage.output.saturating_sub(usage.reasoning));
        if usage.reasoning > 0 {
            out.key("thoughtsTokenCount").number(usage.reasoning);
        }
        out.key("totalTokenCount")
            .number(usage.input.saturating_add(usage.output));
        out.string_field("serviceTier", tier.and_then(tier_word));
    });
}

/// Names what a usage says that this dialect cannot.
pub(super) fn lost_usage(usage: Option<&Usage>) -> Option<Loss> {
    let usage = usage.filter(|usage| usage.cache_write > 0)?;
    let why = format!(
        "{} tokens written to a cache have no field",
        usage.cache_write
    );
    Some(Loss::new("usage.cache_write", why))
}

/// Reads a service tier.
pub(super) fn service_tier(word: &str) -> ServiceTier {
    match word.to_ascii_lowercase().as_str() {
        "unspecified" => ServiceTier::Auto,
        "standard" => ServiceTier::Standard,
        "flex" => ServiceTier::Flex,
        "priority" => ServiceTier::Priority,
        _ => ServiceTier::Other(word.to_owned()),
    }
}

/// Writes a service tier; none where there is no word for it.
pub(super) fn tier_word(tier: &ServiceTier) -> Option<&'static str> {
    match tier {
        ServiceTier::Auto => Some("unspecified"),
        ServiceTier::Standard => Some("standard"),
        ServiceTier::Flex => Some("flex"),
        ServiceTier::Priority => Some("priority"),
        ServiceTier::Other(_) => None,
    }
}

/// Reads a date and time of UTC, as in `2026-04-02T17:03:50.399550Z`, as Unix seconds.
pub(super) fn unix_seconds(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !text.ends_with('Z') || !(1..=12).contains(&month) || year < 1970 {
        return None;
    }
    // The year begins in March, so that a leap day ends it.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year / 4 - year / 100 + year / 400;
    let days = (365 * year + leaps + (153 * month + 2) / 5 + day).checked_sub(719_469)?;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}
