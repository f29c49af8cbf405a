//! A response says again what was asked, and in usual words what was not. It must not know an
//! answer.

use serde_json::{Value, json};

use crate::canonical::{Reply, UsageChunk};
use crate::dialect::Dialect;
use crate::openai_responses::OpenAiResponses;
use crate::stream::Event;

/// Writes a response to a request, whole and as the last event of a stream.
fn told(asked: &str) -> [Value; 2] {
    let whole = OpenAiResponses.encode_reply_to(asked.as_bytes(), &Reply::default());
    let whole = serde_json::from_slice(&whole.value).unwrap();
    let mut writer = OpenAiResponses.writer_to(asked.as_bytes(), UsageChunk::Hide);
    let mut out = Vec::new();
    for event in [Event::Stop(crate::canonical::Stop::default()), Event::End] {
        writer.write(&event, &mut out);
    }
    let events = String::from_utf8(out).unwrap();
    let last = events.trim_end().rsplit("\n\n").next().unwrap();
    let (name, payload) = last.split_once("\ndata: ").unwrap();
    assert_eq!(name, "event: response.completed");
    assert!(!payload.contains('\n'), "{payload}");
    let payload: Value = serde_json::from_str(payload).unwrap();
    [whole, payload["response"].clone()]
}

#[test]
fn a_structured_answer_says_by_which_schema() {
    // OpenAI's client and LangChain's read an answer by the schema that it names.
    let asked = r#"{"text":{
        "format":{"type":"json_schema","name":"joke","schema":{"type":"object"}}}}"#;
    let wanted = json!({"type": "json_schema", "name": "joke", "schema": {"type": "object"}});
    for response in told(asked) {
        assert_eq!(response["text"]["format"], wanted);
    }
}

#[test]
fn what_was_asked_is_said_again_and_completed() {
    let asked = json!({
        "model": "m", "input": "x", "instructions": "be brief", "temperature": 0.2,
        "tools": [{"type": "function", "name": "f", "parameters": {}}], "tool_choice": "required",
        "parallel_tool_calls": false, "max_output_tokens": 9, "metadata": {"a": "b"},
        "text": {"verbosity": "low"}, "reasoning": {"effort": "low"}, "top_p": null,
        "store": true, "truncation": "auto", "max_tool_calls": 3,
    });
    for response in told(&asked.to_string()) {
        for name in [
            "instructions",
            "temperature",
            "tools",
            "tool_choice",
            "metadata",
        ] {
            assert_eq!(response[name], asked[name], "{name}");
        }
        assert_eq!(response["parallel_tool_calls"], false);
        assert_eq!(response["max_output_tokens"], 9);
        let text = json!({"verbosity": "low", "format": {"type": "text"}});
        assert_eq!(response["text"], text);
        assert_eq!(
            response["reasoning"],
            json!({"effort": "low", "summary": null})
        );
        assert_eq!(response["top_p"], 1);
        // Nothing is kept or cut, whatever was asked.
        assert_eq!(response["store"], false);
        assert_eq!(response["truncation"], "disabled");
        assert_eq!(response["max_tool_calls"], Value::Null);
    }
}

#[test]
fn an_answer_to_nothing_known_says_what_is_usual() {
    let unknown = OpenAiResponses.encode_reply(&Reply::default()).value;
    let unknown: Value = serde_json::from_slice(&unknown).unwrap();
    for response in told("{}").into_iter().chain(told("no JSON")) {
        for (name, value) in unknown.as_object().unwrap() {
            assert_eq!(response[name], *value, "{name}");
        }
    }
}
