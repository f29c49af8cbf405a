//! AWS's binary event stream, turned into the event stream of the dialect that it carries, so that
//! nothing behind sees a difference. It must not know what an event says.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::event_stream::{HeaderValue, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::Stream;
use serde::Deserialize;
use wire::Dialect;

use crate::body::Body;
use crate::fault::{Class, Fault};
use crate::retell::Enveloped;

/// The type of an answer in these frames.
pub(crate) const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// Lengths of the whole and of the headers, and the checksum of both.
const PRELUDE: usize = 12;
/// The largest frame, in bytes: what AWS allows for payload and headers, with room for the rest.
const MAX_FRAME: usize = (16 << 20) + (128 << 10) + 64;

/// What each exception stands for as a status, by name without regard to case.
const EXCEPTIONS: &[(&str, u16)] = &[
    ("internalServerException", 500),
    ("modelStreamErrorException", 500),
    ("modelTimeoutException", 504),
    ("serviceUnavailableException", 503),
    ("throttlingException", 429),
    ("validationException", 400),
];

/// Turns frames into the dialect's events. A frame that is damaged, and an end inside one, is a
/// fault.
pub(crate) fn unframed(body: Body, dialect: &str) -> Result<Body, Fault> {
    let Some(dialect) = wire::dialect(dialect) else {
        return Err(Fault::new(Class::Garbage));
    };
    Ok(Body::stream(Unframed {
        body,
        frames: Frames::default(),
        dialect,
        is_over: false,
        fault: None,
    }))
}

struct Unframed {
    body: Body,
    frames: Frames,
    dialect: &'static dyn Dialect,
    is_over: bool,
    fault: Option<Fault>,
}

impl Stream for Unframed {
    type Item = Result<Bytes, Fault>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while !this.is_over {
            let mut events = Vec::new();
            let taken = match ready!(this.body.poll_piece(cx)) {
                Some(Ok(piece)) => this.take(&piece, &mut events),
                Some(Err(fault)) => Err(fault),
                None => {
                    this.is_over = true;
                    this.frames.end()
                }
            };
            if let Err(fault) = taken {
                this.is_over = true;
                this.fault = Some(fault);
            }
            // What came whole in front of a fault is shown before it.
            if !events.is_empty() {
                return Poll::Ready(Some(Ok(events.into())));
            }
        }
        Poll::Ready(this.fault.take().map(Err))
    }
}

impl Unframed {
    /// Adds the events of all frames that are whole now.
    fn take(&mut self, piece: &[u8], events: &mut Vec<u8>) -> Result<(), Fault> {
        self.frames.push(piece);
        while let Some(message) = self.frames.next()? {
            self.event(&message, events)?;
        }
        Ok(())
    }

    fn event(&self, message: &Message, out: &mut Vec<u8>) -> Result<(), Fault> {
        match header(message, ":message-type") {
            Some("event") if header(message, ":event-type") == Some("chunk") => {
                let Part { bytes } = json(message.payload())?;
                let payload = STANDARD.decode(bytes.as_bytes());
                let payload = payload.map_err(|error| Fault::caused(Class::Garbage, error))?;
                write_event(&payload, out)
            }
            Some("exception" | "error") => {
                let error = exception(message).into_error(self.dialect);
                out.extend_from_slice(&self.dialect.error_event(&error));
                Ok(())
            }
            // What else there is belongs to the frames, such as a first one without content.
            Some(_) => Ok(()),
            None => Err(Fault::new(Class::Garbage)),
        }
    }
}

/// Is what a chunk's payload holds; the rest of it is padding against eavesdroppers.
#[derive(Deserialize)]
struct Part<'p> {
    #[serde(borrow)]
    bytes: Cow<'p, str>,
}

#[derive(Deserialize)]
struct Typed<'t> {
    #[serde(borrow)]
    r#type: Cow<'t, str>,
}

/// Writes one event: its type as the name, its bytes as they are. A line's end between two values
/// becomes another line of the event, which stands for the same.
fn write_event(payload: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let Typed { r#type: name } = json(payload)?;
    out.extend_from_slice(b"event: ");
    // A name over several lines would be fields of its own.
    out.extend(name.bytes().filter(|byte| !byte.is_ascii_control()));
    for line in payload.split(|byte| matches!(byte, b'\n' | b'\r')) {
        out.extend_from_slice(b"\ndata: ");
        out.extend_from_slice(line);
    }
    out.extend_from_slice(b"\n\n");
    Ok(())
}

fn json<'p, T: Deserialize<'p>>(payload: &'p [u8]) -> Result<T, Fault> {
    serde_json::from_slice(payload).map_err(|error| Fault::caused(Class::Garbage, error))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    #[serde(alias = "Message")]
    message: String,
}

fn exception(message: &Message) -> Enveloped {
    let name = header(message, ":exception-type").or_else(|| header(message, ":error-code"));
    let name = name.unwrap_or_default();
    let known = EXCEPTIONS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    let said: Said = serde_json::from_slice(message.payload()).unwrap_or_default();
    let text = match (said.message, header(message, ":error-message")) {
        (text, Some(header)) if text.is_empty() => header.to_owned(),
        (text, None) if text.is_empty() => format!("the model's platform reports {name}"),
        (text, _) => text,
    };
    Enveloped {
        status: known.map_or(500, |(_, status)| *status),
        message: text,
        code: (!name.is_empty()).then(|| name.to_owned()),
        request: None,
    }
}

fn header<'m>(message: &'m Message, name: &str) -> Option<&'m str> {
    let headers = message.headers();
    let found = headers
        .iter()
        .find(|header| header.name().as_str() == name)?;
    match found.value() {
        HeaderValue::String(text) => Some(text.as_str()),
        _ => None,
    }
}

/// Cuts a stream into frames.
#[derive(Default)]
struct Frames {
    bytes: BytesMut,
    /// The length of the frame that begins here, where its prelude was read and is sound.
    length: Option<usize>,
}

impl Frames {
    fn push(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
    }

    /// Says whether the stream may end here.
    fn end(&self) -> Result<(), Fault> {
        match self.bytes.is_empty() {
            true => Ok(()),
            false => Err(Fault::new(Class::Cut)),
        }
    }

    /// Gives the next whole frame, or none until more bytes come.
    fn next(&mut self) -> Result<Option<Message>, Fault> {
        let length = match self.length {
            Some(length) => length,
            None => match self.bytes.get(..PRELUDE) {
                Some(prelude) => *self.length.insert(length(prelude)?),
                None => return Ok(None),
            },
        };
        if self.bytes.len() < length {
            return Ok(None);
        }
        self.length = None;
        let frame = self.bytes.split_to(length).freeze();
        let message = read_message_from(frame);
        message
            .map(Some)
            .map_err(|error| Fault::caused(Class::Garbage, error))
    }
}

/// Reads a frame's length. Its checksum is judged before it is believed, so that a flipped bit is
/// not waited for.
fn length(mut prelude: &[u8]) -> Result<usize, Fault> {
    let sum = crc32fast::hash(prelude.get(..PRELUDE - 4).unwrap_or_default());
    let (length, _headers) = (prelude.get_u32(), prelude.get_u32());
    if sum != prelude.get_u32() {
        return Err(Fault::caused(
            Class::Garbage,
            "a frame's prelude is damaged",
        ));
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    match length {
        PRELUDE..=MAX_FRAME => Ok(length),
        0..PRELUDE => Err(Fault::new(Class::Garbage)),
        _ => Err(Fault::new(Class::TooLarge)),
    }
}

#[cfg(test)]
mod tests;
