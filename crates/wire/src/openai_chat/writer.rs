//! Events into a streamed Chat Completions answer. It must not know where they came from.

use crate::canonical::{CallForm, Json, ServiceTier, Stop, StopReason, Usage, UsageChunk};
use crate::dialect::EncodeEvents;
use crate::fault::{Loss, WireError};
use crate::json::write::Writer;
use crate::openai::errors;
use crate::openai::queues::tier_word;
use crate::openai_chat::annotations::Annotations;
use crate::openai_chat::reply::{BETWEEN, lost_stop, move_text};
use crate::openai_chat::thoughts::{self, DETAILS, Detail, Place};
use crate::openai_chat::tools::{arguments_field, word, write_signature};
use crate::openai_chat::vocabulary::{NAME, finish_reason, write_usage};
use crate::sealed::{Sealed, Seals};
use crate::stream::Event;
use crate::tool_names::fit_id;

/// What was written of thoughts and of what they stand among.
#[derive(Debug, Default)]
struct Thoughts {
    /// The thoughts that go on, until their signature is known.
    open: Option<(String, Option<Sealed>)>,
    has_text: bool,
    /// Entries written.
    details: u64,
    place: Place,
}

/// Writes one stream.
#[derive(Debug)]
pub(super) struct Chunks {
    usage_chunk: UsageChunk,
    /// What each chunk begins with, its brace open.
    head: Vec<u8>,
    /// Of it the id, the model and the time.
    start: (String, String, u64),
    usage: Option<Usage>,
    /// For each call its form, and whether it has arguments.
    calls: Vec<(CallForm, bool)>,
    thoughts: Thoughts,
    annotations: Annotations,
    has_refused: bool,
    is_closed: bool,
    losses: Vec<Loss>,
}

impl Chunks {
    pub(super) fn new(usage_chunk: UsageChunk) -> Self {
        let mut chunks = Self {
            usage_chunk,
            head: Vec::new(),
            start: (String::new(), String::new(), 0),
            usage: None,
            calls: Vec::new(),
            thoughts: Thoughts::default(),
            annotations: Annotations::default(),
            has_refused: false,
            is_closed: false,
            losses: Vec::new(),
        };
        chunks.set_head("", "", 0, None);
        chunks
    }

    fn set_head(&mut self, id: &str, model: &str, created: u64, tier: Option<&ServiceTier>) {
        let mut out = Writer::new();
        out.object(|out| {
            out.key("id").string(id);
            out.key("object").string("chat.completion.chunk");
            out.key("created").number(created);
            out.key("model").string(model);
            out.string_field("service_tier", tier.map(tier_word));
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

    fn arguments(&self, out: &mut Vec<u8>, call: u32, form: CallForm, text: &str) {
        self.call(out, call, |out| {
            out.key(word(form))
                .object(|out| out.key(arguments_field(form)).string(text));
        });
    }

    fn begin(&mut self, event: &Event, out: &mut Vec<u8>) {
        let Event::Start {
            id,
            model,
            usage,
            created,
            service_tier,
        } = event
        else {
            return;
        };
        self.start = (id.clone(), model.clone(), created.unwrap_or(0));
        self.set_head(id, model, created.unwrap_or(0), service_tier.as_ref());
        self.usage = *usage;
        self.delta(out, |out| {
            out.key("role").string("assistant");
            out.key("content").string("");
        });
    }

    fn think(&mut self, out: &mut Vec<u8>, text: &str) {
        let is_next = self.thoughts.open.is_none() && self.thoughts.has_text;
        if is_next && !text.is_empty() {
            self.text(out, "reasoning_content", BETWEEN);
        }
        self.thoughts.has_text |= !text.is_empty();
        self.thoughts.open.get_or_insert_default().0.push_str(text);
        self.text(out, "reasoning_content", text);
    }

    fn sign(&mut self, more: &Sealed) {
        let (_, signature) = self.thoughts.open.get_or_insert_default();
        match signature {
            Some(old) if old.maker == more.maker => old.text.push_str(&more.text),
            signature => *signature = Some(more.clone()),
        }
    }

    /// Ends the thoughts that go on: their signature follows, where they have one.
    fn end_thoughts(&mut self, out: &mut Vec<u8>) {
        let Some((text, Some(sealed))) = self.thoughts.open.take() else {
            return;
        };
        if sealed.maker != NAME {
            self.detail(out, Seals::Thoughts, sealed, text, None);
        } else if let (_, Some(own)) = thoughts::unseal(&sealed.text) {
            self.delta(out, |out| out.key(DETAILS).raw(own));
        }
    }

    fn detail(
        &mut self,
        out: &mut Vec<u8>,
        seals: Seals,
        sealed: Sealed,
        text: String,
        call: Option<String>,
    ) {
        let place = match seals {
            Seals::Call => Place::default(),
            Seals::Thoughts | Seals::Hidden => self.thoughts.place,
        };
        let index = self.thoughts.details;
        self.thoughts.details += 1;
        let detail = Detail {
            seals,
            sealed,
            text,
            call,
            place,
        };
        self.delta(out, |out| {
            out.key(DETAILS)
                .array(|out| thoughts::write_detail(&detail, index, out));
        });
    }

    fn logprobs(&self, out: &mut Vec<u8>, list: &Json) {
        self.chunk(out, |out| {
            out.key("choices").array(|out| {
                out.object(|out| {
                    out.key("index").number(0);
                    out.key("delta").object(|_| ());
                    out.key("logprobs").object(|out| {
                        out.key("content").raw(&list.0);
                        out.key("refusal").raw("null");
                    });
                    out.key("finish_reason").raw("null");
                });
            });
        });
    }

    fn open_call(&mut self, event: &Event, out: &mut Vec<u8>) {
        let Event::ToolStart {
            call,
            id,
            name,
            form,
            signature,
        } = event
        else {
            return;
        };
        self.thoughts.place.calls += 1;
        self.calls.push((*form, false));
        let id = fit_id(id);
        let foreign = signature.as_ref().filter(|sealed| sealed.maker != NAME);
        if let Some(sealed) = foreign {
            let id = Some(id.clone().into_owned());
            self.detail(out, Seals::Call, sealed.clone(), String::new(), id);
        }
        self.call(out, *call, |out| {
            out.key("id").string(&id);
            out.key("type").string(word(*form));
            out.key(word(*form)).object(|out| {
                out.key("name").string(name);
                out.key(arguments_field(*form)).string("");
            });
            write_signature(signature.as_ref(), out);
        });
    }

    fn stop(&mut self, out: &mut Vec<u8>, stop: &Stop) {
        let is_silent = stop.reason == StopReason::Refusal && !self.has_refused;
        if let Some(why) = stop.explanation.as_deref().filter(|_| is_silent) {
            self.text(out, "refusal", why);
        }
        if !self.annotations.list.is_empty() {
            self.delta(out, |out| self.annotations.write(out.key("annotations")));
        }
        self.losses.append(&mut self.annotations.losses);
        let (reason, own) = finish_reason(&stop.reason);
        let native = stop.native.as_deref().or(own);
        self.chunk(out, |out| {
            out.key("choices").array(|out| {
                out.object(|out| {
                    out.key("index").number(0);
                    out.key("delta").object(|_| ());
                    out.key("finish_reason").string(reason);
                    out.string_field("native_finish_reason", native);
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

    fn call_state(&mut self, call: u32) -> Option<&mut (CallForm, bool)> {
        self.calls.get_mut(usize::try_from(call).ok()?)
    }
}

impl EncodeEvents for Chunks {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.is_closed {
            return;
        }
        let goes_on = matches!(event, Event::Thinking(_) | Event::Signature(_));
        if !goes_on {
            self.end_thoughts(out);
        }
        if matches!(event, Event::Text(_) | Event::Refusal(_)) && !self.calls.is_empty() {
            move_text(&mut self.losses);
        }
        match event {
            Event::Start { .. } => self.begin(event, out),
            Event::Text(text) => {
                self.thoughts.place.text += text.len();
                self.annotations.text(text);
                self.text(out, "content", text);
            }
            Event::Refusal(text) => {
                self.has_refused = true;
                self.text(out, "refusal", text);
            }
            Event::Thinking(text) => self.think(out, text),
            Event::Signature(more) => self.sign(more),
            Event::HiddenThinking(sealed) => {
                self.detail(out, Seals::Hidden, sealed.clone(), String::new(), None);
            }
            Event::Citation(citation) => self.annotations.cite(citation),
            Event::Logprobs(list) => self.logprobs(out, list),
            Event::PartEnd => self.annotations.end(),
            Event::ToolStart { .. } => {
                self.annotations.end();
                self.open_call(event, out);
            }
            Event::ToolArguments { text, .. } if text.is_empty() => {}
            Event::ToolArguments { call, text } => {
                let mut form = CallForm::Json;
                if let Some(state) = self.call_state(*call) {
                    state.1 = true;
                    form = state.0;
                }
                self.arguments(out, *call, form, text);
            }
            Event::ToolStop { call } => {
                if let Some((CallForm::Json, false)) = self.call_state(*call).map(|state| *state) {
                    self.arguments(out, *call, CallForm::Json, "{}");
                }
            }
            Event::ServiceTier(tier) => {
                let (id, model, created) = self.start.clone();
                self.set_head(&id, &model, created, Some(tier));
            }
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Stop(stop) => self.stop(out, stop),
            Event::Error(error) => {
                out.extend_from_slice(&failure(error));
                self.is_closed = true;
            }
            Event::End => self.end(out),
        }
    }

    fn take_losses(&mut self) -> Vec<Loss> {
        std::mem::take(&mut self.losses)
    }
}

/// Writes an error as a stream's last chunk.
pub(super) fn failure(error: &WireError) -> Vec<u8> {
    let mut out = b"data: ".to_vec();
    out.extend_from_slice(&errors::body(error));
    out.extend_from_slice(b"\n\n");
    out
}
