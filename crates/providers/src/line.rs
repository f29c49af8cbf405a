//! One connection to a provider: the socket, TLS on it, HTTP/1.1 over both, and a timer. It must
//! not know what is asked over it, nor where it rests between two requests.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};
use tokio_rustls::client::TlsStream;

/// The largest header section of an answer, in bytes.
const MAX_ANSWER_HEADER_BYTES: usize = 64 << 10;

/// Holds one connection with both its ends: the sender, and the work that moves its bytes. That
/// work is done by whoever polls the request, not by a task beside it. So a dropped request drops
/// the socket, nothing outlives it, and an exchange wakes no second task.
pub(crate) struct Line {
    sender: SendRequest<Full<Bytes>>,
    connection: Connection<TokioIo<Socket>, Full<Bytes>>,
    is_over: bool,
    limit: Instant,
    // Kept with the connection so that a request does not make a timer of its own.
    timer: Pin<Box<Sleep>>,
}

impl Line {
    pub(crate) async fn over(socket: Socket) -> hyper::Result<Box<Self>> {
        let (sender, connection) = http1::Builder::new()
            .max_header_size(MAX_ANSWER_HEADER_BYTES)
            .handshake(TokioIo::new(socket))
            .await?;
        let limit = Instant::now();
        Ok(Box::new(Self {
            sender,
            connection,
            is_over: false,
            limit,
            timer: Box::pin(tokio::time::sleep_until(limit)),
        }))
    }

    /// Tells whether the exchange is over on both sides, as far as is known without a look.
    pub(crate) fn is_idle(&self) -> bool {
        !self.is_over && self.sender.is_ready()
    }

    /// Tells whether another request may go out; what has arrived meanwhile, such as the
    /// provider's close, is read first.
    pub(crate) fn poll_is_idle(&mut self, cx: &mut Context<'_>) -> bool {
        self.poll_work(cx);
        self.is_idle()
    }

    pub(crate) fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> impl Future<Output = hyper::Result<Response<Incoming>>> + Send + use<> {
        self.sender.send_request(request)
    }

    /// Moves bytes both ways as far as they go now.
    pub(crate) fn poll_work(&mut self, cx: &mut Context<'_>) {
        if !self.is_over && Pin::new(&mut self.connection).poll(cx).is_ready() {
            // An error of the connection also reaches the request on it, which reports it.
            self.is_over = true;
        }
    }

    /// Sets the time after which [`Self::poll_limit`] is ready. The timer is only ever moved
    /// forward when it fires, so that a stream of pieces does not touch the timer wheel.
    pub(crate) fn limit_to(&mut self, time: Duration) {
        self.limit = Instant::now() + time;
        if self.timer.deadline() > self.limit {
            self.timer.as_mut().reset(self.limit);
        }
    }

    pub(crate) fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= self.limit {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.limit);
        }
    }
}

/// Polls what only the connection's own work can bring forward. Whoever asks does that work in the
/// same turn, so a wake-up between the two would only have the task polled once more for nothing.
pub(crate) fn poll_unwoken<T>(
    cx: &mut Context<'_>,
    poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    let polled = poll(&mut Context::from_waker(Waker::noop()));
    // A task that has used up its turn is told so by a wake-up, which must reach it.
    if polled.is_pending() && !tokio::task::coop::has_budget_remaining() {
        cx.waker().wake_by_ref();
    }
    polled
}

/// Holds a socket, with TLS or without.
pub(crate) enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buffer),
            Self::Tls(socket) => Pin::new(socket).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Tls(socket) => Pin::new(socket).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, parts),
            Self::Tls(socket) => Pin::new(socket).poll_write_vectored(cx, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(socket) => socket.is_write_vectored(),
            Self::Tls(socket) => socket.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Self::Tls(socket) => Pin::new(socket).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Tls(socket) => Pin::new(socket).poll_shutdown(cx),
        }
    }
}
