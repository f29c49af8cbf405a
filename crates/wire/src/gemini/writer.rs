//! Events into a streamed answer. Calls go out whole and in order: what comes of a later one is
//! held until those before it are. It must not know where the events came from.

use crate::canonical::{Stop, ToolUse};
use crate::dialect::EncodeEvents;
use crate::fault::Loss;
use crate::gemini::errors;
use crate::gemini::saying::Saying;
use crate::json::write::Writer;
use crate::sealed::Sealed;
use crate::stream::Event;

/// Writes one stream.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    saying: Saying,
    /// The calls, and whether each is whole.
    calls: Vec<(ToolUse, bool)>,
    /// How many of them went out.
    sent: usize,
    /// A signature that may not be whole.
    signature: Option<Sealed>,
    stop: Option<Stop>,
    is_closed: bool,
}

impl EncodeEvents for Chunks {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.is_closed {
            return;
        }
        if let Event::Signature(more) = event {
            self.sign(more, out);
            return;
        }
        self.flush_signature(out);
        match event {
            Event::Start {
                id,
                model,
                usage,
                service_tier,
                ..
            } => {
                self.saying.begin(id, model);
                self.saying.usage = *usage;
                self.saying.tier.clone_from(service_tier);
            }
            Event::Text(text) | Event::Refusal(text) => {
                self.saying.has_refused |= matches!(event, Event::Refusal(_));
                if !text.is_empty() {
                    self.chunk(out, |saying, out| saying.text(text, out));
                }
            }
            Event::Thinking(text) => {
                self.saying.said.end();
                self.chunk(out, |saying, out| saying.thought(text, None, out));
            }
            Event::HiddenThinking(sealed) => {
                self.saying.said.end();
                self.chunk(out, |saying, out| saying.hidden(sealed, out));
            }
            Event::PartEnd => self.saying.said.end(),
            Event::Citation(citation) => self.saying.cite(citation),
            Event::Logprobs(list) => self.saying.logprobs.push(list.clone()),
            Event::ServiceTier(tier) => self.saying.tier = Some(tier.clone()),
            Event::Usage(usage) => self.saying.usage = Some(*usage),
            Event::Stop(stop) => self.stop = Some(stop.clone()),
            Event::Error(error) => {
                out.extend_from_slice(&errors::event(error));
                self.is_closed = true;
            }
            Event::End => self.end(out),
            event => self.call(event, out),
        }
    }

    fn take_losses(&mut self) -> Vec<Loss> {
        std::mem::take(&mut self.saying.losses)
    }
}

impl Chunks {
    fn call(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::ToolStart {
                id,
                name,
                form,
                signature,
                ..
            } => {
                self.saying.said.end();
                let call = ToolUse {
                    id: id.clone(),
                    name: name.clone(),
                    arguments: String::new(),
                    form: *form,
                    signature: signature.clone(),
                };
                self.calls.push((call, false));
            }
            Event::ToolArguments { call, text } => {
                if let Some((call, _)) = self.at(*call) {
                    call.arguments.push_str(text);
                }
            }
            Event::ToolStop { call } => {
                if let Some((_, is_whole)) = self.at(*call) {
                    *is_whole = true;
                }
                self.flush_calls(out);
            }
            _ => {}
        }
    }

    fn at(&mut self, call: u32) -> Option<&mut (ToolUse, bool)> {
        self.calls.get_mut(usize::try_from(call).ok()?)
    }

    /// Writes a chunk of what `write` adds to its parts.
    fn chunk(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut Saying, &mut Writer)) {
        let mut parts = Writer::new();
        parts.array(|parts| write(&mut self.saying, parts));
        let parts = String::from_utf8(parts.finish()).unwrap_or_default();
        if parts == "[]" {
            return;
        }
        out.extend_from_slice(b"data: ");
        let mut writer = Writer::onto(std::mem::take(out));
        self.saying.chunk(&parts, &mut writer);
        *out = writer.finish();
        out.extend_from_slice(b"\r\n\r\n");
    }

    fn flush_calls(&mut self, out: &mut Vec<u8>) {
        while let Some((call, true)) = self.calls.get(self.sent).cloned() {
            self.sent += 1;
            self.chunk(out, |saying, out| {
                saying.call(&call, out);
            });
        }
    }

    /// Adds to the signature that goes on; one of another maker is another.
    fn sign(&mut self, more: &Sealed, out: &mut Vec<u8>) {
        match &mut self.signature {
            Some(old) if old.maker == more.maker => old.text.push_str(&more.text),
            _ => {
                self.flush_signature(out);
                self.signature = Some(more.clone());
            }
        }
    }

    fn flush_signature(&mut self, out: &mut Vec<u8>) {
        if let Some(signature) = self.signature.take() {
            self.chunk(out, |saying, out| {
                saying.thought("", Some(&signature), out);
            });
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.calls
            .iter_mut()
            .for_each(|(_, is_whole)| *is_whole = true);
        self.flush_calls(out);
        self.is_closed = true;
        let stop = self.stop.take().unwrap_or_default();
        let mut parts = Writer::new();
        // Clients take a content without parts for a broken one.
        let why = self.saying.unsaid(&stop).unwrap_or_default();
        parts.array(|out| self.saying.text(why, out));
        let parts = String::from_utf8(parts.finish()).unwrap_or_default();
        out.extend_from_slice(b"data: ");
        let mut writer = Writer::onto(std::mem::take(out));
        self.saying.last_chunk(&stop, &parts, &mut writer);
        *out = writer.finish();
        out.extend_from_slice(b"\r\n\r\n");
    }
}
