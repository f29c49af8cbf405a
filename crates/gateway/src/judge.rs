//! What was wrong with an answer of a release: calls that do not fit their tools, output that does
//! not fit its schema. It reads content and keeps none: what comes out is counts and flags.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use wire::{
    Accumulator, CallForm, Close, Dialect, Ending, Format, Framer, Loss, Part, Peek, Reply,
    Request, Tool, ToolInput, ToolUse,
};

use crate::fits::{self, Fit};

/// The longest request that is kept until its answer has ended, in bytes.
const MAX_ASKED: usize = 1 << 20;
/// The longest answer that is kept, in bytes.
const MAX_ANSWER: usize = 256 << 10;
/// What may be kept of all requests together, in bytes; beyond it answers are not checked.
const MAX_KEPT: usize = 64 << 20;

/// Bounds what is kept of all requests together.
#[derive(Clone, Debug, Default)]
pub struct Room(Arc<AtomicUsize>);

/// Holds a part of the room until it is dropped.
#[derive(Debug)]
struct Place {
    room: Room,
    bytes: usize,
}

impl Room {
    fn take(&self, bytes: usize) -> Option<Place> {
        let place = Place {
            room: self.clone(),
            bytes,
        };
        // Where there is no room the place, which is dropped, gives back what was added.
        let before = self.0.fetch_add(bytes, Ordering::Relaxed);
        (before + bytes <= MAX_KEPT).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Gathers one request and its answer, both in the caller's dialect, until they are judged.
pub struct Exchange {
    dialect: &'static dyn Dialect,
    version: Option<String>,
    asked: Bytes,
    answer: Answer,
    _place: Place,
}

enum Answer {
    Whole(Bytes),
    Events(Vec<u8>),
    TooLong,
}

/// Says what was found wrong with an answer, without a word of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Calls of tools that were checked.
    pub tool_calls: u32,
    /// Whether one of them is not what its tool takes.
    pub tool_call_invalid: bool,
    /// Whether the answer was held against the schema that it had to follow.
    pub schema_checked: bool,
    /// Whether it did not follow it.
    pub schema_invalid: bool,
    /// Whether something could not be checked: too long, or in a form that is not known.
    pub unchecked: bool,
}

/// Says what becomes of an answer that something may be wrong with.
pub enum Watch {
    /// Nothing in it is to be checked.
    Nothing,
    /// It is gathered.
    Gathers(Box<Exchange>),
    /// It should be checked and cannot be.
    Cannot,
}

impl Watch {
    /// Decides on a request that was read. Without tools and without a form of output there is
    /// nothing to hold an answer against.
    #[must_use]
    pub fn of(
        room: &Room,
        (dialect, version): (&'static dyn Dialect, Option<&str>),
        asked: &Bytes,
        peek: &Peek<'_>,
    ) -> Self {
        if peek.features.tools == 0 && !peek.features.structured_output {
            return Self::Nothing;
        }
        let place = match asked.len() {
            bytes if bytes <= MAX_ASKED => room.take(bytes + MAX_ANSWER),
            _ => None,
        };
        place.map_or(Self::Cannot, |place| {
            Self::Gathers(Box::new(Exchange {
                dialect,
                version: version.map(str::to_owned),
                asked: asked.clone(),
                answer: Answer::Events(Vec::new()),
                _place: place,
            }))
        })
    }
}

impl Exchange {
    /// Keeps an answer that is not streamed.
    pub fn whole(&mut self, body: &Bytes) {
        self.answer = match body.len() {
            length if length <= MAX_ANSWER => Answer::Whole(body.clone()),
            _ => Answer::TooLong,
        };
    }

    /// Keeps more of a streamed answer.
    pub fn more(&mut self, events: &[u8]) {
        if let Answer::Events(kept) = &mut self.answer {
            if kept.len() + events.len() > MAX_ANSWER {
                self.answer = Answer::TooLong;
            } else {
                kept.extend_from_slice(events);
            }
        }
    }

    /// Judges the answer. It takes its time, so it is not for the thread that answers.
    #[must_use]
    pub fn judged(&self) -> Findings {
        let version = self.version.as_deref();
        let asked = self.dialect.decode_request(&self.asked, version).ok();
        let (Some(asked), Some(reply)) = (asked, self.reply()) else {
            return Findings {
                unchecked: true,
                ..Findings::default()
            };
        };
        judge(&asked.value, &asked.losses, &reply)
    }

    fn reply(&self) -> Option<Reply> {
        match &self.answer {
            Answer::Whole(body) => {
                let reply = self.dialect.decode_reply(body).ok()?;
                Some(reply.value)
            }
            Answer::Events(events) => self.added_up(events),
            Answer::TooLong => None,
        }
    }

    fn added_up(&self, bytes: &[u8]) -> Option<Reply> {
        let mut framer = Framer::new();
        framer.push(Bytes::copy_from_slice(bytes));
        let mut reader = self.dialect.events();
        let mut events = Vec::new();
        while let Some(frame) = framer.next_frame().ok()? {
            reader.read(&frame, &mut events).ok()?;
        }
        if let Some(frame) = framer.finish() {
            reader.read(&frame, &mut events).ok()?;
        }
        let ending = reader.close(Close::Clean, &mut events);
        let mut sum = Accumulator::default();
        for event in &events {
            sum.push(event).ok()?;
        }
        matches!(ending, Ending::Complete).then(|| sum.finish())
    }
}

fn judge(asked: &Request, losses: &[Loss], reply: &Reply) -> Findings {
    let mut found = Findings::default();
    let mut text = String::new();
    let mut has_calls = false;
    for part in &reply.parts {
        match part {
            Part::Text(more) => text.push_str(more),
            Part::ToolUse(call) => {
                has_calls = true;
                match fit_of(call, &asked.tools, losses) {
                    Fit::Unknown => found.unchecked = true,
                    fit => {
                        found.tool_calls += 1;
                        found.tool_call_invalid |= fit == Fit::Wrong;
                    }
                }
            }
            _ => {}
        }
    }
    // Who calls a tool has not answered yet.
    if let (Some(Format::Schema { schema, .. }), false) = (&asked.format, has_calls) {
        match fits::schema(&schema.0, &text) {
            Fit::Unknown => found.unchecked = true,
            fit => {
                found.schema_checked = true;
                found.schema_invalid = fit == Fit::Wrong;
            }
        }
    }
    found
}

fn fit_of(call: &ToolUse, tools: &[Tool], losses: &[Loss]) -> Fit {
    let Some(tool) = tools.iter().find(|tool| tool.name == call.name) else {
        // A tool that the canonical form does not hold may be the one that is called.
        let is_whole = |loss: &Loss| loss.path.starts_with("tools[") && loss.path.ends_with(']');
        if losses.iter().any(is_whole) {
            return Fit::Unknown;
        }
        return Fit::Wrong;
    };
    let arguments = match call.arguments.trim() {
        "" => "{}",
        arguments => arguments,
    };
    match (&tool.input, call.form) {
        (_, CallForm::Text) => Fit::Right,
        (
            ToolInput::Json {
                schema: Some(it), ..
            },
            CallForm::Json,
        ) => fits::schema(&it.0, arguments),
        (_, CallForm::Json) => fits::json(arguments),
    }
}

#[cfg(test)]
mod tests;
