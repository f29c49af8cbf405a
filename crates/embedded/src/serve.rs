//! One openai-chat request to one HTTP answer, streamed or not. It must not know who asks nor
//! how the answer travels.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use providers::{Body, Class, Deadlines, Fault};
use tokio::time::timeout;

use crate::chat::{BadAsk, Chat, Delivery};
use crate::engine::{AskFault, EndReason, Said};
use crate::host::{Answering, Host};
use crate::reply::{self, Counts, Envelope};

/// Says why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Denied {
    #[error(transparent)]
    Request(#[from] BadAsk),
    #[error(transparent)]
    Ask(#[from] AskFault),
}

impl Denied {
    /// Tells how long the asker should stay away.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Ask(AskFault::Busy { retry_after }) => Some(*retry_after),
            _ => None,
        }
    }

    /// Picks the status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Request(_) => StatusCode::BAD_REQUEST,
            Self::Ask(fault) => match fault {
                AskFault::PromptTooLong { .. } | AskFault::Template(_) => StatusCode::BAD_REQUEST,
                AskFault::UnknownModel(_) => StatusCode::NOT_FOUND,
                AskFault::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
                AskFault::Load(_) | AskFault::Engine(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    /// Writes the answer's body.
    pub(crate) fn body(&self) -> Bytes {
        let (field, code) = match self {
            Self::Request(bad) => (bad.field, None),
            Self::Ask(AskFault::PromptTooLong { .. }) => {
                (Some("messages"), Some("context_length_exceeded"))
            }
            Self::Ask(AskFault::Template(_)) => (Some("messages"), None),
            Self::Ask(AskFault::UnknownModel(_)) => (Some("model"), Some("model_not_found")),
            Self::Ask(AskFault::Busy { .. }) => (None, Some("busy")),
            Self::Ask(_) => (None, None),
        };
        let kind = match self.status() {
            status if status.is_client_error() => "invalid_request_error",
            _ => "server_error",
        };
        reply::error(&self.to_string(), kind, field, code)
    }
}

/// Answers a request in the openai-chat dialect with the named model; every failure is an error
/// answer in the same dialect.
pub async fn answer(host: &Host, model: &str, body: Bytes, deadlines: Deadlines) -> Response<Body> {
    let denied = match ask(host, model, &body, deadlines).await {
        Ok(response) => return response,
        Err(denied) => denied,
    };
    let mut response = Response::new(Body::whole(denied.body()));
    *response.status_mut() = denied.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(wait) = denied.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
    }
    response
}

/// Answers a request; the response's status is a success. The deadlines of its body are held
/// here; that of its headers is the asker's, who drops the question when it is over.
pub(crate) async fn ask(
    host: &Host,
    model: &str,
    body: &[u8],
    deadlines: Deadlines,
) -> Result<Response<Body>, Denied> {
    let chat = Chat::read(body)?;
    let mut answering = host.ask(model, chat.ask)?;
    // Whether the chat fits is known before the answer's headers are sent.
    let mut counts = Counts::default();
    match answering.recv().await {
        Some(Ok(Said::Began {
            input_tokens,
            cached_tokens,
        })) => {
            counts.input = input_tokens;
            counts.cached = cached_tokens;
        }
        Some(Err(fault)) => return Err(fault.into()),
        Some(Ok(_)) | None => return Err(cut().into()),
    }
    let envelope = Envelope {
        id: format!("chatcmpl-{:016x}", RandomState::new().hash_one(())),
        created: seconds(),
        model: model.to_owned(),
    };
    let (kind, body) = match chat.delivery {
        Delivery::Whole => (
            "application/json",
            whole(&envelope, answering, counts).await?,
        ),
        delivery => (
            "text/event-stream",
            streamed(Streaming {
                envelope,
                answering,
                counts,
                delivery,
                limit: deadlines.first_token,
                idle: deadlines.idle,
                stage: Stage::Opening,
            }),
        ),
    };
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn whole(
    envelope: &Envelope,
    mut answering: Answering,
    mut counts: Counts,
) -> Result<Body, AskFault> {
    let mut text = String::new();
    while let Some(said) = answering.recv().await {
        match said? {
            Said::Began { .. } => {}
            Said::Text(piece) => text.push_str(&piece),
            Said::Ended {
                reason,
                output_tokens,
            } => {
                counts.output = output_tokens;
                return Ok(Body::whole(envelope.whole(&text, reason, counts)));
            }
        }
    }
    Err(cut())
}

struct Streaming {
    envelope: Envelope,
    answering: Answering,
    counts: Counts,
    delivery: Delivery,
    /// How long the next piece may take.
    limit: Duration,
    idle: Duration,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent.
    Opening,
    /// The stream is open, and no token was heard.
    Reading,
    /// Tokens come.
    Speaking,
    /// The last piece was sent.
    Over,
}

fn streamed(streaming: Streaming) -> Body {
    Body::stream(stream::unfold(streaming, |mut state| async {
        let piece = state.next().await?;
        Some((piece, state))
    }))
}

impl Streaming {
    async fn next(&mut self) -> Option<Result<Bytes, Fault>> {
        match self.stage {
            Stage::Over => return None,
            Stage::Opening => {
                self.stage = Stage::Reading;
                return Some(Ok(self.envelope.first()));
            }
            Stage::Reading | Stage::Speaking => {}
        }
        let Ok(said) = timeout(self.limit, self.answering.recv()).await else {
            return Some(Err(self.give_up()));
        };
        let piece = match said {
            Some(Ok(Said::Text(text))) => {
                self.stage = Stage::Speaking;
                self.limit = self.idle;
                return Some(Ok(self.envelope.text(&text)));
            }
            Some(Ok(Said::Ended {
                reason,
                output_tokens,
            })) => {
                self.counts.output = output_tokens;
                self.end(reason)
            }
            Some(Err(fault)) => reply::error_event(&fault.to_string(), "server_error"),
            // The host says once that an answer begins, before it is streamed.
            Some(Ok(Said::Began { .. })) | None => {
                reply::error_event(&cut().to_string(), "server_error")
            }
        };
        self.stage = Stage::Over;
        Some(Ok(piece))
    }

    /// Ends an answer that takes too long; the engine stops at its next token.
    fn give_up(&mut self) -> Fault {
        let class = if self.stage == Stage::Speaking {
            Class::TimeoutIdle
        } else {
            Class::TimeoutFirstToken
        };
        self.stage = Stage::Over;
        self.answering.close();
        Fault::new(class)
    }

    fn end(&self, reason: EndReason) -> Bytes {
        let mut end = self.envelope.last(reason).to_vec();
        if self.delivery == Delivery::StreamWithUsage {
            end.extend_from_slice(&self.envelope.usage(self.counts));
        }
        end.extend_from_slice(&reply::done());
        Bytes::from(end)
    }
}

fn cut() -> AskFault {
    AskFault::Engine("the answer was cut off".to_owned())
}

fn seconds() -> u64 {
    // A clock before 1970 is wrong; zero is as good as what it says.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Shares a host between the adapter and its owner.
pub type SharedHost = Arc<Host>;

#[cfg(test)]
mod tests;
