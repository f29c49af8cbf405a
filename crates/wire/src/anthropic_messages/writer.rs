//! Events into a streamed Messages answer. Blocks may not overlap there: what belongs to a later
//! block is held until the one before is whole. It must not know where the events came from.

use std::collections::VecDeque;

use crate::anthropic_messages::blocks::{can_cite, write_citation};
use crate::anthropic_messages::errors;
use crate::anthropic_messages::reply::lost_of;
use crate::anthropic_messages::vocabulary::{NAME, lost_stop, write_stop, write_usage};
use crate::canonical::{CallForm, Citation, Part, ServiceTier, Stop, Usage};
use crate::dialect::EncodeEvents;
use crate::fault::Loss;
use crate::free_text;
use crate::json::write::{self, Writer};
use crate::sealed::{Sealed, Seals};
use crate::stream::Event;
use crate::tool_names::fit_id;

/// Limits what is held back for blocks behind the open one.
const MAX_HELD_BYTES: usize = 16 * 1024 * 1024;

/// Writes one stream.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// The open block and those behind it.
    queue: VecDeque<Block>,
    /// Index of the block at the front.
    index: u64,
    usage: Option<Usage>,
    service_tier: Option<ServiceTier>,
    held: usize,
    has_started: bool,
    is_closed: bool,
    losses: Vec<Loss>,
}

/// One block, of which `pending` is not written yet.
#[derive(Debug)]
struct Block {
    kind: Kind,
    pending: String,
    citations: Vec<Citation>,
    /// Written last, whole: what marks another maker's stands only in front.
    signature: Option<Sealed>,
    is_open: bool,
    is_whole: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    /// Words of refusal are text too, but a block of their own.
    Refusal,
    Thinking,
    Hidden(String),
    Tool {
        call: u32,
        id: String,
        name: String,
        form: CallForm,
        nesting: Nesting,
    },
}

/// Follows arguments to their closing brace, so that the next block need not wait for the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Nesting {
    depth: u32,
    in_string: bool,
    is_escaped: bool,
    is_whole: bool,
}

impl Nesting {
    fn follow(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.in_string => self.is_escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.is_whole |= self.depth == 0;
                }
                _ => {}
            }
        }
    }
}

impl EncodeEvents for Blocks {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.is_closed {
            return;
        }
        match event {
            Event::Start {
                id,
                model,
                usage,
                service_tier,
                ..
            } => {
                self.service_tier.clone_from(service_tier);
                self.start(id, model, *usage, out);
            }
            Event::Text(text) => self.say(&Kind::Text, text),
            Event::Refusal(text) => self.say(&Kind::Refusal, text),
            Event::Thinking(text) => self.say(&Kind::Thinking, text),
            Event::Signature(more) => self.sign(more),
            Event::HiddenThinking(sealed) => self.hide(sealed, Seals::Hidden),
            Event::Citation(citation) => self.cite(citation),
            Event::Logprobs(list) => self.lose_part(&Part::Logprobs(list.clone())),
            Event::PartEnd => self.end_said(),
            Event::ToolStart { .. } => self.open_call(event),
            Event::ToolArguments { call, text } => self.arguments(*call, text),
            Event::ToolStop { call } => {
                if let Some(block) = self.tool(*call) {
                    block.is_whole = true;
                    block.close_text();
                }
            }
            // The beginning has gone out, and it alone tells the queue.
            Event::ServiceTier(_) => {}
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Stop(stop) => self.stop(stop, out),
            Event::Error(error) => {
                out.extend_from_slice(&errors::event(error));
                self.is_closed = true;
                return;
            }
            Event::End => {
                emit("message_stop", out, |_| ());
                self.is_closed = true;
                return;
            }
        }
        self.flush(out);
    }

    fn take_losses(&mut self) -> Vec<Loss> {
        std::mem::take(&mut self.losses)
    }
}

impl Blocks {
    fn start(&mut self, id: &str, model: &str, usage: Option<Usage>, out: &mut Vec<u8>) {
        self.usage = usage;
        self.has_started = true;
        emit("message_start", out, |out| {
            out.key("message").object(|out| {
                out.key("id").string(id);
                out.key("type").string("message");
                out.key("role").string("assistant");
                out.key("model").string(model);
                out.key("content").raw("[]");
                out.key("stop_reason").raw("null");
                out.key("stop_sequence").raw("null");
                let tier = self.service_tier.as_ref();
                write_usage(out.key("usage"), &usage.unwrap_or_default(), tier);
            });
        });
    }

    fn push(&mut self, kind: Kind) {
        self.end_said();
        self.queue.push_back(Block {
            kind,
            pending: String::new(),
            citations: Vec::new(),
            signature: None,
            is_open: false,
            is_whole: false,
        });
    }

    /// Ends the text or thoughts that came last: what follows is another block.
    fn end_said(&mut self) {
        if let Some(last) = self.queue.back_mut()
            && !matches!(last.kind, Kind::Tool { .. })
        {
            last.is_whole = true;
        }
    }

    /// Adds to the block that came last where it is of that kind, else begins one; an empty text
    /// begins none.
    fn say(&mut self, kind: &Kind, text: &str) {
        if text.is_empty() {
            return;
        }
        self.held += text.len();
        if let Some(block) = self.go_on(kind) {
            block.pending.push_str(text);
        }
    }

    fn go_on(&mut self, kind: &Kind) -> Option<&mut Block> {
        let goes_on = |last: &Block| last.kind == *kind && !last.is_whole;
        if !self.queue.back().is_some_and(goes_on) {
            self.push(kind.clone());
        }
        self.queue.back_mut()
    }

    fn sign(&mut self, more: &Sealed) {
        let Some(block) = self.go_on(&Kind::Thinking) else {
            return;
        };
        match &mut block.signature {
            Some(old) if old.maker == more.maker => old.text.push_str(&more.text),
            signature => *signature = Some(more.clone()),
        }
    }

    fn hide(&mut self, sealed: &Sealed, seals: Seals) {
        self.push(Kind::Hidden(sealed.carry(seals, NAME).into_owned()));
        self.end_said();
    }

    fn cite(&mut self, citation: &Citation) {
        self.lose_part(&Part::Citation(citation.clone()));
        match self.queue.back_mut() {
            Some(last) if last.kind == Kind::Text && !last.is_whole => {
                last.citations.push(citation.clone());
            }
            _ => self.lose("citations", "they came behind the end of their text"),
        }
    }

    /// Begins a call. One of free text has the beginning of the object around it already.
    fn open_call(&mut self, event: &Event) {
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
        if let Some(sealed) = signature {
            self.hide(sealed, Seals::Call);
        }
        self.push(Kind::Tool {
            call: *call,
            id: id.clone(),
            name: name.clone(),
            form: *form,
            nesting: Nesting::default(),
        });
        if *form == CallForm::Text {
            let why = "the call's free text became the field input of an object";
            self.lose(&format!("tool_calls[{call}]"), why);
            if let Some(block) = self.queue.back_mut() {
                block.pending.push_str(free_text::OPENING);
            }
        }
    }

    fn lose_part(&mut self, part: &Part) {
        if let Some(loss) = lost_of(part, 0) {
            self.lose(&loss.path, &loss.why);
        }
    }

    /// Notes a loss once, however many events bring it.
    fn lose(&mut self, path: &str, why: &str) {
        if self.losses.iter().all(|loss| loss.path != path) {
            self.losses.push(Loss::new(path, why));
        }
    }

    fn tool(&mut self, number: u32) -> Option<&mut Block> {
        let is_it =
            |block: &&mut Block| matches!(&block.kind, Kind::Tool { call, .. } if *call == number);
        self.queue.iter_mut().find(is_it)
    }

    fn arguments(&mut self, call: u32, text: &str) {
        let Some(block) = self.tool(call) else {
            if !text.trim().is_empty() {
                let why = "more arguments came behind their closing brace";
                self.losses
                    .push(Loss::new(format!("tool_calls[{call}]"), why));
            }
            return;
        };
        match &mut block.kind {
            Kind::Tool {
                form: CallForm::Json,
                nesting,
                ..
            } => {
                nesting.follow(text);
                block.pending.push_str(text);
            }
            _ => block.pending.push_str(&free_text::escape(text)),
        }
        self.held += text.len();
    }

    /// Writes what may be written: the front block as it grows, the next once that is whole.
    fn flush(&mut self, out: &mut Vec<u8>) {
        loop {
            let index = self.index;
            let is_forced = self.held > MAX_HELD_BYTES;
            let others_wait = self.queue.len() > 1;
            if !self.queue.is_empty() && !self.has_started {
                self.start("", "", self.usage, out);
            }
            let Some(front) = self.queue.front_mut() else {
                return;
            };
            self.held = self.held.saturating_sub(front.pending.len());
            front.write(index, out);
            let has_closed_itself = matches!(
                &front.kind,
                Kind::Tool { nesting, .. } if nesting.is_whole
            );
            if !(front.is_whole || others_wait && (has_closed_itself || is_forced)) {
                return;
            }
            front.seal(index, out);
            emit("content_block_stop", out, |out| {
                out.key("index").number(index)
            });
            self.queue.pop_front();
            self.index += 1;
        }
    }

    fn stop(&mut self, stop: &Stop, out: &mut Vec<u8>) {
        for block in &mut self.queue {
            if !std::mem::replace(&mut block.is_whole, true) {
                block.close_text();
            }
        }
        self.flush(out);
        if !self.has_started {
            self.start("", "", self.usage, out);
        }
        let usage = self.usage.unwrap_or_default();
        emit("message_delta", out, |out| {
            out.key("delta").object(|out| write_stop(out, stop));
            write_usage(out.key("usage"), &usage, None);
        });
        self.losses.extend(lost_stop(stop));
    }
}

impl Block {
    /// Writes what is pending of the block at the front.
    fn write(&mut self, index: u64, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.is_open, true) {
            emit("content_block_start", out, |out| {
                out.key("index").number(index);
                out.key("content_block")
                    .object(|out| self.kind.write_empty(out));
            });
        }
        let (form, field) = match self.kind {
            Kind::Text | Kind::Refusal => ("text_delta", "text"),
            Kind::Thinking => ("thinking_delta", "thinking"),
            Kind::Tool { .. } => ("input_json_delta", "partial_json"),
            Kind::Hidden(_) => return,
        };
        delta(index, form, field, &mut self.pending, out);
        for citation in self.citations.drain(..).filter(can_cite) {
            emit("content_block_delta", out, |out| {
                out.key("index").number(index);
                out.key("delta").object(|out| {
                    out.key("type").string("citations_delta");
                    write_citation(&citation, out.key("citation"));
                });
            });
        }
    }

    /// Writes the signature, behind everything else of the block.
    fn seal(&mut self, index: u64, out: &mut Vec<u8>) {
        if let Some(sealed) = self.signature.take() {
            let mut text = sealed.carry(Seals::Thoughts, NAME).into_owned();
            delta(index, "signature_delta", "signature", &mut text, out);
        }
    }

    /// Adds the end of the object around a call's free text.
    fn close_text(&mut self) {
        if let Kind::Tool { form, .. } = self.kind
            && form == CallForm::Text
        {
            self.pending.push_str(free_text::CLOSING);
        }
    }
}

impl Kind {
    fn write_empty(&self, out: &mut Writer) {
        match self {
            Self::Text | Self::Refusal => {
                out.key("type").string("text");
                out.key("text").string("");
            }
            Self::Thinking => {
                out.key("type").string("thinking");
                out.key("thinking").string("");
                out.key("signature").string("");
            }
            Self::Hidden(sealed) => {
                out.key("type").string("redacted_thinking");
                out.key("data").string(sealed);
            }
            Self::Tool { id, name, .. } => {
                out.key("type").string("tool_use");
                out.key("id").string(&fit_id(id));
                out.key("name").string(name);
                out.key("input").raw("{}");
            }
        }
    }
}

fn delta(index: u64, form: &str, field: &str, pending: &mut String, out: &mut Vec<u8>) {
    if pending.is_empty() {
        return;
    }
    emit("content_block_delta", out, |out| {
        out.key("index").number(index);
        out.key("delta").object(|out| {
            out.key("type").string(form);
            out.key(field).string(pending);
        });
    });
    pending.clear();
}

fn emit(name: &str, out: &mut Vec<u8>, fields: impl FnOnce(&mut Writer)) {
    write::event(name, out, |out| {
        out.key("type").string(name);
        fields(out);
    });
}
