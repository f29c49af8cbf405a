//! A streamed answer into events; an unstreamed one is read as a stream of one chunk. It must not
//! know who reads them, nor repair arguments that were cut off.

use crate::canonical::{CallForm, Close, Ending, ServiceTier, Stop, Usage};
use crate::dialect::DecodeEvents;
use crate::fault::{BadRequest, Loss, Malformed, WireError};
use crate::frames::Frame;
use crate::gemini::calls::mint;
use crate::gemini::candidates::Candidates;
use crate::gemini::citations::{self, Said};
use crate::gemini::names::Names;
use crate::gemini::partial::{Partial, Piece};
use crate::gemini::parts::{self, Kind, Read};
use crate::gemini::vocabulary::{self, malformed, service_tier, unix_seconds};
use crate::gemini::{errors, logprobs};
use crate::json::cursor::{Cursor, Kind as Json};
use crate::json::fields::Value;
use crate::sealed::{Sealed, Seals};
use crate::stream::Event;

/// Limits the calls of one answer.
const MAX_CALLS: u32 = 256;

/// Reads one stream.
#[derive(Debug, Default)]
pub(super) struct Events {
    id: Option<String>,
    calls: u32,
    /// A call whose arguments come in pieces.
    open: Option<(u32, Partial)>,
    candidates: Candidates,
    said: Said,
    stop: Option<Stop>,
    usage: Option<Usage>,
    tier: Option<ServiceTier>,
    error: Option<WireError>,
    is_blocked: bool,
    is_done: bool,
    losses: Vec<Loss>,
}

impl DecodeEvents for Events {
    fn read(&mut self, frame: &Frame, out: &mut Vec<Event>) -> Result<(), Malformed> {
        match frame.payload() {
            Some(payload) => self.chunk(payload, out),
            None => Ok(()),
        }
    }

    fn close(&mut self, close: Close, out: &mut Vec<Event>) -> Ending {
        if let Some(error) = &self.error {
            return Ending::Failed(error.clone());
        }
        let is_whole = self.is_blocked || self.candidates.are_whole();
        if !self.is_done && close == Close::Clean && is_whole {
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
    /// Reads one chunk.
    pub(super) fn chunk(&mut self, payload: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        if self.is_done || self.error.is_some() {
            return Ok(());
        }
        self.fields(payload, out)
            .map_err(|fault| malformed(fault.to_string()))
    }

    /// Tells whether anything was answered, or refused, until now.
    pub(super) fn has_answer(&self) -> bool {
        self.is_blocked || self.candidates.have_begun()
    }

    /// Ends the answer.
    pub(super) fn end(&mut self, out: &mut Vec<Event>) {
        self.close_call(out);
        out.extend(self.tier.take().map(Event::ServiceTier));
        out.extend(self.usage.map(Event::Usage));
        let calls = self.calls > 0;
        let unsaid = || vocabulary::stop("STOP", calls, None);
        out.push(Event::Stop(self.stop.take().unwrap_or_else(unsaid)));
        out.push(Event::End);
        self.is_done = true;
    }

    fn fields(&mut self, payload: &[u8], out: &mut Vec<Event>) -> Result<(), BadRequest> {
        let mut fields = Names::of(&Value::parse(payload)?)?;
        if fields.take("error").is_some() {
            let error = errors::read(0, payload);
            out.push(Event::Error(error.clone()));
            self.error = Some(error);
            return Ok(());
        }
        if let Some(counts) = fields.take("usageMetadata") {
            self.usage = vocabulary::usage(&mut Cursor::over(counts.raw()))
                .unwrap_or_default()
                .or(self.usage);
            if counts.kind() == Json::Object {
                let tier = Names::of(&counts)?.string("serviceTier")?;
                self.tier = tier.as_deref().map(service_tier).or(self.tier.take());
            }
        }
        self.start(&mut fields, out)?;
        if let Some(mut feedback) = fields.names("promptFeedback")? {
            let message = feedback.string("blockReasonMessage")?;
            if let Some(word) = feedback.string("blockReason")? {
                self.is_blocked = true;
                self.stop = Some(vocabulary::blocked(&word, message));
            }
            self.lose_rest(feedback);
        }
        for candidate in fields.elements("candidates")? {
            self.candidate(&candidate, out)?;
        }
        self.lose_rest(fields);
        Ok(())
    }

    fn start(&mut self, fields: &mut Names<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        let id = fields.string("responseId")?.unwrap_or_default();
        let model = fields.string("modelVersion")?.unwrap_or_default();
        let created = fields.string("createTime")?;
        // What state a model's life is in is no part of its answer.
        fields.ignore(&["modelStatus"]);
        if self.id.is_some() {
            return Ok(());
        }
        out.push(Event::Start {
            id: id.clone(),
            model,
            usage: self.usage,
            created: created.as_deref().and_then(unix_seconds),
            service_tier: self.tier.clone(),
        });
        self.id = Some(id);
        Ok(())
    }

    fn candidate(&mut self, candidate: &Value<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        let mut fields = Names::of(candidate)?;
        let index = fields.whole("index")?.unwrap_or(0);
        let reason = fields.string("finishReason")?;
        let reason = reason.filter(|word| !word.is_empty());
        let content = fields.names("content")?;
        if index > 0 {
            self.candidates
                .note(index, content.is_some(), reason.is_some());
            self.lose(
                fields.path_of("index"),
                "only the first candidate can be carried",
            );
            return Ok(());
        }
        let before = out.len();
        if let Some(mut content) = content {
            for part in content.elements("parts")? {
                self.part(&part, out)?;
            }
            content.ignore(&["role"]);
            self.lose_rest(content);
        }
        let says = out.len() > before;
        self.candidates.note(index, says, reason.is_some());
        self.beside(&mut fields, out)?;
        let message = fields.string("finishMessage")?;
        let native = fields.string("nativeFinishReason")?;
        if let Some(word) = reason {
            let stop = vocabulary::stop(&word, self.calls > 0, message);
            self.stop = Some(Stop {
                native: native.or(stop.native),
                ..stop
            });
        }
        // Both follow from what is told in full.
        fields.ignore(&["avgLogprobs", "tokenCount"]);
        self.lose_rest(fields);
        Ok(())
    }

    /// Reads what stands beside a candidate's content and tells of its text.
    fn beside(&mut self, fields: &mut Names<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        if let Some(result) = fields.take("logprobsResult") {
            out.extend(logprobs::read(&result)?.map(Event::Logprobs));
        }
        if let Some(metadata) = fields.take("citationMetadata") {
            let read = citations::read(&metadata, &self.said)?;
            out.extend(read.into_iter().map(Event::Citation));
        }
        if let Some(mut metadata) = fields.names("groundingMetadata")? {
            let read = citations::read_grounding(&mut metadata, &self.said)?;
            out.extend(read.into_iter().map(Event::Citation));
            self.lose_rest(metadata);
        }
        Ok(())
    }

    fn part(&mut self, part: &Value<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        let mut losses = Vec::new();
        let read = parts::read(part, &mut losses)?;
        losses
            .into_iter()
            .for_each(|loss| self.lose(loss.path, &loss.why));
        let Read { kind, signature } = read;
        match kind {
            Kind::Text(text) => self.text(text, signature, out),
            Kind::Thought(text) => {
                self.said.end();
                out.extend((!text.is_empty()).then_some(Event::Thinking(text)));
                out.extend(signature.map(|(seal, seals)| match seals {
                    Some(Seals::Hidden) => Event::HiddenThinking(seal),
                    _ => Event::Signature(seal),
                }));
            }
            Kind::Call(call) => self.call(call, signature.map(|(seal, _)| seal), out)?,
            Kind::Media(_) | Kind::Result(_) => {
                self.lose(part.path().to_owned(), "the client's API has no such part");
            }
            Kind::Foreign(name) => {
                let path = format!("{}.{name}", part.path());
                self.lose(path, "the client's API has no such part");
            }
        }
        Ok(())
    }

    fn text(
        &mut self,
        text: String,
        signature: Option<(Sealed, Option<Seals>)>,
        out: &mut Vec<Event>,
    ) {
        if !text.is_empty() {
            self.said.push(&text);
            out.push(Event::Text(text));
        }
        let Some((seal, seals)) = signature else {
            return;
        };
        self.said.end();
        out.push(match seals {
            Some(Seals::Thoughts) => Event::Signature(seal),
            _ => Event::HiddenThinking(seal),
        });
    }

    /// Reads a call: whole, or a piece of one that a name began.
    fn call(
        &mut self,
        mut call: Names<'_>,
        signature: Option<Sealed>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        let name = call.string("name")?.filter(|name| !name.is_empty());
        let id = call.string("id")?.filter(|id| !id.is_empty());
        let args = call.take("args");
        let pieces = call.elements("partialArgs")?;
        let goes_on = call.bool("willContinue")? == Some(true);
        if let Some(name) = name {
            self.said.end();
            self.close_call(out);
            let args = args.as_ref().map_or("{}", |args| args.raw());
            self.check_count(&call)?;
            let number = self.calls;
            self.calls += 1;
            out.push(Event::ToolStart {
                call: number,
                id: id.unwrap_or_else(|| self.mint(number, &name, args)),
                name,
                form: CallForm::Json,
                signature,
            });
            if !goes_on && pieces.is_empty() {
                let text = args.to_owned();
                out.push(Event::ToolArguments { call: number, text });
                out.push(Event::ToolStop { call: number });
            } else {
                self.open = Some((number, Partial::default()));
            }
        }
        self.lose_rest(call);
        if let Some((_, partial)) = &mut self.open {
            for piece in &pieces {
                put(partial, piece)?;
            }
            if !goes_on {
                self.close_call(out);
            }
        }
        Ok(())
    }

    fn check_count(&self, fields: &Names<'_>) -> Result<(), BadRequest> {
        if self.calls < MAX_CALLS {
            return Ok(());
        }
        let what = format!("more than {MAX_CALLS} calls");
        Err(BadRequest::of(fields.path_of("name"), what))
    }

    fn mint(&self, call: u32, name: &str, args: &str) -> String {
        let answer = self.id.as_deref().unwrap_or_default();
        let index = usize::try_from(call).unwrap_or(usize::MAX);
        mint(answer, index, name, args)
    }

    fn close_call(&mut self, out: &mut Vec<Event>) {
        if let Some((call, partial)) = self.open.take() {
            let text = partial.write();
            out.push(Event::ToolArguments { call, text });
            out.push(Event::ToolStop { call });
        }
    }

    fn lose_rest(&mut self, fields: Names<'_>) {
        let mut rest = Vec::new();
        fields.rest(&mut rest);
        rest.into_iter()
            .for_each(|loss| self.lose(loss.path, &loss.why));
    }

    /// Notes a loss once, however many chunks bring it.
    fn lose(&mut self, path: String, why: &str) {
        if self.losses.iter().all(|loss| loss.path != path) {
            self.losses.push(Loss::new(path, why));
        }
    }
}

fn put(partial: &mut Partial, piece: &Value<'_>) -> Result<(), BadRequest> {
    let mut fields = Names::of(piece)?;
    let path = fields.must_string("jsonPath")?;
    if let Some(text) = fields.string("stringValue")? {
        return partial.put(&path, Piece::Text(&text));
    }
    for name in ["numberValue", "boolValue"] {
        if let Some(value) = fields.take(name) {
            return partial.put(&path, Piece::Whole(value.raw()));
        }
    }
    match fields.take("nullValue") {
        Some(_) => partial.put(&path, Piece::Whole("null")),
        // A piece without a value only says that more follows.
        None => partial.put(&path, Piece::Text("")),
    }
}
