//! Reading what a decision needs of a Messages request. It must not judge by the API's version:
//! that is the provider's.

use crate::fault::BadRequest;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::peek::Peek;
use crate::survey::{Draft, PartClass, survey};

/// Reads the body.
pub(super) fn peek(body: &[u8]) -> Result<Peek<'_>, BadRequest> {
    survey(body, "messages", field)
}

fn classify(part: &str) -> PartClass {
    match part {
        "image" => PartClass::Image,
        "document" => PartClass::Document,
        "thinking" | "redacted_thinking" => PartClass::Thoughts,
        _ => PartClass::Other,
    }
}

fn field<'a>(draft: &mut Draft<'a>, cursor: &mut Cursor<'a>, key: &str) -> Scan<()> {
    match key {
        "messages" => draft.messages(cursor, classify)?,
        "max_tokens" => draft.max_tokens = cursor.optional_whole(key)?,
        "system" => {
            let is_set = cursor.kind()? != Kind::Null;
            let start = cursor.at();
            draft.parts(cursor, classify)?;
            draft.features.system |= is_set;
            draft.opening.system = is_set.then(|| cursor.slice(start..cursor.at()));
        }
        "metadata" => cursor.object_or_skip(|cursor, key| {
            if key != "user_id" {
                return cursor.pass();
            }
            draft.conversation = cursor.string_or_skip()?;
            Ok(())
        })?,
        "tool_choice" => cursor.object_or_skip(|cursor, key| {
            if key != "type" {
                return cursor.pass();
            }
            let choice = cursor.string_or_skip()?;
            draft.features.forced_tool = matches!(choice.as_deref(), Some("any" | "tool"));
            Ok(())
        })?,
        "thinking" => draft.thinking(cursor)?,
        "output_config" => cursor.object_or_skip(|cursor, key| {
            match &*key {
                "effort" => {
                    draft.features.thinking |= cursor.kind()? != Kind::Null;
                    draft.effort(cursor)?;
                }
                "format" => {
                    draft.features.structured_output |= cursor.kind()? != Kind::Null;
                    cursor.pass()?;
                }
                _ => cursor.pass()?,
            }
            Ok(())
        })?,
        "stop_sequences" => cursor.array_or_skip(|cursor| {
            draft.features.stop_sequences = true;
            cursor.pass()
        })?,
        "cache_control" => {
            draft.features.cache_control = cursor.kind()? != Kind::Null;
            cursor.pass()?;
        }
        _ => draft.skip(cursor, key)?,
    }
    Ok(())
}
