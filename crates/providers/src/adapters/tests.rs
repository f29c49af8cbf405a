//! What each adapter sends where, and what it makes of the answer.

mod gemini;
mod passed;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};

use super::ADAPTERS;
use crate::adapter::{Adapter, Call};
use crate::address::{Address, Missing, Written};
use crate::authorise::Absent;
use crate::body::Body;
use crate::credential::Credential;
use crate::endpoint::Endpoint;
use crate::fault::{Class, Fault};
use crate::tests::upstream::{Seen, Upstream, answer};
use crate::tests::{DEADLINES, model};

fn adapter(name: &str, platform: Option<&str>) -> &'static dyn Adapter {
    let is_it = |one: &&&dyn Adapter| one.name() == name && one.platform() == platform;
    *ADAPTERS.iter().find(is_it).unwrap()
}

/// Is one request, and where it goes.
struct Case<'c> {
    adapter: (&'c str, Option<&'c str>),
    id: &'c str,
    body: &'c str,
    headers: &'c [(&'static str, &'static str)],
}

impl Case<'_> {
    async fn send(&self, upstream: &Upstream) -> Result<Response<Body>, Fault> {
        let speaks = adapter(self.adapter.0, self.adapter.1).speaks();
        self.send_as(speaks, upstream).await
    }

    async fn send_as(&self, dialect: &str, upstream: &Upstream) -> Result<Response<Body>, Fault> {
        let base_url = upstream.base_url();
        let adapter = adapter(self.adapter.0, self.adapter.1);
        let address = adapter.address(&Written {
            base_url: Some(&base_url),
            region: Some("eu-west-1"),
            project: Some("my-project"),
            api_version: Some("2024-10-21"),
        });
        let address = address.unwrap();
        let key = Arc::new(Credential::new("the-key").unwrap());
        let endpoint = Endpoint::new(&address.base_url, Some(key)).unwrap();
        let endpoint = endpoint.querying(address.query);
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let call = Call {
            endpoint: &endpoint,
            model: &model(self.id),
            dialect,
            body: Bytes::copy_from_slice(self.body.as_bytes()),
            is_stream: is_stream(self.body),
            headers: &headers,
            query: Some("beta=true"),
            deadlines: DEADLINES,
        };
        adapter.send(call).await
    }

    async fn seen(&self) -> Seen {
        let upstream = Upstream::start(|_, _| answer("200 OK", &[], b"{}")).await;
        // An answer that does not fit is another test's.
        let _ = self.send(&upstream).await;
        upstream.seen().remove(0)
    }
}

fn is_stream(body: &str) -> bool {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    body["stream"] == true
}

const BEDROCK: (&str, Option<&str>) = ("anthropic-messages", Some("bedrock"));
const VERTEX: (&str, Option<&str>) = ("anthropic-messages", Some("vertex"));
const STREAM: &str = r#"{ "model":"m", "stream" : true, "max_tokens":9.0 }"#;
const WHOLE: &str = r#"{"max_tokens":9.0,"model":"m","stream":false}"#;

#[test]
fn names_with_platforms_are_unique_and_say_where_they_are() {
    for one in ADAPTERS {
        let same = ADAPTERS
            .iter()
            .filter(|other| (other.name(), other.platform()) == (one.name(), one.platform()));
        assert_eq!(same.count(), 1, "{} {:?}", one.name(), one.platform());
        assert!(!one.about().is_empty());
        let place = one.place();
        assert!(place.iter().any(|field| field.name == "base_url"));
        // What must be written is what an address without it is refused for.
        let full = Written {
            base_url: Some("http://h"),
            region: Some("r"),
            project: Some("p"),
            api_version: Some("v"),
        };
        one.address(&full).unwrap();
        for field in place {
            let mut less = full;
            match field.name {
                "base_url" => less.base_url = None,
                "region" => less.region = None,
                "project" => less.project = None,
                _ => less.api_version = None,
            }
            let refused = one.address(&less).err();
            let wanted = (field.absent == Absent::Refused).then_some(Missing(field.name));
            assert_eq!(refused, wanted, "{} {:?}", one.name(), one.platform());
        }
    }
}

#[test]
fn an_address_follows_from_the_region() {
    let of = |name, platform, region| {
        let written = Written {
            region: Some(region),
            project: Some("p"),
            ..Written::default()
        };
        let Address {
            base_url, service, ..
        } = adapter(name, Some(platform)).address(&written).unwrap();
        (base_url, service)
    };
    let at = |url: &str, service| (url.to_owned(), service);
    let mantle = Some("bedrock-mantle");
    let models = |host: &str| {
        let region = if host.starts_with("europe") {
            "europe-west1"
        } else {
            "global"
        };
        format!("https://{host}/v1/projects/p/locations/{region}/publishers/anthropic/models")
    };
    assert_eq!(
        of("anthropic-messages", "bedrock", "us-east-1"),
        at(
            "https://bedrock-runtime.us-east-1.amazonaws.com",
            Some("bedrock")
        )
    );
    assert_eq!(
        of("anthropic-messages", "bedrock", "eusc-de-east-1"),
        at(
            "https://bedrock-runtime.eusc-de-east-1.amazonaws.eu",
            Some("bedrock")
        )
    );
    assert_eq!(
        of("anthropic-messages", "bedrock-mantle", "us-east-1"),
        at("https://bedrock-mantle.us-east-1.api.aws/anthropic", mantle)
    );
    assert_eq!(
        of("openai-responses", "bedrock-mantle", "us-east-1"),
        at("https://bedrock-mantle.us-east-1.api.aws/openai/v1", mantle)
    );
    assert_eq!(
        of("anthropic-messages", "vertex", "europe-west1"),
        at(&models("europe-west1-aiplatform.googleapis.com"), None)
    );
    assert_eq!(
        of("anthropic-messages", "vertex", "global"),
        at(&models("aiplatform.googleapis.com"), None)
    );
}

#[tokio::test]
async fn a_deployment_of_azure_is_in_the_path_and_the_version_in_the_query() {
    let case = Case {
        adapter: ("openai-chat", Some("azure")),
        id: "my gpt/5",
        body: WHOLE,
        headers: &[("authorization", "Bearer client")],
    };
    let seen = case.seen().await;
    let path = "/openai/deployments/my%20gpt%2F5/chat/completions";
    assert_eq!(
        seen.target(),
        format!("{path}?api-version=2024-10-21&beta=true")
    );
    assert_eq!(seen.header("api-key"), Some("the-key"));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.body, WHOLE);
}

#[tokio::test]
async fn the_responses_api_has_its_path_and_the_bodys_bytes() {
    let case = Case {
        adapter: ("openai-responses", None),
        id: "m",
        body: WHOLE,
        headers: &[],
    };
    let seen = case.seen().await;
    assert_eq!(seen.target(), "/responses?beta=true");
    assert_eq!(seen.header("authorization"), Some("Bearer the-key"));
    assert_eq!(seen.body, WHOLE);
}

#[tokio::test]
async fn mantle_is_asked_as_the_vendor_with_a_bedrock_key() {
    let case = Case {
        adapter: ("anthropic-messages", Some("bedrock-mantle")),
        id: "m",
        body: WHOLE,
        headers: &[("anthropic-version", "2026-10-21")],
    };
    let seen = case.seen().await;
    assert_eq!(seen.target(), "/v1/messages?beta=true");
    assert_eq!(seen.header("authorization"), Some("Bearer the-key"));
    assert_eq!(seen.header("x-api-key"), None);
    assert_eq!(seen.header("anthropic-version"), Some("2026-10-21"));
}

#[tokio::test]
async fn bedrock_takes_the_model_in_the_path_and_version_and_betas_in_the_body() {
    let mut case = Case {
        adapter: BEDROCK,
        id: "us.anthropic.claude-opus-5-v1:0",
        body: STREAM,
        headers: &[
            ("anthropic-version", "2026-10-21"),
            ("anthropic-beta", "one-2026, two-2026"),
            ("anthropic-beta", "three-2026"),
            ("traceparent", "00-1-2-01"),
        ],
    };
    let seen = case.seen().await;
    let path = "/model/us.anthropic.claude-opus-5-v1%3A0";
    assert_eq!(seen.target(), format!("{path}/invoke-with-response-stream"));
    let body = concat!(
        r#"{"anthropic_version":"2026-10-21","#,
        r#""anthropic_beta":["one-2026","two-2026","three-2026"], "max_tokens":9.0 }"#
    );
    assert_eq!(seen.body, body);
    assert_eq!(
        seen.header("accept"),
        Some("application/vnd.amazon.eventstream")
    );
    assert_eq!(seen.header("authorization"), Some("Bearer the-key"));
    assert_eq!(seen.header("traceparent"), Some("00-1-2-01"));
    for name in ["anthropic-version", "anthropic-beta", "x-api-key"] {
        assert_eq!(seen.header(name), None, "{name}");
    }

    case.id = "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude";
    case.body = WHOLE;
    for (headers, version) in [
        (&[][..], "bedrock-2023-05-31"),
        (
            &[("anthropic-version", "2023-06-01")][..],
            "bedrock-2023-05-31",
        ),
        (&[("anthropic-version", "2027-01-01")][..], "2027-01-01"),
    ] {
        case.headers = headers;
        let seen = case.seen().await;
        let arn = "arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Feu.anthropic.claude";
        assert_eq!(seen.target(), format!("/model/{arn}/invoke"));
        let body = format!(r#"{{"anthropic_version":"{version}","max_tokens":9.0}}"#);
        assert_eq!(seen.body, body);
        assert_eq!(seen.header("accept"), Some("application/json"));
    }
}

#[tokio::test]
async fn a_version_in_the_body_stays() {
    let body = r#"{"model":"m","anthropic_version":"bedrock-2023-05-31","anthropic_beta":["x"]}"#;
    let case = Case {
        adapter: BEDROCK,
        id: "m",
        body,
        headers: &[("anthropic-version", "2026-10-21"), ("anthropic-beta", "y")],
    };
    let wanted = r#"{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["x"]}"#;
    assert_eq!(case.seen().await.body, wanted);
}

#[tokio::test]
async fn vertex_takes_the_model_in_the_path_and_the_version_in_the_body() {
    let mut case = Case {
        adapter: VERTEX,
        id: "claude-opus-4-6@20260205",
        body: STREAM,
        headers: &[
            ("anthropic-beta", "one-2026"),
            ("anthropic-version", "2026-10-21"),
        ],
    };
    let seen = case.seen().await;
    let path = "/projects/my-project/locations/eu-west-1/publishers/anthropic/models";
    let model = "claude-opus-4-6@20260205";
    assert_eq!(seen.target(), format!("{path}/{model}:streamRawPredict"));
    let body = r#"{"anthropic_version":"2026-10-21", "stream" : true, "max_tokens":9.0 }"#;
    assert_eq!(seen.body, body);
    assert_eq!(seen.header("anthropic-beta"), Some("one-2026"));
    assert_eq!(seen.header("anthropic-version"), None);
    assert_eq!(seen.header("authorization"), Some("Bearer the-key"));

    case.body = WHOLE;
    case.headers = &[];
    case.id = "odd;id";
    let seen = case.seen().await;
    assert_eq!(seen.target(), format!("{path}/odd%3Bid:rawPredict"));
    let version = r#""anthropic_version":"vertex-2023-10-16""#;
    assert_eq!(
        seen.body,
        format!(r#"{{{version},"max_tokens":9.0,"stream":false}}"#)
    );
}

async fn told(
    case: &Case<'_>,
    status: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: &str,
) -> Fault {
    let body = body.to_owned();
    let upstream = Upstream::start(move |_, _| answer(status, &headers, body.as_bytes())).await;
    case.send(&upstream).await.unwrap_err()
}

const ANTHROPIC: &str =
    r#"{"type":"error","error":{"type":"invalid_request_error","message":"no"}}"#;
const GOOGLE: &str = r#"[{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED"}}]"#;

/// What a platform refuses with: whether it is Bedrock, the status, its kind and the body.
const REFUSALS: [(bool, &str, &str, &str); 9] = [
    (
        true,
        "400 Bad Request",
        "ValidationException",
        r#"{"message":"bad id"}"#,
    ),
    (
        true,
        "429 Too Many",
        "ThrottlingException:http://x/",
        r#"{"message":"slow"}"#,
    ),
    (
        true,
        "424 Failed",
        "ModelErrorException",
        r#"{"message":"broke"}"#,
    ),
    (
        true,
        "503 Unavailable",
        "ServiceUnavailableException",
        r#"{"Message":"no"}"#,
    ),
    (
        true,
        "400 Bad Request",
        "ServiceQuotaExceededException",
        r#"{"message":"quota"}"#,
    ),
    (
        true,
        "403 Forbidden",
        "AccessDeniedException",
        r#"{"message":"denied"}"#,
    ),
    (true, "502 Bad Gateway", "", "<html>"),
    (false, "429 Too Many", "", GOOGLE),
    (false, "400 Bad Request", "", ANTHROPIC),
];

#[tokio::test]
async fn what_a_platform_says_comes_in_the_dialects_envelope() {
    let bedrock = Case {
        adapter: BEDROCK,
        id: "m",
        body: WHOLE,
        headers: &[],
    };
    let vertex = Case {
        adapter: VERTEX,
        ..bedrock
    };
    let mut seen = String::new();
    for (is_bedrock, status, kind, body) in REFUSALS {
        let case = if is_bedrock { &bedrock } else { &vertex };
        let headers = vec![
            ("x-amzn-errortype", kind),
            ("x-amzn-requestid", "req-1"),
            ("retry-after", "3"),
        ];
        let fault = told(case, status, headers, body).await;
        let answer = fault.answer.unwrap();
        let (retry, body) = (
            fault.retry,
            String::from_utf8(answer.body.to_vec()).unwrap(),
        );
        seen.push_str(&format!(
            "{} {kind}: {retry:?} {body}\n",
            answer.status.as_u16()
        ));
        assert_eq!(answer.headers["retry-after"], "3");
        assert_eq!(answer.headers.contains_key("request-id"), is_bedrock);
    }
    insta::assert_snapshot!(seen);
}

#[tokio::test]
async fn a_stream_of_bedrock_in_another_type_is_garbage() {
    let case = Case {
        adapter: BEDROCK,
        id: "m",
        body: STREAM,
        headers: &[],
    };
    for kind in ["application/json", "text/event-stream"] {
        let headers = [("content-type", kind)];
        let upstream = Upstream::start(move |_, _| answer("200 OK", &headers, b"{}")).await;
        let fault = case.send(&upstream).await.unwrap_err();
        assert_eq!(fault.class, Class::Garbage);
    }
}
