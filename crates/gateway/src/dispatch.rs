//! Tries the assigned models in order until one has something to show. Up to then every fault may
//! be followed by another attempt; afterwards none is. It must not know who asks.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::{Assignment, Model};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, response};
use providers::{Body, Call, Class as Cause, Deadlines, Fault, Retry};
use tokio::time::timeout;
use wire::{
    AskUsage, Close, Dialect, Edits, Ending, Peek, StopReason, Target as WireTarget, ToolNames,
    Usage, WireError,
};

use crate::adapt;
use crate::config::{Config, Translation};
use crate::error::{Class, Error};
use crate::guard;
use crate::lane::{Lane, Out, is_answer};
use crate::snapshot::{Snapshot, Target};

/// The most tries of one model, the first included.
const MAX_TRIES: u32 = 2;
/// The most attempts of one request over all its models.
const MAX_ATTEMPTS: usize = 6;
/// How long the second try of a model waits where the provider names no time.
const BACKOFF: Duration = Duration::from_millis(200);
/// The longest wait for one model; one that asks for more is left for the next.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// The largest answer that is not streamed, in bytes.
const MAX_ANSWER: usize = 64 << 20;
/// The most bytes of a stream that are held back until something of it is visible.
const MAX_HELD: usize = 1 << 20;
/// What a dialect that must name a limit asks for, where neither the caller nor the model does.
const DEFAULT_MAX_TOKENS: u64 = 4096;

/// Holds a request that is ready to be sent.
#[derive(Clone, Copy)]
pub struct Ready<'r> {
    /// The caller's dialect.
    pub dialect: &'static dyn Dialect,
    /// The caller's body.
    pub body: &'r Bytes,
    /// What was read of it.
    pub peek: &'r Peek<'r>,
    /// The caller's headers.
    pub headers: &'r HeaderMap,
    /// The caller's query.
    pub query: Option<&'r str>,
    /// Whether the request is changed to what its model takes.
    pub adapt: bool,
}

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

/// Tells one attempt that failed.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The model.
    pub model: Arc<Model>,
    /// What went wrong.
    pub fault: &'static str,
}

/// Tries the models until one answers. Every failed attempt is put into `failed`.
///
/// # Errors
/// Fails with the first attempt's error, which is the cause: what a fallback said afterwards
/// about a request that was not made for it would only hide it.
pub async fn run(
    snapshot: &Snapshot,
    assignment: &Assignment<'_>,
    ready: Ready<'_>,
    failed: &mut Vec<Attempt>,
) -> Result<Opened, Error> {
    let mut first: Option<Error> = None;
    let wanted = ready.peek.max_tokens;
    for model in assignment
        .models()
        .filter(|model| ready.adapt || guard::fits(model, wanted))
    {
        let outcome = one(snapshot, &snapshot.config, model, ready, failed).await;
        let (error, may_go_on) = match outcome {
            Ok(opened) => return Ok(opened),
            Err(failure) => failure,
        };
        let first = first.get_or_insert(error);
        if !may_go_on || failed.len() >= MAX_ATTEMPTS {
            return Err(std::mem::replace(first, Error::not_wired()));
        }
    }
    Err(first.unwrap_or_else(Error::not_wired))
}

/// Tries one model; a failure comes with whether the next may be tried.
async fn one(
    snapshot: &Snapshot,
    config: &Config,
    model: &Arc<Model>,
    ready: Ready<'_>,
    failed: &mut Vec<Attempt>,
) -> Result<Opened, (Error, bool)> {
    let Some(target) = snapshot.target(model) else {
        tracing::error!(model = %model.name, "the model's provider is not set up");
        return Err((Error::not_wired(), true));
    };
    let Some(speaks) = wire::dialect(target.adapter.speaks()) else {
        return Err((Error::not_wired(), true));
    };
    let prepared = prepare(model, speaks, ready, config.translation).map_err(|e| (e, true))?;
    let attempt = Try {
        target,
        model,
        speaks,
        config,
        ready,
    };
    let mut tries = 0;
    loop {
        tries += 1;
        let fault = match attempt.open(&prepared).await {
            Ok(opened) => return told_in_full(opened, config.translation),
            Err(fault) => fault,
        };
        // The provider's own words are the caller's, and are not logged.
        let class = fault.class.as_str();
        tracing::warn!(model = %model.name, fault = class, "an attempt failed");
        failed.push(Attempt {
            model: Arc::clone(model),
            fault: class,
        });
        let wait = fault.retry_after.unwrap_or(BACKOFF);
        let is_over = tries >= MAX_TRIES || failed.len() >= MAX_ATTEMPTS;
        if fault.retry < Retry::SameModel || wait > MAX_WAIT || is_over {
            let may_go_on = fault.retry >= Retry::NextModel;
            return Err((Error::provider(fault, speaks.name()), may_go_on));
        }
        tokio::time::sleep(wait).await;
    }
}

/// Refuses an answer that lost something where nothing may be lost. Losses of the request were
/// refused before it was sent, so what is listed is the answer's.
fn told_in_full(opened: Opened, translation: Translation) -> Result<Opened, (Error, bool)> {
    match (translation, opened.lossy.first()) {
        (Translation::Strict, Some(path)) => {
            let error = Error::caller(Class::AnswerUntranslatable).detailed(path);
            Err((error, false))
        }
        _ => Ok(opened),
    }
}

/// Holds a request in the words of a model's provider.
struct Prepared {
    body: Bytes,
    is_same_dialect: bool,
    tool_names: ToolNames,
    lossy: Vec<String>,
    adapted: Vec<String>,
}

fn prepare(
    model: &Model,
    speaks: &'static dyn Dialect,
    ready: Ready<'_>,
    translation: Translation,
) -> Result<Prepared, Error> {
    let fixed: Vec<(String, String)> = model
        .params
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    if speaks.name() == ready.dialect.name() {
        let edits = Edits {
            model: Some(&model.id),
            usage: AskUsage::Always,
            fixed: &fixed,
        };
        let edited = speaks.edit(ready.body, ready.peek, &edits);
        let said = (ready.headers, &ready.peek.features);
        let (body, adapted) = if ready.adapt {
            adapt::body(model, speaks, said, edited)?
        } else {
            (edited, Vec::new())
        };
        return Ok(Prepared {
            body,
            is_same_dialect: true,
            tool_names: ToolNames::default(),
            lossy: Vec::new(),
            adapted,
        });
    }
    let unfit = |fault: wire::BadRequest| Error {
        class: Class::Untranslatable,
        ..Error::bad_request(fault)
    };
    let header = ready.dialect.version_header();
    let version = header.and_then(|header| ready.headers.get(header)?.to_str().ok());
    let decoded = ready.dialect.decode_request(ready.body, version);
    let mut decoded = decoded.map_err(unfit)?;
    ready.peek.complete(&mut decoded.value);
    let adapted = if ready.adapt {
        adapt::request(model, speaks, ready.dialect, &mut decoded.value)?
    } else {
        Vec::new()
    };
    let target = WireTarget {
        model: &model.id,
        default_max_tokens: model.limits.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS),
        version: None,
        fixed: &fixed,
    };
    let encoded = speaks
        .encode_request(&decoded.value, &target)
        .map_err(unfit)?;
    let mut losses = decoded.losses;
    losses.extend(encoded.losses);
    if let (Translation::Strict, Some(loss)) = (translation, losses.first()) {
        let fault = wire::BadRequest::of(&loss.path, &loss.why);
        return Err(unfit(fault));
    }
    Ok(Prepared {
        body: encoded.body,
        is_same_dialect: false,
        tool_names: encoded.tool_names,
        lossy: losses.into_iter().map(|loss| loss.path).collect(),
        adapted,
    })
}

struct Try<'r> {
    target: &'r Target,
    model: &'r Arc<Model>,
    speaks: &'static dyn Dialect,
    config: &'r Config,
    ready: Ready<'r>,
}

impl Try<'_> {
    /// Sends the request and waits until there is something to show.
    async fn open(&self, prepared: &Prepared) -> Result<Opened, Fault> {
        let is_stream = self.ready.peek.stream;
        let call = Call {
            endpoint: &self.target.endpoint,
            model: self.model,
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
            Lane::other(dialects, usage, names, self.config.translation)
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
            let written = self.ready.dialect.encode_reply(&reply.value);
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
