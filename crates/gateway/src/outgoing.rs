//! The body of everything that is answered. It must not know what is in it.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

use crate::relay::Relay;

/// How long a refused request's body is still read, so that its sender gets to read the refusal.
const DRAIN_TIME: Duration = Duration::from_secs(2);
/// The most bytes of a refused request's body that are read, and thrown away.
const DRAIN_BYTES: usize = 256 << 20;

/// Holds the body of an answer.
pub struct Outgoing {
    kind: Kind,
}

enum Kind {
    Whole(Bytes),
    Stream(Box<Relay>),
    Refusal(Box<Refusal>),
}

/// Answers a request whose body was not read. A connection closed on a sender that still sends
/// is reset, and the reset overtakes the answer; so what is still sent is read for a while.
struct Refusal {
    answer: Bytes,
    unread: Incoming,
    left: usize,
    limit: Pin<Box<Sleep>>,
}

impl Outgoing {
    /// Makes a body of bytes.
    #[must_use]
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        Self {
            kind: Kind::Whole(bytes.into()),
        }
    }

    pub(crate) fn stream(relay: Relay) -> Self {
        Self {
            kind: Kind::Stream(Box::new(relay)),
        }
    }

    pub(crate) fn refusal(answer: Bytes, unread: Incoming) -> Self {
        Self {
            kind: Kind::Refusal(Box::new(Refusal {
                answer,
                unread,
                left: DRAIN_BYTES,
                limit: Box::pin(tokio::time::sleep(DRAIN_TIME)),
            })),
        }
    }
}

impl Refusal {
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if !self.answer.is_empty() {
            return Poll::Ready(Some(std::mem::take(&mut self.answer)));
        }
        while self.left > 0 && self.limit.as_mut().poll(cx).is_pending() {
            match Pin::new(&mut self.unread).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None | Some(Err(_))) => break,
                Poll::Ready(Some(Ok(frame))) => {
                    let length = frame.data_ref().map_or(0, Bytes::len);
                    self.left = self.left.saturating_sub(length);
                }
            }
        }
        Poll::Ready(None)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match &mut self.get_mut().kind {
            Kind::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then_some(bytes))
            }
            Kind::Stream(relay) => relay.poll_bytes(cx),
            Kind::Refusal(refusal) => refusal.poll_bytes(cx),
        };
        bytes.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Stream(relay) => relay.is_finished(),
            Kind::Refusal(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream(_) | Kind::Refusal(_) => SizeHint::default(),
        }
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Whole(_) => "Outgoing(whole)",
            Kind::Stream(_) => "Outgoing(stream)",
            Kind::Refusal(_) => "Outgoing(refusal)",
        })
    }
}
