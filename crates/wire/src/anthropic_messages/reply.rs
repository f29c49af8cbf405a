//! Unstreamed Messages answers, both ways. It must not know the other dialect.

use crate::anthropic_messages::blocks::{Blocks, can_cite, is_empty, write_blocks};
use crate::anthropic_messages::vocabulary::{
    Counts, NAME, lost_stop, malformed, served, stop, write_stop, write_usage,
};
use crate::canonical::{CallForm, Part, Reply};
use crate::dialect::Translated;
use crate::fault::{BadRequest, Loss, Malformed};
use crate::json::cursor::{Cursor, whole_object};
use crate::json::fields::Value;
use crate::json::write::Writer;

/// Reads an answer.
pub(super) fn decode(body: &[u8]) -> Result<Translated<Reply>, Malformed> {
    read(body).map_err(|fault| malformed(fault.to_string()))
}

fn read(body: &[u8]) -> Result<Translated<Reply>, BadRequest> {
    let mut fields = Value::parse(body)?.fields()?;
    let mut losses = Vec::new();
    let mut reply = Reply {
        id: fields.string("id")?.unwrap_or_default(),
        model: fields.string("model")?.unwrap_or_default(),
        ..Reply::default()
    };
    let mut blocks = Blocks::default();
    for block in fields.must("content")?.elements()? {
        if !blocks.block(&block, &mut losses)? {
            let why = "the client's API has no such block";
            losses.push(Loss::new(block.path(), why));
        }
    }
    reply.parts = blocks.parts;
    reply.parts.retain(|part| !is_empty(part));
    reply.stop = stop(&mut fields, &mut losses)?.unwrap_or_default();
    if let Some(usage) = fields.take("usage") {
        let mut counts = Counts::default();
        let read = counts.read(&mut Cursor::over(usage.raw()));
        reply.usage = read.ok().and_then(|()| counts.usage());
        reply.service_tier = served(&usage);
    }
    for name in ["type", "role"] {
        drop(fields.take(name));
    }
    fields.rest(&mut losses);
    Ok(Translated {
        value: reply,
        losses,
    })
}

/// Writes an answer.
pub(super) fn encode(reply: &Reply) -> Translated<Vec<u8>> {
    let mut losses: Vec<_> = lost_stop(&reply.stop).into_iter().collect();
    let mut calls = 0;
    for part in &reply.parts {
        losses.extend(lost_of(part, calls));
        calls += u32::from(matches!(part, Part::ToolUse(_)));
    }
    let mut known = Vec::new();
    losses.retain(|loss: &Loss| {
        let is_new = !known.contains(&loss.path);
        known.push(loss.path.clone());
        is_new
    });
    let mut out = Writer::new();
    out.object(|out| {
        out.key("id").string(&reply.id);
        out.key("type").string("message");
        out.key("role").string("assistant");
        out.key("model").string(&reply.model);
        let parts = reply.parts.iter().filter(|part| !is_foreign(part));
        let parts: Vec<_> = parts.collect();
        out.key("content")
            .array(|out| write_blocks(&parts, &mut str::to_owned, out));
        write_stop(out, &reply.stop);
        let usage = reply.usage.unwrap_or_default();
        write_usage(out.key("usage"), &usage, reply.service_tier.as_ref());
    });
    Translated {
        value: out.finish(),
        losses,
    }
}

fn is_foreign(part: &Part) -> bool {
    matches!(part, Part::Audio(_))
}

/// Says what of a part gets lost here, where something does: alike streamed and whole. `calls` is
/// how many calls stand before it.
pub(super) fn lost_of(part: &Part, calls: u32) -> Option<Loss> {
    let why = why_lost(part)?;
    Some(match part {
        Part::ToolUse(_) => Loss::new(format!("tool_calls[{calls}]"), why),
        Part::Citation(citation) if can_cite(citation) => Loss::new("citations.span", why),
        Part::Citation(_) => Loss::new("citations", why),
        Part::Logprobs(_) => Loss::new("logprobs", why),
        _ => Loss::new("content", why),
    })
}

fn why_lost(part: &Part) -> Option<&'static str> {
    match part {
        Part::ToolUse(call) if call.form == CallForm::Text => {
            Some("the call's free text became the field input of an object")
        }
        Part::ToolUse(call) if whole_object(&call.arguments).is_none() => {
            Some("the arguments are no whole object and stand as text")
        }
        Part::Citation(citation) if !can_cite(citation) => {
            Some("the client's API has no citation of this kind")
        }
        Part::Citation(citation) => {
            let is_own = citation.own.as_ref().is_some_and(|own| own.maker == NAME);
            let is_placed = citation.span.is_some() && !is_own;
            is_placed.then_some("a citation's place in the text has no field")
        }
        Part::Logprobs(_) => Some("the client's API tells no probabilities"),
        Part::Audio(_) => Some("the client's API has no such part"),
        _ => None,
    }
}
