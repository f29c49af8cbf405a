//! A streamed Chat Completions answer into events. It must not know who reads them, nor repair
//! arguments that were cut off.

use crate::canonical::{CallForm, Close, Ending, ServiceTier, Stop, Usage};
use crate::dialect::DecodeEvents;
use crate::fault::{BadRequest, Loss, Malformed, WireError};
use crate::frames::Frame;
use crate::json::cursor::Cursor;
use crate::json::fields::{Fields, Value};
use crate::openai::errors;
use crate::openai::queues::service_tier;
use crate::openai_chat::annotations;
use crate::openai_chat::reply::{mint, settle, take_logprobs};
use crate::openai_chat::tap::Choices;
use crate::openai_chat::thoughts::{self, Told};
use crate::openai_chat::tools::{arguments_field, read_signature};
use crate::openai_chat::vocabulary::{malformed, usage};
use crate::sealed::{Sealed, Seals};
use crate::stream::Event;

/// Limits the calls of one answer.
const MAX_CALLS: usize = 256;

/// Limits the entries about thoughts of one answer.
const MAX_DETAILS: usize = 16_384;

/// Reads one stream.
#[derive(Debug, Default)]
pub(super) struct Events {
    id: Option<String>,
    model: String,
    created: Option<u64>,
    tier: Option<ServiceTier>,
    calls: Vec<Call>,
    thoughts: Thoughts,
    choices: Choices,
    reason: String,
    native: Option<String>,
    refused: bool,
    usage: Option<Usage>,
    error: Option<WireError>,
    is_done: bool,
    losses: Vec<Loss>,
}

/// One call, which its first delta opens.
#[derive(Debug, Default)]
struct Call {
    index: u64,
    id: String,
    name: String,
    form: CallForm,
    signature: Option<Sealed>,
    has_started: bool,
    /// Arguments that came before the name.
    early: String,
}

/// What came of thoughts, until something else comes.
#[derive(Debug, Default)]
struct Thoughts {
    /// The field that they stand in, while they go on.
    field: Option<&'static str>,
    /// Entries of the server's own, as JSON.
    own: Vec<String>,
    /// Signatures of calls that have not come yet, by the calls' ids.
    calls: Vec<(String, Sealed)>,
}

impl Thoughts {
    /// Ends those that go on, with what their server wants back.
    fn end(&mut self, out: &mut Vec<Event>) {
        let own = std::mem::take(&mut self.own);
        let field = self.field.take();
        if field.is_none() && own.is_empty() {
            return;
        }
        let sealed = thoughts::seal(field.unwrap_or(thoughts::FIELDS[0]), &own);
        out.extend([Event::Signature(sealed), Event::PartEnd]);
    }

    fn take(&mut self, told: Told, out: &mut Vec<Event>) {
        if let Some((field, text)) = told.text {
            self.field = Some(field);
            out.push(Event::Thinking(text));
        }
        let room = MAX_DETAILS.saturating_sub(self.own.len());
        self.own.extend(told.own.into_iter().take(room));
        for detail in told.details {
            match detail.seals {
                Seals::Thoughts => {
                    self.field = None;
                    out.extend([Event::Signature(detail.sealed), Event::PartEnd]);
                }
                Seals::Hidden => {
                    self.end(out);
                    out.push(Event::HiddenThinking(detail.sealed));
                }
                Seals::Call if self.calls.len() < MAX_CALLS => self
                    .calls
                    .push((detail.call.unwrap_or_default(), detail.sealed)),
                Seals::Call => {}
            }
        }
    }
}

impl DecodeEvents for Events {
    fn read(&mut self, frame: &Frame, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let Some(payload) = frame.payload() else {
            return Ok(());
        };
        if self.is_done || self.error.is_some() {
            return Ok(());
        }
        if payload.trim_ascii() == b"[DONE]" {
            self.end(out);
            return Ok(());
        }
        self.chunk(payload, out)
            .map_err(|fault| malformed(fault.to_string()))
    }

    fn close(&mut self, close: Close, out: &mut Vec<Event>) -> Ending {
        if let Some(error) = &self.error {
            return Ending::Failed(error.clone());
        }
        if !self.is_done && close == Close::Clean && self.choices.are_whole() {
            self.end(out);
        }
        if self.is_done {
            return Ending::Complete;
        }
        Ending::Unfinished
    }

    fn take_losses(&mut self) -> Vec<Loss> {
        std::mem::take(&mut self.losses)
    }
}

impl Events {
    fn chunk(&mut self, payload: &[u8], out: &mut Vec<Event>) -> Result<(), BadRequest> {
        let mut fields = Value::parse(payload)?.fields()?;
        if fields.take("error").is_some() {
            let error = errors::read(0, payload);
            out.push(Event::Error(error.clone()));
            self.error = Some(error);
            return Ok(());
        }
        if let Some(model) = fields.string("model")?.filter(|_| self.model.is_empty()) {
            self.model = model;
        }
        self.created = self.created.or(fields.whole("created").unwrap_or_default());
        let id = fields.string("id")?;
        let tier = fields.string("service_tier")?.map(service_tier);
        if let Some(counts) = fields.take("usage") {
            self.usage = usage(&mut Cursor::over(counts.raw()))
                .unwrap_or_default()
                .or(self.usage);
        }
        for choice in fields.elements("choices")? {
            self.start(id.as_deref(), tier.clone(), out);
            self.choice(choice.fields()?, out)?;
        }
        Ok(())
    }

    fn start(&mut self, id: Option<&str>, tier: Option<ServiceTier>, out: &mut Vec<Event>) {
        if self.id.is_some() {
            if tier.is_some() && tier != self.tier {
                self.tier.clone_from(&tier);
                out.extend(tier.map(Event::ServiceTier));
            }
            return;
        }
        self.tier.clone_from(&tier);
        let id = id.unwrap_or_default().to_owned();
        out.push(Event::Start {
            id: id.clone(),
            model: self.model.clone(),
            usage: self.usage,
            created: self.created,
            service_tier: tier,
        });
        self.id = Some(id);
    }

    fn choice(&mut self, mut choice: Fields<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        let index = choice.whole("index")?.unwrap_or(0);
        let reason = choice
            .string("finish_reason")?
            .filter(|word| !word.is_empty());
        self.choices.note(index, reason.is_some());
        if index > 0 {
            self.lose(
                choice.path_of("index"),
                "only the first choice can be carried",
            );
            return Ok(());
        }
        if let Some(reason) = reason {
            self.reason = reason;
        }
        let native = choice.string("native_finish_reason")?;
        self.native = native.or(self.native.take());
        let mut rest = Vec::new();
        let logprobs = take_logprobs(&mut choice, &mut rest)?;
        if let Some(delta) = choice.fields("delta")? {
            self.delta(delta, out)?;
        }
        out.extend(logprobs.map(Event::Logprobs));
        choice.rest(&mut rest);
        rest.into_iter()
            .for_each(|loss| self.lose(loss.path, &loss.why));
        Ok(())
    }

    /// A delta may hold thoughts, text and a call at once: they come in this order.
    fn delta(&mut self, mut delta: Fields<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        let mut rest = Vec::new();
        let told = thoughts::take(&mut delta, &mut rest)?;
        self.thoughts.take(told, out);
        if let Some(text) = delta.string("content")?.filter(|text| !text.is_empty()) {
            self.thoughts.end(out);
            out.push(Event::Text(text));
        }
        if let Some(text) = delta.string("refusal")?.filter(|text| !text.is_empty()) {
            self.refused = true;
            self.thoughts.end(out);
            out.push(Event::Refusal(text));
        }
        for annotation in delta.elements("annotations")? {
            match annotations::read(&annotation)? {
                Some(citation) => out.push(Event::Citation(citation)),
                None => rest.push(Loss::new(
                    annotation.path(),
                    "a citation of this kind cannot be carried",
                )),
            }
        }
        for (place, call) in delta.elements("tool_calls")?.iter().enumerate() {
            self.call(call.fields()?, place, out)?;
        }
        drop(delta.take("role"));
        delta.rest(&mut rest);
        rest.into_iter()
            .for_each(|loss| self.lose(loss.path, &loss.why));
        Ok(())
    }

    fn call(
        &mut self,
        mut fields: Fields<'_>,
        place: usize,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        let id = fields.string("id")?.filter(|id| !id.is_empty());
        let index = fields.whole("index")?;
        let at = self.place_of(index, id.as_deref(), place, &fields.path_of("index"))?;
        let form = match fields.take("custom") {
            Some(custom) => {
                fields.put_back("function", custom);
                CallForm::Text
            }
            None => CallForm::Json,
        };
        let mut function = fields.fields("function")?;
        let name = function.as_mut().map(|inner| inner.string("name"));
        let name = name.transpose()?.flatten().filter(|name| !name.is_empty());
        let argument = arguments_field(form);
        let text = function.as_mut().map(|inner| inner.string(argument));
        let text = text.transpose()?.flatten().unwrap_or_default();
        let signature = read_signature(&mut fields);
        let reply = self.id.clone().unwrap_or_default();
        let Some(call) = self.calls.get_mut(at) else {
            return Ok(());
        };
        let number = u32::try_from(at).unwrap_or(u32::MAX);
        call.id = id.unwrap_or_else(|| std::mem::take(&mut call.id));
        call.signature = signature.or(call.signature.take());
        if let Some(name) = name.filter(|_| !call.has_started) {
            call.name = name;
        }
        if !call.has_started && !call.name.is_empty() {
            self.thoughts.end(out);
            call.start(form, number, &reply, &mut self.thoughts.calls, out);
        }
        if call.has_started {
            push_arguments(number, text, out);
        } else {
            call.early.push_str(&text);
        }
        Ok(())
    }

    /// Finds a call by its index, or by its id where a server sends no index, else opens one.
    fn place_of(
        &mut self,
        index: Option<u64>,
        id: Option<&str>,
        place: usize,
        path: &str,
    ) -> Result<usize, BadRequest> {
        let known = self.calls.iter().position(|call| match (index, id) {
            (Some(index), _) => call.index == index,
            (None, Some(id)) => call.id == id,
            (None, None) => false,
        });
        let last = (index.is_none() && id.is_none()).then(|| self.calls.len().checked_sub(1));
        if let Some(at) = known.or(last.flatten()) {
            return Ok(at);
        }
        if self.calls.len() >= MAX_CALLS {
            return Err(BadRequest::of(path, format!("more than {MAX_CALLS} calls")));
        }
        let fallback = self.calls.len().max(place) as u64;
        self.calls.push(Call {
            index: index.unwrap_or(fallback),
            ..Call::default()
        });
        Ok(self.calls.len() - 1)
    }

    fn end(&mut self, out: &mut Vec<Event>) {
        self.start(None, None, out);
        self.thoughts.end(out);
        for (at, call) in self.calls.iter().enumerate() {
            if call.has_started {
                let call = u32::try_from(at).unwrap_or(u32::MAX);
                out.push(Event::ToolStop { call });
            }
        }
        out.extend(self.usage.map(Event::Usage));
        let calls = self.calls.iter().any(|call| call.has_started);
        let mut stop = Stop::of(settle(&self.reason, self.refused, calls));
        stop.native = self.native.take();
        out.push(Event::Stop(stop));
        out.push(Event::End);
        self.is_done = true;
    }

    /// Notes a loss once, however many chunks bring it.
    fn lose(&mut self, path: String, why: &str) {
        if self.losses.iter().all(|loss| loss.path != path) {
            self.losses.push(Loss::new(path, why));
        }
    }
}

impl Call {
    /// Begins the call, with the signature that came before it.
    fn start(
        &mut self,
        form: CallForm,
        number: u32,
        reply: &str,
        signatures: &mut Vec<(String, Sealed)>,
        out: &mut Vec<Event>,
    ) {
        self.has_started = true;
        self.form = form;
        if self.id.is_empty() {
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            self.id = mint(reply, at, &self.name);
        }
        if let Some(at) = signatures.iter().position(|(id, _)| *id == self.id) {
            self.signature = Some(signatures.swap_remove(at).1);
        }
        out.push(Event::ToolStart {
            call: number,
            id: self.id.clone(),
            name: self.name.clone(),
            form,
            signature: self.signature.clone(),
        });
        push_arguments(number, std::mem::take(&mut self.early), out);
    }
}

fn push_arguments(call: u32, text: String, out: &mut Vec<Event>) {
    if !text.is_empty() {
        out.push(Event::ToolArguments { call, text });
    }
}
