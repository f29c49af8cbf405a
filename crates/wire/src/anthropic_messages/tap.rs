//! Watching Messages answers that pass through. It must not keep or change any of their text.

use crate::anthropic_messages::errors;
use crate::anthropic_messages::vocabulary::{Counts, stop};
use crate::canonical::{Close, Ending};
use crate::dialect::{Observed, Pass, Tap};
use crate::fault::{ErrorKind, WireError};
use crate::frames::Frame;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::json::fields::Value;

/// Watches one stream.
#[derive(Debug, Default)]
pub(super) struct MessagesTap {
    seen: Observed,
    counts: Counts,
}

impl Tap for MessagesTap {
    fn see(&mut self, frame: &Frame) -> Pass {
        let Some(payload) = frame.payload() else {
            return Pass::Forward;
        };
        let named = frame.event().map(str::to_owned);
        match named.or_else(|| kind(payload)).as_deref() {
            Some("content_block_delta" | "content_block_stop") => self.seen.visible_output = true,
            Some("message_stop") => self.seen.terminated = self.seen.error.is_none(),
            // Another answer behind the end is not the one that was asked for.
            Some("message_start" | "message_delta") if !self.seen.terminated => {
                let read = Cursor::new(payload).and_then(|mut cursor| self.read(&mut cursor));
                // What cannot be read is forwarded; the client judges it as it would without us.
                drop(read);
            }
            Some("error") => {
                self.seen
                    .error
                    .get_or_insert_with(|| errors::read(0, payload));
            }
            _ => {}
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

/// Reads an event's kind where its framing does not name it.
fn kind(payload: &[u8]) -> Option<String> {
    let mut kind = None;
    let mut cursor = Cursor::new(payload).ok()?;
    let walked = cursor.object(|cursor, key| {
        match &*key {
            "type" => kind = cursor.string_or_skip()?,
            _ => cursor.pass()?,
        }
        Ok(())
    });
    walked.ok().and(kind).map(Into::into)
}

impl MessagesTap {
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        cursor.object_or_skip(|cursor, key| match &*key {
            "message" => self.message(cursor),
            "delta" => self.delta(cursor),
            "usage" => self.usage(cursor),
            _ => cursor.pass(),
        })
    }

    fn message(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        self.delta(&mut cursor.clone())?;
        cursor.object_or_skip(|cursor, key| {
            match &*key {
                // An answer that comes whole.
                "content" => {
                    cursor.kind()?;
                    let span = cursor.skip()?;
                    self.seen.visible_output |= !matches!(cursor.slice(span), "[]" | "null");
                }
                "usage" => self.usage(cursor)?,
                _ => cursor.pass()?,
            }
            Ok(())
        })
    }

    fn delta(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        cursor.kind()?;
        let span = cursor.skip()?;
        self.seen.stop = read_stop(cursor.slice(span)).or(self.seen.stop.take());
        Ok(())
    }

    fn usage(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        self.counts.read(cursor)?;
        self.seen.usage = self.counts.usage();
        Ok(())
    }
}

fn read_stop(object: &str) -> Option<crate::canonical::Stop> {
    let mut fields = Value::parse(object.as_bytes()).ok()?.fields().ok()?;
    stop(&mut fields, &mut Vec::new()).ok().flatten()
}

/// Reads what an unstreamed answer says.
pub(super) fn observe(body: &[u8]) -> Observed {
    let mut tap = MessagesTap::default();
    let mut has_stopped = None;
    let mut details = None;
    let mut read = || -> Scan<()> {
        let mut cursor = Cursor::new(body)?;
        cursor.object_or_skip(|cursor, key| {
            match &*key {
                "usage" => tap.usage(cursor)?,
                "content" => {
                    cursor.kind()?;
                    let span = cursor.skip()?;
                    tap.seen.visible_output = !matches!(cursor.slice(span), "[]" | "null");
                }
                "stop_reason" => has_stopped = cursor.string_or_skip()?,
                "stop_details" => {
                    cursor.kind()?;
                    let span = cursor.skip()?;
                    details = Some(cursor.slice(span));
                }
                "error" => {
                    let is_set = cursor.kind()? != Kind::Null;
                    tap.seen.error = is_set.then(|| WireError::new(0, ErrorKind::Api, ""));
                    cursor.pass()?;
                }
                _ => cursor.pass()?,
            }
            Ok(())
        })
    };
    let is_whole = read().is_ok();
    if tap.seen.error.is_some() {
        tap.seen.error = Some(errors::read(0, body));
    }
    if let Some(reason) = has_stopped {
        let details = details.unwrap_or("null");
        let mut object = Vec::new();
        crate::json::write::quote(&reason, &mut object);
        let object = String::from_utf8_lossy(&object);
        tap.seen.stop = read_stop(&format!(
            r#"{{"stop_reason":{object},"stop_details":{details}}}"#
        ));
    }
    tap.seen.terminated = is_whole && tap.seen.stop.is_some();
    tap.seen
}
