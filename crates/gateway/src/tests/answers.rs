//! Good answers: bytes that pass through, headers, rows. It must not test faults.

use domain::PicoUsd;
use store::{Arm, Outcome};
use testkit::{Behaviour, Client};

use super::{Bench, chat, config, json, outcome_of, text};
use crate::Drained;

#[tokio::test]
async fn an_unstreamed_answer_passes_as_bytes() {
    let bench = Bench::start().await;
    let reply = bench.chat("haiku", false).await;
    assert_eq!(reply.head.status, 200, "{:?}", reply.body);
    let direct = {
        let mut client = Client::connect(bench.fake.address()).await.unwrap();
        let body = chat("plain", false);
        let request = bench.request("POST", "/v1/chat/completions", "", &body);
        client.exchange(&request).await.unwrap()
    };
    assert_eq!(reply.body, direct.body);
    let header = |name: &str| reply.head.header(name).unwrap_or_default().to_owned();
    assert_eq!(header("tiergate-tier"), "haiku");
    assert_eq!(header("tiergate-model"), "plain");
    assert_eq!(header("tiergate-decision").len(), 32);
    assert_eq!(reply.head.header("tiergate-stage"), None);
    assert_eq!(reply.head.header("tiergate-error"), None);
    assert!(!header("x-request-id").is_empty());

    let seen = bench.fake.requests().remove(0);
    assert_eq!(
        seen.body,
        chat("plain", false),
        "only the model's name is edited"
    );
    let row = bench.row().await;
    assert_eq!(row.decision.to_string(), header("tiergate-decision"));
    assert_eq!(outcome_of(&row), (200, Outcome::Success));
    assert_eq!(&*row.requested, "haiku");
    let usage = &json(&reply)["usage"];
    assert_eq!(usage["prompt_tokens"], row.tokens.input);
    assert_eq!(usage["completion_tokens"], row.tokens.output);
    let micros = row.tokens.input * 1_000_000 + row.tokens.output * 5_000_000;
    assert_eq!(row.cost, Some(PicoUsd(i64::try_from(micros).unwrap())));
    assert_eq!(
        row.features.as_deref(),
        Some(r#"{"form":2,"messages":1,"older_max_tokens":true}"#)
    );
}

#[tokio::test]
async fn a_stream_hides_the_usage_chunk_that_nobody_asked_for() {
    let bench = Bench::start().await;
    let reply = bench.chat("haiku", true).await;
    let shown = text(&reply);
    assert!(shown.ends_with("data: [DONE]\n\n"), "{shown}");
    assert!(!shown.contains("\"usage\":{"), "{shown}");
    let asked = bench.fake.requests().remove(0).json();
    assert_eq!(asked["stream_options"]["include_usage"], true);
    let row = bench.row().await;
    assert_eq!(outcome_of(&row), (200, Outcome::Success));
    assert!(row.tokens.output > 0 && row.cost.is_some(), "{row:?}");
    assert!(row.first_token_ms.is_some());

    let body = chat("haiku", true).replace(
        r#""stream":true"#,
        r#""stream":true,"stream_options":{"include_usage":true}"#,
    );
    let reply = bench
        .exchange(&bench.post("/v1/chat/completions", "", &body))
        .await;
    assert!(text(&reply).contains("\"usage\":{"));
}

#[tokio::test]
async fn the_messages_dialect_passes_as_bytes_too() {
    let bench = Bench::start().await;
    for is_stream in [false, true] {
        let reply = bench.messages("opus", is_stream).await;
        assert_eq!(reply.head.status, 200, "{:?}", reply.body);
        let mut client = Client::connect(bench.fake.address()).await.unwrap();
        let body = chat("claude", is_stream);
        let direct = bench.request("POST", "/v1/messages", "", &body);
        let direct = client.exchange(&direct).await.unwrap();
        assert_eq!(text(&reply), text(&direct));
        assert!(reply.head.header("request-id").is_some());
    }
    for row in bench.rows(2).await {
        assert_eq!(outcome_of(&row), (200, Outcome::Success));
        assert!(row.tokens.input > 0 && row.tokens.output > 0, "{row:?}");
        assert_eq!(row.cost, None, "no price is known, so no cost is");
    }
}

#[tokio::test]
async fn a_request_crosses_into_the_models_dialect_and_back() {
    let bench = Bench::start().await;
    let whole = bench.chat("opus", false).await;
    assert_eq!(whole.head.status, 200, "{:?}", whole.body);
    let said = json(&whole)["choices"][0]["message"]["content"].clone();
    assert!(said.as_str().unwrap().contains("hi there"), "{said}");
    assert_eq!(bench.fake.requests()[0].path, "/v1/messages");

    let stream = text(&bench.chat("opus", true).await);
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
    let stream = bench.messages("haiku", true).await;
    assert_eq!(
        stream.head.header("content-type"),
        Some("text/event-stream")
    );
    let stream = text(&stream);
    assert!(stream.contains("event: message_stop"), "{stream}");
    for row in bench.rows(3).await {
        assert_eq!(outcome_of(&row), (200, Outcome::Success));
        assert!(row.tokens.input > 0 && row.tokens.output > 0, "{row:?}");
    }
}

#[tokio::test]
async fn an_alias_lands_in_its_tier() {
    let bench = Bench::start().await;
    let reply = bench.chat("gpt-6.2-sol", false).await;
    assert_eq!(reply.head.header("tiergate-tier"), Some("haiku"));
    assert_eq!(&*bench.row().await.requested, "gpt-6.2-sol");
}

#[tokio::test]
async fn an_admitted_caller_sees_the_stage_and_is_counted_in_its_arm() {
    let bench = Bench::start().await;
    bench.open_release();
    let request = bench.post(
        "/v1/chat/completions",
        "tiergate-use-case: defense\r\ntiergate-step: triage\r\n",
        &chat("capybara", false),
    );
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.header("tiergate-stage"), Some("early_access"));
    assert_eq!(reply.head.header("tiergate-model"), Some("hidden"));
    let row = bench.row().await;
    assert_eq!(row.arm, Some(Arm::Candidate));
    assert_eq!(row.step.as_deref(), Some("triage"));
    assert_eq!(row.use_case, Some("defense".into()));
}

#[tokio::test]
async fn one_connection_serves_many_requests_and_the_provider_sees_one_too() {
    let bench = Bench::start().await;
    let mut client = Client::connect(bench.address).await.unwrap();
    for turn in 0..20 {
        let request = bench.post("/v1/chat/completions", "", &chat("haiku", turn % 2 == 0));
        assert_eq!(client.exchange(&request).await.unwrap().head.status, 200);
    }
    assert_eq!(bench.fake.connections().len(), 1);
    drop(client);
    assert_eq!(bench.stop().await, Drained::Finished);
}

#[tokio::test]
async fn a_stop_lets_a_stream_finish() {
    let bench = Bench::start().await;
    let slow = Behaviour::Normal {
        tokens: 5,
        gap: std::time::Duration::from_millis(20),
    };
    bench.fake.rescript("plain", slow);
    let mut client = Client::connect(bench.address).await.unwrap();
    let request = bench.post("/v1/chat/completions", "", &chat("haiku", true));
    client.send(&request).await.unwrap();
    client.read_head().await.unwrap();
    let stopping = bench.stop();
    let reading = async {
        let mut shown = Vec::new();
        while let Some(piece) = client.next_piece().await.unwrap() {
            shown.extend_from_slice(&piece);
        }
        String::from_utf8(shown).unwrap()
    };
    let (drained, shown) = tokio::join!(stopping, reading);
    assert_eq!(drained, Drained::Finished);
    assert!(shown.ends_with("data: [DONE]\n\n"), "{shown}");
}

fn recorded(media: &str, body: &str) -> Behaviour {
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ncontent-length: {length}\r\n\r\n");
    Behaviour::Replay((head + body).into())
}

#[tokio::test]
async fn refusals_and_cut_answers_are_outcomes_of_their_own() {
    let chunk = |delta: &str, reason: &str| {
        format!(
            "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\
             \"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{reason}}}]}}\n\n"
        )
    };
    let streamed =
        chunk("{\"content\":\"half\"}", "null") + &chunk("{}", "\"length\"") + "data: [DONE]\n\n";
    let refused = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude",
        "content":[],"stop_reason":"refusal","stop_sequence":null,
        "usage":{"input_tokens":5,"output_tokens":0}}"#;
    let bench = Bench::start().await;
    bench
        .fake
        .rescript("plain", recorded("text/event-stream", &streamed));
    bench
        .fake
        .rescript("claude", recorded("application/json", refused));
    assert_eq!(text(&bench.chat("haiku", true).await), streamed);
    let reply = bench.messages("opus", false).await;
    assert_eq!((reply.head.status, text(&reply).as_str()), (200, refused));
    let rows = bench.rows(2).await;
    assert_eq!(outcome_of(&rows[0]), (200, Outcome::Truncated));
    assert_eq!(outcome_of(&rows[1]), (200, Outcome::Refusal));
    assert_eq!(bench.fake.requests().len(), 2, "a refusal is no fault");
}

#[tokio::test]
async fn what_a_translation_loses_is_named_or_refused() {
    let body = chat("opus", false).replace("\"max_tokens\"", "\"seed\":7,\"max_tokens\"");
    let bench = Bench::start().await;
    let request = bench.post("/v1/chat/completions", "", &body);
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.status, 200, "{:?}", reply.body);
    let lossy = reply.head.header("tiergate-lossy").unwrap();
    assert!(lossy.split(", ").any(|path| path == "seed"), "{lossy}");

    let mut strict = config();
    strict.translation = crate::Translation::Strict;
    let bench = Bench::with(strict).await;
    let request = bench.post("/v1/chat/completions", "", &body);
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.status, 400, "{:?}", reply.body);
    assert_eq!(json(&reply)["error"]["param"], "seed");
    assert!(bench.fake.requests().is_empty());
}

#[tokio::test]
async fn a_conversation_is_known_by_its_beginning() {
    let bench = Bench::start().await;
    let first = chat("haiku", false);
    let later = first.replace(
        "hi there\"}",
        "hi there\"},{\"role\":\"assistant\",\"content\":\"yes?\"},\
         {\"role\":\"user\",\"content\":\"more\"}",
    );
    let other = first.replace("hi there", "hi here");
    for body in [&first, &later, &other] {
        let request = bench.post("/v1/chat/completions", "", body);
        assert_eq!(bench.exchange(&request).await.head.status, 200);
    }
    for headers in [
        "tiergate-conversation: c-7\r\n",
        "tiergate-conversation: c-7\r\n",
    ] {
        let request = bench.post("/v1/chat/completions", headers, &other);
        assert_eq!(bench.exchange(&request).await.head.status, 200);
    }
    let rows = bench.rows(5).await;
    let hashes: Vec<_> = rows.iter().map(|row| row.conversation.unwrap()).collect();
    assert_eq!(
        hashes[0], hashes[1],
        "the same conversation, one turn later"
    );
    assert_ne!(hashes[0], hashes[2]);
    assert_eq!(hashes[3], hashes[4]);
    assert_ne!(hashes[2], hashes[3]);
}
