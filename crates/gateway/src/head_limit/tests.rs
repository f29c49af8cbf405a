//! Heads that come too slowly, on fresh and on kept connections. It must not test what is served.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use testkit::Client;
use tokio::net::TcpListener;

use crate::config::ServerLimits;
use crate::outgoing::Outgoing;

/// Short, since each test waits for it to pass.
const LIMIT: Duration = Duration::from_millis(60);

async fn started() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = ServerLimits {
        max_connections: 10,
        max_header_bytes: 16 << 10,
        header_timeout: LIMIT,
        drain: LIMIT,
    };
    let service = service_fn(|_: Request<Incoming>| async {
        Ok::<_, Infallible>(Response::new(Outgoing::whole("well")))
    });
    tokio::spawn(crate::serve(
        listener,
        service,
        limits,
        std::future::pending(),
    ));
    address
}

/// Sends some whole requests, then half a head, and tells how long the connection was open from
/// before the last whole one.
async fn open_for(requests: usize) -> Duration {
    let mut since = Instant::now();
    let mut client = Client::connect(started().await).await.unwrap();
    for _ in 0..requests {
        since = Instant::now();
        let reply = client.exchange(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n").await;
        assert_eq!(reply.unwrap().body, "well");
    }
    client.send(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
    let answered = client.read_head().await;
    // The server closes, with or without saying 408.
    assert!(answered.is_err() || answered.is_ok_and(|head| head.status == 408));
    since.elapsed()
}

#[tokio::test]
async fn half_a_head_is_not_waited_for() {
    let time = open_for(0).await;
    assert!(time >= LIMIT, "{time:?}");
}

#[tokio::test]
async fn a_later_head_has_its_own_limit() {
    // The timer of the first head is still running when the second is waited for.
    let time = open_for(3).await;
    assert!(time >= LIMIT, "{time:?}");
}
