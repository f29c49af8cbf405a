//! Events into a streamed Chat Completions answer. It must not know where they came from.

use crate::canonical::{Stop, StopReason, Usage, UsageChunk};
use crate::dialect::EncodeEvents;
use crate::fault::Loss;
use crate::json::write::Writer;
use crate::openai_chat::errors;
use crate::openai_chat::reply::lost_stop;
use crate::openai_chat::vocabulary::{finish_reason, write_usage};
use crate::stream::Event;
use crate::tool_names::fit_id;

/// Writes one stream.
#[derive(Debug)]
pub(super) struct Chunks {
    usage_chunk: UsageChunk,
    /// What each chunk begins with, its brace open.
    head: Vec<u8>,
    usage: Option<Usage>,
    /// For each call whether it has arguments.
    calls: Vec<bool>,
    has_refused: bool,
    is_closed: bool,
    losses: Vec<Loss>,
}

impl Chunks {
    pub(super) fn new(usage_chunk: UsageChunk) -> Self {
        let mut chunks = Self {
            usage_chunk,
            head: Vec::new(),
            usage: None,
            calls: Vec::new(),
            has_refused: false,
            is_closed: false,
            losses: Vec::new(),
        };
        chunks.set_head("", "", 0);
        chunks
    }

    fn set_head(&mut self, id: &str, model: &str, created: u64) {
        let mut out = Writer::new();
        out.object(|out| {
            out.key("id").string(id);
            out.key("object").string("chat.completion.chunk");
            out.key("created").number(created);
            out.key("model").string(model);
        });
        self.head = out.finish();
        self.head.pop();
    }

    fn chunk(&self, out: &mut Vec<u8>, rest: impl FnOnce(&mut Writer)) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&self.head);
        out.push(b',');
        let mut writer = Writer::onto(std::mem::take(out));
        rest(&mut writer);
        *out = writer.finish();
        out.extend_from_slice(b"}\n\n");
    }

    fn delta(&self, out: &mut Vec<u8>, delta: impl FnOnce(&mut Writer)) {
        self.chunk(out, |out| {
            out.key("choices").array(|out| {
                out.object(|out| {
                    out.key("index").number(0);
                    out.key("delta").object(delta);
                    out.key("finish_reason").raw("null");
                });
            });
        });
    }

    fn text(&self, out: &mut Vec<u8>, field: &str, text: &str) {
        self.delta(out, |out| out.key(field).string(text));
    }

    fn call(&self, out: &mut Vec<u8>, call: u32, rest: impl FnOnce(&mut Writer)) {
        self.delta(out, |out| {
            out.key("tool_calls").array(|out| {
                out.object(|out| {
                    out.key("index").number(call.into());
                    rest(out);
                });
            });
        });
    }

    fn arguments(&self, out: &mut Vec<u8>, call: u32, text: &str) {
        self.call(out, call, |out| {
            out.key("function")
                .object(|out| out.key("arguments").string(text));
        });
    }

    fn stop(&mut self, out: &mut Vec<u8>, stop: &Stop) {
        let is_silent = stop.reason == StopReason::Refusal && !self.has_refused;
        if let Some(why) = stop.explanation.as_deref().filter(|_| is_silent) {
            self.text(out, "refusal", why);
        }
        let (reason, own) = finish_reason(&stop.reason);
        self.chunk(out, |out| {
            out.key("choices").array(|out| {
                out.object(|out| {
                    out.key("index").number(0);
                    out.key("delta").object(|_| ());
                    out.key("finish_reason").string(reason);
                    out.string_field("native_finish_reason", own);
                });
            });
        });
        self.losses.extend(lost_stop(stop));
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let shown = self.usage.filter(|_| self.usage_chunk == UsageChunk::Show);
        if let Some(usage) = shown {
            self.chunk(out, |out| {
                out.key("choices").raw("[]");
                write_usage(out.key("usage"), &usage);
            });
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        self.is_closed = true;
    }

    fn has_arguments(&mut self, call: u32) -> Option<&mut bool> {
        self.calls.get_mut(usize::try_from(call).ok()?)
    }

    fn lose_thoughts(&mut self) {
        if self.losses.iter().all(|loss| loss.path != "thinking") {
            let why = "thoughts are of use to their own maker alone";
            self.losses.push(Loss::new("thinking", why));
        }
    }
}

impl EncodeEvents for Chunks {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.is_closed {
            return;
        }
        match event {
            Event::Start {
                id,
                model,
                usage,
                created,
            } => {
                self.set_head(id, model, created.unwrap_or(0));
                self.usage = *usage;
                self.delta(out, |out| {
                    out.key("role").string("assistant");
                    out.key("content").string("");
                });
            }
            Event::Text(text) => self.text(out, "content", text),
            Event::Refusal(text) => {
                self.has_refused = true;
                self.text(out, "refusal", text);
            }
            Event::Thinking(_) | Event::Signature(_) | Event::HiddenThinking(_) => {
                self.lose_thoughts();
            }
            Event::PartEnd => {}
            Event::ToolStart { call, id, name } => {
                self.calls.push(false);
                self.call(out, *call, |out| {
                    out.key("id").string(&fit_id(id));
                    out.key("type").string("function");
                    out.key("function").object(|out| {
                        out.key("name").string(name);
                        out.key("arguments").string("");
                    });
                });
            }
            Event::ToolArguments { call, text } => {
                if let Some(flag) = self.has_arguments(*call) {
                    *flag = true;
                }
                self.arguments(out, *call, text);
            }
            Event::ToolStop { call } => {
                if self.has_arguments(*call).is_some_and(|has| !*has) {
                    self.arguments(out, *call, "{}");
                }
            }
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Stop(stop) => self.stop(out, stop),
            Event::Error(error) => {
                out.extend_from_slice(&errors::event(error));
                self.is_closed = true;
            }
            Event::End => self.end(out),
        }
    }

    fn take_losses(&mut self) -> Vec<Loss> {
        std::mem::take(&mut self.losses)
    }
}
