//! Passes a stream on to the client, piece by piece as it comes, and ends it so that a cut answer
//! never looks like a whole one. It must not start anything, nor try again.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use providers::{Body, Fault};
use store::Outcome;
use tokio::time::Sleep;
use wire::{ArrayFraming, Close, Dialect, Ending, Framing, WireError};

use crate::account::{Tally, with_paths};
use crate::dispatch::Flow;
use crate::error::Class;
use crate::lane::{self, Lane, Out};
use crate::recall::Leave;

/// The most bytes that are joined into one write of what has already come.
const MAX_JOINED: usize = 16 << 10;

/// How long the provider may take to close a stream that has said it is complete. The client has
/// everything by then; waiting only saves the connection for the next request.
const LINGER: Duration = Duration::from_millis(200);

/// Holds a stream on its way to the client.
pub struct Relay {
    source: Body,
    lane: Lane,
    out: Out,
    ending: Option<Ending>,
    dialect: &'static dyn Dialect,
    decision: String,
    tally: Tally,
    linger: Option<Pin<Box<Sleep>>>,
    /// What the events are framed anew by, for clients that read none.
    array: Option<ArrayFraming>,
    /// Ends with the caller's admission, where a candidate answers.
    leave: Option<Box<Leave>>,
    is_done: bool,
}

impl Relay {
    /// Takes over a stream that has begun.
    #[must_use]
    pub fn new(flow: Flow, dialect: &'static dyn Dialect, decision: String, tally: Tally) -> Self {
        Self {
            source: flow.source,
            lane: flow.lane,
            out: flow.out,
            ending: flow.ending,
            dialect,
            decision,
            tally,
            linger: None,
            array: None,
            leave: None,
            is_done: false,
        }
    }

    /// Sends the stream as its client reads it.
    #[must_use]
    pub fn framed(mut self, framing: Framing) -> Self {
        self.array = (framing == Framing::Array).then(ArrayFraming::default);
        self
    }

    /// Sends the stream for as long as its caller may have it.
    #[must_use]
    pub fn with(mut self, leave: Option<Leave>) -> Self {
        self.leave = leave.map(Box::new);
        self
    }

    /// Polls for the next bytes to send.
    pub fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            let events = ready!(self.poll_events(cx));
            let Some(array) = &mut self.array else {
                return Poll::Ready(events);
            };
            let bytes = match events {
                // An event too large to be framed anew has already been refused by the lane.
                Some(events) => array.push(events).unwrap_or_default(),
                None if array.is_closed() => return Poll::Ready(None),
                None => array.end(),
            };
            if !bytes.is_empty() {
                return Poll::Ready(Some(bytes));
            }
        }
    }

    /// Polls for the next events. Everything that has already come goes out at once, and nothing
    /// waits for more to join it.
    fn poll_events(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(leave) = &mut self.leave
            && !self.is_done
            && leave.is_over(cx)
        {
            self.take_back();
        }
        while !self.is_done && self.out.len() < MAX_JOINED {
            if let Some(ending) = self.ending.take() {
                self.end(ending);
                break;
            }
            match self.source.poll_piece(cx) {
                Poll::Ready(Some(Ok(piece))) => {
                    if let Err(error) = self.lane.take(piece, &mut self.out) {
                        self.ending = Some(Ending::Failed(error));
                    }
                }
                Poll::Ready(Some(Err(fault))) => self.ending = Some(self.broken(&fault)),
                Poll::Ready(None) => {
                    let ending = self.lane.end(Close::Clean, &mut self.out);
                    self.ending = Some(ending);
                }
                Poll::Pending if self.has_lingered(cx) => {
                    self.ending = Some(self.lane.end(Close::Cut, &mut self.out));
                }
                Poll::Pending if self.out.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        if self.out.is_empty() {
            // Only a finished stream leaves the loop with nothing to send.
            return Poll::Ready(None);
        }
        let bytes = self.out.take();
        if let Some(exchange) = self.tally.exchange() {
            exchange.more(&bytes);
        }
        Poll::Ready(Some(bytes))
    }

    /// Tells whether everything has been sent.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        let is_framed = self.array.as_ref().is_none_or(ArrayFraming::is_closed);
        self.is_done && self.out.is_empty() && is_framed
    }

    /// Tells whether the stream is complete, or has reported an error, and its provider has had
    /// time enough to close it.
    fn has_lingered(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.lane.is_terminated() && self.lane.error().is_none() {
            return false;
        }
        let linger = self
            .linger
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        linger.as_mut().poll(cx).is_ready()
    }

    fn broken(&mut self, fault: &Fault) -> Ending {
        match self.lane.end(Close::Cut, &mut self.out) {
            Ending::Unfinished => {
                let class = Class::of_provider(&fault.class);
                let mut error = lane::told(class, &fault.class.to_string());
                error.code = Some(format!("provider_{}", fault.class.as_str()));
                Ending::Failed(error)
            }
            known => known,
        }
    }

    /// Ends the stream: nothing behind a complete one, exactly one error behind any other.
    fn end(&mut self, ending: Ending) {
        self.is_done = true;
        let usage = self.lane.usage();
        let lossy = self.lane.lossy();
        if !lossy.is_empty() {
            self.tally.note(|row| {
                row.attempts = with_paths(row.attempts.as_deref(), ("lossy", lossy));
            });
        }
        let error = match ending {
            Ending::Complete => {
                if let Some(exchange) = self.tally.exchange() {
                    // The row is handed on before the last bytes are.
                    for piece in self.out.pieces() {
                        exchange.more(piece);
                    }
                }
                let stop = self.lane.stop().map(|stop| stop.reason.clone());
                self.tally.answered(200, usage, stop.as_ref());
                return;
            }
            Ending::Failed(error) => error,
            Ending::Unfinished => {
                let what = "the provider's answer ended before it was complete";
                let mut error = lane::told(Class::ProviderFailed, what);
                error.code = Some("provider_cut".to_owned());
                error
            }
        };
        let fault = error.code.as_deref().unwrap_or("in_band");
        self.tally.broke_off(fault);
        self.tally.finish(200, Outcome::Error, usage);
        let is_told = self.lane.passes_errors() && self.lane.error().is_some();
        if is_told {
            return;
        }
        self.tell(error);
    }

    /// Ends a stream whose caller may no longer have it, unless it has its end or its error. What
    /// is here and not sent yet goes no further.
    fn take_back(&mut self) {
        if self.lane.is_terminated() || self.lane.error().is_some() {
            return;
        }
        self.is_done = true;
        self.out = Out::default();
        self.tally.taken_back(200, self.lane.usage());
        let class = Class::CutOff;
        self.tell(lane::told(class, class.row().says));
    }

    fn tell(&mut self, error: WireError) {
        let error = WireError {
            decision: Some(std::mem::take(&mut self.decision)),
            ..error
        };
        let event = self.dialect.error_event(&error);
        self.out.extend(&event);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // A client that leaves is told by nothing but this drop. What the provider counted until
        // then is accounted for; a finished row stays as it is.
        let usage = self.lane.usage();
        self.tally.finish(200, Outcome::Cancelled, usage);
    }
}
