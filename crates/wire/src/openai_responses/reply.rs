//! Unstreamed Responses answers, both ways. It must not know another dialect, nor what time it is:
//! where it is not known it is 0.

use crate::canonical::{CallForm, Part, Reply, ServiceTier, Stop, StopReason};
use crate::dialect::Translated;
use crate::fault::{BadRequest, Loss, Malformed};
use crate::json::cursor::Cursor;
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::openai::queues::service_tier;
use crate::openai_responses::asked::Asked;
use crate::openai_responses::output::{Content, Head, Item};
use crate::openai_responses::reasoning::Told;
use crate::openai_responses::vocabulary::{lost_stop, malformed, status, stop, usage};
use crate::openai_responses::{annotations, content, reasoning, tools};
use crate::sealed::{Sealed, Seals};

/// Fields that repeat the request or say nothing that the canonical form leaves out.
pub(super) const EMPTY_HANDED: [&str; 29] = [
    "object",
    "completed_at",
    "error",
    "previous_response_id",
    "instructions",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "truncation",
    "text",
    "temperature",
    "top_p",
    "top_k",
    "presence_penalty",
    "frequency_penalty",
    "top_logprobs",
    "reasoning",
    "max_output_tokens",
    "max_tool_calls",
    "store",
    "background",
    "metadata",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "user",
    "billing",
    "output_text",
];

/// Reads an answer.
pub(super) fn decode(body: &[u8]) -> Result<Translated<Reply>, Malformed> {
    read(body).map_err(|fault| malformed(fault.to_string()))
}

fn read(body: &[u8]) -> Result<Translated<Reply>, BadRequest> {
    let mut fields = Value::parse(body)?.fields()?;
    let mut losses = Vec::new();
    if let Some(status) = fields.take("status") {
        // A server that follows the API may have a word of its own for a whole answer.
        if matches!(
            &*status.string()?,
            "failed" | "cancelled" | "queued" | "in_progress"
        ) {
            return Err(status.fault("says that there is no answer"));
        }
        fields.put_back("status", status);
    }
    let mut reply = Reply {
        id: fields.string("id")?.unwrap_or_default(),
        model: fields.string("model")?.unwrap_or_default(),
        created: created(&mut fields),
        service_tier: served(&mut fields)?,
        ..Reply::default()
    };
    if let Some(counts) = fields.take("usage") {
        reply.usage = usage(&mut Cursor::over(counts.raw())).unwrap_or_default();
    }
    let mut items = Items::default();
    for item in &fields.must("output")?.elements()? {
        items.read(item, &mut losses)?;
    }
    reply.parts = items.parts;
    let is_refusal = |part: &Part| matches!(part, Part::Refusal(_));
    let is_call = |part: &Part| matches!(part, Part::ToolUse(_));
    let refuses = reply.parts.iter().any(is_refusal);
    let calls = reply.parts.iter().any(is_call);
    reply.stop = stop(&mut fields, refuses, calls, &mut losses)?;
    for name in EMPTY_HANDED {
        drop(fields.take(name));
    }
    fields.rest(&mut losses);
    Ok(Translated {
        value: reply,
        losses,
    })
}

/// Takes when an answer was made; some servers say parts of a second.
pub(super) fn created(fields: &mut Fields<'_>) -> Option<u64> {
    let time = fields.take("created_at")?;
    let whole = time.raw().split('.').next().unwrap_or_default();
    whole.parse().ok()
}

/// Takes in which queue an answer was or is served, where that is known.
pub(super) fn served(fields: &mut Fields<'_>) -> Result<Option<ServiceTier>, BadRequest> {
    let tier = fields.string("service_tier")?.map(service_tier);
    Ok(tier.filter(|tier| *tier != ServiceTier::Auto))
}

/// Reads items one after the other.
#[derive(Debug, Default)]
struct Items {
    parts: Vec<Part>,
    /// What an item before a call holds for it.
    call_seal: Option<Sealed>,
}

impl Items {
    fn read(&mut self, item: &Value<'_>, losses: &mut Vec<Loss>) -> Result<(), BadRequest> {
        let mut fields = item.fields()?;
        let form = match &*fields.must("type")?.string()? {
            "reasoning" => {
                match reasoning::read(item, losses)? {
                    Told::Thoughts(part) => self.parts.push(part),
                    Told::Call(sealed) => self.call_seal = Some(sealed),
                    Told::Nothing => {}
                }
                return Ok(());
            }
            "message" => return self.message(fields, losses),
            "function_call" => CallForm::Json,
            "custom_tool_call" => CallForm::Text,
            _ => {
                let why = "the client's API has no such item";
                losses.push(Loss::new(item.path(), why));
                return Ok(());
            }
        };
        let mut call = tools::read_answered(form, &mut fields, item.path(), losses)?;
        call.signature = self.call_seal.take();
        self.parts.push(Part::ToolUse(call));
        fields.rest(losses);
        Ok(())
    }

    fn message(
        &mut self,
        mut fields: Fields<'_>,
        losses: &mut Vec<Loss>,
    ) -> Result<(), BadRequest> {
        for name in ["id", "status", "role"] {
            drop(fields.take(name));
        }
        for part in fields.elements("content")? {
            let mut said = Vec::new();
            content::read_part(&part, &mut said, losses)?;
            let is_empty = matches!(
                said.as_slice(),
                [Part::Text(text) | Part::Refusal(text)] if text.is_empty()
            );
            if !is_empty {
                self.parts.append(&mut said);
            }
        }
        fields.rest(losses);
        Ok(())
    }
}

/// Writes an answer.
pub(super) fn encode(asked: &Asked, reply: &Reply) -> Translated<Vec<u8>> {
    let mut losses = Vec::new();
    let items = items(reply, &mut losses);
    let status = status(&reply.stop.reason, refuses(&items));
    let head = Head {
        id: reply.id.clone(),
        model: reply.model.clone(),
        created: reply.created,
        tier: reply.service_tier.clone(),
        usage: reply.usage,
        stop: Some(reply.stop.clone()),
    };
    let mut out = Writer::new();
    let output = |out: &mut Writer| {
        for (at, item) in items.iter().enumerate() {
            let is_cut = status.0 == "incomplete" && at + 1 == items.len();
            let is_cut = is_cut && matches!(item, Item::Message(_));
            let state = if is_cut { status.0 } else { "completed" };
            item.write(&item.id(&reply.id, at), state, out);
        }
    };
    head.write(status, asked, output, &mut out);
    losses.extend(lost_stop(&reply.stop));
    Translated {
        value: out.finish(),
        losses,
    }
}

/// Tells whether an answer refuses in words.
pub(super) fn refuses(items: &[Item]) -> bool {
    let mut contents = items.iter().flat_map(|item| match item {
        Item::Message(contents) => contents.as_slice(),
        _ => &[],
    });
    contents.any(|content| content.is_refusal)
}

/// Gives what a refusal says that is not said in words of its own.
pub(super) fn unsaid(stop: &Stop, refuses: bool) -> Option<&str> {
    let is_unsaid = stop.reason == StopReason::Refusal && !refuses;
    stop.explanation
        .as_deref()
        .filter(|why| is_unsaid && !why.is_empty())
}

/// Sorts an answer's parts into items.
fn items(reply: &Reply, losses: &mut Vec<Loss>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut lose = |path, why| {
        if losses.iter().all(|loss: &Loss| loss.path != path) {
            losses.push(Loss::new(path, why));
        }
    };
    for part in &reply.parts {
        match part {
            Part::Text(text) | Part::Refusal(text) => {
                let mut content = Content::new(matches!(part, Part::Refusal(_)));
                content.push(text);
                say(&mut items, content);
            }
            Part::Citation(citation) => {
                if let Some((path, why)) = annotations::lost(citation) {
                    lose(path, why);
                }
                match last_text(&mut items) {
                    Some(text) => {
                        let written = annotations::write(citation, text.characters);
                        text.annotations.extend(written);
                    }
                    None => lose("citations", "there is no text that they belong to"),
                }
            }
            Part::Logprobs(list) => match last_text(&mut items) {
                Some(text) => text.logprobs.push(list.clone()),
                None => lose("logprobs", "there is no text that they belong to"),
            },
            Part::Thinking { text, signature } => {
                let sealed = signature.clone().map(|sealed| (sealed, Seals::Thoughts));
                items.push(Item::Thoughts(text.clone(), sealed));
            }
            Part::HiddenThinking(sealed) => {
                let sealed = Some((sealed.clone(), Seals::Hidden));
                items.push(Item::Thoughts(String::new(), sealed));
            }
            Part::ToolUse(call) => items.extend(call_items(call)),
            Part::Image(_) | Part::Document { .. } | Part::Audio(_) | Part::ToolResult(_) => {
                lose("content", "the client's API has no such part");
            }
        }
    }
    if let Some(why) = unsaid(&reply.stop, refuses(&items)) {
        let mut content = Content::new(true);
        content.push(why);
        say(&mut items, content);
    }
    items
}

/// Makes the items of a call: what is sealed for it stands before it.
fn call_items(call: &crate::canonical::ToolUse) -> Vec<Item> {
    let mut call = call.clone();
    let sealed = call.signature.take();
    let sealed = sealed.map(|sealed| Item::Thoughts(String::new(), Some((sealed, Seals::Call))));
    if call.form == CallForm::Json && call.arguments.trim().is_empty() {
        "{}".clone_into(&mut call.arguments);
    }
    sealed.into_iter().chain([Item::Call(call)]).collect()
}

fn say(items: &mut Vec<Item>, content: Content) {
    match items.last_mut() {
        Some(Item::Message(contents)) => contents.push(content),
        _ => items.push(Item::Message(vec![content])),
    }
}

/// Finds the text that is said last.
fn last_text(items: &mut [Item]) -> Option<&mut Content> {
    match items.last_mut() {
        Some(Item::Message(contents)) => contents.last_mut().filter(|last| !last.is_refusal),
        _ => None,
    }
}
