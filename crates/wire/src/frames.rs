//! Event-stream framing: bytes in any chunks become events whose raw bytes, put together, are the
//! stream again. It must not know what an event says.

use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};

/// Limits one event's bytes: a provider's largest (an image in base64) stays far below.
pub const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// Says how a stream is framed on its way to a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// As server-sent events.
    #[default]
    Events,
    /// As one JSON array, an element an event.
    Array,
}

/// Says that an event is larger than [`MAX_EVENT_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is over {MAX_EVENT_BYTES} bytes")]
pub struct OversizedEvent;

/// Holds one event: everything up to and with the blank line that ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    raw: Bytes,
    event: Option<Bytes>,
    payload: Option<Bytes>,
}

impl Frame {
    /// Shows the bytes as they came, comments and line ends included.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Gives the bytes as they came.
    #[must_use]
    pub fn into_raw(self) -> Bytes {
        self.raw
    }

    /// Shows the value of `event:`, where there is one in UTF-8.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        self.event
            .as_deref()
            .and_then(|name| std::str::from_utf8(name).ok())
    }

    /// Shows the value of `data:`, its lines joined by LF; none where there was no such field.
    #[must_use]
    pub fn payload(&self) -> Option<&[u8]> {
        self.payload.as_deref()
    }
}

/// Cuts a stream into frames. Where one chunk holds whole events nothing is copied.
#[derive(Debug, Default)]
pub struct Framer {
    /// What came of an event that is not whole yet.
    carry: BytesMut,
    /// What is not looked at yet.
    chunk: Bytes,
    scan: Scan,
    /// Whether a frame was given already, so that no byte-order mark may stand in front.
    begun: bool,
}

/// Where the scan for the blank line stands.
#[derive(Clone, Copy, Debug, Default)]
struct Scan {
    /// Whether the line begun has bytes.
    inside_line: bool,
    /// What ended the line before.
    before: LineEnd,
    /// The last byte was a CR, so that an LF now belongs to it.
    after_cr: bool,
    /// A CR has ended a blank line and an LF may follow it.
    blank_cr: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LineEnd {
    #[default]
    None,
    Cr,
    WithLf,
}

impl Framer {
    /// Starts at the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes. Frames are then read with [`Framer::next_frame`] until it has none.
    pub fn push(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            let mut joined = BytesMut::with_capacity(self.chunk.len() + chunk.len());
            joined.extend_from_slice(&self.chunk);
            joined.extend_from_slice(&chunk);
            self.chunk = joined.freeze();
        }
    }

    /// Gives the next whole frame, or none until more bytes come.
    ///
    /// # Errors
    /// An event is over [`MAX_EVENT_BYTES`]; the stream cannot be read on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, OversizedEvent> {
        let (length, ended) = self.scan.advance(&self.chunk);
        if self.carry.len() + length > MAX_EVENT_BYTES {
            return Err(OversizedEvent);
        }
        if !ended {
            self.carry.extend_from_slice(&self.chunk);
            self.chunk.clear();
            return Ok(None);
        }
        let raw = if self.carry.is_empty() {
            self.chunk.split_to(length)
        } else {
            self.carry
                .extend_from_slice(self.chunk.get(..length).unwrap_or_default());
            self.chunk.advance(length);
            self.carry.split().freeze()
        };
        Ok(Some(self.frame(raw)))
    }

    /// Gives what is left when no more bytes come: an event whose blank line is missing, or none.
    pub fn finish(&mut self) -> Option<Frame> {
        self.carry.extend_from_slice(&self.chunk);
        self.chunk.clear();
        self.scan = Scan::default();
        if self.carry.is_empty() {
            return None;
        }
        let raw = self.carry.split().freeze();
        Some(self.frame(raw))
    }

    fn frame(&mut self, raw: Bytes) -> Frame {
        parse(raw, !std::mem::replace(&mut self.begun, true))
    }
}

impl Scan {
    /// Goes on to the end of the event or of the bytes; says how many were looked at and whether
    /// the event ended there.
    ///
    /// A blank line ended by CR ends the event at once only where lines end in a bare CR;
    /// elsewhere it waits for the LF. This hangs on the bytes alone, never on how they were cut.
    fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let is_lf = rest.first() == Some(&b'\n');
            if self.blank_cr {
                *self = Self::default();
                return (at + usize::from(is_lf), true);
            }
            if std::mem::take(&mut self.after_cr) && is_lf {
                self.before = LineEnd::WithLf;
                at += 1;
                continue;
            }
            let Some(length) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.inside_line = true;
                return (bytes.len(), false);
            };
            let is_cr = rest.get(length) == Some(&b'\r');
            self.inside_line |= length > 0;
            at += length + 1;
            if self.end_line(is_cr) {
                return (at, true);
            }
        }
        (bytes.len(), false)
    }

    /// Notes a line's end; says whether the event ends here.
    fn end_line(&mut self, is_cr: bool) -> bool {
        if std::mem::take(&mut self.inside_line) {
            self.before = if is_cr { LineEnd::Cr } else { LineEnd::WithLf };
            self.after_cr = is_cr;
            return false;
        }
        if is_cr && self.before != LineEnd::Cr {
            self.blank_cr = true;
            return false;
        }
        *self = Self {
            after_cr: is_cr,
            ..Self::default()
        };
        true
    }
}

/// Reads an event's fields. `id` and `retry` mean nothing to the dialects.
fn parse(raw: Bytes, is_first: bool) -> Frame {
    let mut event = None;
    let mut payload: Option<Payload> = None;
    let start = if is_first && raw.starts_with(BOM) {
        BOM.len()
    } else {
        0
    };
    for (at, line) in lines(&raw, start) {
        let (name, value) = field(line);
        let from = at + line.len() - value.len();
        match name {
            b"event" => event = Some(raw.slice(from..from + value.len())),
            b"data" => match &mut payload {
                None => payload = Some(Payload::Slice(from..from + value.len())),
                Some(old) => old.append(&raw, value),
            },
            _ => {}
        }
    }
    let payload = payload.map(|payload| match payload {
        Payload::Slice(range) => raw.slice(range),
        Payload::Joined(bytes) => bytes.into(),
    });
    Frame {
        raw,
        event,
        payload,
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

enum Payload {
    Slice(Range<usize>),
    Joined(Vec<u8>),
}

impl Payload {
    fn append(&mut self, raw: &[u8], line: &[u8]) {
        if let Self::Slice(range) = self {
            *self = Self::Joined(raw.get(range.clone()).unwrap_or_default().to_vec());
        }
        if let Self::Joined(bytes) = self {
            bytes.push(b'\n');
            bytes.extend_from_slice(line);
        }
    }
}

/// Lists the lines that are not empty with where they begin.
fn lines(raw: &[u8], start: usize) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = start;
    std::iter::from_fn(move || {
        let rest = raw.get(at..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let from = at;
        at += length + 1;
        Some((from, rest.get(..length)?))
    })
    .filter(|(_, line)| !line.is_empty())
}

/// Cuts a line at its colon; one space behind it belongs to neither side. A comment has no name.
fn field(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(colon) = memchr::memchr(b':', line) else {
        return (line, &[]);
    };
    let (name, value) = line.split_at(colon);
    let value = value.get(1..).unwrap_or_default();
    (name, value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests;
