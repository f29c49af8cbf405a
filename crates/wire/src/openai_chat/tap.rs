//! Watching Chat Completions answers that pass through. It must not keep or change any of their
//! text.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::canonical::{Close, Ending, Stop, StopReason, UsageChunk};
use crate::counts::is_set;
use crate::dialect::{Observed, Pass, Tap};
use crate::frames::Frame;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::openai::errors;
use crate::openai_chat::vocabulary;

/// Watches one stream.
#[derive(Debug)]
pub(super) struct ChatTap {
    usage: UsageChunk,
    seen: Observed,
    choices: Choices,
    shape: Shape,
}

/// Is what stands around the text in the last chunk that was nothing but text. Most chunks of a
/// stream differ in their text alone.
#[derive(Debug, Default)]
struct Shape {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Shape {
    /// Tells whether a chunk differs from the last in its text alone, which has no escapes.
    fn fits(&self, payload: &[u8]) -> bool {
        let inner = payload.strip_prefix(self.head.as_slice());
        let text = inner.and_then(|inner| inner.strip_suffix(self.tail.as_slice()));
        let is_plain = |text: &[u8]| memchr::memchr2(b'"', b'\\', text).is_none();
        !self.head.is_empty() && text.is_some_and(is_plain)
    }

    /// Keeps the shape of a chunk, where its text has no escapes.
    fn keep(&mut self, payload: &[u8]) {
        static TEXT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"content\":\""));
        let Some(at) = TEXT.find(payload) else { return };
        let (head, rest) = payload.split_at(at + TEXT.needle().len());
        let end = memchr::memchr2(b'"', b'\\', rest);
        let Some((text, tail)) = end.and_then(|end| rest.split_at_checked(end)) else {
            return;
        };
        if tail.first() == Some(&b'"') && !text.is_empty() {
            self.head.clear();
            self.head.extend_from_slice(head);
            self.tail.clear();
            self.tail.extend_from_slice(tail);
        }
    }
}

/// Notes, for the first 64 choices, which began and which ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Choices {
    begun: u64,
    ended: u64,
}

impl Choices {
    /// Notes that a choice is there, and whether it has ended.
    pub(super) fn note(&mut self, index: u64, has_ended: bool) {
        let bit = 1 << index.min(63);
        self.begun |= bit;
        if has_ended {
            self.ended |= bit;
        }
    }

    /// Tells whether there was a choice and each has ended.
    pub(super) fn are_whole(self) -> bool {
        self.begun != 0 && self.begun == self.ended
    }
}

/// What one chunk says of itself as a whole.
#[derive(Clone, Copy, Debug, Default)]
struct Chunk {
    has_choices: bool,
    has_usage: bool,
}

impl ChatTap {
    pub(super) fn new(usage: UsageChunk) -> Self {
        Self {
            usage,
            seen: Observed::default(),
            choices: Choices::default(),
            shape: Shape::default(),
        }
    }

    /// Tells whether a chunk can only be more text of the first choice.
    fn is_dull(&mut self, payload: &[u8]) -> bool {
        if self.shape.fits(payload) {
            return true;
        }
        static FIRST: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"index\":0,"));
        static WORDS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| {
            ["\"finish_reason\"", "\"usage\"", "\"error\"", "\"refusal\""].map(Finder::new)
        });
        let is_dull = self.seen.visible_output
            && FIRST.find(payload).is_some()
            && !WORDS.iter().any(|word| is_set(payload, word));
        if is_dull {
            self.shape.keep(payload);
        }
        is_dull
    }
}

impl Tap for ChatTap {
    fn see(&mut self, frame: &Frame) -> Pass {
        let Some(payload) = frame.payload() else {
            return Pass::Forward;
        };
        if payload.trim_ascii() == b"[DONE]" {
            self.seen.terminated = self.seen.error.is_none();
            return Pass::Forward;
        }
        if self.is_dull(payload) {
            return Pass::Forward;
        }
        let had_failed = self.seen.error.is_some();
        let mut chunk = Chunk::default();
        let read = Cursor::new(payload).and_then(|mut cursor| {
            read(&mut cursor, &mut self.seen, &mut self.choices, &mut chunk)
        });
        let has_failed = self.seen.error.is_some() || frame.event() == Some("error");
        if has_failed && !had_failed {
            self.seen.error = Some(errors::read(0, payload));
        }
        let is_ours = chunk.has_usage && !chunk.has_choices && self.seen.error.is_none();
        match self.usage {
            UsageChunk::Hide if is_ours && read.is_ok() => Pass::Hide,
            _ => Pass::Forward,
        }
    }

    fn observed(&self) -> &Observed {
        &self.seen
    }

    fn ending(&self, close: Close) -> Ending {
        ending(&self.seen, self.choices, close)
    }
}

/// Says how a stream ended. Some servers never send `[DONE]`: there a clean close behind finish
/// reasons for all choices counts as one.
fn ending(seen: &Observed, choices: Choices, close: Close) -> Ending {
    if let Some(error) = &seen.error {
        return Ending::Failed(error.clone());
    }
    if seen.terminated || (close == Close::Clean && choices.are_whole()) {
        return Ending::Complete;
    }
    Ending::Unfinished
}

/// Reads what an unstreamed answer says.
pub(super) fn observe(body: &[u8]) -> Observed {
    let mut seen = Observed::default();
    let mut choices = Choices::default();
    let mut chunk = Chunk::default();
    let read = Cursor::new(body)
        .and_then(|mut cursor| read(&mut cursor, &mut seen, &mut choices, &mut chunk));
    if seen.error.is_some() {
        seen.error = Some(errors::read(0, body));
    }
    seen.terminated = read.is_ok() && choices.are_whole() && seen.error.is_none();
    seen
}

fn read(
    cursor: &mut Cursor<'_>,
    seen: &mut Observed,
    choices: &mut Choices,
    chunk: &mut Chunk,
) -> Scan<()> {
    cursor.object_or_skip(|cursor, key| {
        match &*key {
            "usage" => {
                let usage = vocabulary::usage(cursor)?;
                chunk.has_usage = usage.is_some();
                seen.usage = usage.or(seen.usage);
            }
            "choices" => cursor.array_or_skip(|cursor| {
                chunk.has_choices = true;
                choice(cursor, seen, choices)
            })?,
            "error" => {
                if cursor.kind()? != Kind::Null {
                    let error = errors::empty();
                    seen.error.get_or_insert(error);
                }
                cursor.pass()?;
            }
            _ => cursor.pass()?,
        }
        Ok(())
    })
}

fn choice(cursor: &mut Cursor<'_>, seen: &mut Observed, choices: &mut Choices) -> Scan<()> {
    let mut index = 0;
    let mut reason = None;
    let mut refuses = false;
    cursor.object_or_skip(|cursor, key| {
        match &*key {
            "index" if cursor.kind()? == Kind::Number => {
                index = cursor.optional_whole("index")?.unwrap_or(0);
            }
            "finish_reason" => reason = cursor.string_or_skip()?.filter(|text| !text.is_empty()),
            // What an older completion shows in place of a message.
            "text" => {
                let text = cursor.string_or_skip()?;
                seen.visible_output |= text.is_some_and(|text| !text.is_empty());
            }
            "delta" | "message" => refuses |= message(cursor, &mut seen.visible_output)?,
            _ => cursor.pass()?,
        }
        Ok(())
    })?;
    choices.note(index, reason.is_some());
    if index > 0 {
        return Ok(());
    }
    let refused = refuses
        || seen
            .stop
            .as_ref()
            .is_some_and(|s| s.reason == StopReason::Refusal);
    if refused {
        seen.stop = Some(Stop::of(StopReason::Refusal));
    } else if let Some(reason) = reason {
        seen.stop = Some(Stop::of(vocabulary::stop_reason(&reason)));
    }
    Ok(())
}

/// Passes a message or a delta; notes whether it shows anything, says whether it refuses.
fn message(cursor: &mut Cursor<'_>, is_visible: &mut bool) -> Scan<bool> {
    let mut refuses = false;
    cursor.object_or_skip(|cursor, key| {
        let kind = cursor.kind()?;
        let span = cursor.skip()?;
        let is_empty = kind == Kind::Null || matches!(cursor.slice(span), "\"\"" | "[]");
        if !is_empty && !matches!(&*key, "role" | "name" | "annotations") {
            *is_visible = true;
            refuses |= key == "refusal";
        }
        Ok(())
    })?;
    Ok(refuses)
}
