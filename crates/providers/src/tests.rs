//! The client and both adapters against a provider that answers well and badly. It must not know
//! a gateway.

pub(crate) mod upstream;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::{Limits, Model, ModelDigest, Provider};
use http::{HeaderMap, HeaderValue, Response};
use testkit::{Behaviour, FakeProvider, Script};

use crate::{ADAPTERS, Body, Call, Class, Credential, Deadlines, Endpoint, Fault, Retry};

pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) const DEADLINES: Deadlines = Deadlines {
    connect: SOON,
    headers: SOON,
    first_token: SOON,
    idle: SOON,
};

struct Bench {
    fake: FakeProvider,
    endpoint: Endpoint,
    adapter: &'static str,
    headers: HeaderMap,
    deadlines: Deadlines,
}

pub(crate) fn model(id: &str) -> Model {
    let provider = Provider {
        name: "p".into(),
        dialect: "openai-chat".to_owned(),
        base_url: String::new(),
    };
    let params = serde_json::Map::new();
    let digest = ModelDigest::of(&provider, id, None, &params, None).unwrap();
    Model {
        name: id.into(),
        provider: Arc::new(provider),
        id: id.to_owned(),
        safeguards: None,
        params,
        weights: None,
        limits: Limits::default(),
        prices: None,
        tag: digest.tag(),
        takes: domain::Takes::default(),
        digest,
    }
}

impl Bench {
    async fn of(adapter: &'static str) -> Self {
        let fake = FakeProvider::start(Script::new()).await.unwrap();
        let base = if adapter == "openai-chat" {
            fake.openai_base_url()
        } else {
            fake.anthropic_base_url()
        };
        let credential = Arc::new(Credential::new("sk-provider\n").unwrap());
        Self {
            endpoint: Endpoint::new(&base, Some(credential)).unwrap(),
            fake,
            adapter,
            headers: HeaderMap::new(),
            deadlines: DEADLINES,
        }
    }

    async fn send(&self, id: &str, is_stream: bool) -> Result<Response<Body>, Fault> {
        let body = format!(
            r#"{{"model":"{id}","stream":{is_stream},"max_tokens":9,
            "messages":[{{"role":"user","content":"hi"}}]}}"#
        );
        let adapter = ADAPTERS.iter().find(|a| a.name() == self.adapter).unwrap();
        let model = model(id);
        let call = Call {
            endpoint: &self.endpoint,
            model: &model,
            dialect: adapter.speaks(),
            body: Bytes::from(body),
            is_stream,
            headers: &self.headers,
            query: None,
            deadlines: self.deadlines,
        };
        adapter.send(call).await
    }

    async fn read(&self, id: &str, is_stream: bool) -> Result<Bytes, Fault> {
        let answer = self.send(id, is_stream).await?;
        answer.into_body().read_whole(16 << 20).await
    }
}

#[tokio::test]
async fn an_openai_request_bears_our_token_and_none_of_the_clients_secrets() {
    let mut bench = Bench::of("openai-chat").await;
    for (name, value) in [
        ("authorization", "Bearer client"),
        ("x-api-key", "client"),
        ("cookie", "client"),
        ("tiergate-use-case", "spoof"),
        ("host", "elsewhere.example"),
        ("connection", "x-secret"),
        ("traceparent", "00-trace-span-01"),
    ] {
        bench.headers.append(name, HeaderValue::from_static(value));
    }
    let answer = bench.read("normal-3", false).await.unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&answer).unwrap()["choices"].is_array());
    let seen = bench.fake.requests().remove(0);
    assert_eq!(seen.path, "/v1/chat/completions");
    assert_eq!(seen.header("authorization"), Some("Bearer sk-provider"));
    assert_eq!(seen.header("traceparent"), Some("00-trace-span-01"));
    assert_eq!(
        seen.header("host"),
        Some(bench.fake.address().to_string().as_str())
    );
    for name in ["x-api-key", "cookie", "tiergate-use-case", "connection"] {
        assert_eq!(seen.header(name), None, "{name}");
    }
    let said = format!("{:?}", seen.headers);
    assert!(!said.contains("client"), "{said}");
}

#[tokio::test]
async fn an_anthropic_request_bears_the_clients_version_or_the_oldest() {
    let mut bench = Bench::of("anthropic-messages").await;
    bench.read("normal-3", false).await.unwrap();
    bench
        .headers
        .insert("anthropic-version", HeaderValue::from_static("2026-10-21"));
    for beta in ["one-2026", "two-2026"] {
        bench
            .headers
            .append("anthropic-beta", HeaderValue::from_static(beta));
    }
    bench.read("normal-3", false).await.unwrap();
    let seen = bench.fake.requests();
    assert_eq!(seen[0].path, "/v1/messages");
    assert_eq!(seen[0].header("x-api-key"), Some("sk-provider"));
    assert_eq!(seen[0].header("authorization"), None);
    assert_eq!(seen[0].header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(seen[1].header("anthropic-version"), Some("2026-10-21"));
    let betas = seen[1]
        .headers
        .iter()
        .filter(|(name, _)| name == "anthropic-beta");
    let betas: Vec<_> = betas.map(|(_, value)| value.as_str()).collect();
    assert_eq!(betas, ["one-2026", "two-2026"]);
}

#[tokio::test]
async fn a_connection_is_used_again_after_a_whole_answer() {
    let bench = Bench::of("openai-chat").await;
    for is_stream in [false, true, false, true] {
        bench.read("normal-5", is_stream).await.unwrap();
        assert_eq!(bench.endpoint.pool().count(), 1, "stream {is_stream}");
    }
    assert_eq!(bench.fake.connections().len(), 1);
    assert_eq!(bench.fake.connections()[0].requests, 4);
}

#[tokio::test]
async fn a_dropped_body_closes_the_connection() {
    let bench = Bench::of("openai-chat").await;
    let answer = bench.send("endless-stream", true).await.unwrap();
    let mut body = answer.into_body();
    body.next_piece().await.unwrap().unwrap();
    drop(body);
    bench.fake.await_abandoned(1, SOON).await.unwrap();
    assert_eq!(bench.endpoint.pool().count(), 0);
}

#[tokio::test]
async fn a_dropped_wait_for_headers_closes_the_connection() {
    let bench = Bench::of("openai-chat").await;
    {
        let waiting = bench.send("stall-headers", true);
        tokio::select! {
            _ = waiting => panic!("a stalled provider answered"),
            arrived = bench.fake.await_requests(1, SOON) => arrived.unwrap(),
        }
    }
    bench.fake.await_abandoned(1, SOON).await.unwrap();
}

#[tokio::test]
async fn a_resting_connection_that_died_is_replaced_once() {
    let bench = Bench::of("openai-chat").await;
    bench.read("normal-1", false).await.unwrap();
    // The next answer on the resting connection is a reset before any byte, the one on a fresh
    // connection is whole: as with a provider that closes just as the request goes out.
    let turns = vec![Behaviour::CutBeforeHeaders, Behaviour::normal(1)];
    bench.fake.rescript("flaky", Behaviour::Sequence(turns));
    bench.read("flaky", false).await.unwrap();
    assert_eq!(bench.fake.connections().len(), 2);

    bench.fake.rescript("dead", Behaviour::CutBeforeHeaders);
    let fault = bench.send("dead", false).await.unwrap_err();
    assert_eq!((fault.class, fault.retry), (Class::Reset, Retry::SameModel));
    assert_eq!(
        bench.fake.requests().len(),
        5,
        "one try on each of two connections"
    );
}

async fn class_of(bench: &Bench, id: &str, is_stream: bool) -> Class {
    match bench.read(id, is_stream).await {
        Ok(body) => panic!("{id} was taken for an answer: {body:?}"),
        Err(fault) => fault.class,
    }
}

#[tokio::test]
async fn every_fault_has_its_class() {
    let mut bench = Bench::of("openai-chat").await;
    bench.deadlines.idle = Duration::from_millis(300);
    bench.deadlines.first_token = Duration::from_millis(300);
    for (id, is_stream, class) in [
        ("cut-before-headers", true, Class::Reset),
        ("garbage", true, Class::Garbage),
        ("cut-after-2", true, Class::Cut),
        ("lie-length-long", false, Class::Cut),
        ("stall-first-token", true, Class::TimeoutFirstToken),
        ("stall-after-2", true, Class::TimeoutIdle),
    ] {
        assert_eq!(class_of(&bench, id, is_stream).await, class, "{id}");
    }
    bench.deadlines.headers = Duration::from_millis(300);
    assert_eq!(
        class_of(&bench, "stall-headers", true).await,
        Class::TimeoutHeaders
    );
    assert_eq!(
        bench.endpoint.pool().count(),
        0,
        "no broken connection rests"
    );
}

#[tokio::test]
async fn header_lines_without_an_end_are_cut_off() {
    let bench = Bench::of("openai-chat").await;
    assert_eq!(
        class_of(&bench, "endless-headers", false).await,
        Class::Garbage
    );
}

#[tokio::test]
async fn an_error_answer_comes_whole_with_what_it_asks_for() {
    let bench = Bench::of("openai-chat").await;
    let throttled = Behaviour::Status {
        code: 429,
        headers: vec![
            ("Retry-After".to_owned(), "3".to_owned()),
            ("X-RateLimit-Remaining-Requests".to_owned(), "0".to_owned()),
        ],
        body: r#"{"error":{"message":"slow"}}"#.to_owned(),
    };
    bench.fake.rescript("throttled", throttled);
    let fault = bench.send("throttled", false).await.unwrap_err();
    assert_eq!(fault.retry, Retry::SameModel);
    assert_eq!(fault.retry_after, Some(Duration::from_secs(3)));
    let answer = fault.answer.unwrap();
    assert_eq!(answer.status, 429);
    assert_eq!(answer.body, r#"{"error":{"message":"slow"}}"#);
    assert_eq!(answer.headers["x-ratelimit-remaining-requests"], "0");
    assert!(!answer.headers.contains_key("content-length"));
    for (status, retry) in [
        (400, Retry::Never),
        (401, Retry::NextModel),
        (404, Retry::NextModel),
        (413, Retry::Never),
        (422, Retry::Never),
        (500, Retry::SameModel),
        (503, Retry::SameModel),
        (529, Retry::SameModel),
    ] {
        let fault = bench
            .send(&format!("status-{status}"), false)
            .await
            .unwrap_err();
        assert_eq!(fault.retry, retry, "{status}");
    }
}

#[tokio::test]
async fn a_provider_that_says_not_to_try_again_is_believed() {
    let bench = Bench::of("openai-chat").await;
    let full = Behaviour::Status {
        code: 503,
        headers: vec![("x-should-retry".to_owned(), "false".to_owned())],
        body: String::new(),
    };
    bench.fake.rescript("full", full);
    let fault = bench.send("full", false).await.unwrap_err();
    assert_eq!(fault.retry, Retry::NextModel);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let bench = Bench::of("openai-chat").await;
    let other = FakeProvider::start(Script::new()).await.unwrap();
    let away = format!("http://{}/v1/chat/completions", other.address());
    bench.fake.rescript("moved", Behaviour::Redirect(away));
    let fault = bench.send("moved", false).await.unwrap_err();
    assert_eq!(
        (fault.class, fault.retry),
        (Class::Redirect, Retry::NextModel)
    );
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn cookies_and_connection_headers_do_not_travel_on() {
    let bench = Bench::of("openai-chat").await;
    let answer = bench.send("set-cookie", false).await.unwrap();
    let headers = answer.headers();
    for name in [
        "set-cookie",
        "connection",
        "transfer-encoding",
        "content-length",
        "keep-alive",
    ] {
        assert!(!headers.contains_key(name), "{name}");
    }
    assert!(
        headers
            .keys()
            .all(|name| !name.as_str().starts_with("tiergate-"))
    );
}

#[tokio::test]
async fn nothing_listening_is_a_connect_fault() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let mut bench = Bench::of("openai-chat").await;
    bench.endpoint = Endpoint::new(&format!("http://{address}/v1"), None).unwrap();
    assert_eq!(class_of(&bench, "normal-1", false).await, Class::Connect);
}

#[tokio::test]
async fn plain_http_behind_https_is_a_tls_fault() {
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}/v1", plain.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = plain.accept().await.unwrap();
        let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut socket, answer)
            .await
            .unwrap();
    });
    let mut bench = Bench::of("openai-chat").await;
    bench.endpoint = Endpoint::new(&base, None).unwrap();
    assert_eq!(class_of(&bench, "normal-1", false).await, Class::Tls);
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_gathered() {
    let bench = Bench::of("openai-chat").await;
    let answer = bench.send("canned-100000", false).await.unwrap();
    let fault = answer.into_body().read_whole(50_000).await.unwrap_err();
    assert_eq!(fault.class, Class::TooLarge);
}

#[test]
fn a_credential_is_never_shown_and_changes_whole() {
    let credential = Credential::new("sk-one\n").unwrap();
    assert_eq!(format!("{credential:?}"), "[redacted]");
    assert_eq!(format!("{:?}", credential.bearer()), "Sensitive");
    assert!(credential.replace("").is_err());
    assert!(credential.replace("a\nb").is_err());
    assert_eq!(credential.plain(), "sk-one", "the last good one is kept");
    credential.replace(" sk-two ").unwrap();
    assert_eq!(credential.bearer(), "Bearer sk-two");
}

#[test]
fn only_plain_base_urls_are_taken() {
    for url in [
        "",
        "api.example.com",
        "/v1",
        "ftp://h/",
        "http://u:p@h/",
        "http://h/?q=1",
    ] {
        assert!(Endpoint::new(url, None).is_err(), "{url}");
    }
    for (url, target) in [
        ("http://h", "/chat"),
        ("http://h/", "/chat"),
        ("https://h:8443/v1/", "/v1/chat"),
        ("http://[::1]:80/v1", "/v1/chat"),
    ] {
        let endpoint = Endpoint::new(url, None).unwrap();
        assert_eq!(endpoint.target("/chat", None).unwrap(), target, "{url}");
        let queried = endpoint.target("/chat", Some("beta=true")).unwrap();
        assert_eq!(queried.query(), Some("beta=true"), "{url}");
    }
}
