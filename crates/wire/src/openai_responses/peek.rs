//! Reading what a decision needs of a Responses request. It must not judge what only the provider
//! can.

use std::borrow::Cow;

use crate::fault::BadRequest;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::peek::Peek;
use crate::survey::{Draft, PartClass, survey};

/// The ids by which a client names its conversation.
#[derive(Debug, Default)]
struct Ids<'a> {
    conversation: Option<Cow<'a, str>>,
    cache_key: Option<Cow<'a, str>>,
    previous: Option<Cow<'a, str>>,
}

/// Reads the body.
pub(super) fn peek(body: &[u8]) -> Result<Peek<'_>, BadRequest> {
    let mut ids = Ids::default();
    let mut peek = survey(body, "input", |draft, cursor, key| {
        match key {
            "conversation" => {
                ids.conversation = conversation(cursor)?;
                draft.has_turns |= ids.conversation.is_some();
            }
            "previous_response_id" => {
                ids.previous = id(cursor)?;
                draft.has_turns |= ids.previous.is_some();
            }
            "prompt_cache_key" => {
                ids.cache_key = id(cursor)?;
                draft.features.cache_control |= ids.cache_key.is_some();
            }
            // A stored prompt may be the whole of the input.
            "prompt" => {
                draft.has_turns |= cursor.kind()? == Kind::Object;
                cursor.pass()?;
            }
            key => field(draft, cursor, key)?,
        }
        Ok(())
    })?;
    // The id of the answer before is another in each turn, so it comes last.
    peek.conversation = ids.conversation.or(ids.cache_key).or(ids.previous);
    Ok(peek)
}

fn id<'a>(cursor: &mut Cursor<'a>) -> Scan<Option<Cow<'a, str>>> {
    Ok(cursor.string_or_skip()?.filter(|id| !id.is_empty()))
}

fn conversation<'a>(cursor: &mut Cursor<'a>) -> Scan<Option<Cow<'a, str>>> {
    if cursor.kind()? != Kind::Object {
        return id(cursor);
    }
    let mut found = None;
    cursor.object(|cursor, key| {
        if key == "id" {
            found = id(cursor)?;
            return Ok(());
        }
        cursor.pass()
    })?;
    Ok(found)
}

fn classify(part: &str) -> PartClass {
    match part {
        "input_image" => PartClass::Image,
        "input_file" => PartClass::Document,
        "input_audio" => PartClass::Audio,
        _ => PartClass::Other,
    }
}

fn field<'a>(draft: &mut Draft<'a>, cursor: &mut Cursor<'a>, key: &str) -> Scan<()> {
    match key {
        "input" => input(draft, cursor)?,
        "instructions" => {
            let is_set = cursor.kind()? == Kind::String;
            let start = cursor.at();
            cursor.pass()?;
            draft.features.system |= is_set;
            if is_set {
                draft.opening.system = Some(cursor.slice(start..cursor.at()));
            }
        }
        "max_output_tokens" => draft.max_tokens = cursor.optional_whole(key)?,
        "tool_choice" => choice(draft, cursor)?,
        "reasoning" => cursor.object_or_skip(|cursor, key| {
            if key != "effort" {
                return cursor.pass();
            }
            draft.features.thinking = draft.effort(cursor)?;
            Ok(())
        })?,
        "text" => text(draft, cursor)?,
        _ => draft.skip(cursor, key)?,
    }
    Ok(())
}

fn choice(draft: &mut Draft<'_>, cursor: &mut Cursor<'_>) -> Scan<()> {
    if cursor.kind()? != Kind::Object {
        draft.features.forced_tool = cursor.string_or_skip()?.as_deref() == Some("required");
        return Ok(());
    }
    let mut is_list = false;
    let mut must = false;
    cursor.object(|cursor, key| {
        match &*key {
            "type" => is_list = cursor.string_or_skip()?.as_deref() == Some("allowed_tools"),
            "mode" => must = cursor.string_or_skip()?.as_deref() == Some("required"),
            _ => cursor.pass()?,
        }
        Ok(())
    })?;
    draft.features.forced_tool = !is_list || must;
    Ok(())
}

fn text(draft: &mut Draft<'_>, cursor: &mut Cursor<'_>) -> Scan<()> {
    cursor.object_or_skip(|cursor, key| {
        if key != "format" {
            return cursor.pass();
        }
        cursor.object_or_skip(|cursor, key| {
            if key != "type" {
                return cursor.pass();
            }
            let form = cursor.string_or_skip()?;
            draft.features.structured_output = form.is_some_and(|form| form != "text");
            Ok(())
        })
    })
}

fn input<'a>(draft: &mut Draft<'a>, cursor: &mut Cursor<'a>) -> Scan<()> {
    match cursor.kind()? {
        Kind::Null => return cursor.pass(),
        Kind::String => {
            let start = cursor.at();
            cursor.pass()?;
            draft.features.messages += 1;
            draft.opening.user = Some(cursor.slice(start..cursor.at()));
        }
        Kind::Array => cursor.array(|cursor| item(draft, cursor))?,
        _ => return cursor.wrong("input", "a string or an array"),
    }
    draft.has_turns = true;
    Ok(())
}

/// Reads one item: a message, or what stands beside messages.
fn item<'a>(draft: &mut Draft<'a>, cursor: &mut Cursor<'a>) -> Scan<()> {
    let mut role = None;
    let mut content = None;
    let mut is_call = false;
    cursor.object_or_skip(|cursor, key| {
        match &*key {
            "type" => {
                let kind = cursor.string_or_skip()?;
                is_call = kind.as_ref().is_some_and(|kind| kind.ends_with("_call"));
                draft.features.thoughts += u32::from(kind.as_deref() == Some("reasoning"));
            }
            "role" => role = cursor.string_or_skip()?,
            "content" => {
                cursor.kind()?;
                let start = cursor.at();
                draft.parts(cursor, classify)?;
                content = Some(cursor.slice(start..cursor.at()));
            }
            "output" => draft.parts(cursor, classify)?,
            "tools" => cursor.array_or_skip(|cursor| {
                draft.features.tools += 1;
                cursor.pass()
            })?,
            _ => cursor.pass()?,
        }
        Ok(())
    })?;
    draft.features.messages += 1;
    draft.last_is_answer = role.as_deref() == Some("assistant");
    draft.features.answers += u32::from(draft.last_is_answer || is_call);
    match role.as_deref() {
        Some("system" | "developer") if draft.opening.user.is_none() && content.is_some() => {
            draft.features.system = true;
            draft.opening.system = draft.opening.system.or(content);
        }
        Some("user") => draft.opening.user = draft.opening.user.or(content),
        Some("system" | "developer") => draft.features.mid_system = content.is_some(),
        _ => {}
    }
    Ok(())
}
