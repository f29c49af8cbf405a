//! What the fake provider must have been sent. It must not know how a script asked for it.

use serde_json::{Value, json};
use testkit::RecordedRequest;

use crate::bed::{Bed, Upstream};

/// The caller's key must never travel on; the provider's own must.
pub fn no_credential_of_the_caller(bed: &Bed) {
    let requests = bed.requests();
    assert!(!requests.is_empty(), "the provider was asked");
    let own = match bed.upstream {
        Upstream::Chat => ("authorization", "Bearer sk-of-the-provider"),
        Upstream::Messages => ("x-api-key", "sk-of-the-provider"),
    };
    for request in requests {
        let mut values = request.headers.iter().map(|(_, value)| value);
        assert!(
            !values.any(|value| value.contains(&bed.gateway.key)),
            "{:?}",
            request.headers
        );
        assert_eq!(request.header(own.0), Some(own.1));
        let other = if own.0 == "x-api-key" {
            "authorization"
        } else {
            "x-api-key"
        };
        assert_eq!(request.header(other), None);
    }
}

/// What the gateway refuses never reaches the provider.
pub fn nothing(bed: &Bed) {
    let requests = bed.requests();
    assert!(requests.is_empty(), "the provider was asked: {requests:?}");
}

/// Both versions must arrive as the client said them, after the SDK's own.
pub fn versions(bed: &Bed, own: &str) {
    if bed.upstream == Upstream::Chat {
        return;
    }
    let versions: Vec<String> = bed.requests().iter().map(version).collect();
    let (old, new) = ("2023-06-01", "2026-10-21");
    let mut wanted = vec![own; 2];
    wanted.extend([old; 6]);
    wanted.extend([new; 6]);
    wanted.push(old);
    assert_eq!(versions, wanted);
}

fn version(request: &RecordedRequest) -> String {
    let version = request.header("anthropic-version");
    version.unwrap_or("none").to_owned()
}

/// The tool that must be called, and the calls and results of the turn before.
pub fn tools(bed: &Bed) {
    let requests = bed.requests();
    let (first, last) = (requests[0].json(), requests[requests.len() - 1].json());
    match bed.upstream {
        Upstream::Chat => {
            assert_eq!(first["tool_choice"], "required");
            assert_eq!(first["tools"][0]["function"]["name"], "find_weather");
            assert_eq!(first["tools"][0]["function"]["parameters"], schema());
            chat_turns(&last);
        }
        Upstream::Messages => {
            assert_eq!(first["tool_choice"]["type"], "any");
            assert_eq!(first["tools"][0]["name"], "find_weather");
            assert_eq!(first["tools"][0]["input_schema"], schema());
            messages_turns(&last);
        }
    }
}

fn schema() -> Value {
    json!({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]})
}

fn chat_turns(body: &Value) {
    let turns = body["messages"].as_array().unwrap();
    let said = &turns[0]["content"];
    let calls = turns[1]["tool_calls"].as_array().unwrap();
    assert_eq!((turns.len(), calls.len()), (5, 2), "{body}");
    for (at, call) in calls.iter().enumerate() {
        let arguments = call["function"]["arguments"].as_str().unwrap();
        let arguments: Value = serde_json::from_str(arguments).unwrap();
        assert_eq!(arguments, json!({"text": said}), "{body}");
        let result = &turns[2 + at];
        assert_eq!(result["role"], "tool", "{body}");
        assert_eq!(result["tool_call_id"], call["id"], "{body}");
        assert_eq!(text_of(&result["content"]), format!("rain {at}"), "{body}");
    }
}

fn messages_turns(body: &Value) {
    let turns = body["messages"].as_array().unwrap();
    assert_eq!(turns.len(), 3, "{body}");
    let said = text_of(&turns[0]["content"]);
    let calls = turns[1]["content"].as_array().unwrap();
    let results = turns[2]["content"].as_array().unwrap();
    assert_eq!((calls.len(), results.len()), (2, 3), "{body}");
    for (at, (call, result)) in calls.iter().zip(results).enumerate() {
        assert_eq!(call["type"], "tool_use", "{body}");
        assert_eq!(call["input"], json!({"text": said}), "{body}");
        assert_eq!(result["type"], "tool_result", "{body}");
        assert_eq!(result["tool_use_id"], call["id"], "{body}");
        assert_eq!(text_of(&result["content"]), format!("rain {at}"), "{body}");
    }
}

/// Reads a text that may stand bare or in one block.
fn text_of(content: &Value) -> String {
    let text = content.as_str().or(content[0]["text"].as_str());
    text.unwrap_or_default().to_owned()
}

/// The schema of the type that the answer is parsed into.
pub fn schema_of_parse(bed: &Bed) {
    for request in bed.requests() {
        let body = request.json();
        let schema = match bed.upstream {
            Upstream::Chat => &body["response_format"]["json_schema"]["schema"],
            Upstream::Messages => &body["output_config"]["format"]["schema"],
        };
        let city = &schema["properties"]["city"]["type"];
        assert_eq!(city, "string", "{body}");
        assert_eq!(schema["required"], json!(["city", "country"]), "{body}");
    }
}
