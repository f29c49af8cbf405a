//! The bare proxy: what a hyper reverse proxy costs that does nothing but pass bytes.
//!
//! It has the gateway's shape, so that a ratio between the two means something: it accepts
//! keep-alive connections, reads each request whole, forwards it over a pool of its own and
//! streams the answer back. It must not know keys, tiers, dialects or accounts.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, HOST, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// How many idle connections to the upstream are kept.
pub const UPSTREAM_IDLE_MAX: usize = 256;
/// The largest request body that is forwarded.
const BODY_MAX: usize = 32 << 20;
/// How many connections are tried with a request that none has taken yet.
const ATTEMPTS_MAX: usize = 8;
/// Headers that concern one connection only.
const HOP_BY_HOP: [HeaderName; 3] = [
    CONNECTION,
    TRANSFER_ENCODING,
    HeaderName::from_static("keep-alive"),
];

/// Says why a request could not be forwarded.
#[derive(Debug, thiserror::Error)]
pub enum BareError {
    /// The upstream took no connection.
    #[error("the upstream took no connection")]
    Connect(#[source] io::Error),
    /// The upstream failed before its answer.
    #[error("the upstream failed before its answer")]
    Upstream(#[source] hyper::Error),
    /// The request body could not be read whole.
    #[error("the request body could not be read whole")]
    RequestBody,
}

/// Is a running bare proxy; dropping it closes its listener and its connections.
pub struct BareProxy {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Drop for BareProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl BareProxy {
    /// Starts a proxy on an address, port 0 for a free one.
    ///
    /// # Errors
    ///
    /// Passes on what the system says when the address is not free.
    pub async fn start(listen: SocketAddr, upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let host = HeaderValue::from_str(&upstream.to_string()).map_err(io::Error::other)?;
        let pool = Arc::new(Pool {
            upstream,
            host,
            idle: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, pool));
        Ok(Self { address, accepting })
    }

    /// Tells where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

type Sender = SendRequest<Full<Bytes>>;

struct Pool {
    upstream: SocketAddr,
    host: HeaderValue,
    idle: Mutex<Vec<Sender>>,
}

impl Pool {
    /// Takes an idle connection that is ready, or makes one.
    async fn take(&self) -> Result<Sender, BareError> {
        loop {
            let Some(mut sender) = self.idle().pop() else {
                return self.connect().await;
            };
            if sender.ready().await.is_ok() {
                return Ok(sender);
            }
        }
    }

    async fn connect(&self) -> Result<Sender, BareError> {
        let stream = TcpStream::connect(self.upstream)
            .await
            .map_err(BareError::Connect)?;
        stream.set_nodelay(true).map_err(BareError::Connect)?;
        let made = handshake(TokioIo::new(stream)).await;
        let (sender, connection) = made.map_err(BareError::Upstream)?;
        tokio::spawn(async move {
            // Its fault reaches the request that is waiting on it; nobody else needs it.
            let _ = connection.await;
        });
        Ok(sender)
    }

    fn give_back(&self, sender: Sender) {
        let mut idle = self.idle();
        if !sender.is_closed() && idle.len() < UPSTREAM_IDLE_MAX {
            idle.push(sender);
        }
    }

    // The list is whole after every change, so a poisoned lock is still good.
    fn idle(&self) -> MutexGuard<'_, Vec<Sender>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Is an upstream's body that gives its connection back when it has ended.
struct Relayed {
    body: Incoming,
    sender: Option<Sender>,
    pool: Arc<Pool>,
}

impl Relayed {
    fn finish(&mut self) {
        if let Some(sender) = self.sender.take() {
            self.pool.give_back(sender);
        }
    }
}

impl Body for Relayed {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(None) => self.finish(),
            Poll::Ready(Some(Ok(_))) if self.body.is_end_stream() => self.finish(),
            // A connection that failed is not given back.
            Poll::Ready(Some(Err(_))) => self.sender = None,
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

type Answer = Response<Either<Relayed, Full<Bytes>>>;

async fn accept(listener: TcpListener, pool: Arc<Pool>) {
    let mut connections = JoinSet::new();
    loop {
        // A failed accept concerns one peer only; the next one may be well.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        // A failure here only makes small answers slower.
        let _ = stream.set_nodelay(true);
        connections.spawn(serve(stream, Arc::clone(&pool)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, pool: Arc<Pool>) {
    let service = service_fn(move |request| {
        let pool = Arc::clone(&pool);
        async move {
            let answered = forward(request, pool).await;
            Ok::<_, Infallible>(answered.unwrap_or_else(|error| refuse(&error)))
        }
    });
    let served =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A caller who leaves is no fault of the proxy, and there is nobody left to tell.
    let _ = served.await;
}

async fn forward(request: Request<Incoming>, pool: Arc<Pool>) -> Result<Answer, BareError> {
    let (mut head, body) = request.into_parts();
    let body = Limited::new(body, BODY_MAX).collect().await;
    let body = body.map_err(|_| BareError::RequestBody)?.to_bytes();
    strip(&mut head.headers);
    head.headers.insert(HOST, pool.host.clone());
    let mut request = Request::from_parts(head, Full::new(body));
    let mut attempts = 0;
    loop {
        attempts += 1;
        let mut sender = pool.take().await?;
        match sender.try_send_request(request).await {
            Ok(answer) => return Ok(relay(answer, sender, pool)),
            // The upstream closed an idle connection and has seen none of the request.
            Err(mut error) => match error.take_message() {
                Some(unsent) if attempts < ATTEMPTS_MAX => request = unsent,
                _ => return Err(BareError::Upstream(error.into_error())),
            },
        }
    }
}

fn relay(answer: Response<Incoming>, sender: Sender, pool: Arc<Pool>) -> Answer {
    let (mut head, body) = answer.into_parts();
    strip(&mut head.headers);
    let mut relayed = Relayed {
        body,
        sender: Some(sender),
        pool,
    };
    // A body without bytes is never polled, so its end is here.
    if relayed.is_end_stream() {
        relayed.finish();
    }
    Response::from_parts(head, Either::Left(relayed))
}

fn strip(headers: &mut HeaderMap) {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

fn refuse(error: &BareError) -> Answer {
    let body = Full::new(Bytes::from(error.to_string()));
    let mut answer = Response::new(Either::Right(body));
    *answer.status_mut() = match error {
        BareError::RequestBody => StatusCode::BAD_REQUEST,
        _ => StatusCode::BAD_GATEWAY,
    };
    answer
}

#[cfg(test)]
mod tests;
