//! What the rows of a release say of conversations and answers, and those of others do not. It
//! must not judge an answer itself.

use serde_json::{Value, json};
use store::{Outcome, UsageRow};
use testkit::Behaviour;

use super::{Bench, outcome_of};

const PURPOSE: &str = "tiergate-use-case: defense\r\n";

/// Makes a request with a tool whose argument `text` has a type.
fn asked(path: &str, model: &str, kind: &str, is_stream: bool) -> Value {
    let schema = json!({
        "type": "object", "properties": { "text": { "type": kind } }, "required": ["text"],
    });
    let says = json!([{ "role": "user", "content": "hi there" }]);
    match path {
        "/v1/chat/completions" => json!({ "model": model, "stream": is_stream, "messages": says,
            "tools": [{ "type": "function", "function": { "name": "w", "parameters": schema } }] }),
        "/v1/responses" => json!({ "model": model, "stream": is_stream, "input": "hi there",
            "tools": [{ "type": "function", "name": "w", "parameters": schema }] }),
        "/v1/messages" => json!({ "model": model, "stream": is_stream, "messages": says,
            "max_tokens": 90, "tools": [{ "name": "w", "input_schema": schema }] }),
        _ => json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi there" }] }],
            "tools": [{ "functionDeclarations": [
                { "name": "w", "parametersJsonSchema": schema }] }] }),
    }
}

fn paths(model: &str, is_stream: bool) -> [String; 4] {
    let call = if is_stream {
        "streamGenerateContent"
    } else {
        "generateContent"
    };
    [
        "/v1/chat/completions".to_owned(),
        "/v1/responses".to_owned(),
        "/v1/messages".to_owned(),
        format!("/v1beta/models/{model}:{call}"),
    ]
}

fn features(row: &UsageRow) -> Value {
    serde_json::from_str(row.features.as_deref().unwrap()).unwrap()
}

#[tokio::test]
async fn calls_are_checked_in_every_dialect_whole_and_streamed() {
    let bench = Bench::start().await;
    bench.open_release();
    bench.fake.rescript("hidden", Behaviour::ToolCalls(2));
    let mut wanted = Vec::new();
    for is_stream in [false, true] {
        for kind in ["string", "integer"] {
            for path in paths("capybara", is_stream) {
                let body = asked(&path, "capybara", kind, is_stream).to_string();
                let headers = format!("{PURPOSE}tiergate-conversation: c{}\r\n", wanted.len());
                let reply = bench.exchange(&bench.post(&path, &headers, &body)).await;
                assert_eq!(reply.head.status, 200, "{path} {:?}", reply.body);
                wanted.push((path, kind));
            }
        }
    }
    let mut rows = bench.rows(wanted.len()).await;
    rows.sort_by_key(|row| row.decision);
    for (row, (path, kind)) in rows.iter().zip(wanted) {
        let features = features(row);
        let told = (&features["tool_calls"], &features["tool_call_invalid"]);
        let is_invalid = if kind == "integer" {
            json!(true)
        } else {
            Value::Null
        };
        assert_eq!(told, (&json!(2), &is_invalid), "{path} {kind} {features}");
        assert_eq!(features["begun"], true, "{path}");
        assert_eq!(features.get("unchecked"), None, "{path}");
        let kept = row.features.as_deref().unwrap();
        assert!(!kept.contains("hi there"), "{kept}");
    }
}

#[tokio::test]
async fn output_that_is_not_what_was_asked_for_is_told_and_a_refusal_is_no_such_thing() {
    let bench = Bench::start().await;
    bench.open_release();
    let form = json!({ "model": "capybara", "messages": [{ "role": "user", "content": "hi" }],
        "response_format": { "type": "json_schema", "json_schema": { "name": "n",
            "schema": { "type": "object" } } } });
    let ask = bench.post("/v1/chat/completions", PURPOSE, &form.to_string());
    assert_eq!(bench.exchange(&ask).await.head.status, 200);
    bench.fake.rescript("hidden", Behaviour::Refusal);
    assert_eq!(bench.exchange(&ask).await.head.status, 200);
    let mut rows = bench.rows(2).await;
    rows.sort_by_key(|row| row.decision);
    let told = features(&rows[0]);
    assert_eq!(told["schema_checked"], true, "{told}");
    assert_eq!(told["schema_invalid"], true, "{told}");
    assert_eq!(outcome_of(&rows[1]).1, Outcome::Refusal);
    assert_eq!(features(&rows[1]).get("schema_checked"), None);
}

#[tokio::test]
async fn a_conversation_begins_once() {
    let bench = Bench::start().await;
    bench.open_release();
    let begins = json!([{ "role": "user", "content": "hi" }]);
    let goes_on = json!([{ "role": "user", "content": "hi" },
        { "role": "assistant", "content": "yes?" }, { "role": "user", "content": "well" }]);
    for (name, messages) in [
        ("a", &begins),
        ("a", &goes_on),
        ("a", &begins),
        ("b", &begins),
    ] {
        let body = json!({ "model": "capybara", "messages": messages }).to_string();
        let headers = format!("{PURPOSE}tiergate-conversation: {name}\r\n");
        let request = bench.post("/v1/chat/completions", &headers, &body);
        assert_eq!(bench.exchange(&request).await.head.status, 200);
    }
    let mut rows = bench.rows(4).await;
    rows.sort_by_key(|row| row.decision);
    let begun: Vec<_> = { rows.iter() }
        .map(|row| features(row).get("begun").is_some())
        .collect();
    assert_eq!(begun, [true, false, false, true]);
}

#[tokio::test]
async fn outside_a_release_nothing_of_it_is_said() {
    let bench = Bench::start().await;
    bench.fake.rescript("plain", Behaviour::ToolCalls(1));
    let body = asked("/v1/chat/completions", "haiku", "integer", false).to_string();
    let request = bench.post("/v1/chat/completions", "", &body);
    assert_eq!(bench.exchange(&request).await.head.status, 200);
    let row = bench.row().await;
    assert_eq!(
        row.features.as_deref(),
        Some(r#"{"form":2,"messages":1,"tools":1}"#)
    );
}
