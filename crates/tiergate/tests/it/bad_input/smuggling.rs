//! Requests whose end can be seen in two places: each connection gives one answer and no second
//! request comes out of the first one's bytes. It must not test bodies that are bad JSON.

use std::time::Duration;

use testkit::{Client, ClientError, Reply};
use tokio::time::timeout;

use crate::bench::Bench;
use crate::patience::{PATIENCE, on};

/// The request that must never be answered: it is hidden in another one's body or headers.
fn hidden(bench: &Bench) -> String {
    let key = &bench.caller.key;
    let body = r#"{"model":"haiku","messages":[{"role":"user","content":"smuggled"}]}"#;
    let length = body.len();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Writes a request with these framing headers and these bytes behind them.
fn request(bench: &Bench, framing: &str, rest: &str) -> Vec<u8> {
    let key = &bench.caller.key;
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
    format!("{head}\r\nauthorization: Bearer {key}\r\n{framing}\r\n\r\n{rest}").into_bytes()
}

/// Sends bytes and reads one answer; then the connection must end without another.
fn only_answer(bench: &Bench, bytes: &[u8]) -> Reply {
    let exchange = async {
        let mut client = Client::connect(bench.gateway.listen).await.unwrap();
        let reply = client.exchange(bytes).await.unwrap();
        match client.read_head().await {
            Err(ClientError::Cut | ClientError::Broken(_)) => reply,
            other => panic!("something follows the answer: {other:?}"),
        }
    };
    on(async { timeout(PATIENCE, exchange).await }).expect("no hang")
}

fn chunked(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

const BODY: &str = r#"{"model":"haiku","messages":[{"role":"user","content":"plain"}]}"#;

#[test]
fn framing_that_two_readers_could_read_in_two_ways_is_refused() {
    let bench = Bench::start();
    let smuggled = hidden(&bench);
    let length = BODY.len();
    let both = format!("{BODY}{smuggled}");
    for framing in [
        format!("content-length: {length}\r\ncontent-length: {}", both.len()),
        format!("content-length: {length}, {}", both.len()),
        format!("content-length: +{length}"),
        format!("content-length: -{length}"),
        format!("content-length: 0x{length:x}"),
        format!("content-length : {length}"),
        format!("content-length: {length}\r\n folded: yes"),
        "x-folded: one\r\n two".to_owned(),
        "transfer-encoding: identity".to_owned(),
        "transfer-encoding: chunked, identity".to_owned(),
        "transfer-encoding: xchunked".to_owned(),
        "transfer-encoding : chunked".to_owned(),
        format!("bad header: 1\r\ncontent-length: {length}"),
    ] {
        let reply = only_answer(&bench, &request(&bench, &framing, &both));
        assert_eq!(reply.head.status, 400, "{framing}: {reply:?}");
    }
    let http10 = String::from_utf8(request(
        &bench,
        "transfer-encoding: chunked",
        &chunked(BODY),
    ));
    let http10 = http10.unwrap().replacen("HTTP/1.1", "HTTP/1.0", 1);
    assert_eq!(only_answer(&bench, http10.as_bytes()).head.status, 400);
    assert!(
        bench.fake.requests().is_empty(),
        "{:?}",
        bench.fake.requests()
    );
}

#[test]
fn a_length_beside_chunks_counts_for_nothing_and_ends_the_connection() {
    let bench = Bench::start();
    let smuggled = hidden(&bench);
    let rest = format!("{}{smuggled}", chunked(BODY));
    for framing in [
        "content-length: 4\r\ntransfer-encoding: chunked".to_owned(),
        format!(
            "transfer-encoding: chunked\r\ncontent-length: {}",
            rest.len()
        ),
    ] {
        let reply = only_answer(&bench, &request(&bench, &framing, &rest));
        assert_eq!(reply.head.status, 200, "{framing}: {reply:?}");
    }
    let requests = bench.fake.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(&request.body[..], BODY.replace("haiku", "plain").as_bytes());
        assert_eq!(request.header("transfer-encoding"), None);
    }
}

#[test]
fn bad_chunks_are_a_bad_request_and_reach_no_provider() {
    let bench = Bench::start();
    let smuggled = hidden(&bench);
    for chunks in [
        format!("zz\r\n{BODY}\r\n0\r\n\r\n"),
        format!("-1\r\n{BODY}\r\n0\r\n\r\n"),
        format!("{:x}\r\n{BODY}XX0\r\n\r\n", BODY.len()),
        format!("{:x}\r\n{BODY}\r\n0\r\nno trailer\r\n\r\n", BODY.len()),
        format!("fffffffffffffffff\r\n{BODY}\r\n0\r\n\r\n"),
        format!("{:x}\n{BODY}\n0\n\n", BODY.len()),
    ] {
        let rest = format!("{chunks}{smuggled}");
        let bytes = request(&bench, "transfer-encoding: chunked", &rest);
        let reply = only_answer(&bench, &bytes);
        assert_eq!(reply.head.status, 400, "{chunks:?}: {reply:?}");
    }
    assert!(
        bench.fake.requests().is_empty(),
        "{:?}",
        bench.fake.requests()
    );
}

#[test]
fn what_follows_a_whole_request_needs_a_key_of_its_own() {
    let bench = Bench::start();
    let keyless = hidden(&bench).replace("authorization", "x-other");
    let rest = format!("{BODY}{keyless}");
    let framing = format!("content-length: {}", BODY.len());
    let both = async {
        let mut client = Client::connect(bench.gateway.listen).await.unwrap();
        let first = client.exchange(&request(&bench, &framing, &rest)).await;
        (first.unwrap(), client.exchange(b"").await.unwrap())
    };
    let (first, second) = on(async { timeout(PATIENCE, both).await }).unwrap();
    assert_eq!((first.head.status, second.head.status), (200, 401));
    assert_eq!(bench.fake.requests().len(), 1);
}

#[test]
fn a_head_over_its_limit_is_refused_at_once() {
    let bench = Bench::start();
    let long = format!("x-long: {}", "a".repeat(80 << 10));
    let reply = only_answer(&bench, &request(&bench, &long, ""));
    assert_eq!(reply.head.status, 431);
    let many = vec!["x-many: 1"; 200].join("\r\n");
    let reply = only_answer(&bench, &request(&bench, &many, ""));
    assert_eq!(reply.head.status, 431);
    // A provider was never asked, and the next caller is answered as always.
    assert!(on(bench.fake.await_requests(1, Duration::ZERO)).is_err());
    bench.chat("haiku").to(bench.gateway.listen).is(200);
}
