//! One attempt at one model: the request is sent and its answer read until there is something to
//! show. It must not try again, nor know what comes after.

use std::sync::Arc;

use bytes::Bytes;
use domain::Model;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, response};
use providers::{Body, Call, Class as Cause, Deadlines, Fault};
use tokio::time::timeout;
use wire::{Close, Dialect, Ending, StopReason, Usage, WireError};

use crate::config::Config;
use crate::lane::{Lane, Out, is_answer};
use crate::prepare::{Prepared, Ready};
use crate::snapshot::Target;

/// The largest answer that is not streamed, in bytes.
const MAX_ANSWER: usize = 64 << 20;
/// The most bytes of a stream that are held back until something of it is visible.
const MAX_HELD: usize = 1 << 20;

/// Holds an answer that has begun.
pub struct Opened {
    /// The model that answers.
    pub model: Arc<Model>,
    /// The provider's status and headers.
    pub head: response::Parts,
    /// What there is of the answer.
    pub begun: Begun,
    /// Paths of what the request lost on the way.
    pub lossy: Vec<String>,
    /// Paths of what was changed to what the model takes.
    pub adapted: Vec<String>,
    /// Whether the provider speaks the caller's dialect.
    pub is_same_dialect: bool,
    /// The messages below this number went without their thoughts.
    pub cut_below: u32,
}

/// Holds as much of an answer as there is.
pub enum Begun {
    /// All of it.
    Whole {
        /// Its bytes in the caller's dialect.
        body: Bytes,
        /// What was used.
        usage: Option<Usage>,
        /// Why it ended.
        stop: Option<StopReason>,
    },
    /// A stream that has shown something, or has ended well without.
    Stream(Box<Flow>),
}

impl Begun {
    /// Shows what was used until now.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        match self {
            Self::Whole { usage, .. } => *usage,
            Self::Stream(flow) => flow.lane.usage(),
        }
    }
}

/// Holds a stream and what is to be sent of it.
pub struct Flow {
    /// Where its bytes come from.
    pub source: Body,
    /// What they pass through.
    pub lane: Lane,
    /// What is to be sent first.
    pub out: Out,
    /// How it ended, where it has.
    pub ending: Option<Ending>,
}

impl Opened {
    /// Tells whether the answer is known to be a refusal before any of it is shown.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        let stop = match &self.begun {
            Begun::Whole { stop, .. } => stop.as_ref(),
            Begun::Stream(flow) if flow.lane.has_output() => None,
            Begun::Stream(flow) => flow.lane.stop().map(|stop| &stop.reason),
        };
        stop == Some(&StopReason::Refusal)
    }
}

/// Holds what one attempt is made of.
pub struct Try<'r> {
    /// How the model is reached.
    pub target: &'r Target,
    /// The model.
    pub model: &'r Arc<Model>,
    /// The provider's dialect.
    pub speaks: &'static dyn Dialect,
    /// Deadlines.
    pub config: &'r Config,
    /// The request.
    pub ready: Ready<'r>,
}

impl Try<'_> {
    /// Sends the request and waits until there is something to show.
    ///
    /// # Errors
    /// Fails with whatever went wrong before that.
    pub async fn open(&self, prepared: &Prepared) -> Result<Opened, Fault> {
        let is_stream = self.ready.peek.stream;
        let call = Call {
            endpoint: &self.target.endpoint,
            model: self.model,
            dialect: self.speaks.name(),
            body: prepared.body.clone(),
            is_stream,
            headers: self.ready.headers,
            query: self.ready.query.filter(|_| prepared.is_same_dialect),
            deadlines: self.deadlines(is_stream),
        };
        let (head, body) = self.target.adapter.send(call).await?.into_parts();
        let mut lossy = prepared.lossy.clone();
        let begun = if is_stream {
            let begin = self.begin(&head.headers, body, prepared);
            match timeout(self.config.first_token_timeout, begin).await {
                Ok(flow) => Begun::Stream(Box::new(flow?)),
                Err(_) => return Err(Fault::new(Cause::TimeoutFirstToken)),
            }
        } else {
            let bytes = body.read_whole(MAX_ANSWER).await?;
            self.whole(bytes, prepared, &mut lossy)?
        };
        Ok(Opened {
            model: Arc::clone(self.model),
            head,
            begun,
            lossy,
            adapted: prepared.adapted.clone(),
            is_same_dialect: prepared.is_same_dialect,
            cut_below: prepared.cut_below,
        })
    }

    fn deadlines(&self, is_stream: bool) -> Deadlines {
        let config = self.config;
        Deadlines {
            connect: config.connect_timeout,
            headers: if is_stream {
                config.headers_timeout
            } else {
                config.answer_timeout
            },
            first_token: config.first_token_timeout,
            idle: config.idle_timeout,
        }
    }

    /// Reads a stream up to its first visible output, so that a fault before it costs nothing.
    async fn begin(
        &self,
        headers: &HeaderMap,
        mut source: Body,
        prepared: &Prepared,
    ) -> Result<Flow, Fault> {
        if !is_event_stream(headers) {
            return Err(Fault::new(Cause::Garbage));
        }
        let usage = self.ready.peek.usage_chunk();
        let mut lane = if prepared.is_same_dialect {
            Lane::same(self.speaks, usage)
        } else {
            let names = prepared.tool_names.clone();
            let dialects = (self.speaks, self.ready.dialect);
            let asked = (&**self.ready.body, usage);
            Lane::other(dialects, asked, names, self.config.translation)
        };
        let mut out = Out::default();
        let mut ending = None;
        while !lane.has_output() && !lane.is_terminated() {
            let Some(piece) = source.next_piece().await else {
                match lane.end(Close::Clean, &mut out) {
                    Ending::Complete => ending = Some(Ending::Complete),
                    Ending::Unfinished => return Err(Fault::new(Cause::Cut)),
                    Ending::Failed(error) => return Err(self.reported(&error)),
                }
                break;
            };
            let taken = lane.take(piece?, &mut out);
            taken.map_err(|error| Fault::caused(Cause::Garbage, error.message))?;
            if let Some(error) = lane.error()
                && !lane.has_output()
            {
                return Err(self.reported(error));
            }
            if out.len() > MAX_HELD && !lane.has_output() {
                return Err(Fault::new(Cause::TooLarge));
            }
        }
        Ok(Flow {
            source,
            lane,
            out,
            ending,
        })
    }

    fn whole(
        &self,
        bytes: Bytes,
        prepared: &Prepared,
        lossy: &mut Vec<String>,
    ) -> Result<Begun, Fault> {
        let garbage = |what: String| Fault::caused(Cause::Garbage, what);
        let seen = self.speaks.observe(&bytes);
        if let Some(error) = &seen.error {
            return Err(self.reported(error));
        }
        let body = if prepared.is_same_dialect {
            // What the watch has read to a proper end needs no second reading.
            let is_whole = seen.terminated || (is_answer(&seen) && is_json(&bytes));
            if !is_whole {
                return Err(garbage("it is no answer of its dialect".to_owned()));
            }
            bytes
        } else {
            let decoded = self.speaks.decode_reply(&bytes);
            let mut reply = decoded.map_err(|fault| garbage(fault.to_string()))?;
            prepared.tool_names.restore_reply(&mut reply.value);
            let written = self
                .ready
                .dialect
                .encode_reply_to(self.ready.body, &reply.value);
            let losses = reply.losses.into_iter().chain(written.losses);
            lossy.extend(losses.map(|loss| loss.path));
            written.value.into()
        };
        Ok(Begun::Whole {
            body,
            usage: seen.usage,
            stop: seen.stop.map(|stop| stop.reason),
        })
    }

    /// Makes a fault of an error that a provider reported inside a success. Before anything is
    /// shown it is as good as an error status, and is told to the caller as one.
    fn reported(&self, error: &WireError) -> Fault {
        let status = match self.speaks.status_of(error) {
            status @ 400..=599 => status,
            _ => 502,
        };
        let status = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_GATEWAY);
        let (mut answer, ()) = Response::new(()).into_parts();
        let json = http::HeaderValue::from_static("application/json");
        answer.headers.insert(CONTENT_TYPE, json);
        let mut fault = Fault::new(Cause::Status(status));
        fault.answer = Some(Box::new(providers::Answer {
            status,
            headers: answer.headers,
            body: self.speaks.error_body(error).into(),
        }));
        fault
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let declared = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let essence = declared.and_then(|text| text.split(';').next());
    essence.is_some_and(|text| text.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// Tells whether bytes are one JSON value: a shorter length than was sent leaves half of one.
fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}
