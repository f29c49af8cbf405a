//! Providers that fail: what is rescued, what the caller is told, and that half an answer never
//! looks like a whole one. It must not test clients that leave.

use std::time::Duration;

use store::Outcome;
use testkit::Behaviour;

use super::{Bench, chat, config, json, outcome_of, text};

#[tokio::test]
async fn a_fault_before_visible_output_is_answered_by_the_next_model() {
    for first in ["cut-after-0", "error-event-0"] {
        let bench = Bench::start().await;
        let reply = bench.chat(&format!("first-{first}"), true).await;
        let shown = text(&reply);
        assert!(shown.ends_with("data: [DONE]\n\n"), "{first}: {shown}");
        assert_eq!(
            reply.head.header("tiergate-model"),
            Some("second"),
            "{first}"
        );
        let row = bench.row().await;
        assert_eq!(outcome_of(&row), (200, Outcome::Fallback), "{first}");
        assert_eq!(row.model, Some("second".into()));
        assert!(row.attempts.unwrap().contains(first));
    }
}

#[tokio::test]
async fn every_fault_before_headers_is_rescued_too() {
    for behaviour in [
        Behaviour::status(500),
        Behaviour::status(503),
        Behaviour::status(429),
        Behaviour::status(401),
        Behaviour::status(404),
        Behaviour::CutBeforeHeaders,
        Behaviour::Garbage,
        Behaviour::LieLengthLong,
        Behaviour::LieLengthShort,
        Behaviour::Redirect("http://127.0.0.1:9/".to_owned()),
    ] {
        let bench = Bench::start().await;
        bench.fake.rescript("plain", behaviour.clone());
        let reply = bench.chat("haiku", false).await;
        assert_eq!(reply.head.status, 200, "{behaviour:?}: {:?}", reply.body);
        assert_eq!(
            reply.head.header("tiergate-model"),
            Some("second"),
            "{behaviour:?}"
        );
        let row = bench.row().await;
        assert_eq!(outcome_of(&row), (200, Outcome::Fallback), "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_fault_after_visible_output_becomes_one_error_and_no_success() {
    for first in ["cut-after-3", "error-event-3", "malformed-event-3"] {
        let bench = Bench::start().await;
        let reply = bench.chat(&format!("first-{first}"), true).await;
        assert_eq!(reply.head.status, 200);
        let shown = text(&reply);
        assert!(!shown.contains("[DONE]"), "{first}: {shown}");
        assert_eq!(shown.matches("\"error\"").count(), 1, "{first}: {shown}");
        for event in shown.split("\n\n").filter(|event| !event.is_empty()) {
            let payload = event
                .strip_prefix("data: ")
                .unwrap_or_else(|| panic!("{event}"));
            serde_json::from_str::<serde_json::Value>(payload).unwrap();
        }
        let row = bench.row().await;
        assert_eq!(outcome_of(&row), (200, Outcome::Error), "{first}");
        assert_eq!(
            bench.fake.requests().len(),
            1,
            "{first}: nothing is tried again"
        );
    }
}

#[tokio::test]
async fn the_messages_dialect_gets_its_own_error_event() {
    for behaviour in [
        Behaviour::CutAfter(3),
        Behaviour::EndAfter(3),
        Behaviour::ErrorEvent(3),
    ] {
        let bench = Bench::start().await;
        bench.fake.rescript("claude", behaviour.clone());
        let shown = text(&bench.messages("opus", true).await);
        assert!(!shown.contains("message_stop"), "{behaviour:?}: {shown}");
        assert_eq!(
            shown.matches("event: error\n").count(),
            1,
            "{behaviour:?}: {shown}"
        );
        // The same fault told across dialects.
        let shown = text(&bench.chat("opus", true).await);
        assert!(!shown.contains("[DONE]"), "{behaviour:?}: {shown}");
        assert_eq!(
            shown.matches("\"error\"").count(),
            1,
            "{behaviour:?}: {shown}"
        );
    }
}

#[tokio::test]
async fn a_stream_without_its_terminator_counts_where_every_choice_has_ended() {
    let bench = Bench::start().await;
    bench.fake.rescript("plain", Behaviour::NoTerminator);
    let shown = text(&bench.chat("haiku", true).await);
    assert!(!shown.contains("\"error\""), "{shown}");
    assert_eq!(outcome_of(&bench.row().await), (200, Outcome::Success));
}

#[tokio::test]
async fn a_bad_request_is_told_as_the_provider_told_it() {
    let bench = Bench::start().await;
    let told = r#"{"error":{"message":"no such thing","type":"invalid_request_error",
        "param":"tools","code":"invalid_value"}}"#;
    let refused = Behaviour::Status {
        code: 400,
        headers: vec![("x-ratelimit-remaining-tokens".to_owned(), "7".to_owned())],
        body: told.to_owned(),
    };
    bench.fake.rescript("plain", refused);
    let reply = bench.chat("haiku", false).await;
    assert_eq!((reply.head.status, text(&reply).as_str()), (400, told));
    assert_eq!(reply.head.header("tiergate-error"), Some("provider"));
    assert_eq!(reply.head.header("x-request-id"), Some("req_fake"));
    assert_eq!(reply.head.header("x-ratelimit-remaining-tokens"), Some("7"));
    assert_eq!(
        bench.fake.requests().len(),
        1,
        "a bad request is not tried again"
    );
    assert_eq!(outcome_of(&bench.row().await), (400, Outcome::Error));
}

#[tokio::test]
async fn a_fallbacks_own_complaint_does_not_hide_the_cause() {
    let bench = Bench::start().await;
    bench.fake.rescript("plain", Behaviour::status(503));
    bench.fake.rescript("second", Behaviour::status(400));
    let reply = bench.chat("haiku", false).await;
    assert_eq!(reply.head.status, 503);
    assert_eq!(reply.head.header("tiergate-error"), Some("provider"));
    assert_eq!(
        bench.fake.requests().len(),
        3,
        "twice the first, once the second"
    );
}

#[tokio::test]
async fn a_throttled_model_is_left_alone_for_as_long_as_it_asks() {
    let bench = Bench::start().await;
    let throttled = Behaviour::Status {
        code: 429,
        headers: vec![("retry-after".to_owned(), "30".to_owned())],
        body: String::new(),
    };
    bench.fake.rescript("plain", throttled.clone());
    let reply = bench.chat("haiku", false).await;
    assert_eq!(reply.head.header("tiergate-model"), Some("second"));
    assert_eq!(
        bench.fake.requests().len(),
        2,
        "no second try of the throttled one"
    );
    bench.fake.rescript("second", throttled);
    let reply = bench.chat("haiku", false).await;
    assert_eq!(reply.head.status, 429);
    assert_eq!(reply.head.header("retry-after"), Some("30"));
}

#[tokio::test]
async fn a_short_wait_is_kept_and_the_same_model_answers() {
    let bench = Bench::start().await;
    bench
        .fake
        .rescript("plain", Behaviour::failing(1, Behaviour::status(500)));
    let reply = bench.chat("haiku", false).await;
    assert_eq!(reply.head.header("tiergate-model"), Some("plain"));
    assert_eq!(outcome_of(&bench.row().await), (200, Outcome::Success));
}

#[tokio::test]
async fn a_silent_provider_is_given_up_in_every_phase() {
    let mut quick = config();
    quick.headers_timeout = Duration::from_millis(300);
    quick.answer_timeout = Duration::from_millis(300);
    quick.first_token_timeout = Duration::from_millis(300);
    quick.idle_timeout = Duration::from_millis(300);
    let bench = Bench::with(quick).await;
    for (behaviour, is_stream) in [
        (Behaviour::StallHeaders, true),
        (Behaviour::StallHeaders, false),
        (Behaviour::StallFirstToken, true),
    ] {
        bench.fake.rescript("only", behaviour.clone());
        bench.fake.rescript("claude", behaviour.clone());
        let reply = bench.messages("opus", is_stream).await;
        assert_eq!(reply.head.status, 504, "{behaviour:?} {:?}", reply.body);
        assert_eq!(json(&reply)["type"], "error");
        assert_eq!(reply.head.header("tiergate-error"), Some("provider"));
    }
    bench.fake.rescript("claude", Behaviour::StallAfter(3));
    let shown = text(&bench.messages("opus", true).await);
    assert_eq!(shown.matches("event: error\n").count(), 1, "{shown}");
}

#[tokio::test]
async fn errors_cross_dialects() {
    let bench = Bench::start().await;
    bench.fake.rescript("claude", Behaviour::status(529));
    let reply = bench.chat("opus", false).await;
    assert_eq!(reply.head.status, 503, "{:?}", reply.body);
    assert!(json(&reply)["error"]["message"].is_string());
    assert_eq!(reply.head.header("tiergate-error"), Some("provider"));
    bench.fake.rescript("claude", Behaviour::Garbage);
    let reply = bench.chat("opus", false).await;
    assert_eq!(reply.head.status, 502, "{:?}", reply.body);
}

#[tokio::test]
async fn a_huge_event_passes() {
    let bench = Bench::start().await;
    bench.fake.rescript("plain", Behaviour::HugeEvent(3 << 20));
    let reply = bench.chat("haiku", true).await;
    assert!(reply.body.len() > 3 << 20);
    assert!(reply.body.ends_with(b"data: [DONE]\n\n"));
    assert!(chat("haiku", true).len() < 200);
}
