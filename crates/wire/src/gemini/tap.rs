//! Watching answers that pass through. It must not keep or change any of their text.

use crate::canonical::{Close, Ending, Stop, StopReason};
use crate::dialect::{Observed, Pass, Tap};
use crate::frames::Frame;
use crate::gemini::candidates::Candidates;
use crate::gemini::{errors, vocabulary};
use crate::json::cursor::{Cursor, Kind, Scan};

/// Watches one stream. Each chunk counts what was used until then, so each is read; what it says
/// is only passed over.
#[derive(Debug, Default)]
pub(super) struct GeminiTap {
    seen: Observed,
    state: State,
}

/// What several chunks say together.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    candidates: Candidates,
    calls: bool,
    is_blocked: bool,
}

impl State {
    fn is_whole(self) -> bool {
        self.is_blocked || self.candidates.are_whole()
    }
}

impl Tap for GeminiTap {
    fn see(&mut self, frame: &Frame) -> Pass {
        let Some(payload) = frame.payload() else {
            return Pass::Forward;
        };
        let had_failed = self.seen.error.is_some();
        let read = Cursor::new(payload)
            .and_then(|mut cursor| read(&mut cursor, &mut self.seen, &mut self.state));
        // What cannot be read is forwarded; the client judges it as it would without us.
        drop(read);
        if self.seen.error.is_some() && !had_failed {
            self.seen.error = Some(errors::read(0, payload));
        }
        Pass::Forward
    }

    fn observed(&self) -> &Observed {
        &self.seen
    }

    /// Nothing is sent to end a stream: a body that ends as HTTP says is whole where its last chunk
    /// gave the reason.
    fn ending(&self, close: Close) -> Ending {
        match &self.seen.error {
            Some(error) => Ending::Failed(error.clone()),
            None if close == Close::Clean && self.state.is_whole() => Ending::Complete,
            None => Ending::Unfinished,
        }
    }
}

/// Reads what an unstreamed answer says.
pub(super) fn observe(body: &[u8]) -> Observed {
    let mut seen = Observed::default();
    let mut state = State::default();
    let read = Cursor::new(body).and_then(|mut cursor| read(&mut cursor, &mut seen, &mut state));
    if seen.error.is_some() {
        seen.error = Some(errors::read(0, body));
    }
    seen.terminated = read.is_ok() && state.is_whole() && seen.error.is_none();
    seen
}

fn read(cursor: &mut Cursor<'_>, seen: &mut Observed, state: &mut State) -> Scan<()> {
    cursor.object_or_skip(|cursor, key| {
        match &*key {
            "usageMetadata" => seen.usage = vocabulary::usage(cursor)?.or(seen.usage),
            "candidates" => cursor.array_or_skip(|cursor| candidate(cursor, seen, state))?,
            "promptFeedback" => cursor.object_or_skip(|cursor, key| {
                if key == "blockReason" && cursor.kind()? == Kind::String {
                    state.is_blocked = true;
                    seen.stop = Some(Stop::of(StopReason::Refusal));
                }
                cursor.pass()
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

fn candidate(cursor: &mut Cursor<'_>, seen: &mut Observed, state: &mut State) -> Scan<()> {
    let mut index = 0;
    let mut reason = None;
    let mut content = Content::default();
    cursor.object_or_skip(|cursor, key| {
        match &*key {
            "index" if cursor.kind()? == Kind::Number => {
                index = cursor.optional_whole("index")?.unwrap_or(0);
            }
            "finishReason" => reason = cursor.string_or_skip()?.filter(|word| !word.is_empty()),
            "content" => content.read(cursor)?,
            _ => cursor.pass()?,
        }
        Ok(())
    })?;
    state.candidates.note(index, content.says, reason.is_some());
    if index > 0 {
        return Ok(());
    }
    seen.visible_output |= content.says;
    state.calls |= content.calls;
    if let Some(reason) = reason {
        seen.stop = Some(Stop::of(vocabulary::settle(&reason, state.calls)));
    }
    Ok(())
}

/// What the content of one chunk holds.
#[derive(Clone, Copy, Debug, Default)]
struct Content {
    /// Anything of the answer itself.
    says: bool,
    /// A call of a function.
    calls: bool,
}

impl Content {
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        cursor.object_or_skip(|cursor, key| {
            if key == "parts" {
                return cursor.array_or_skip(|cursor| self.part(cursor));
            }
            cursor.pass()
        })
    }

    fn part(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        cursor.object_or_skip(|cursor, key| {
            let kind = cursor.kind()?;
            let span = cursor.skip()?;
            let is_empty = kind == Kind::Null || matches!(cursor.slice(span), "\"\"" | "{}");
            match &*key {
                // A signature and its mark are of no use to anyone but their maker.
                "thought" | "thoughtSignature" => {}
                _ if is_empty => {}
                key => {
                    self.says = true;
                    self.calls |= key == "functionCall";
                }
            }
            Ok(())
        })
    }
}
