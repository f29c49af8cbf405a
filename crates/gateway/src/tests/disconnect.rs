//! Clients that leave: the provider's connection is closed at once in every phase, and the row
//! says so. It must not test answers.

use std::time::Duration;

use store::Outcome;
use testkit::{Behaviour, Client};

use super::{Bench, PATIENCE, chat};

/// What the issue allows between a client's leaving and the provider's connection's close.
const AT_ONCE: Duration = Duration::from_secs(1);

async fn leaves(behaviour: Behaviour, is_stream: bool, path: &str, reads_head: bool) {
    let bench = Bench::start().await;
    bench.fake.rescript("plain", behaviour.clone());
    bench.fake.rescript("claude", behaviour.clone());
    let mut client = Client::connect(bench.address).await.unwrap();
    let name = if path == "/v1/messages" {
        "opus"
    } else {
        "haiku"
    };
    let request = bench.post(path, "", &chat(name, is_stream));
    client.send(&request).await.unwrap();
    bench.fake.await_requests(1, PATIENCE).await.unwrap();
    if reads_head {
        client.read_head().await.unwrap();
        client.next_piece().await.unwrap().unwrap();
    }
    assert_eq!(bench.gateway.accounts().in_flight(), 1);
    drop(client);
    let closed = bench.fake.await_abandoned(1, AT_ONCE).await;
    closed.unwrap_or_else(|late| panic!("{behaviour:?} {path} {is_stream}: {late}"));
    let row = bench.row().await;
    assert_eq!(row.outcome, Outcome::Cancelled, "{behaviour:?}");
    assert_eq!(row.status, if reads_head { 200 } else { 499 });
    assert_eq!(bench.gateway.accounts().in_flight(), 0);
}

#[tokio::test]
async fn while_waiting_for_headers() {
    for path in ["/v1/chat/completions", "/v1/messages"] {
        for is_stream in [true, false] {
            leaves(Behaviour::StallHeaders, is_stream, path, false).await;
        }
    }
}

#[tokio::test]
async fn while_waiting_for_the_first_token() {
    for path in ["/v1/chat/completions", "/v1/messages"] {
        leaves(Behaviour::StallFirstToken, true, path, false).await;
    }
}

#[tokio::test]
async fn in_the_middle_of_a_stream() {
    for path in ["/v1/chat/completions", "/v1/messages"] {
        leaves(Behaviour::StallAfter(3), true, path, true).await;
        leaves(Behaviour::EndlessStream, true, path, true).await;
    }
}

#[tokio::test]
async fn many_times_over_without_a_trace() {
    const TIMES: usize = 200;
    let bench = Bench::start().await;
    bench.fake.rescript("plain", Behaviour::StallAfter(1));
    for _ in 0..TIMES {
        let mut client = Client::connect(bench.address).await.unwrap();
        let request = bench.post("/v1/chat/completions", "", &chat("haiku", true));
        client.send(&request).await.unwrap();
        client.read_head().await.unwrap();
    }
    bench.fake.await_abandoned(TIMES, PATIENCE).await.unwrap();
    let rows = bench.rows(TIMES).await;
    assert!(rows.iter().all(|row| row.outcome == Outcome::Cancelled));
    assert_eq!(bench.gateway.accounts().in_flight(), 0);
    bench.fake.rescript("plain", Behaviour::normal(3));
    assert_eq!(bench.chat("haiku", true).await.head.status, 200);
}
