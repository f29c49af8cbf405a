//! Bodies of a hundred megabytes: refused with a message that the sender gets to read, and never
//! held. It must not depend on how far a sender comes before it is refused.

use std::net::SocketAddr;
use std::time::Duration;

use testkit::Gauge;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::bench::{Bench, standard};
use crate::client::Ask;
use crate::patience::{PATIENCE, on, runtime};

const HUNDRED_MB: usize = 100_000_000;
/// How much larger the process may be afterwards; one held body would be six times that.
const FLAT: u64 = 16 << 20;
const LIMIT: &str = "max_body_bytes = 1048576\n[providers.chat]";

#[test]
fn a_body_of_a_hundred_megabytes_is_refused_and_memory_stays_flat() {
    let bench = Bench::with(|fake| standard(fake).replacen("[providers.chat]", LIMIT, 1));
    let (listen, key) = (bench.gateway.listen, &bench.caller.key);
    let gauge = Gauge::of(bench.gateway.id());
    let asks = [
        Ask::chat("haiku").bearer(key),
        Ask::messages("haiku").with("x-api-key", key),
    ];
    let floods = |framing: fn(usize) -> String| {
        for ask in &asks {
            let told = on(runtime().spawn(flood(listen, ask.clone(), framing))).unwrap();
            assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
            assert!(told.contains("raise `max_body_bytes`"), "{told}");
        }
    };
    // The first round grows what is kept for every connection, whatever it sends.
    floods(declared);
    floods(in_chunks);
    let before = gauge.memory().unwrap().resident_bytes;
    for _ in 0..4 {
        floods(declared);
        floods(in_chunks);
    }
    let after = gauge.memory().unwrap().resident_bytes;
    assert!(after < before + FLAT, "from {before} to {after} bytes");
    assert!(bench.fake.requests().is_empty());
    bench.chat("haiku").to(listen).is(200);
}

#[test]
fn a_declared_length_over_the_limit_is_refused_before_a_byte_of_the_body() {
    let bench = Bench::start();
    let ask = bench.chat("haiku");
    let head = ask.head().replace(
        &format!("content-length: {}", ask.body.len()),
        &declared(HUNDRED_MB),
    );
    let told = on(async {
        let mut client = testkit::Client::connect(bench.gateway.listen)
            .await
            .unwrap();
        client.send(head.as_bytes()).await.unwrap();
        timeout(PATIENCE, client.read_head())
            .await
            .unwrap()
            .unwrap()
    });
    assert_eq!(told.status, 413);
}

fn declared(length: usize) -> String {
    format!("content-length: {length}")
}

fn in_chunks(_length: usize) -> String {
    "transfer-encoding: chunked".to_owned()
}

/// Sends a hundred megabytes behind a request's head while it reads, and returns the answer.
async fn flood(listen: SocketAddr, ask: Ask, framing: fn(usize) -> String) -> String {
    let framing = framing(HUNDRED_MB);
    let is_chunked = framing.starts_with("transfer");
    let own = format!("content-length: {}", ask.body.len());
    let head = ask.head().replace(&own, &framing);
    let (mut reader, mut writer) = TcpStream::connect(listen).await.unwrap().into_split();
    let sending = tokio::spawn(async move {
        let piece = vec![b'x'; 1 << 20];
        // A refusal may close the connection while this still sends, which is no fault.
        if writer.write_all(head.as_bytes()).await.is_err() {
            return;
        }
        for _ in 0..HUNDRED_MB / piece.len() {
            let mut whole = piece.clone();
            if is_chunked {
                whole = [b"100000\r\n", &piece[..], b"\r\n"].concat();
            }
            if writer.write_all(&whole).await.is_err() {
                return;
            }
        }
    });
    let told = timeout(PATIENCE, read_answer(&mut reader)).await;
    // It goes on sending all it has, as a client that does not listen would.
    let sent = timeout(PATIENCE, sending).await.expect("no hang");
    sent.unwrap();
    told.expect("no hang")
}

async fn read_answer(reader: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut told = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&told).into_owned();
        // The envelope ends with a brace; behind it the last chunk may have come already.
        let told_so_far = text.trim_end().trim_end_matches('0').trim_end();
        let is_whole = text.contains("\r\n\r\n") && told_so_far.ends_with('}');
        if is_whole {
            return text;
        }
        let read = timeout(Duration::from_secs(30), reader.read_buf(&mut told)).await;
        let count = read
            .expect("an answer")
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(count > 0, "it ended in the middle: {text}");
    }
}
