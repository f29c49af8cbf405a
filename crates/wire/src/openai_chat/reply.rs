//! Unstreamed Chat Completions answers, both ways. It must not know the other dialect, nor what
//! time it is: where `created` is not known it is 0.

use crate::canonical::{Part, Reply, Stop, StopReason};
use crate::dialect::Translated;
use crate::fault::{BadRequest, Loss, Malformed};
use crate::json::cursor::Cursor;
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::openai_chat::prompt::write_call;
use crate::openai_chat::request::{read_call, read_content};
use crate::openai_chat::vocabulary::{finish_reason, malformed, stop_reason, usage, write_usage};
use crate::tool_names::digest;

/// Fields that say nothing the canonical form leaves out.
const EMPTY_HANDED: [&str; 4] = ["object", "system_fingerprint", "service_tier", "provider"];

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
        created: fields.whole("created").unwrap_or_default(),
        ..Reply::default()
    };
    if let Some(counts) = fields.take("usage") {
        reply.usage = usage(&mut Cursor::over(counts.raw())).unwrap_or_default();
    }
    let choices = fields.must("choices")?;
    let mut choices = choices.elements()?.into_iter();
    let Some(choice) = choices.next() else {
        return Err(BadRequest::of("choices", "is empty"));
    };
    if let Some(second) = choices.next() {
        losses.push(Loss::new(
            second.path(),
            "only the first choice can be carried",
        ));
    }
    read_choice(choice.fields()?, &mut reply, &mut losses)?;
    for name in EMPTY_HANDED {
        drop(fields.take(name));
    }
    fields.rest(&mut losses);
    Ok(Translated {
        value: reply,
        losses,
    })
}

fn read_choice(
    mut choice: Fields<'_>,
    reply: &mut Reply,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let mut message = choice.must("message")?.fields()?;
    if let Some(content) = message.take("content") {
        let parts = read_content(&content, losses)?;
        reply
            .parts
            .extend(parts.into_iter().filter(|part| !is_empty(part)));
    }
    let refusal = message.string("refusal")?.filter(|text| !text.is_empty());
    reply.parts.extend(refusal.map(Part::Refusal));
    for (index, call) in message.elements("tool_calls")?.iter().enumerate() {
        let mut call = read_call(call, losses)?;
        if call.id.is_empty() {
            call.id = mint(&reply.id, index, &call.name);
        }
        if call.arguments.trim().is_empty() {
            "{}".clone_into(&mut call.arguments);
        }
        reply.parts.push(Part::ToolUse(call));
    }
    drop(message.take("role"));
    lose_empty(&mut message, "annotations");
    message.rest(losses);
    let reason = choice.string("finish_reason")?.unwrap_or_default();
    let refused = reply
        .parts
        .iter()
        .any(|part| matches!(part, Part::Refusal(_)));
    let calls = reply
        .parts
        .iter()
        .any(|part| matches!(part, Part::ToolUse(_)));
    reply.stop = Stop::of(settle(&reason, refused, calls));
    drop(choice.take("index"));
    choice.rest(losses);
    Ok(())
}

fn is_empty(part: &Part) -> bool {
    matches!(part, Part::Text(text) if text.is_empty())
}

fn lose_empty(fields: &mut Fields<'_>, name: &str) {
    if let Some(value) = fields.take(name).filter(|value| value.raw() != "[]") {
        fields.put_back(name, value);
    }
}

/// Settles why an answer ended: some servers say `stop` where tools are called, or where the model
/// refused.
pub(super) fn settle(word: &str, refused: bool, calls: bool) -> StopReason {
    match stop_reason(word) {
        _ if refused => StopReason::Refusal,
        StopReason::End if calls => StopReason::ToolUse,
        StopReason::Other(other) if other.is_empty() && calls => StopReason::ToolUse,
        StopReason::Other(other) if other.is_empty() => StopReason::End,
        reason => reason,
    }
}

/// Makes an id for a call that came without one; the same in a stream and out of it.
pub(super) fn mint(reply: &str, index: usize, name: &str) -> String {
    format!(
        "call_{:016x}",
        digest(format!("{reply}/{index}/{name}").as_bytes())
    )
}

/// Writes an answer.
pub(super) fn encode(reply: &Reply) -> Translated<Vec<u8>> {
    let mut losses = Vec::new();
    let (reason, own) = finish_reason(&reply.stop.reason);
    let mut out = Writer::new();
    out.object(|out| {
        out.key("id").string(&reply.id);
        out.key("object").string("chat.completion");
        out.key("created").number(reply.created.unwrap_or(0));
        out.key("model").string(&reply.model);
        out.key("choices").array(|out| {
            out.object(|out| {
                out.key("index").number(0);
                out.key("message")
                    .object(|out| message(reply, out, &mut losses));
                out.key("logprobs").raw("null");
                out.key("finish_reason").string(reason);
                out.string_field("native_finish_reason", own);
            });
        });
        if let Some(usage) = &reply.usage {
            write_usage(out.key("usage"), usage);
        }
    });
    losses.extend(lost_stop(&reply.stop));
    Translated {
        value: out.finish(),
        losses,
    }
}

/// Names what a stop says that this dialect cannot.
pub(super) fn lost_stop(stop: &Stop) -> Vec<Loss> {
    let (word, own) = finish_reason(&stop.reason);
    let mut losses = Vec::new();
    if let Some(own) = own {
        losses.push(Loss::new("stop_reason", format!("{own} became {word}")));
    }
    if stop.sequence.is_some() {
        losses.push(Loss::new("stop_sequence", "which one it was has no field"));
    }
    if stop.category.is_some() {
        losses.push(Loss::new("stop_details.category", "has no field"));
    }
    losses
}

fn message(reply: &Reply, out: &mut Writer, losses: &mut Vec<Loss>) {
    let mut text: Option<String> = None;
    let mut refusal: Option<String> = None;
    let mut calls = Vec::new();
    for (at, part) in reply.parts.iter().enumerate() {
        match part {
            Part::Text(more) => text.get_or_insert_default().push_str(more),
            Part::Refusal(more) => refusal.get_or_insert_default().push_str(more),
            Part::ToolUse(call) => calls.push(call),
            Part::Thinking { .. } | Part::HiddenThinking(_) => losses.push(Loss::new(
                format!("content[{at}]"),
                "thoughts are of use to their own maker alone",
            )),
            Part::Image(_) | Part::Document { .. } | Part::ToolResult(_) => losses.push(Loss::new(
                format!("content[{at}]"),
                "the client's API has no such part",
            )),
        }
    }
    if reply.stop.reason == StopReason::Refusal && refusal.is_none() {
        refusal.clone_from(&reply.stop.explanation);
    }
    out.key("role").string("assistant");
    out.nullable_field("content", text.as_deref());
    out.nullable_field("refusal", refusal.as_deref());
    if !calls.is_empty() {
        out.key("tool_calls").array(|out| {
            for call in calls {
                write_call(call, &call.name, out);
            }
        });
    }
}
