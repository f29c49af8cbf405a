//! The bare proxy passes bytes and nothing else. It must not know a gateway.

use std::net::SocketAddr;
use std::time::Duration;

use super::BareProxy;
use crate::behaviour::Behaviour;
use crate::client::{Client, ClientError};
use crate::fake::FakeProvider;
use crate::load::post;
use crate::script::Script;

const PATH: &str = "/v1/chat/completions";
const DEADLINE: Duration = Duration::from_secs(20);

async fn pair(script: Script) -> (FakeProvider, BareProxy) {
    let fake = FakeProvider::start(script).await.unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let proxy = BareProxy::start(listen, fake.address()).await.unwrap();
    (fake, proxy)
}

#[tokio::test]
async fn answers_are_the_same_bytes_and_connections_are_kept() {
    let (fake, proxy) = pair(Script::new()).await;
    let mut direct = Client::connect(fake.address()).await.unwrap();
    let mut through = Client::connect(proxy.address()).await.unwrap();
    for body in [
        r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#,
        r#"{"model":"m","stream":true}"#,
        r#"{"model":"canned-5000"}"#,
        r#"{"model":"status-429"}"#,
    ] {
        let request = post(PATH, &[("x-mark", "kept")], body);
        let expected = direct.exchange(&request).await.unwrap();
        let got = through.exchange(&request).await.unwrap();
        assert_eq!(got.head.status, expected.head.status);
        assert_eq!(got.body, expected.body);
        let header =
            |reply: &crate::client::Reply| reply.head.header("content-type").map(str::to_owned);
        assert_eq!(header(&got), header(&expected));
    }
    assert_eq!(fake.connections().len(), 2);
    let last = fake.requests().pop().unwrap();
    assert_eq!(last.header("x-mark"), Some("kept"));
    assert_eq!(
        last.header("host"),
        Some(fake.address().to_string().as_str())
    );
}

#[tokio::test]
async fn a_stream_is_relayed_as_it_comes_and_a_cut_is_passed_on() {
    let (fake, proxy) = pair(Script::new().model("s", Behaviour::StallAfter(2))).await;
    let mut client = Client::connect(proxy.address()).await.unwrap();
    let request = post(PATH, &[], r#"{"model":"s","stream":true}"#);
    client.send(&request).await.unwrap();
    assert_eq!(client.read_head().await.unwrap().status, 200);
    let mut seen = String::new();
    while !seen.contains("heard:") {
        let piece = tokio::time::timeout(DEADLINE, client.next_piece()).await;
        let piece = piece.expect("no hang").unwrap().unwrap();
        seen += std::str::from_utf8(&piece).unwrap();
    }
    drop(client);
    fake.await_abandoned(1, DEADLINE).await.unwrap();
    let mut client = Client::connect(proxy.address()).await.unwrap();
    let request = post(PATH, &[], r#"{"model":"cut-after-2","stream":true}"#);
    let end = client.exchange(&request).await;
    assert!(matches!(end, Err(ClientError::Cut)), "{end:?}");
}

#[tokio::test]
async fn an_upstream_that_is_gone_is_a_bad_gateway() {
    let (fake, proxy) = pair(Script::new()).await;
    let request = post(PATH, &[], r#"{"model":"m"}"#);
    let mut client = Client::connect(proxy.address()).await.unwrap();
    assert_eq!(client.exchange(&request).await.unwrap().head.status, 200);
    drop(fake);
    assert_eq!(client.exchange(&request).await.unwrap().head.status, 502);
}
