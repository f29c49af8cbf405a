//! A streamed Responses answer into events. Items are known by their place in the answer, for some
//! servers give an item another id in each event. It must not know who reads the events.

use crate::canonical::{CallForm, Close, Ending, Part, ServiceTier, StopReason};
use crate::dialect::DecodeEvents;
use crate::fault::{BadRequest, Loss, Malformed, WireError};
use crate::frames::Frame;
use crate::json::cursor::Cursor;
use crate::json::fields::{Fields, Value};
use crate::openai_responses::failure;
use crate::openai_responses::progress::{Call, Item, Kind, MAX_ITEMS, Run, Text, rest};
use crate::openai_responses::reasoning::{self, BETWEEN, Told};
use crate::openai_responses::reply::{EMPTY_HANDED, created, served};
use crate::openai_responses::vocabulary::{malformed, stop, usage};
use crate::openai_responses::{annotations, content, tools};
use crate::sealed::Sealed;
use crate::stream::Event;

/// Reads one stream.
#[derive(Debug, Default)]
pub(super) struct Events {
    items: Vec<Item>,
    /// What goes on: the item, and the part in it.
    open: Option<(u64, Run)>,
    calls: u32,
    tier: Option<ServiceTier>,
    /// What an item before a call holds for it.
    call_seal: Option<Sealed>,
    refuses: bool,
    has_started: bool,
    is_done: bool,
    error: Option<WireError>,
    losses: Vec<Loss>,
}

impl DecodeEvents for Events {
    fn read(&mut self, frame: &Frame, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let Some(payload) = frame.payload() else {
            return Ok(());
        };
        // Some servers end the stream as another API does, behind its end.
        let is_over = self.is_done || self.error.is_some();
        if is_over || payload.trim_ascii() == b"[DONE]" {
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
        if failure::is_one(&mut fields) {
            let error = failure::read(payload);
            out.push(Event::Error(error.clone()));
            self.error = Some(error);
            return Ok(());
        }
        let kind = fields.must("type")?.string()?;
        match &*kind {
            "response.created" | "response.in_progress" | "response.queued" => {
                self.start(&mut fields.must("response")?.fields()?, out)
            }
            "response.completed" | "response.incomplete" => {
                self.end(fields.must("response")?.fields()?, out)
            }
            "response.output_item.added" => {
                let at = fields.must("output_index")?.whole()?;
                self.added(at, &fields.must("item")?, out)
            }
            "response.output_item.done" => {
                let at = fields.must("output_index")?.whole()?;
                self.item_done(at, &fields.must("item")?, out)
            }
            "response.content_part.done" => self.part_done(&mut fields, out),
            "response.output_text.delta" => self.text(Run::Text, &mut fields, out),
            "response.refusal.delta" => self.text(Run::Refusal, &mut fields, out),
            "response.reasoning_text.delta" => self.think("content_index", &mut fields, out),
            "response.reasoning_summary_text.delta" => {
                self.think("summary_index", &mut fields, out)
            }
            "response.output_text.annotation.added" => self.annotation(&mut fields, out),
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.arguments(&mut fields, out)
            }
            // What these say, the item says when it is done, or nothing needs it.
            "response.content_part.added"
            | "response.output_text.done"
            | "response.refusal.done"
            | "response.reasoning_text.done"
            | "response.reasoning_summary_part.added"
            | "response.reasoning_summary_part.done"
            | "response.reasoning_summary_text.done"
            | "response.function_call_arguments.done"
            | "response.custom_tool_call_input.done"
            | "keepalive" => Ok(()),
            other => {
                self.lose(other, "the client's API has no such event");
                Ok(())
            }
        }
    }

    fn start(&mut self, response: &mut Fields<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        if std::mem::replace(&mut self.has_started, true) {
            return Ok(());
        }
        self.tier = served(response)?;
        out.push(Event::Start {
            id: response.string("id")?.unwrap_or_default(),
            model: response.string("model")?.unwrap_or_default(),
            usage: None,
            created: created(response),
            service_tier: self.tier.clone(),
        });
        Ok(())
    }

    /// Finds an item by its place, or begins one.
    fn item(&mut self, at: u64) -> Result<&mut Item, BadRequest> {
        let known = self.items.iter().position(|item| item.at == at);
        let place = match known {
            Some(place) => place,
            None if self.items.len() >= MAX_ITEMS => {
                let why = format!("more than {MAX_ITEMS} items");
                return Err(BadRequest::of("output_index", why));
            }
            None => {
                self.items.push(Item::new(at));
                self.items.len() - 1
            }
        };
        self.items
            .get_mut(place)
            .ok_or_else(|| BadRequest::of("output_index", "names no item"))
    }

    /// Goes over to a part: another that went on is whole.
    fn go_on(&mut self, at: u64, run: Run, out: &mut Vec<Event>) {
        if self.open != Some((at, run)) {
            self.end_open(out);
        }
        self.open = Some((at, run));
    }

    fn end_open(&mut self, out: &mut Vec<Event>) {
        if self.open.take().is_some() {
            out.push(Event::PartEnd);
        }
    }

    fn begin(&mut self, out: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.has_started, true) {
            out.push(Event::Start {
                id: String::new(),
                model: String::new(),
                usage: None,
                created: None,
                service_tier: None,
            });
        }
    }

    fn added(&mut self, at: u64, item: &Value<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        self.begin(out);
        let mut fields = item.fields()?;
        match &*fields.must("type")?.string()? {
            "message" => self.item(at)?.kind = Kind::Message,
            "reasoning" => self.item(at)?.kind = Kind::Thoughts,
            "function_call" => self.open_call(at, CallForm::Json, &mut fields, out)?,
            "custom_tool_call" => self.open_call(at, CallForm::Text, &mut fields, out)?,
            other => {
                self.item(at)?.kind = Kind::Foreign;
                let path = format!("output[{at}].{other}");
                self.lose(&path, "the client's API has no such item");
            }
        }
        Ok(())
    }

    fn open_call(
        &mut self,
        at: u64,
        form: CallForm,
        fields: &mut Fields<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        if matches!(self.item(at)?.kind, Kind::Call(_)) {
            return Ok(());
        }
        let mut losses = Vec::new();
        let call = tools::read_answered(form, fields, &format!("output[{at}]"), &mut losses)?;
        losses
            .into_iter()
            .for_each(|loss| self.lose(&loss.path, &loss.why));
        self.end_open(out);
        let number = self.calls;
        self.calls += 1;
        out.push(Event::ToolStart {
            call: number,
            id: call.id,
            name: call.name,
            form,
            signature: self.call_seal.take(),
        });
        self.item(at)?.kind = Kind::Call(Call {
            number,
            form,
            sent: 0,
        });
        Ok(())
    }

    /// Takes more of a text or refusal, and how likely its tokens were.
    fn text(
        &mut self,
        run: fn(u64) -> Run,
        fields: &mut Fields<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        self.begin(out);
        let at = fields.must("output_index")?.whole()?;
        let part = fields.whole("content_index")?.unwrap_or(0);
        let delta = fields.string("delta")?.unwrap_or_default();
        let logprobs = content::logprobs(fields)?;
        if delta.is_empty() && logprobs.is_none() {
            return Ok(());
        }
        let run = run(part);
        let said = self.item(at)?.text(part);
        said.sent += delta.len();
        said.has_logprobs |= logprobs.is_some();
        self.go_on(at, run, out);
        self.push(run, delta, out);
        out.extend(logprobs.map(Event::Logprobs));
        Ok(())
    }

    fn push(&mut self, run: Run, text: String, out: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        out.push(match run {
            Run::Text(_) => Event::Text(text),
            Run::Refusal(_) => {
                self.refuses = true;
                Event::Refusal(text)
            }
            Run::Thoughts => Event::Thinking(text),
        });
    }

    /// Takes more thoughts. Some servers tell them and their summary: the first of both that comes
    /// goes on.
    fn think(
        &mut self,
        index: &'static str,
        fields: &mut Fields<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        self.begin(out);
        let at = fields.must("output_index")?.whole()?;
        let part = fields.whole(index)?.unwrap_or(0);
        let delta = fields.string("delta")?.unwrap_or_default();
        if delta.is_empty() {
            return Ok(());
        }
        let item = self.item(at)?;
        let told = *item.told.get_or_insert((index, part));
        if told.0 != index {
            return Ok(());
        }
        item.told = Some((index, part));
        let is_next = told.1 != part;
        self.go_on(at, Run::Thoughts, out);
        if is_next {
            out.push(Event::Thinking(BETWEEN.to_owned()));
        }
        out.push(Event::Thinking(delta));
        Ok(())
    }

    fn annotation(
        &mut self,
        fields: &mut Fields<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        let at = fields.must("output_index")?.whole()?;
        let part = fields.whole("content_index")?.unwrap_or(0);
        let Some(annotation) = fields.take("annotation") else {
            return Ok(());
        };
        // The path that the unstreamed answer would give it is not known here.
        let citation = annotations::read(&annotation)?;
        self.item(at)?.text(part).citations += 1;
        out.push(Event::Citation(citation));
        Ok(())
    }

    fn arguments(
        &mut self,
        fields: &mut Fields<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        let at = fields.must("output_index")?.whole()?;
        let text = fields.string("delta")?.unwrap_or_default();
        let Kind::Call(call) = &mut self.item(at)?.kind else {
            return Err(BadRequest::of("output_index", "names no call that is open"));
        };
        if !text.is_empty() {
            call.sent += text.len();
            let call = call.number;
            out.push(Event::ToolArguments { call, text });
        }
        Ok(())
    }

    fn part_done(
        &mut self,
        fields: &mut Fields<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        let at = fields.must("output_index")?.whole()?;
        let index = fields.whole("content_index")?.unwrap_or(0);
        if let Some(part) = fields.take("part")
            && part.fields()?.must("type")?.string()? != "reasoning_text"
        {
            self.finish_part(at, index, &part, out)?;
        }
        Ok(())
    }

    /// Ends a part of a message with what was not streamed of it: some servers stream nothing, and
    /// some no citations.
    fn finish_part(
        &mut self,
        at: u64,
        index: u64,
        part: &Value<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        let said = self.item(at)?.text(index);
        if std::mem::replace(&mut said.is_done, true) {
            return Ok(());
        }
        let Text {
            sent,
            has_logprobs,
            citations,
            ..
        } = *said;
        let mut parts = Vec::new();
        let mut losses = Vec::new();
        content::read_part(part, &mut parts, &mut losses)?;
        losses
            .into_iter()
            .for_each(|loss| self.lose(&loss.path, &loss.why));
        let mut known = citations;
        for part in parts {
            match part {
                Part::Text(text) => self.finish_text(at, Run::Text(index), &text, sent, out),
                Part::Refusal(text) => {
                    self.finish_text(at, Run::Refusal(index), &text, sent, out);
                }
                Part::Logprobs(list) if !has_logprobs => out.push(Event::Logprobs(list)),
                Part::Citation(_) if known > 0 => known -= 1,
                Part::Citation(citation) => out.push(Event::Citation(citation)),
                _ => {}
            }
        }
        if matches!(self.open, Some((open, Run::Text(part) | Run::Refusal(part)))
            if open == at && part == index)
        {
            self.end_open(out);
        }
        Ok(())
    }

    fn finish_text(&mut self, at: u64, run: Run, text: &str, sent: usize, out: &mut Vec<Event>) {
        let missing = rest(text, sent);
        if !missing.is_empty() {
            self.go_on(at, run, out);
            self.push(run, missing.to_owned(), out);
        }
    }

    fn item_done(
        &mut self,
        at: u64,
        item: &Value<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        if matches!(self.item(at)?.kind, Kind::Unknown) {
            self.added(at, item, out)?;
        }
        let known = self.item(at)?;
        if std::mem::replace(&mut known.is_done, true) {
            return Ok(());
        }
        let has_told = known.told.is_some();
        match known.kind {
            Kind::Message => {
                let mut fields = item.fields()?;
                for (index, part) in fields.elements("content")?.iter().enumerate() {
                    self.finish_part(at, index as u64, part, out)?;
                }
                if fields.string("phase")?.is_some() {
                    self.lose("phase", "the other dialect has no such field");
                }
                if matches!(self.open, Some((open, _)) if open == at) {
                    self.end_open(out);
                }
            }
            Kind::Thoughts => self.seal(at, item, has_told, out)?,
            Kind::Call(call) => {
                let mut fields = item.fields()?;
                let text = match call.form {
                    CallForm::Json => fields.string("arguments")?,
                    CallForm::Text => fields.string("input")?,
                };
                let text = text.unwrap_or_default();
                let missing = rest(&text, call.sent);
                let call = call.number;
                if !missing.is_empty() {
                    let text = missing.to_owned();
                    out.push(Event::ToolArguments { call, text });
                }
                out.push(Event::ToolStop { call });
            }
            Kind::Foreign | Kind::Unknown => {}
        }
        Ok(())
    }

    /// Ends thoughts with what their maker checks.
    fn seal(
        &mut self,
        at: u64,
        item: &Value<'_>,
        has_told: bool,
        out: &mut Vec<Event>,
    ) -> Result<(), BadRequest> {
        let read = reasoning::read(item, &mut self.losses)?;
        let is_over = has_told && self.open != Some((at, Run::Thoughts));
        if is_over && matches!(read, Told::Thoughts(_)) {
            // What they seal has ended; behind another part they would stand in the wrong place.
            let why = "what its maker checks came behind the parts that follow";
            self.lose(&format!("output[{at}]"), why);
            return Ok(());
        }
        match read {
            Told::Thoughts(Part::Thinking { text, signature }) => {
                self.go_on(at, Run::Thoughts, out);
                if !has_told {
                    self.push(Run::Thoughts, text, out);
                }
                out.extend(signature.map(Event::Signature));
            }
            Told::Thoughts(Part::HiddenThinking(sealed)) if has_told => {
                self.go_on(at, Run::Thoughts, out);
                out.push(Event::Signature(sealed));
            }
            Told::Thoughts(Part::HiddenThinking(sealed)) => {
                self.end_open(out);
                out.push(Event::HiddenThinking(sealed));
            }
            Told::Thoughts(_) | Told::Nothing => {}
            Told::Call(sealed) => self.call_seal = Some(sealed),
        }
        self.end_open(out);
        Ok(())
    }

    fn end(&mut self, mut response: Fields<'_>, out: &mut Vec<Event>) -> Result<(), BadRequest> {
        self.start(&mut response.clone(), out)?;
        let output = response.elements("output")?;
        // Some servers stream no items at all.
        if self.items.is_empty() {
            for (at, item) in output.iter().enumerate() {
                self.item_done(at as u64, item, out)?;
            }
        }
        self.end_open(out);
        self.stop_calls(out);
        let tier = served(&mut response)?.filter(|tier| self.tier.as_ref() != Some(tier));
        out.extend(tier.map(Event::ServiceTier));
        if let Some(counts) = response.take("usage") {
            let counts = usage(&mut Cursor::over(counts.raw())).unwrap_or_default();
            out.extend(counts.map(Event::Usage));
        }
        let mut losses = Vec::new();
        let stop = stop(&mut response, self.refuses, self.calls > 0, &mut losses)?;
        debug_assert!(self.calls == 0 || stop.reason != StopReason::End);
        for name in EMPTY_HANDED.iter().chain(&["id", "model", "created_at"]) {
            drop(response.take(name));
        }
        response.rest(&mut losses);
        losses
            .into_iter()
            .for_each(|loss| self.lose(&loss.path, &loss.why));
        out.extend([Event::Stop(stop), Event::End]);
        self.is_done = true;
        Ok(())
    }

    /// Ends the calls that no event ended.
    fn stop_calls(&mut self, out: &mut Vec<Event>) {
        for item in &mut self.items {
            if let Kind::Call(call) = item.kind
                && !std::mem::replace(&mut item.is_done, true)
            {
                out.push(Event::ToolStop { call: call.number });
            }
        }
    }

    /// Notes a loss once, however many events bring it.
    fn lose(&mut self, path: &str, why: &str) {
        if self.losses.iter().all(|loss| loss.path != path) {
            self.losses.push(Loss::new(path, why));
        }
    }
}
