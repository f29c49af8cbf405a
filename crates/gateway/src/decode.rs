//! Reads a request: its headers of ours, its body within limits, and what a decision needs of it.
//! It must not know who asks, nor what they may.

use std::future::poll_fn;
use std::pin::pin;
use std::str;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body::Body;
use http_body_util::BodyExt;
use wire::{Dialect, Peek};

use crate::config::Config;
use crate::conversation;
use crate::error::{Class, Error};

/// The longest value of a header of ours, in bytes.
const MAX_HEADER_VALUE: usize = 256;

/// Begins the name of every header of ours.
const OURS: &str = "tiergate-";

/// Holds what a client may say in headers of ours; every other `tiergate-` header is not read.
#[derive(Clone, Copy, Debug)]
pub struct Said<'h> {
    /// The use case claimed.
    pub use_case: Option<&'h str>,
    /// The conversation's id.
    pub conversation: Option<&'h str>,
    /// The agent's step.
    pub step: Option<&'h str>,
}

/// Reads the headers of ours.
///
/// # Errors
/// Fails when one is given twice, too long or not visible ASCII.
pub fn said(headers: &HeaderMap) -> Result<Said<'_>, Error> {
    let (mut use_case, mut conversation, mut step) = (None, None, None);
    // One look at each header that is there is cheaper than a search for each that may be.
    for (name, value) in headers {
        let place = match name.as_str().strip_prefix(OURS) {
            Some("use-case") => &mut use_case,
            Some("conversation") => &mut conversation,
            Some("step") => &mut step,
            _ => continue,
        };
        let wrong = || Error::caller(Class::BadHeader).detailed(name.as_str());
        if place.is_some() || value.len() > MAX_HEADER_VALUE {
            return Err(wrong());
        }
        *place = Some(value.to_str().map_err(|_| wrong())?.trim());
    }
    let given = |text: &&str| !text.is_empty();
    Ok(Said {
        use_case: use_case.filter(given),
        conversation: conversation.filter(given),
        step: step.filter(given),
    })
}

/// Reads a body whole, within its limit and time.
///
/// # Errors
/// Fails when it is not declared as plain JSON, is over the limit, or does not arrive.
pub async fn read<B>(headers: &HeaderMap, body: &mut B, config: &Config) -> Result<Bytes, Error>
where
    B: Body<Data = Bytes> + Unpin,
{
    if !is_json(headers) {
        return Err(Error::caller(Class::ContentType));
    }
    let too_large = || {
        let limit = config.max_body_bytes;
        Error::caller(Class::BodyTooLarge).detailed(format!("the limit is {limit} bytes"))
    };
    // Judged by its declared length, an oversized body is refused before any of it is read.
    if body.size_hint().lower() > config.max_body_bytes as u64 {
        return Err(too_large());
    }
    let mut reading = pin!(gather(body, config.max_body_bytes));
    // Most bodies are there with their head, and then no timer is made.
    let read = match poll_fn(|cx| Poll::Ready(reading.as_mut().poll(cx))).await {
        Poll::Ready(read) => read,
        Poll::Pending => tokio::time::timeout(config.body_timeout, reading)
            .await
            .unwrap_or(Err(Class::BodyTimeout)),
    };
    match read {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(too_large()),
        Err(class) => Err(Error::caller(class)),
    }
}

/// Gathers a body; nothing when it is over the limit.
async fn gather<B>(body: &mut B, limit: usize) -> Result<Option<Bytes>, Class>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut whole = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| Class::BodyBroken)?.into_data() else {
            continue;
        };
        if whole.len() + joined.len() + piece.len() > limit {
            return Ok(None);
        }
        // Most bodies come in one piece, which is kept as it is.
        if whole.is_empty() && joined.is_empty() {
            whole = piece;
            continue;
        }
        joined.extend_from_slice(&std::mem::take(&mut whole));
        joined.extend_from_slice(&piece);
    }
    Ok(Some(if joined.is_empty() {
        whole
    } else {
        joined.freeze()
    }))
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let declared = types.next().and_then(|value| value.to_str().ok());
    let essence = declared.and_then(|text| text.split(';').next());
    let is_json = essence.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json"));
    let encoding = headers.get(CONTENT_ENCODING);
    is_json && types.next().is_none() && encoding.is_none_or(|value| value == "identity")
}

/// Names the conversation of a request: the text that its share is drawn by, and its hash.
#[derive(Clone, Debug)]
pub struct Conversation<'r> {
    source: Source<'r>,
    /// Identifies it together with its key.
    pub hash: u64,
}

#[derive(Clone, Debug)]
enum Source<'r> {
    Said(&'r str),
    // On the stack: an id made of a beginning costs no allocation.
    Opening([u8; 16]),
}

impl<'r> Conversation<'r> {
    /// Finds the conversation: the header of ours, the client's own id in the body, the client's
    /// own header, else the hash of the key and of how it began.
    #[must_use]
    pub fn of(said: Option<&'r str>, peek: &'r Peek<'_>, own: Option<&'r str>, key: &str) -> Self {
        let id = said.or(peek.conversation.as_deref()).or(own);
        if let Some(id) = id {
            return Self {
                source: Source::Said(id),
                hash: conversation::hash(&[key.as_bytes(), id.as_bytes()]),
            };
        }
        let system = peek.opening.system.unwrap_or_default();
        let user = peek.opening.user.unwrap_or_default();
        let hash = conversation::hash(&[key.as_bytes(), system.as_bytes(), user.as_bytes()]);
        Self {
            source: Source::Opening(conversation::digits(hash)),
            hash,
        }
    }

    /// Shows the text that the share is drawn by.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.source {
            Source::Said(text) => text,
            Source::Opening(digits) => str::from_utf8(digits).unwrap_or_default(),
        }
    }
}

/// Reads the header in which a dialect's clients name their conversation.
#[must_use]
pub fn own_conversation<'h>(dialect: &dyn Dialect, headers: &'h HeaderMap) -> Option<&'h str> {
    let value = headers.get(dialect.conversation_header()?)?;
    let text = value.to_str().ok()?;
    (!text.is_empty() && text.len() <= MAX_HEADER_VALUE).then_some(text)
}
