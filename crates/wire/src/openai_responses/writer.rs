//! Events into a streamed Responses answer. It must not know where they came from. The last event
//! repeats the whole answer, so the answer is kept until then.

use crate::canonical::{CallForm, Citation, Json, Stop, StopReason, ToolUse};
use crate::dialect::EncodeEvents;
use crate::fault::{ErrorKind, Loss, WireError};
use crate::json::write::Writer;
use crate::openai_responses::asked::Asked;
use crate::openai_responses::event::{event, summary};
use crate::openai_responses::output::{Content, Head, Item};
use crate::openai_responses::reply::{refuses, unsaid};
use crate::openai_responses::vocabulary::{IN_PROGRESS, lost_stop, split_name, status};
use crate::openai_responses::{annotations, failure};
use crate::sealed::{Sealed, Seals};
use crate::stream::Event;

/// Limits the answer that is kept.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Writes one stream.
#[derive(Debug, Default)]
pub(super) struct Items {
    asked: Asked,
    head: Head,
    items: Vec<Kept>,
    /// The places of the calls, by their numbers.
    calls: Vec<usize>,
    sequence: u64,
    kept_bytes: usize,
    has_started: bool,
    is_closed: bool,
    losses: Vec<Loss>,
}

/// One item and how far it came.
#[derive(Debug)]
struct Kept {
    item: Item,
    id: String,
    is_open: bool,
    /// Whether the text or thoughts that came last go on.
    goes_on: bool,
    status: &'static str,
}

impl EncodeEvents for Items {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.is_closed {
            return;
        }
        match event {
            Event::Start { .. } => self.start(event, out),
            Event::Text(text) => self.say(false, text, out),
            Event::Refusal(text) => self.say(true, text, out),
            Event::Thinking(text) => self.think(text, out),
            Event::Signature(more) => self.sign(more, out),
            Event::HiddenThinking(sealed) => {
                self.thoughts(Some((sealed.clone(), Seals::Hidden)), out);
                self.close_said(out);
            }
            Event::Citation(citation) => self.cite(citation, out),
            Event::Logprobs(list) => self.logprobs(list, out),
            Event::PartEnd => self.end_part(out),
            Event::ToolStart { .. } => self.open_call(event, out),
            Event::ToolArguments { call, text } => self.arguments(*call, text, out),
            Event::ToolStop { call } => {
                if let Some(at) = self.place_of(*call) {
                    self.close(at, "completed", out);
                }
            }
            Event::ServiceTier(tier) => self.head.tier = Some(tier.clone()),
            Event::Usage(usage) => self.head.usage = Some(*usage),
            Event::Stop(stop) => self.stop(stop, out),
            Event::Error(error) => self.fail(error, out),
            Event::End => self.end(out),
        }
        if self.kept_bytes > MAX_ANSWER_BYTES && !self.is_closed {
            let why = "the answer is longer than Tiergate keeps; ask for fewer tokens";
            self.fail(&WireError::new(0, ErrorKind::Api, why), out);
        }
    }

    fn take_losses(&mut self) -> Vec<Loss> {
        std::mem::take(&mut self.losses)
    }
}

impl Items {
    /// Starts an answer to a request.
    pub(super) fn of(asked: Asked) -> Self {
        Self {
            asked,
            ..Self::default()
        }
    }

    fn emit(&mut self, name: &str, out: &mut Vec<u8>, fields: impl FnOnce(&mut Writer)) {
        event(name, self.sequence, out, fields);
        self.sequence += 1;
    }

    fn start(&mut self, event: &Event, out: &mut Vec<u8>) {
        if let Event::Start {
            id,
            model,
            usage,
            created,
            service_tier,
        } = event
        {
            self.head = Head {
                id: id.clone(),
                model: model.clone(),
                created: *created,
                tier: service_tier.clone(),
                usage: *usage,
                stop: None,
            };
        }
        self.has_started = true;
        let (head, asked) = (self.head.clone(), self.asked.clone());
        for name in ["response.created", "response.in_progress"] {
            self.emit(name, out, |out| {
                head.write(IN_PROGRESS, &asked, |_| (), out.key("response"));
            });
        }
    }

    /// Opens an item behind all others; what is said until now is whole.
    fn open(&mut self, item: Item, out: &mut Vec<u8>) {
        if !self.has_started {
            self.start(&Event::End, out);
        }
        self.close_said(out);
        let at = self.items.len();
        let id = item.id(&self.head.id, at);
        self.emit("response.output_item.added", out, |out| {
            out.key("output_index").number(at as u64);
            item.write(&id, "in_progress", out.key("item"));
        });
        self.items.push(Kept {
            item,
            id,
            is_open: true,
            goes_on: false,
            status: "completed",
        });
    }

    /// Closes what is said or thought last, where it is not a call: calls end by themselves.
    fn close_said(&mut self, out: &mut Vec<u8>) {
        self.close_last("completed", out);
    }

    fn close_last(&mut self, status: &'static str, out: &mut Vec<u8>) {
        let is_call = |kept: &Kept| matches!(kept.item, Item::Call(_));
        let Some(at) = self.items.iter().rposition(|kept| !is_call(kept)) else {
            return;
        };
        self.close(at, status, out);
    }

    fn close(&mut self, at: usize, status: &'static str, out: &mut Vec<u8>) {
        if !self.items.get(at).is_some_and(|kept| kept.is_open) {
            return;
        }
        self.finish_part(at, out);
        let Some(kept) = self.items.get_mut(at) else {
            return;
        };
        kept.is_open = false;
        kept.status = status;
        if let Item::Call(call) = &mut kept.item
            && call.form == CallForm::Json
            && call.arguments.trim().is_empty()
        {
            "{}".clone_into(&mut call.arguments);
        }
        let (item, id) = (kept.item.clone(), kept.id.clone());
        if let Item::Call(call) = &item {
            self.end_call(at, &id, call, out);
        }
        self.emit("response.output_item.done", out, |out| {
            out.key("output_index").number(at as u64);
            item.write(&id, status, out.key("item"));
        });
    }

    fn end_call(&mut self, at: usize, id: &str, call: &ToolUse, out: &mut Vec<u8>) {
        let (name, field) = match call.form {
            CallForm::Json => ("response.function_call_arguments.done", "arguments"),
            CallForm::Text => ("response.custom_tool_call_input.done", "input"),
        };
        self.emit(name, out, |out| {
            out.key("item_id").string(id);
            out.key("output_index").number(at as u64);
            if call.form == CallForm::Json {
                out.key("name").string(split_name(&call.name).1);
            }
            out.key(field).string(&call.arguments);
        });
    }

    /// Ends the text or thoughts that go on in an item.
    fn finish_part(&mut self, at: usize, out: &mut Vec<u8>) {
        let Some(kept) = self.items.get_mut(at) else {
            return;
        };
        if !std::mem::replace(&mut kept.goes_on, false) {
            return;
        }
        let (item, id) = (kept.item.clone(), kept.id.clone());
        match item {
            Item::Message(contents) => self.finish_content(at, &id, &contents, out),
            Item::Thoughts(text, _) => {
                let place = |out: &mut Writer| {
                    out.key("item_id").string(&id);
                    out.key("output_index").number(at as u64);
                    out.key("summary_index").number(0);
                };
                self.emit("response.reasoning_summary_text.done", out, |out| {
                    place(out);
                    out.key("text").string(&text);
                });
                self.emit("response.reasoning_summary_part.done", out, |out| {
                    place(out);
                    summary(&text, out.key("part"));
                });
            }
            Item::Call(_) => {}
        }
    }

    fn finish_content(&mut self, at: usize, id: &str, contents: &[Content], out: &mut Vec<u8>) {
        let Some(content) = contents.last() else {
            return;
        };
        let place = |out: &mut Writer| {
            out.key("item_id").string(id);
            out.key("output_index").number(at as u64);
            out.key("content_index").number(contents.len() as u64 - 1);
        };
        if content.is_refusal {
            self.emit("response.refusal.done", out, |out| {
                place(out);
                out.key("refusal").string(&content.text);
            });
        } else {
            self.emit("response.output_text.done", out, |out| {
                place(out);
                out.key("text").string(&content.text);
                content.write_logprobs(out.key("logprobs"));
            });
        }
        self.emit("response.content_part.done", out, |out| {
            place(out);
            content.write(out.key("part"));
        });
    }

    /// Ends what goes on of the item that is said or thought last. Thoughts are an item each, texts
    /// are not.
    fn end_part(&mut self, out: &mut Vec<u8>) {
        let is_call = |kept: &Kept| matches!(kept.item, Item::Call(_));
        let Some(at) = self.items.iter().rposition(|kept| !is_call(kept)) else {
            return;
        };
        match self.items.get(at).map(|kept| &kept.item) {
            Some(Item::Thoughts(..)) => self.close(at, "completed", out),
            _ => self.finish_part(at, out),
        }
    }

    fn say(&mut self, is_refusal: bool, text: &str, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let goes_on = self
            .items
            .last()
            .is_some_and(|last| last.is_open && last.goes_on && last.item.ends_in(is_refusal));
        if !goes_on {
            self.open_content(is_refusal, out);
        }
        self.kept_bytes += text.len();
        let at = self.items.len().saturating_sub(1);
        let Some(kept) = self.items.get_mut(at) else {
            return;
        };
        let Item::Message(contents) = &mut kept.item else {
            return;
        };
        let index = contents.len().saturating_sub(1) as u64;
        if let Some(content) = contents.last_mut() {
            content.push(text);
        }
        let id = kept.id.clone();
        let name = if is_refusal {
            "response.refusal.delta"
        } else {
            "response.output_text.delta"
        };
        self.emit(name, out, |out| {
            out.key("item_id").string(&id);
            out.key("output_index").number(at as u64);
            out.key("content_index").number(index);
            out.key("delta").string(text);
            if !is_refusal {
                out.key("logprobs").raw("[]");
            }
        });
    }

    /// Begins a text, in the message that is open or in one that is opened for it.
    fn open_content(&mut self, is_refusal: bool, out: &mut Vec<u8>) {
        let is_open = |last: &Kept| last.is_open && matches!(last.item, Item::Message(_));
        if self.items.last().is_some_and(is_open) {
            self.finish_part(self.items.len() - 1, out);
        } else {
            self.open(Item::Message(Vec::new()), out);
        }
        let at = self.items.len().saturating_sub(1);
        let Some(kept) = self.items.get_mut(at) else {
            return;
        };
        kept.goes_on = true;
        let Item::Message(contents) = &mut kept.item else {
            return;
        };
        let index = contents.len() as u64;
        let content = Content::new(is_refusal);
        contents.push(content.clone());
        let id = kept.id.clone();
        self.emit("response.content_part.added", out, |out| {
            out.key("item_id").string(&id);
            out.key("output_index").number(at as u64);
            out.key("content_index").number(index);
            content.write(out.key("part"));
        });
    }

    /// Opens an item of thoughts.
    fn thoughts(&mut self, sealed: Option<(Sealed, Seals)>, out: &mut Vec<u8>) {
        self.open(Item::Thoughts(String::new(), sealed), out);
    }

    /// Finds the thoughts that go on, or opens an item for them.
    fn go_on_thinking(&mut self, out: &mut Vec<u8>) -> Option<&mut Kept> {
        let is_open = |last: &Kept| last.is_open && matches!(last.item, Item::Thoughts(..));
        if !self.items.last().is_some_and(is_open) {
            self.thoughts(None, out);
        }
        self.items.last_mut()
    }

    fn think(&mut self, text: &str, out: &mut Vec<u8>) {
        let Some(kept) = self.go_on_thinking(out) else {
            return;
        };
        if text.is_empty() {
            return;
        }
        let is_first = !std::mem::replace(&mut kept.goes_on, true);
        if let Item::Thoughts(all, _) = &mut kept.item {
            all.push_str(text);
        }
        let id = kept.id.clone();
        self.kept_bytes += text.len();
        let at = self.items.len() as u64 - 1;
        let place = |out: &mut Writer| {
            out.key("item_id").string(&id);
            out.key("output_index").number(at);
            out.key("summary_index").number(0);
        };
        if is_first {
            self.emit("response.reasoning_summary_part.added", out, |out| {
                place(out);
                summary("", out.key("part"));
            });
        }
        self.emit("response.reasoning_summary_text.delta", out, |out| {
            place(out);
            out.key("delta").string(text);
        });
    }

    fn sign(&mut self, more: &Sealed, out: &mut Vec<u8>) {
        self.kept_bytes += more.text.len();
        let Some(kept) = self.go_on_thinking(out) else {
            return;
        };
        if let Item::Thoughts(_, sealed) = &mut kept.item {
            match sealed {
                Some((old, _)) if old.maker == more.maker => old.text.push_str(&more.text),
                sealed => *sealed = Some((more.clone(), Seals::Thoughts)),
            }
        }
    }

    fn cite(&mut self, citation: &Citation, out: &mut Vec<u8>) {
        if let Some((path, why)) = annotations::lost(citation) {
            self.lose(path, why);
        }
        let at = self.items.len().saturating_sub(1);
        let Some((id, content, index)) = self.open_text() else {
            self.lose("citations", "they came behind the end of their text");
            return;
        };
        let Some(written) = annotations::write(citation, content.characters) else {
            return;
        };
        content.annotations.push(written.clone());
        let place = content.annotations.len() as u64 - 1;
        self.emit("response.output_text.annotation.added", out, |out| {
            out.key("item_id").string(&id);
            out.key("output_index").number(at as u64);
            out.key("content_index").number(index);
            out.key("annotation_index").number(place);
            out.key("annotation").raw(&written);
        });
    }

    /// Tells how likely the tokens were that went out already: with no further text.
    fn logprobs(&mut self, list: &Json, out: &mut Vec<u8>) {
        self.kept_bytes += list.0.len();
        let at = self.items.len().saturating_sub(1);
        let Some((id, content, index)) = self.open_text() else {
            self.lose("logprobs", "they came behind the end of their text");
            return;
        };
        content.logprobs.push(list.clone());
        self.emit("response.output_text.delta", out, |out| {
            out.key("item_id").string(&id);
            out.key("output_index").number(at as u64);
            out.key("content_index").number(index);
            out.key("delta").string("");
            out.key("logprobs").raw(&list.0);
        });
    }

    /// Finds the text that goes on: its item's id, itself and its place in the item.
    fn open_text(&mut self) -> Option<(String, &mut Content, u64)> {
        let kept = self.items.last_mut()?;
        if !(kept.is_open && kept.goes_on) {
            return None;
        }
        let id = kept.id.clone();
        let Item::Message(contents) = &mut kept.item else {
            return None;
        };
        let index = contents.len().saturating_sub(1) as u64;
        let content = contents.last_mut().filter(|last| !last.is_refusal)?;
        Some((id, content, index))
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
        if let Some(sealed) = signature {
            self.thoughts(Some((sealed.clone(), Seals::Call)), out);
        }
        let item = Item::Call(ToolUse {
            id: id.clone(),
            name: name.clone(),
            arguments: String::new(),
            form: *form,
            signature: None,
        });
        self.open(item, out);
        let at = usize::try_from(*call).unwrap_or(usize::MAX);
        if at == self.calls.len() {
            self.calls.push(self.items.len() - 1);
        }
    }

    fn place_of(&self, call: u32) -> Option<usize> {
        self.calls.get(usize::try_from(call).ok()?).copied()
    }

    fn arguments(&mut self, call: u32, text: &str, out: &mut Vec<u8>) {
        let Some(at) = self.place_of(call) else {
            return;
        };
        let Some(kept) = self.items.get_mut(at) else {
            return;
        };
        let Item::Call(call) = &mut kept.item else {
            return;
        };
        if text.is_empty() {
            return;
        }
        if !kept.is_open {
            let path = format!("output[{at}]");
            self.lose(&path, "more arguments came behind the end of their call");
            return;
        }
        call.arguments.push_str(text);
        let name = match call.form {
            CallForm::Json => "response.function_call_arguments.delta",
            CallForm::Text => "response.custom_tool_call_input.delta",
        };
        let id = kept.id.clone();
        self.kept_bytes += text.len();
        self.emit(name, out, |out| {
            out.key("item_id").string(&id);
            out.key("output_index").number(at as u64);
            out.key("delta").string(text);
        });
    }

    fn stop(&mut self, stop: &Stop, out: &mut Vec<u8>) {
        if let Some(why) = unsaid(stop, self.refuses()) {
            self.say(true, why, out);
        }
        let last = self.items.len().saturating_sub(1);
        for at in 0..self.items.len() {
            let is_message = matches!(
                self.items.get(at).map(|kept| &kept.item),
                Some(Item::Message(_))
            );
            let is_cut = at == last && is_message;
            let (word, _) = status(&stop.reason, self.refuses());
            self.close(at, if is_cut { word } else { "completed" }, out);
        }
        self.losses.extend(lost_stop(stop));
        self.head.stop = Some(stop.clone());
    }

    fn refuses(&self) -> bool {
        let mut items = self.items.iter();
        items.any(|kept| refuses(std::slice::from_ref(&kept.item)))
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if !self.has_started {
            self.start(&Event::End, out);
        }
        let reason = self.head.stop.as_ref().map(|stop| stop.reason.clone());
        let status = status(&reason.unwrap_or(StopReason::End), self.refuses());
        let name = match status.0 {
            "incomplete" => "response.incomplete",
            _ => "response.completed",
        };
        let (head, asked, items) = (
            std::mem::take(&mut self.head),
            std::mem::take(&mut self.asked),
            std::mem::take(&mut self.items),
        );
        self.emit(name, out, |out| {
            let output = |out: &mut Writer| {
                for kept in &items {
                    kept.item.write(&kept.id, kept.status, out);
                }
            };
            head.write(status, &asked, output, out.key("response"));
        });
        self.is_closed = true;
    }

    fn fail(&mut self, error: &WireError, out: &mut Vec<u8>) {
        out.extend_from_slice(&failure::write(error, self.sequence));
        self.is_closed = true;
    }

    /// Notes a loss once, however many events bring it.
    fn lose(&mut self, path: &str, why: &str) {
        if self.losses.iter().all(|loss| loss.path != path) {
            self.losses.push(Loss::new(path, why));
        }
    }
}
