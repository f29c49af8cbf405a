//! A streamed Messages answer into events. It must not know who reads them.

use crate::anthropic_messages::blocks::{ignore_direct, read_citation};
use crate::anthropic_messages::errors;
use crate::anthropic_messages::vocabulary::{Counts, NAME, malformed, served, stop};
use crate::canonical::{CallForm, Close, Ending, Stop};
use crate::dialect::DecodeEvents;
use crate::fault::{BadRequest, Loss, Malformed, WireError};
use crate::frames::Frame;
use crate::json::cursor::Cursor;
use crate::json::fields::{Fields, Value};
use crate::sealed::{Sealed, Seals};
use crate::stream::Event;

/// Limits the blocks of one answer.
const MAX_BLOCKS: usize = 4096;

/// Reads one stream.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The blocks that are open, by their index.
    open: Vec<(u64, Block)>,
    begun: usize,
    calls: u32,
    /// What a block before a call holds for it.
    call_seal: Option<Sealed>,
    counts: Counts,
    /// Why it ended, where the beginning says so: then it holds the whole answer.
    early_stop: Option<Stop>,
    error: Option<WireError>,
    has_started: bool,
    is_done: bool,
    losses: Vec<Loss>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// Text or thoughts, and whether anything of it went out.
    Said { any: bool },
    /// A call, by its number.
    Call(u32),
    /// One without a counterpart.
    Foreign,
}

impl DecodeEvents for Events {
    fn read(&mut self, frame: &Frame, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let Some(payload) = frame.payload() else {
            return Ok(());
        };
        if self.is_done || self.error.is_some() {
            return Ok(());
        }
        self.event(payload, out)
            .map_err(|fault| malformed(fault.to_string()))
    }

    fn close(&mut self, _close: Close, _out: &mut Vec<Event>) -> Ending {
        match &self.error {
            Some(error) => Ending::Failed(error.clone()),
            None if self.is_done => Ending::Complete,
            None => Ending::Unfinished,
        }
    }

    fn take_losses(&mut self) -> Vec<Loss> {
        std::mem::take(&mut self.losses)
    }
}

impl Events {
    fn event(&mut self, payload: &[u8], out: &mut Vec<Event>) -> Result<(), BadRequest> {
        let mut fields = Value::parse(payload)?.fields()?;
        let kind = fields.must("type")?.string()?;
        match &*kind {
            "message_start" => self.start(fields.must("message")?.fields()?, out),
            "content_block_start" => {
                let index = fields.must("index")?.whole()?;
                self.open_block(index, &fields.must("content_block")?, out)
            }
            "content_block_delta" => {
                let index = fields.must("index")?.whole()?;
                self.delta(index, fields.must("delta")?.fields()?, out)
            }
            "content_block_stop" => {
                self.close_block(fields.must("index")?.whole()?, out);
                Ok(())
            }
            "message_delta" => self.message_delta(&mut fields, out),
            "message_stop" => {
                if let Some(stop) = self.early_stop.take() {
                    out.extend(self.counts.usage().map(Event::Usage));
                    out.push(Event::Stop(stop));
                }
                out.push(Event::End);
                self.is_done = true;
                Ok(())
            }
            "ping" => Ok(()),
            "error" => {
                let error = errors::read(0, payload);
                out.push(Event::Error(error.clone()));
                self.error = Some(error);
                Ok(())
            }
            other => {
                self.lose(other.to_owned(), "the client's API has no such event");
                Ok(())
            }
        }
    }

    fn start(&mut self, mut message: Fields<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        let mut service_tier = None;
        if let Some(usage) = message.take("usage") {
            self.count(&usage);
            service_tier = served(&usage);
        }
        // Some servers send it twice; the answer begins once.
        if std::mem::replace(&mut self.has_started, true) {
            return Ok(());
        }
        out.push(Event::Start {
            id: message.string("id")?.unwrap_or_default(),
            model: message.string("model")?.unwrap_or_default(),
            usage: self.counts.usage(),
            created: None,
            service_tier,
        });
        // A call that the provider's own code made comes whole, here and nowhere else.
        for (index, block) in message.elements("content")?.iter().enumerate() {
            let index = index as u64;
            self.open_block(index, block, out)?;
            self.close_block(index, out);
        }
        let mut losses = Vec::new();
        self.early_stop = stop(&mut message, &mut losses)?;
        for name in ["type", "role"] {
            drop(message.take(name));
        }
        message.rest(&mut losses);
        for loss in losses {
            let path = loss.path.trim_start_matches("message.").to_owned();
            self.lose(path, &loss.why);
        }
        Ok(())
    }

    fn count(&mut self, usage: &Value<'_>) {
        // Counts that cannot be read leave those that came before.
        let mut counts = self.counts;
        if counts.read(&mut Cursor::over(usage.raw())).is_ok() {
            self.counts = counts;
        }
    }

    fn open_block(
        &mut self,
        index: u64,
        block: &Value<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        self.begun += 1;
        if self.begun > MAX_BLOCKS {
            return Err(block.fault(format!("more than {MAX_BLOCKS} blocks")));
        }
        let mut fields = block.fields()?;
        let mut any = false;
        let opened = match &*fields.must("type")?.string()? {
            "text" => {
                any |= said(fields.string("text")?, Event::Text, out);
                Block::Said { any }
            }
            "thinking" => {
                any |= said(fields.string("thinking")?, Event::Thinking, out);
                any |= said(fields.string("signature")?, signature, out);
                Block::Said { any }
            }
            "redacted_thinking" => {
                match Sealed::read(fields.must_string("data")?, NAME) {
                    (sealed, Some(Seals::Call)) => self.call_seal = Some(sealed),
                    (sealed, _) => out.push(Event::HiddenThinking(sealed)),
                }
                Block::Said { any: false }
            }
            "tool_use" => self.open_call(index, &mut fields, out)?,
            other => {
                let why = "the client's API has no such block";
                self.lose(format!("content[{index}].{other}"), why);
                Block::Foreign
            }
        };
        self.open.push((index, opened));
        Ok(())
    }

    fn open_call(
        &mut self,
        index: u64,
        fields: &mut Fields<'_>,
        out: &mut Vec<Event>,
    ) -> Result<Block, BadRequest> {
        ignore_direct(fields);
        let call = self.calls;
        self.calls += 1;
        out.push(Event::ToolStart {
            call,
            id: fields.must_string("id")?,
            name: fields.must_string("name")?,
            form: CallForm::Json,
            signature: self.call_seal.take(),
        });
        // Some servers give the arguments here, whole.
        let input = fields.take("input").filter(|input| !is_empty(input));
        if let Some(input) = input {
            let text = input.raw().to_owned();
            out.push(Event::ToolArguments { call, text });
        }
        let mut losses = Vec::new();
        fields.clone().rest(&mut losses);
        for loss in losses {
            let name = loss.path.rsplit('.').next().unwrap_or_default();
            self.lose(format!("content[{index}].{name}"), &loss.why);
        }
        Ok(Block::Call(call))
    }

    fn delta(
        &mut self,
        index: u64,
        mut delta: Fields<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        let block = self.open.iter_mut().find(|(open, _)| *open == index);
        let Some((_, block)) = block else {
            return Err(BadRequest::of("index", "names a block that is not open"));
        };
        let kind = delta.must("type")?.string()?;
        match (&mut *block, &*kind) {
            (Block::Foreign, _) => {}
            (Block::Said { any }, "text_delta") => {
                *any |= said(delta.string("text")?, Event::Text, out);
            }
            (Block::Said { any }, "thinking_delta") => {
                *any |= said(delta.string("thinking")?, Event::Thinking, out);
            }
            (Block::Said { any }, "signature_delta") => {
                *any |= said(delta.string("signature")?, signature, out);
            }
            (Block::Said { .. }, "citations_delta") => {
                let citation = read_citation(&delta.must("citation")?)?;
                out.push(Event::Citation(citation));
            }
            (Block::Call(call), "input_json_delta") => {
                let call = *call;
                let arguments = |text| Event::ToolArguments { call, text };
                said(delta.string("partial_json")?, arguments, out);
            }
            (_, other) => {
                let why = "the client's API has no such delta";
                self.lose(format!("content[{index}].{other}"), why);
            }
        }
        Ok(())
    }

    fn close_block(&mut self, index: u64, out: &mut Vec<Event>) {
        let Some(at) = self.open.iter().position(|(open, _)| *open == index) else {
            return;
        };
        match self.open.remove(at).1 {
            Block::Said { any: true } => out.push(Event::PartEnd),
            Block::Call(call) => out.push(Event::ToolStop { call }),
            Block::Said { any: false } | Block::Foreign => {}
        }
    }

    fn message_delta(
        &mut self,
        fields: &mut Fields<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        if let Some(usage) = fields.take("usage") {
            self.count(&usage);
        }
        out.extend(self.counts.usage().map(Event::Usage));
        let mut losses = Vec::new();
        let mut delta = fields.must("delta")?.fields()?;
        if let Some(stop) = stop(&mut delta, &mut losses)? {
            self.early_stop = None;
            out.push(Event::Stop(stop));
        }
        delta.rest(&mut losses);
        losses
            .into_iter()
            .for_each(|loss| self.lose(loss.path, &loss.why));
        Ok(())
    }

    /// Notes a loss once, however many events bring it.
    fn lose(&mut self, path: String, why: &str) {
        if self.losses.iter().all(|loss| loss.path != path) {
            self.losses.push(Loss::new(path, why));
        }
    }
}

fn signature(text: String) -> Event {
    Event::Signature(Sealed::read(text, NAME).0)
}

fn is_empty(input: &Value<'_>) -> bool {
    let inside = input.raw().trim_start_matches('{').trim_end_matches('}');
    inside.trim().is_empty()
}

fn said(text: Option<String>, event: impl Fn(String) -> Event, out: &mut Vec<Event>) -> bool {
    let text = text.filter(|text| !text.is_empty());
    let any = text.is_some();
    out.extend(text.map(event));
    any
}
