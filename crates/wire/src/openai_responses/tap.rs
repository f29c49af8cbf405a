//! Watching Responses answers that pass through. It must not keep or change any of their text.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::canonical::{Close, Ending, Stop, StopReason};
use crate::dialect::{Observed, Pass, Tap};
use crate::fault::WireError;
use crate::frames::Frame;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::json::fields::Value;
use crate::openai_responses::{failure, vocabulary};

/// Names the events that only bring more of what is there, and show something.
const DELTAS: [&str; 5] = [
    "response.output_text.delta",
    "response.function_call_arguments.delta",
    "response.custom_tool_call_input.delta",
    "response.reasoning_summary_text.delta",
    "response.reasoning_text.delta",
];

/// Watches one stream.
#[derive(Debug, Default)]
pub(super) struct ResponsesTap {
    seen: Observed,
    said: Said,
}

/// What the items of an answer are.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    calls: bool,
    refuses: bool,
}

/// What an answer says of its end.
#[derive(Debug, Default)]
struct State {
    status: Option<String>,
    cut: Option<String>,
    has_error: bool,
    has_id: bool,
}

impl ResponsesTap {
    /// Tells whether an event can only bring more of an answer that is there. Inside a string a
    /// quotation mark is escaped, so what is found is no text of the model's.
    fn is_dull(&self, frame: &Frame, payload: &[u8]) -> bool {
        static TYPES: LazyLock<[Finder<'static>; 5]> = LazyLock::new(|| {
            [
                "\"type\":\"response.output_text.delta\"",
                "\"type\":\"response.function_call_arguments.delta\"",
                "\"type\":\"response.custom_tool_call_input.delta\"",
                "\"type\":\"response.reasoning_summary_text.delta\"",
                "\"type\":\"response.reasoning_text.delta\"",
            ]
            .map(Finder::new)
        });
        if !self.seen.visible_output {
            return false;
        }
        match frame.event() {
            Some(name) => DELTAS.contains(&name),
            None => TYPES.iter().any(|kind| kind.find(payload).is_some()),
        }
    }

    fn event(&mut self, payload: &[u8]) -> Scan<()> {
        let kind = kind(payload)?;
        let kind = kind.as_deref().unwrap_or_default();
        if DELTAS.contains(&kind) {
            self.seen.visible_output |= brings(payload)?;
            return Ok(());
        }
        match kind {
            "response.refusal.delta" => {
                let any = brings(payload)?;
                self.seen.visible_output |= any;
                self.said.refuses |= any;
            }
            "response.output_item.added" | "response.output_item.done" => {
                Cursor::new(payload)?.object_or_skip(|cursor, key| {
                    if key != "item" {
                        return cursor.pass();
                    }
                    item(cursor, &mut self.said, &mut self.seen.visible_output)
                })?;
            }
            "response.created" | "response.in_progress" | "response.queued" => {
                let mut state = State::default();
                self.response(payload, &mut state)?;
            }
            "response.completed" | "response.incomplete" => {
                let mut state = State::default();
                self.response(payload, &mut state)?;
                self.seen.stop = Some(stop(state, self.said));
                self.seen.terminated = self.seen.error.is_none();
            }
            "error" | "response.failed" | "response.error" => {
                self.seen
                    .error
                    .get_or_insert_with(|| failure::read(payload));
            }
            "" => self.untyped(payload)?,
            _ => {}
        }
        Ok(())
    }

    /// Reads the response that an event holds.
    fn response(&mut self, payload: &[u8], state: &mut State) -> Scan<()> {
        Cursor::new(payload)?.object_or_skip(|cursor, key| {
            if key != "response" {
                return cursor.pass();
            }
            response(cursor, &mut self.seen, &mut self.said, state)
        })
    }

    /// Reads an error that is no event: some servers send its envelope alone.
    fn untyped(&mut self, payload: &[u8]) -> Scan<()> {
        let mut is_error = false;
        Cursor::new(payload)?.object_or_skip(|cursor, key| {
            is_error |= key == "error" && cursor.kind()? != Kind::Null;
            cursor.pass()
        })?;
        if is_error {
            self.seen
                .error
                .get_or_insert_with(|| failure::read(payload));
        }
        Ok(())
    }
}

impl Tap for ResponsesTap {
    fn see(&mut self, frame: &Frame) -> Pass {
        let Some(payload) = frame.payload() else {
            return Pass::Forward;
        };
        // Behind its end nothing belongs to the answer.
        if !self.seen.terminated && !self.is_dull(frame, payload) {
            // What cannot be read is forwarded; the client judges it as it would without us.
            drop(self.event(payload));
        }
        Pass::Forward
    }

    fn observed(&self) -> &Observed {
        &self.seen
    }

    fn ending(&self, _close: Close) -> Ending {
        match &self.seen.error {
            Some(error) => Ending::Failed(error.clone()),
            None if self.seen.terminated => Ending::Complete,
            None => Ending::Unfinished,
        }
    }
}

/// Reads what an unstreamed answer says.
pub(super) fn observe(body: &[u8]) -> Observed {
    let mut seen = Observed::default();
    let mut said = Said::default();
    let mut state = State::default();
    let read = Cursor::new(body)
        .and_then(|mut cursor| response(&mut cursor, &mut seen, &mut said, &mut state));
    let status = state.status.as_deref().unwrap_or("completed");
    let is_whole = matches!(status, "completed" | "incomplete");
    if state.has_error || matches!(status, "failed" | "cancelled") {
        seen.error = Some(reported(body));
    } else if is_whole && state.has_id {
        seen.stop = Some(stop(state, said));
        seen.terminated = read.is_ok();
    }
    seen
}

/// Reads the error of a body that is one, or a response that failed.
fn reported(body: &[u8]) -> WireError {
    match Value::parse(body).and_then(|body| body.fields()) {
        Ok(fields) => failure::in_response(fields),
        Err(_) => crate::openai::errors::read(0, body),
    }
}

fn stop(state: State, said: Said) -> Stop {
    let status = state.status.as_deref();
    let reason = vocabulary::settle(status, state.cut, said.refuses, said.calls);
    debug_assert!(!said.refuses || reason == StopReason::Refusal);
    Stop::of(reason)
}

/// Names the kind of an event.
fn kind(payload: &[u8]) -> Scan<Option<String>> {
    let mut found = None;
    Cursor::new(payload)?.object_or_skip(|cursor, key| {
        if key == "type" {
            found = cursor.text_or_skip()?;
            return Ok(());
        }
        cursor.pass()
    })?;
    Ok(found)
}

/// Tells whether a delta brings anything.
fn brings(payload: &[u8]) -> Scan<bool> {
    let mut any = false;
    Cursor::new(payload)?.object_or_skip(|cursor, key| {
        if key == "delta" {
            any |= cursor.text_or_skip()?.is_some();
            return Ok(());
        }
        cursor.pass()
    })?;
    Ok(any)
}

fn response(
    cursor: &mut Cursor<'_>,
    seen: &mut Observed,
    said: &mut Said,
    state: &mut State,
) -> Scan<()> {
    cursor.object_or_skip(|cursor, key| {
        match &*key {
            "id" => state.has_id |= cursor.text_or_skip()?.is_some(),
            "status" => state.status = cursor.text_or_skip()?,
            "incomplete_details" => cursor.object_or_skip(|cursor, key| {
                if key == "reason" {
                    state.cut = cursor.text_or_skip()?;
                    return Ok(());
                }
                cursor.pass()
            })?,
            "usage" => seen.usage = vocabulary::usage(cursor)?.or(seen.usage),
            "output" => {
                cursor.array_or_skip(|cursor| item(cursor, said, &mut seen.visible_output))?;
            }
            "error" => {
                state.has_error |= cursor.kind()? != Kind::Null;
                cursor.pass()?;
            }
            _ => cursor.pass()?,
        }
        Ok(())
    })
}

/// Passes an item; notes what it is, and whether it shows anything.
fn item(cursor: &mut Cursor<'_>, said: &mut Said, is_visible: &mut bool) -> Scan<()> {
    let mut form = None;
    let mut shows = false;
    cursor.object_or_skip(|cursor, key| {
        match &*key {
            "type" => form = cursor.text_or_skip()?,
            "content" | "summary" => cursor.array_or_skip(|cursor| {
                cursor.object_or_skip(|cursor, key| {
                    let words = match &*key {
                        "text" | "refusal" => cursor.text_or_skip()?,
                        _ => return cursor.pass(),
                    };
                    shows |= words.is_some();
                    said.refuses |= key == "refusal" && words.is_some();
                    Ok(())
                })
            })?,
            _ => cursor.pass()?,
        }
        Ok(())
    })?;
    match form.as_deref() {
        None => {}
        Some("message" | "reasoning") => *is_visible |= shows,
        Some(kind) => {
            // Any other item is work that has been done or asked for.
            *is_visible = true;
            said.calls |= matches!(kind, "function_call" | "custom_tool_call");
        }
    }
    Ok(())
}
