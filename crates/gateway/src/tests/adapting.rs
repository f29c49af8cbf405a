//! Tiers that adapt and tiers that do not, before one model that refuses much. The rules are the
//! shipped ones of Claude Opus 5.5.

use domain::{Facts, Limits, ModelDraft};
use serde_json::{Value, json};

use super::{Bench, json, outcome_of};
use store::Outcome;

/// The most output of the model.
const MOST: u64 = 500;

pub(super) fn model() -> ModelDraft {
    ModelDraft {
        limits: Limits {
            max_output_tokens: Some(MOST),
        },
        takes: Facts::shipped()
            .unwrap()
            .takes("anthropic", "claude-opus-5-5"),
        ..super::model("claudes", "careful")
    }
}

fn messages(tier: &str) -> Value {
    json!({
        "model": tier, "max_tokens": 50, "temperature": 0.5,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "messages": [{"role": "user", "content": "hi there"}],
    })
}

#[tokio::test]
async fn a_tier_adapts_only_where_it_says_so_and_names_what() {
    let bench = Bench::start().await;
    let request = bench.post("/v1/messages", "", &messages("adapted").to_string());
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.status, 200, "{:?}", reply.body);
    let adapted = reply.head.header("tiergate-adapted").unwrap();
    let row = bench.row().await;
    assert_eq!(outcome_of(&row), (200, Outcome::Success));
    for path in ["thinking", "output_config.effort", "temperature"] {
        assert!(adapted.split(", ").any(|one| one == path), "{adapted}");
        assert!(row.attempts.as_ref().unwrap().contains(path), "{row:?}");
    }
    let sent = bench.fake.requests().remove(0);
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    let expected = json!({
        "model": "careful", "max_tokens": 50,
        "thinking": {"type": "adaptive"}, "output_config": {"effort": "low"},
        "messages": [{"role": "user", "content": "hi there"}],
    });
    assert_eq!(sent, expected);

    let bench = Bench::start().await;
    let request = bench.post("/v1/messages", "", &messages("as-asked").to_string());
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.header("tiergate-adapted"), None);
    let sent = bench.fake.requests().remove(0);
    let mut expected = messages("as-asked");
    expected["model"] = "careful".into();
    assert_eq!(
        serde_json::from_slice::<Value>(&sent.body).unwrap(),
        expected
    );
    assert_eq!(bench.row().await.attempts, None);
}

#[tokio::test]
async fn a_request_of_another_dialect_is_adapted_too() {
    let bench = Bench::start().await;
    let body = json!({
        "model": "adapted", "max_tokens": 50, "temperature": 0.5,
        "tool_choice": "required",
        "tools": [{
            "type": "function",
            "function": {"name": "f", "parameters": {"type": "object"}},
        }],
        "messages": [{"role": "user", "content": "hi there"}],
    });
    let request = bench.post("/v1/chat/completions", "", &body.to_string());
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.status, 200, "{:?}", reply.body);
    // The caller reads the names of its own dialect.
    let adapted = reply.head.header("tiergate-adapted").unwrap();
    assert_eq!(adapted, "tool_choice, temperature");
    let sent = bench.fake.requests().remove(0);
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(sent["tool_choice"], json!({"type": "auto"}));
    assert_eq!(sent.get("temperature"), None);
}

#[tokio::test]
async fn more_output_than_there_is_becomes_the_most() {
    let bench = Bench::start().await;
    let mut body = messages("adapted");
    body["max_tokens"] = 9000.into();
    let request = bench.post("/v1/messages", "", &body.to_string());
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.status, 200, "{:?}", reply.body);
    let sent = bench.fake.requests().remove(0);
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(sent["max_tokens"], MOST);
    body["model"] = "as-asked".into();
    let request = bench.post("/v1/messages", "", &body.to_string());
    assert_eq!(bench.exchange(&request).await.head.status, 400);
}

#[tokio::test]
async fn a_begun_answer_reaches_no_provider() {
    let bench = Bench::start().await;
    let mut body = messages("adapted");
    body["messages"] = json!([
        {"role": "user", "content": "hi there"}, {"role": "assistant", "content": "{"},
    ]);
    let request = bench.post("/v1/messages", "", &body.to_string());
    let reply = bench.exchange(&request).await;
    assert_eq!(reply.head.status, 400);
    let message = json(&reply)["error"]["message"].to_string();
    assert!(message.contains("messages"), "{message}");
    assert!(bench.fake.requests().is_empty());
}
