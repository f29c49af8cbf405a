//! What the Gemini adapter sends where, and how long it waits.

use std::time::Duration;

use super::{Case, Upstream, answer, told};

const GEMINI: (&str, Option<&str>) = ("gemini", None);

fn case<'c>(id: &'c str, body: &'c str) -> Case<'c> {
    Case {
        adapter: GEMINI,
        id,
        body,
        headers: &[
            ("x-goog-api-key", "the-callers"),
            ("authorization", "Bearer the-callers"),
            ("traceparent", "00-1-2-01"),
        ],
    }
}

#[tokio::test]
async fn the_path_names_model_and_method_and_the_key_is_the_providers() {
    let whole = r#"{"contents":[]}"#;
    let seen = case("models/gemini-3.1-pro", whole).seen().await;
    // The client's own query goes no further: a key may stand in it.
    let target = "/v1beta/models/gemini-3.1-pro:generateContent";
    assert_eq!(seen.target(), target);
    assert_eq!(seen.header("x-goog-api-key"), Some("the-key"));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("traceparent"), Some("00-1-2-01"));
    assert_eq!(seen.body, whole);
}

#[tokio::test]
async fn a_stream_is_asked_for_as_events() {
    let seen = case("tuned/a b?c", r#"{"stream":true}"#).seen().await;
    let target = "/v1beta/models/tuned%2Fa%20b%3Fc:streamGenerateContent?alt=sse";
    assert_eq!(seen.target(), target);
}

#[tokio::test]
async fn how_long_to_wait_stands_in_the_body() {
    let quota = r#"{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED",
        "details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}"#;
    let case = case("m", "{}");
    let fault = told(&case, "429 Too Many", Vec::new(), quota).await;
    assert_eq!(fault.retry_after, Some(Duration::from_millis(34_400)));
    let headers = vec![("retry-after", "3")];
    let fault = told(&case, "429 Too Many", headers, quota).await;
    assert_eq!(fault.retry_after, Some(Duration::from_secs(3)));
    let upstream = Upstream::start(|_, _| answer("503 Busy", &[], b"<html>")).await;
    let fault = case.send(&upstream).await.unwrap_err();
    assert_eq!(fault.retry_after, None);
}
