//! What an answer is made of: items, and the response around them, as they are written streamed or
//! not. It must not know where the answer came from.

use crate::canonical::{CallForm, Json, ServiceTier, Stop, ToolUse, Usage};
use crate::json::fields::Value;
use crate::json::write::Writer;
use crate::openai::queues::tier_word;
use crate::openai_responses::asked::Asked;
use crate::openai_responses::reasoning;
use crate::openai_responses::vocabulary::{Status, own_word, split_name, write_usage};
use crate::sealed::{Sealed, Seals};
use crate::tool_names::{digest, fit_id};

/// Holds one item.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// What the model says.
    Message(Vec<Content>),
    /// Thoughts, with what is sealed and what that seals.
    Thoughts(String, Option<(Sealed, Seals)>),
    /// A call.
    Call(ToolUse),
}

/// Holds one text of a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) is_refusal: bool,
    pub(super) text: String,
    /// Characters of the text.
    pub(super) characters: u64,
    /// Each as JSON text.
    pub(super) annotations: Vec<String>,
    pub(super) logprobs: Vec<Json>,
}

impl Content {
    /// Begins a text.
    pub(super) fn new(is_refusal: bool) -> Self {
        Self {
            is_refusal,
            ..Self::default()
        }
    }

    /// Adds to it.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.characters += text.chars().count() as u64;
    }

    /// Writes it.
    pub(super) fn write(&self, out: &mut Writer) {
        out.object(|out| {
            if self.is_refusal {
                out.key("type").string("refusal");
                out.key("refusal").string(&self.text);
                return;
            }
            out.key("type").string("output_text");
            out.key("text").string(&self.text);
            out.key("annotations").array(|out| {
                self.annotations.iter().for_each(|json| out.raw(json));
            });
            self.write_logprobs(out.key("logprobs"));
        });
    }

    /// Writes how likely the text's tokens were: one list of all.
    pub(super) fn write_logprobs(&self, out: &mut Writer) {
        out.array(|out| {
            for Json(list) in &self.logprobs {
                let list = Value::parse(list.as_bytes()).and_then(|list| list.elements());
                for token in list.unwrap_or_default() {
                    out.raw(token.raw());
                }
            }
        });
    }
}

impl Item {
    /// Names the item at a place of an answer: the same streamed or not, and in every copy of it.
    pub(super) fn id(&self, reply: &str, at: usize) -> String {
        let kind = match self {
            Self::Message(_) => "msg_",
            Self::Thoughts(..) => reasoning::OURS,
            Self::Call(call) if call.form == CallForm::Text => "ctc_",
            Self::Call(_) => "fc_",
        };
        let digest = digest(format!("{reply}/{at}").as_bytes());
        format!("{kind}{digest:016x}")
    }

    /// Tells whether it is a message whose last text is of that kind.
    pub(super) fn ends_in(&self, is_refusal: bool) -> bool {
        match self {
            Self::Message(contents) => contents
                .last()
                .is_some_and(|last| last.is_refusal == is_refusal),
            _ => false,
        }
    }

    /// Writes it, with the status of what can be cut short.
    pub(super) fn write(&self, id: &str, status: &str, out: &mut Writer) {
        match self {
            Self::Message(contents) => out.object(|out| {
                out.key("id").string(id);
                out.key("type").string("message");
                out.key("status").string(status);
                out.key("role").string("assistant");
                out.key("content").array(|out| {
                    contents.iter().for_each(|content| content.write(out));
                });
            }),
            Self::Thoughts(text, sealed) => {
                match sealed
                    .as_ref()
                    .and_then(|(sealed, _)| reasoning::own(sealed))
                {
                    Some(item) => out.raw(item),
                    None => {
                        let sealed = sealed.as_ref().map(|(sealed, seals)| (sealed, *seals));
                        reasoning::write(id, text, sealed, out);
                    }
                }
            }
            Self::Call(call) => write_call(call, id, status, out),
        }
    }
}

/// Writes a call, and its namespace where its tool stood in one.
fn write_call(call: &ToolUse, id: &str, status: &str, out: &mut Writer) {
    let (namespace, name) = split_name(&call.name);
    out.object(|out| {
        out.key("id").string(id);
        match call.form {
            CallForm::Text => {
                out.key("type").string("custom_tool_call");
                out.key("status").string(status);
                out.key("call_id").string(&fit_id(&call.id));
                out.key("name").string(name);
                out.key("input").string(&call.arguments);
            }
            CallForm::Json => {
                out.key("type").string("function_call");
                out.key("status").string(status);
                out.key("call_id").string(&fit_id(&call.id));
                out.key("name").string(name);
                out.key("arguments").string(&call.arguments);
            }
        }
        out.string_field("namespace", namespace);
    });
}

/// Holds what is said of a response as a whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) model: String,
    pub(super) created: Option<u64>,
    pub(super) tier: Option<ServiceTier>,
    pub(super) usage: Option<Usage>,
    pub(super) stop: Option<Stop>,
}

impl Head {
    /// Writes the response; `output` writes what is in its list of items.
    pub(super) fn write(
        &self,
        (status, cut): Status,
        asked: &Asked,
        output: impl FnOnce(&mut Writer),
        out: &mut Writer,
    ) {
        out.object(|out| {
            let created = self.created.unwrap_or(0);
            out.key("id").string(&self.id);
            out.key("object").string("response");
            out.key("created_at").number(created);
            match status {
                "in_progress" => out.key("completed_at").raw("null"),
                _ => out.key("completed_at").number(created),
            }
            out.key("status").string(status);
            match cut {
                Some(reason) => out
                    .key("incomplete_details")
                    .object(|out| out.key("reason").string(reason)),
                None => out.key("incomplete_details").raw("null"),
            }
            out.key("error").raw("null");
            out.key("model").string(&self.model);
            out.key("output").array(output);
            asked.write(out);
            // The word for what is not known yet; it is one in every response.
            let tier = self.tier.as_ref().map_or("auto", tier_word);
            out.key("service_tier").string(tier);
            match self.usage.filter(|_| status != "in_progress") {
                Some(usage) => write_usage(out.key("usage"), &usage),
                None => out.key("usage").raw("null"),
            }
            if let Some(stop) = &self.stop {
                let own = own_word(&stop.reason);
                out.string_field("native_stop_reason", stop.native.as_deref().or(own));
            }
        });
    }
}
