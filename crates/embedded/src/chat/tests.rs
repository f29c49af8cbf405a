//! Requests are read, and what cannot be honoured is named.

use serde_json::json;

use super::{BadAsk, Chat, Delivery};
use crate::tests::turn;

fn read(body: &serde_json::Value) -> Result<Chat, BadAsk> {
    Chat::read(body.to_string().as_bytes())
}

#[test]
fn a_request_is_read_whole() {
    let chat = read(&json!({
        "model": "m",
        "messages": [
            { "role": "developer", "content": "be brief" },
            { "role": "user", "content": [
                { "type": "text", "text": "a" }, { "type": "text", "text": "b" },
            ] },
            { "role": "assistant", "content": null },
            { "role": "user", "content": "c", "name": "x" },
        ],
        "stream": true, "stream_options": { "include_usage": true },
        "max_tokens": 7, "max_completion_tokens": 5, "temperature": 0.5, "top_p": 0.9, "seed": -1,
        "stop": ["x", "y"], "presence_penalty": 1, "frequency_penalty": -1,
        "tools": [], "n": 1, "response_format": { "type": "text" }, "user": "u", "unknown": {},
    }))
    .unwrap();
    assert_eq!(chat.delivery, Delivery::StreamWithUsage);
    let turns = [
        turn("system", "be brief"),
        turn("user", "ab"),
        turn("assistant", ""),
        turn("user", "c"),
    ];
    assert_eq!(chat.ask.turns, turns);
    assert_eq!(chat.ask.stops, ["x", "y"]);
    assert_eq!(chat.ask.output_tokens, Some(5));
    assert_eq!(chat.ask.sampling.seed, u64::MAX);
    assert_eq!(chat.ask.sampling.temperature, 0.5);
}

#[test]
fn the_smallest_request_is_greedy_and_whole() {
    let chat = read(&json!({ "messages": [{ "role": "user", "content": "a" }] })).unwrap();
    assert_eq!(chat.delivery, Delivery::Whole);
    assert_eq!(chat.ask.sampling.temperature, 0.0);
    assert_eq!(chat.ask.output_tokens, None);
}

#[test]
fn what_cannot_be_honoured_is_named() {
    for (field, value) in [
        ("tools", json!([{ "type": "function" }])),
        ("functions", json!([{}])),
        ("n", json!(2)),
        ("response_format", json!({ "type": "json_schema" })),
        ("logprobs", json!(true)),
        ("logit_bias", json!({ "5": 1 })),
        ("modalities", json!(["audio"])),
        ("temperature", json!(2.5)),
        ("top_p", json!(-0.1)),
        ("presence_penalty", json!(3)),
        ("max_tokens", json!(0)),
        ("max_completion_tokens", json!(0)),
        ("stop", json!(["a", "b", "c", "d", "e"])),
        ("messages", json!([])),
        ("messages", json!([{ "role": "tool", "content": "a" }])),
        (
            "messages",
            json!([{ "role": "assistant", "tool_calls": [{}] }]),
        ),
        (
            "messages",
            json!([{ "role": "user", "content": [{ "type": "image_url", "image_url": {} }] }]),
        ),
    ] {
        let mut body = json!({ "messages": [{ "role": "user", "content": "a" }] });
        body[field] = value;
        let bad = read(&body).unwrap_err();
        assert_eq!(bad.field, Some(field), "{body}");
        assert!(bad.message.contains(field), "{}", bad.message);
    }
}

#[test]
fn what_is_no_request_is_refused() {
    for body in [
        "",
        "[]",
        "{",
        r#"{"messages":5}"#,
        r#"{"messages":[],"messages":[]}"#,
    ] {
        assert_eq!(
            Chat::read(body.as_bytes()).unwrap_err().field,
            None,
            "{body}"
        );
    }
}
