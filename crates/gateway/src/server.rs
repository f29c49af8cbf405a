//! Accepts connections and serves HTTP/1.1 on them, until told to stop; then lets what is under
//! way finish. It must not know what is served: the admin port uses it too.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::config::ServerLimits;
use crate::head_limit::HeadLimits;

/// How long accepting rests when the system has no sockets left.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// Says how serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Everything under way was finished.
    Finished,
    /// The limit came first, and what was left was cut.
    Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    Draining,
    Over,
}

/// Serves connections until `stop` is ready, then finishes what is under way up to the limit.
pub async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    limits: ServerLimits,
    stop: impl Future<Output = ()>,
) -> Drained
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (phase, seen) = watch::channel(Phase::Open);
    let places = Arc::new(Semaphore::new(limits.max_connections));
    let protocol = protocol(&limits);
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            biased;
            () = stop.as_mut() => break,
            next = next => next,
        };
        let socket = match accepted {
            Ok((socket, _)) => socket,
            Err(fault) => {
                tracing::warn!(%fault, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_REST).await;
                continue;
            }
        };
        let connection = Connection {
            socket,
            protocol: protocol.clone(),
            head_time: limits.header_timeout,
            phase: seen.clone(),
        };
        let service = service.clone();
        tokio::spawn(async move {
            connection.serve(service).await;
            drop(place);
        });
    }
    drop((listener, seen));
    drain(phase, limits.drain).await
}

fn protocol(limits: &ServerLimits) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .header_read_timeout(limits.header_timeout)
        .max_header_size(limits.max_header_bytes);
    protocol
}

async fn drain(phase: watch::Sender<Phase>, limit: Duration) -> Drained {
    phase.send_replace(Phase::Draining);
    if tokio::time::timeout(limit, phase.closed()).await.is_ok() {
        return Drained::Finished;
    }
    phase.send_replace(Phase::Over);
    phase.closed().await;
    Drained::Cut
}

struct Connection {
    socket: TcpStream,
    protocol: http1::Builder,
    head_time: Duration,
    phase: watch::Receiver<Phase>,
}

impl Connection {
    async fn serve<S, B>(mut self, service: S)
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        B: Body<Data = Bytes> + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        // Events go out one by one; a system that cannot set it still works.
        let _ = self.socket.set_nodelay(true);
        let connection = self
            .protocol
            .timer(HeadLimits::new(self.head_time))
            .serve_connection(TokioIo::new(self.socket), service);
        let mut connection = std::pin::pin!(connection);
        loop {
            tokio::select! {
                biased;
                // First: a full stream uses up its task's turn, and the end would not be heard of.
                changed = self.phase.changed() => {
                    let is_over = *self.phase.borrow_and_update() == Phase::Over;
                    if changed.is_err() || is_over {
                        return;
                    }
                    connection.as_mut().graceful_shutdown();
                }
                served = connection.as_mut() => {
                    if let Err(fault) = served {
                        // A client that leaves is no news, and its text is not logged.
                        tracing::debug!(%fault, "a connection ended early");
                    }
                    return;
                }
            }
        }
    }
}
