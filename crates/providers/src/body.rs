//! An answer's body: pieces as they come, each within its deadline. It must not know what the
//! pieces mean.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use http_body::Body as _;
use hyper::body::Incoming;

use crate::deadlines::Deadlines;
use crate::doze::Doze;
use crate::fault::{Class, Fault};
use crate::line::{Line, poll_unwoken};
use crate::pool::Pool;

/// Holds an answer's body. Dropping it before its end closes the connection to the provider.
pub struct Body {
    source: Source,
}

enum Source {
    Done,
    Whole(Bytes),
    Line(Reading),
    Stream(Pin<Box<dyn Stream<Item = Result<Bytes, Fault>> + Send>>),
}

struct Reading {
    line: Box<Line>,
    incoming: Incoming,
    pool: Arc<Pool>,
    deadlines: Deadlines,
    has_begun: bool,
    // None until a piece has to be waited for behind another: most answers are one piece.
    doze: Option<Doze>,
}

impl Body {
    /// Makes a body of bytes that are all there.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        Self {
            source: Source::Whole(bytes),
        }
    }

    /// Makes a body of pieces that are still to come. Dropping the body drops the stream.
    #[must_use]
    pub fn stream(pieces: impl Stream<Item = Result<Bytes, Fault>> + Send + 'static) -> Self {
        Self {
            source: Source::Stream(Box::pin(pieces)),
        }
    }

    pub(crate) fn reading(
        mut line: Box<Line>,
        incoming: Incoming,
        pool: Arc<Pool>,
        deadlines: Deadlines,
    ) -> Self {
        line.limit_to(deadlines.first_token);
        Self {
            source: Source::Line(Reading {
                line,
                incoming,
                pool,
                deadlines,
                has_begun: false,
                doze: None,
            }),
        }
    }

    /// Polls for the next piece; nothing more after `None` or a fault.
    pub fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Fault>>> {
        let piece = match &mut self.source {
            Source::Done => return Poll::Ready(None),
            Source::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then_some(Ok(bytes)))
            }
            Source::Line(reading) => reading.poll_piece(cx),
            Source::Stream(pieces) => pieces.as_mut().poll_next(cx),
        };
        if let Poll::Ready(None | Some(Err(_))) = piece {
            let last = std::mem::replace(&mut self.source, Source::Done);
            if let (Source::Line(reading), Poll::Ready(None)) = (last, &piece) {
                reading.give_back(cx);
            }
        }
        piece
    }

    /// Waits for the next piece.
    pub async fn next_piece(&mut self) -> Option<Result<Bytes, Fault>> {
        std::future::poll_fn(|cx| self.poll_piece(cx)).await
    }

    /// Reads everything up to a limit.
    ///
    /// # Errors
    /// Fails where a piece does, and when there is more than the limit.
    pub async fn read_whole(mut self, limit: usize) -> Result<Bytes, Fault> {
        let mut whole = Bytes::new();
        let mut joined = Vec::new();
        while let Some(piece) = self.next_piece().await {
            let piece = piece?;
            if whole.len() + joined.len() + piece.len() > limit {
                return Err(Fault::new(Class::TooLarge));
            }
            // Most answers come in one piece, which is kept as it is.
            if whole.is_empty() && joined.is_empty() {
                whole = piece;
                continue;
            }
            if joined.is_empty() {
                joined.extend_from_slice(&std::mem::take(&mut whole));
            }
            joined.extend_from_slice(&piece);
        }
        Ok(if joined.is_empty() {
            whole
        } else {
            joined.into()
        })
    }
}

impl Reading {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Fault>>> {
        let Some(mut doze) = self.doze.take() else {
            let polled = self.look(cx);
            if polled.is_pending() && self.has_begun {
                self.doze = Some(Doze::new());
            }
            return polled;
        };
        let polled = doze.poll(cx, |cx| self.look(cx));
        self.doze = Some(doze);
        polled
    }

    /// Looks whether a piece is there.
    fn look(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Fault>>> {
        // Asking for a piece first tells the connection that one is wanted; then it works, and
        // what it brought is taken in the same turn.
        if let Poll::Ready(piece) = self.poll_incoming(cx) {
            return Poll::Ready(piece);
        }
        self.line.poll_work(cx);
        if let Poll::Ready(piece) = self.poll_incoming(cx) {
            return Poll::Ready(piece);
        }
        std::task::ready!(self.line.poll_limit(cx));
        let class = if self.has_begun {
            Class::TimeoutIdle
        } else {
            Class::TimeoutFirstToken
        };
        Poll::Ready(Some(Err(Fault::new(class))))
    }

    fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Fault>>> {
        loop {
            let incoming = Pin::new(&mut self.incoming);
            let frame = match poll_unwoken(cx, |cx| incoming.poll_frame(cx)) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(broken(error)))),
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            // Trailers say nothing that a caller is owed.
            if let Ok(bytes) = frame.into_data()
                && !bytes.is_empty()
            {
                self.has_begun = true;
                self.line.limit_to(self.deadlines.idle);
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
    }

    /// Gives the connection back when both sides are through with this exchange.
    fn give_back(mut self, cx: &mut Context<'_>) {
        drop(self.incoming);
        // A close that comes with the last bytes is noticed when the connection is next taken.
        if self.line.is_idle() || self.line.poll_is_idle(cx) {
            self.pool.put(self.line);
        }
    }
}

fn broken(error: hyper::Error) -> Fault {
    let io = error
        .source()
        .and_then(|cause| cause.downcast_ref::<io::Error>());
    let is_unreadable = io.is_some_and(|cause| {
        matches!(
            cause.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
        )
    });
    let class = if is_unreadable {
        Class::Garbage
    } else {
        Class::Cut
    };
    Fault::caused(class, error)
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.source {
            Source::Done => "Body(done)",
            Source::Whole(_) => "Body(whole)",
            Source::Line(_) | Source::Stream(_) => "Body(to come)",
        })
    }
}
