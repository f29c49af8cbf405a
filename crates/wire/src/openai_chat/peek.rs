//! Reading what a decision needs of a Chat Completions request. It must not judge what only the
//! provider can.

use crate::fault::BadRequest;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::peek::{IncludeUsage, Peek};
use crate::survey::{Draft, PartClass, survey};

/// Reads the body.
pub(super) fn peek(body: &[u8]) -> Result<Peek<'_>, BadRequest> {
    let mut options = IncludeUsage::Absent;
    let mut peek = survey(body, "messages", |draft, cursor, key| match key {
        "stream_options" => {
            options = usage_options(cursor)?;
            Ok(())
        }
        _ => field(draft, cursor, key),
    })?;
    if peek.stream {
        peek.include_usage = options;
    }
    Ok(peek)
}

fn classify(part: &str) -> PartClass {
    match part {
        "image_url" => PartClass::Image,
        "file" => PartClass::Document,
        "input_audio" => PartClass::Audio,
        _ => PartClass::Other,
    }
}

fn field<'a>(draft: &mut Draft<'a>, cursor: &mut Cursor<'a>, key: &str) -> Scan<()> {
    match key {
        "messages" => draft.messages(cursor, classify)?,
        "max_completion_tokens" | "max_tokens" => {
            draft.features.older_max_tokens |= key == "max_tokens" && cursor.kind()? != Kind::Null;
            let most = cursor.optional_whole(key)?;
            draft.max_tokens = draft.max_tokens.or(most);
        }
        "prompt_cache_key" => {
            draft.conversation = cursor.string_or_skip()?;
            draft.features.cache_control |= draft.conversation.is_some();
        }
        "functions" => {
            let features = &mut draft.features;
            cursor.array_or_skip(|cursor| {
                features.tools += 1;
                cursor.pass()
            })?;
        }
        "tool_choice" | "function_call" => {
            draft.features.forced_tool |= cursor.kind()? == Kind::Object;
            draft.features.forced_tool |= cursor.string_or_skip()?.as_deref() == Some("required");
        }
        "reasoning_effort" => draft.features.thinking |= draft.effort(cursor)?,
        // Servers of open models say it as Anthropic does.
        "thinking" => draft.thinking(cursor)?,
        "response_format" => cursor.object_or_skip(|cursor, key| {
            if key != "type" {
                return cursor.pass();
            }
            let form = cursor.string_or_skip()?;
            draft.features.structured_output = form.is_some_and(|form| form != "text");
            Ok(())
        })?,
        "stop" => {
            draft.features.stop_sequences = cursor.kind()? != Kind::Null;
            cursor.pass()?;
        }
        _ => draft.skip(cursor, key)?,
    }
    Ok(())
}

pub(crate) fn usage_options(cursor: &mut Cursor<'_>) -> Scan<IncludeUsage> {
    match cursor.kind()? {
        Kind::Null => return Ok(IncludeUsage::Null(cursor.skip()?)),
        Kind::Object => {}
        _ => return cursor.wrong("stream_options", "an object"),
    }
    let at = cursor.at() + 1;
    let mut more = false;
    let mut flag = None;
    cursor.object(|cursor, key| {
        more = true;
        cursor.kind()?;
        let span = cursor.skip()?;
        if key == "include_usage" {
            let asks = cursor.slice(span.clone()) == "true";
            // Of two flags the provider may take either, so both must say yes: the last no wins.
            flag = match flag.take() {
                Some(IncludeUsage::Declined(old)) => Some(IncludeUsage::Declined(old)),
                _ if asks => Some(IncludeUsage::Asked),
                _ => Some(IncludeUsage::Declined(span)),
            };
        }
        Ok(())
    })?;
    Ok(flag.unwrap_or(IncludeUsage::Options { at, more }))
}
