//! Signatures against published ones, and what they cover.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::Full;

use super::{SigV4, Signer, credentials};
use crate::authorise::{AuthKind as _, Clock, Given};
use crate::secret::Secret;

/// AWS's own example credentials, which every published vector uses.
const KEY_ID: &str = "AKIDEXAMPLE";
const KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Is one published signature. Facts retyped from the named source.
struct Vector {
    unix: u64,
    service: &'static str,
    token: Option<&'static str>,
    host: &'static str,
    path: &'static str,
    content_type: &'static str,
    names: &'static [HeaderName],
    body: &'static str,
    hash: &'static str,
    signed: &'static str,
    signature: &'static str,
}

const MANTLE: Vector = Vector {
    unix: 1_780_317_296,
    service: "bedrock-mantle",
    token: None,
    host: "bedrock-mantle.us-east-1.api.aws",
    path: "/openai/v1/responses",
    content_type: "application/json",
    names: &[HOST, CONTENT_TYPE, CONTENT_LENGTH],
    body: r#"{"input":"hello","model":"openai.gpt-oss-120b"}"#,
    hash: "9d161ca213ef31dd5b8f01f52294bcd5057bc778cf6ee7719e67b7ff43ef1022",
    signed: "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
    signature: "bba77a80c7b39301d1aa29db9bc2f2b349deb932ae2dc5f800cec17baaf0f5de",
};

const VECTORS: &[Vector] = &[
    // openai/openai-python, tests/fixtures/bedrock_auth/v1/cases.json: static credentials.
    MANTLE,
    // The same: temporary credentials.
    Vector {
        token: Some("fixture-session-token"),
        signed: "content-length;content-type;host;x-amz-content-sha256;x-amz-date;\
                 x-amz-security-token",
        signature: "693a4fef0373c0929f1f71d0da29c748f6bf42e75059648ceb97d52a204fb37c",
        ..MANTLE
    },
    // openai/openai-python, tests/fixtures/bedrock/v1/sigv4.json: what the Node client makes.
    Vector {
        unix: 1_735_787_045,
        token: Some("fixture-session-token"),
        names: &[HOST, CONTENT_TYPE],
        body: r#"{"model":"gpt-4o","input":"hello"}"#,
        hash: "50329e51ad520f21b77bad0b01999930ff556cd1bf18434701251ba6c9f877bc",
        signed: "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token",
        signature: "dc20c8fbe516daf0ccae7e5b7a78fc2936870413a9f1af6e1b2d44b970ce411f",
        ..MANTLE
    },
    // awslabs/aws-c-auth, tests/aws-signing-test-suite/v4/post-x-www-form-urlencoded.
    Vector {
        unix: 1_440_938_160,
        service: "service",
        host: "example.amazonaws.com",
        path: "/",
        content_type: "application/x-www-form-urlencoded",
        body: "Param1=value1",
        hash: "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
        signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
        ..MANTLE
    },
];

fn given(token: Option<&str>) -> Given {
    let mut given = Given::default();
    let secrets = [("access_key_id", KEY_ID), ("secret_access_key", KEY)];
    let token = token.map(|token| ("session_token", token));
    for (name, text) in secrets.into_iter().chain(token) {
        given.secrets.insert(name.to_owned(), Secret::new(text));
    }
    for (name, text) in [("region", "us-east-1"), ("service", "bedrock")] {
        given.texts.insert(name.to_owned(), text.to_owned());
    }
    given
}

fn at(unix: u64) -> Clock {
    Arc::new(move || SystemTime::UNIX_EPOCH + Duration::from_secs(unix))
}

fn request(vector: &Vector) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::default());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = vector.path.parse().unwrap();
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_static(vector.host));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(vector.content_type));
    headers.insert(CONTENT_LENGTH, vector.body.len().into());
    request
}

fn header(request: &Request<Full<Bytes>>, name: &str) -> String {
    request.headers()[name].to_str().unwrap().to_owned()
}

#[test]
fn published_signatures_are_made() {
    for vector in VECTORS {
        let signer = Signer {
            credentials: ArcSwap::from_pointee(credentials(&given(vector.token)).unwrap()),
            region: "us-east-1".to_owned(),
            service: vector.service.to_owned(),
            clock: at(vector.unix),
        };
        let mut request = request(vector);
        signer
            .sign(&mut request, vector.body.as_bytes(), vector.names)
            .unwrap();
        assert_eq!(header(&request, "x-amz-content-sha256"), vector.hash);
        let date = header(&request, "x-amz-date");
        let day = &date[..8];
        let (service, signed, signature) = (vector.service, vector.signed, vector.signature);
        assert_eq!(
            header(&request, "authorization"),
            format!(
                "AWS4-HMAC-SHA256 Credential={KEY_ID}/{day}/us-east-1/{service}/aws4_request, \
                 SignedHeaders={signed}, Signature={signature}"
            )
        );
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
        let token = request.headers().get("x-amz-security-token");
        assert_eq!(token.map(|token| token.to_str().unwrap()), vector.token);
        assert!(token.is_none_or(HeaderValue::is_sensitive));
    }
}

#[test]
fn what_a_proxy_may_change_is_not_signed() {
    let auth = SigV4.make(&given(None), &at(1_780_317_296)).unwrap();
    let signed = |more: &[(&'static str, &'static str)]| {
        let mut request = request(&MANTLE);
        for (name, value) in more {
            request
                .headers_mut()
                .append(*name, HeaderValue::from_static(value));
        }
        auth.authorise(&mut request, b"{}").unwrap();
        header(&request, "authorization")
    };
    let plain = signed(&[]);
    let more = signed(&[
        ("user-agent", "other"),
        ("traceparent", "00-1-2-01"),
        ("x-amzn-trace-id", "Root=1"),
        ("accept", "application/json"),
        ("anthropic-beta", "a"),
        ("anthropic-beta", "b"),
    ]);
    assert_eq!(plain, more);
    assert!(plain.contains("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,"));
}

#[test]
fn each_try_is_signed_at_its_own_time_with_the_key_of_that_time() {
    let now = Arc::new(AtomicU64::new(1_780_317_296));
    let shown = Arc::clone(&now);
    let clock: Clock = Arc::new(move || {
        SystemTime::UNIX_EPOCH + Duration::from_secs(shown.load(Ordering::Relaxed))
    });
    let auth = SigV4.make(&given(None), &clock).unwrap();
    let sign = || {
        let mut request = request(&MANTLE);
        auth.authorise(&mut request, MANTLE.body.as_bytes())
            .unwrap();
        request
    };
    let first = sign();
    now.fetch_add(5, Ordering::Relaxed);
    let mut renewed = given(Some("a-token"));
    renewed
        .secrets
        .insert("access_key_id".to_owned(), Secret::new("SECONDACCESSKEY\n"));
    auth.renew(&renewed).unwrap();
    let second = sign();
    assert_eq!(header(&first, "x-amz-date"), "20260601T123456Z");
    assert_eq!(header(&second, "x-amz-date"), "20260601T123501Z");
    assert!(header(&second, "authorization").contains("Credential=SECONDACCESSKEY/"));
    assert_eq!(header(&second, "x-amz-security-token"), "a-token");
    assert_eq!(header(&second, "x-amz-content-sha256"), MANTLE.hash);
}

#[test]
fn a_bad_key_leaves_the_last_good_one() {
    let auth = SigV4.make(&given(None), &at(1_780_317_296)).unwrap();
    for bad in ["", "two words", "line\nline"] {
        let mut renewed = given(None);
        let bad = Secret::new(bad);
        renewed.secrets.insert("secret_access_key".to_owned(), bad);
        assert!(auth.renew(&renewed).is_err());
    }
    let mut request = request(&MANTLE);
    auth.authorise(&mut request, b"{}").unwrap();
    assert!(header(&request, "authorization").contains(KEY_ID));
}
