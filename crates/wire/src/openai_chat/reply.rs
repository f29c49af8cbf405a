//! Unstreamed Chat Completions answers, both ways. It must not know the other dialect, nor what
//! time it is: where `created` is not known it is 0.

use crate::canonical::{CallForm, Json, Part, Reply, Stop, StopReason};
use crate::dialect::Translated;
use crate::fault::{BadRequest, Loss, Malformed};
use crate::json::cursor::{Cursor, Kind};
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::openai::queues::{service_tier, tier_word};
use crate::openai_chat::annotations::Annotations;
use crate::openai_chat::request::read_annotations;
use crate::openai_chat::thoughts::{self, DETAILS, Detail, Place};
use crate::openai_chat::tools::{read_call, write_call};
use crate::openai_chat::vocabulary::{
    MOVED, NAME, finish_reason, malformed, stop_reason, usage, write_usage,
};
use crate::sealed::{Sealed, Seals};
use crate::tool_names::{digest, fit_id};

/// Fields that say nothing the canonical form leaves out.
const EMPTY_HANDED: [&str; 3] = ["object", "system_fingerprint", "provider"];

/// Names the text of an answer, of which not its place but its words are kept.
const TEXT: &str = "content.text";

/// Names, once, text that stood behind a call: an answer of this API has one, before all calls.
pub(super) fn move_text(losses: &mut Vec<Loss>) {
    if losses.iter().all(|loss| loss.path != TEXT) {
        losses.push(Loss::new(TEXT, MOVED));
    }
}

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
        service_tier: fields.string("service_tier")?.map(service_tier),
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
        let parts = read_said(&content, losses)?;
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
        if call.form == CallForm::Json && call.arguments.trim().is_empty() {
            "{}".clone_into(&mut call.arguments);
        }
        reply.parts.push(Part::ToolUse(call));
    }
    drop(message.take("role"));
    read_annotations(&mut message, &mut reply.parts, losses)?;
    read_logprobs(&mut choice, &mut reply.parts, losses)?;
    let told = thoughts::take(&mut message, losses)?;
    thoughts::restore(told, &mut reply.parts, losses, &choice.path_of("message"));
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
    reply.stop.native = choice.string("native_finish_reason")?;
    drop(choice.take("index"));
    choice.rest(losses);
    Ok(())
}

/// Reads what was said. Some servers say it in parts, and think in them too, without a place where
/// those thoughts could be given back: such a part is lost by its place and type.
pub(super) fn read_said(
    content: &Value<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Vec<Part>, BadRequest> {
    if content.kind() == Kind::String {
        return Ok(vec![Part::Text(content.string()?.into_owned())]);
    }
    let mut said = Vec::new();
    for part in content.elements()? {
        let mut fields = part.fields()?;
        match &*fields.must_string("type")? {
            "text" => said.push(Part::Text(fields.must_string("text")?)),
            "refusal" => said.push(Part::Refusal(fields.must_string("refusal")?)),
            other => {
                let path = format!("{}.{other}", part.path());
                losses.push(Loss::new(path, "the client's API has no such part"));
                continue;
            }
        }
        fields.rest(losses);
    }
    Ok(said)
}

fn is_empty(part: &Part) -> bool {
    matches!(part, Part::Text(text) if text.is_empty())
}

/// Reads how likely a choice's tokens were to behind its text.
fn read_logprobs(
    choice: &mut Fields<'_>,
    parts: &mut Vec<Part>,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let Some(list) = take_logprobs(choice, losses)? else {
        return Ok(());
    };
    let text = parts.iter().rposition(|part| matches!(part, Part::Text(_)));
    parts.insert(text.map_or(0, |at| at + 1), Part::Logprobs(list));
    Ok(())
}

/// Takes how likely a choice's tokens were.
pub(super) fn take_logprobs(
    choice: &mut Fields<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Option<Json>, BadRequest> {
    let Some(mut inner) = choice.fields("logprobs")? else {
        return Ok(None);
    };
    let list = inner.take("content").filter(|list| list.raw() != "[]");
    inner.rest(losses);
    Ok(list.map(|list| Json(list.raw().to_owned())))
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
        out.string_field("service_tier", reply.service_tier.as_ref().map(tier_word));
        out.key("choices").array(|out| {
            out.object(|out| {
                out.key("index").number(0);
                out.key("message")
                    .object(|out| message(reply, out, &mut losses));
                write_logprobs(&reply.parts, out.key("logprobs"));
                out.key("finish_reason").string(reason);
                let native = reply.stop.native.as_deref();
                out.string_field("native_finish_reason", native.or(own));
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

fn write_logprobs(parts: &[Part], out: &mut Writer) {
    let lists = parts.iter().filter_map(|part| match part {
        Part::Logprobs(Json(list)) => Some(list.as_str()),
        _ => None,
    });
    let lists: Vec<_> = lists.collect();
    match lists.as_slice() {
        [] => out.raw("null"),
        lists => out.object(|out| {
            out.key("content").array(|out| {
                for list in lists {
                    let list = Value::parse(list.as_bytes()).and_then(|list| list.elements());
                    for token in list.unwrap_or_default() {
                        out.raw(token.raw());
                    }
                }
            });
            out.key("refusal").raw("null");
        }),
    }
}

/// Names what a stop says that this dialect cannot.
pub(super) fn lost_stop(stop: &Stop) -> Vec<Loss> {
    let (word, own) = finish_reason(&stop.reason);
    stop.lost(own, word)
}

/// What a message holds, collected from an answer's parts.
#[derive(Default)]
struct Said<'r> {
    text: Option<String>,
    refusal: Option<String>,
    calls: Vec<&'r crate::canonical::ToolUse>,
    thoughts: String,
    details: Vec<Detail>,
    /// Entries that the server itself told, as JSON.
    own: Option<&'r str>,
}

impl<'r> Said<'r> {
    fn place(&self) -> Place {
        Place {
            text: self.text.as_ref().map_or(0, String::len),
            calls: self.calls.len(),
        }
    }

    fn think(&mut self, text: &str, signature: Option<&'r Sealed>) {
        if !self.thoughts.is_empty() && !text.is_empty() {
            self.thoughts.push_str(BETWEEN);
        }
        self.thoughts.push_str(text);
        match signature {
            Some(sealed) if sealed.maker == NAME => self.own = thoughts::unseal(&sealed.text).1,
            Some(sealed) => self.seal(Seals::Thoughts, sealed, text, None),
            None => {}
        }
    }

    fn seal(&mut self, seals: Seals, sealed: &Sealed, text: &str, call: Option<String>) {
        let place = match seals {
            Seals::Call => Place::default(),
            Seals::Thoughts | Seals::Hidden => self.place(),
        };
        self.details.push(Detail {
            seals,
            sealed: sealed.clone(),
            text: text.to_owned(),
            call,
            place,
        });
    }
}

/// Stands between the thoughts of two parts.
pub(super) const BETWEEN: &str = "\n\n";

fn message(reply: &Reply, out: &mut Writer, losses: &mut Vec<Loss>) {
    let mut said = Said::default();
    for (at, part) in reply.parts.iter().enumerate() {
        if matches!(part, Part::Text(_) | Part::Refusal(_)) && !said.calls.is_empty() {
            move_text(losses);
        }
        match part {
            Part::Text(more) => said.text.get_or_insert_default().push_str(more),
            Part::Refusal(more) => said.refusal.get_or_insert_default().push_str(more),
            Part::ToolUse(call) => {
                if let Some(sealed) = call.signature.as_ref().filter(|seal| seal.maker != NAME) {
                    let id = fit_id(&call.id).into_owned();
                    said.seal(Seals::Call, sealed, "", Some(id));
                }
                said.calls.push(call);
            }
            Part::Thinking { text, signature } => said.think(text, signature.as_ref()),
            Part::HiddenThinking(sealed) => said.seal(Seals::Hidden, sealed, "", None),
            Part::Citation(_) | Part::Logprobs(_) => {}
            Part::Image(_) | Part::Document { .. } | Part::Audio(_) | Part::ToolResult(_) => losses
                .push(Loss::new(
                    format!("content[{at}]"),
                    "the client's API has no such part",
                )),
        }
    }
    if reply.stop.reason == StopReason::Refusal && said.refusal.is_none() {
        said.refusal.clone_from(&reply.stop.explanation);
    }
    out.key("role").string("assistant");
    out.nullable_field("content", said.text.as_deref());
    out.nullable_field("refusal", said.refusal.as_deref());
    if !said.thoughts.is_empty() {
        out.key("reasoning_content").string(&said.thoughts);
    }
    if !said.details.is_empty() {
        out.key(DETAILS).array(|out| {
            for (index, detail) in said.details.iter().enumerate() {
                thoughts::write_detail(detail, index as u64, out);
            }
        });
    } else {
        out.raw_field(DETAILS, said.own);
    }
    let annotations = Annotations::of(reply);
    if !annotations.list.is_empty() {
        annotations.write(out.key("annotations"));
    }
    losses.extend(annotations.losses);
    if !said.calls.is_empty() {
        out.key("tool_calls").array(|out| {
            for call in said.calls {
                write_call(call, &call.name, out);
            }
        });
    }
}
