//! The dialects that the fake provider speaks, one row each: what a provider of it sends, and what
//! a client of it sends and sees. It must not know a socket or a script.

use serde_json::{Value, json};

use crate::answer::{
    anthropic_kind, message_delta, named_event, openai_complaint, openai_envelope, openai_event,
};
use crate::behaviour::Complaint;
use crate::gemini::Gemini;
use crate::responses::OpenaiResponses;
use crate::speech::{Answer, Asked, Question, Speech};
use crate::thoughts;

/// Lists the dialects; a new one is one more row.
pub static SPEECHES: &[&dyn Speech] = &[&OpenaiChat, &OpenaiResponses, &AnthropicMessages, &Gemini];

fn words(model: &str, is_stream: bool) -> Value {
    json!({
        "model": model, "stream": is_stream, "max_tokens": 64,
        "messages": [{ "role": "user", "content": "hello out there" }],
    })
}

struct OpenaiChat;

impl Speech for OpenaiChat {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn base_path(&self) -> &'static str {
        "/v1"
    }

    fn answers(&self, method: &str, path: &str) -> bool {
        (method, path) == ("POST", "/v1/chat/completions")
    }

    fn say(&self, asked: &Asked, pieces: &[String]) -> Answer {
        asked.say_openai(pieces)
    }

    fn call_tools(&self, asked: &Asked, times: usize) -> Answer {
        asked.call_openai(times)
    }

    fn refuse(&self, asked: &Asked) -> Answer {
        let message = json!({"role": "assistant", "content": null, "refusal": null});
        Answer {
            opening: vec![asked.openai_chunk(&json!({"role": "assistant"}), &Value::Null)],
            deltas: Vec::new(),
            closing: asked.openai_closing("content_filter", 0),
            terminator: "data: [DONE]\n\n".to_owned(),
            whole: asked.openai_whole(&message, "content_filter", 0),
        }
    }

    fn delta(&self, asked: &Asked, text: &str) -> String {
        asked.openai_chunk(&json!({"content": text}), &Value::Null)
    }

    fn error_envelope(&self, status: u16, message: &str) -> String {
        openai_envelope(status, message)
    }

    fn complaint(&self, complaint: Complaint) -> Option<(u16, String)> {
        Some(openai_complaint(complaint))
    }

    fn error_event(&self) -> String {
        openai_event(&json!({"error": {
            "message": "fake provider fails mid-stream", "type": "server_error",
            "param": null, "code": "server_error",
        }}))
    }

    fn malformed_event(&self) -> &'static str {
        "data: {\"id\": \"chatcmpl-fake\", \"choices\": [{\n\n"
    }

    fn may_lack_terminator(&self) -> bool {
        true
    }

    fn question(&self, model: &str, is_stream: bool) -> Question {
        Question {
            path: "/v1/chat/completions".to_owned(),
            body: words(model, is_stream),
        }
    }

    fn text_of(&self, body: &Value) -> String {
        let content = &body["choices"][0]["message"]["content"];
        content.as_str().unwrap_or_default().to_owned()
    }

    fn text_of_event(&self, payload: &Value) -> String {
        let content = &payload["choices"][0]["delta"]["content"];
        content.as_str().unwrap_or_default().to_owned()
    }

    fn ends_well(&self, stream: &str) -> bool {
        stream.ends_with("data: [DONE]\n\n")
    }
}

struct AnthropicMessages;

impl Speech for AnthropicMessages {
    fn name(&self) -> &'static str {
        "anthropic-messages"
    }

    fn base_path(&self) -> &'static str {
        ""
    }

    fn answers(&self, method: &str, path: &str) -> bool {
        (method, path) == ("POST", "/v1/messages")
    }

    fn say(&self, asked: &Asked, pieces: &[String]) -> Answer {
        asked.say_anthropic(pieces)
    }

    fn call_tools(&self, asked: &Asked, times: usize) -> Answer {
        asked.call_anthropic(times)
    }

    fn refuse(&self, asked: &Asked) -> Answer {
        Answer {
            opening: vec![asked.message_start()],
            deltas: Vec::new(),
            closing: vec![message_delta("refusal", 0)],
            terminator: named_event(&json!({"type": "message_stop"})),
            whole: asked.anthropic_whole(&json!([]), "refusal", 0),
        }
    }

    fn think(&self, asked: &Asked) -> Answer {
        thoughts::answer(asked)
    }

    fn foreign_thought(&self, asked: &Asked) -> Option<String> {
        let what = thoughts::wrong_in(asked)?;
        Some(self.error_envelope(400, &what))
    }

    fn delta(&self, _asked: &Asked, text: &str) -> String {
        named_event(&json!({
            "type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": text},
        }))
    }

    fn error_envelope(&self, status: u16, message: &str) -> String {
        let error = json!({"type": anthropic_kind(status), "message": message});
        json!({"type": "error", "error": error, "request_id": "req_fake"}).to_string()
    }

    fn complaint(&self, complaint: Complaint) -> Option<(u16, String)> {
        let invalid = |message: &str| (400, self.error_envelope(400, message));
        Some(match complaint {
            Complaint::Overflow => invalid("prompt is too long: 200001 tokens > 200000 maximum"),
            Complaint::Filtered => invalid("Output blocked by content filtering policy"),
            Complaint::Exhausted => {
                let error = json!({
                    "type": "rate_limit_error", "message": "fake provider has no money left",
                    "details": {"error_code": "enforced_spend_limit_reached"},
                });
                (429, json!({"type": "error", "error": error}).to_string())
            }
        })
    }

    fn error_event(&self) -> String {
        named_event(&json!({
            "type": "error",
            "error": {"type": "overloaded_error", "message": "fake provider fails mid-stream"},
        }))
    }

    fn malformed_event(&self) -> &'static str {
        "event: content_block_delta\ndata: {\"type\": \"content_blo\n\n"
    }

    fn may_lack_terminator(&self) -> bool {
        false
    }

    fn question(&self, model: &str, is_stream: bool) -> Question {
        Question {
            path: "/v1/messages".to_owned(),
            body: words(model, is_stream),
        }
    }

    fn text_of(&self, body: &Value) -> String {
        let parts = body["content"].as_array().into_iter().flatten();
        parts.filter_map(|part| part["text"].as_str()).collect()
    }

    fn text_of_event(&self, payload: &Value) -> String {
        let text = &payload["delta"]["text"];
        text.as_str().unwrap_or_default().to_owned()
    }

    fn ends_well(&self, stream: &str) -> bool {
        let last = stream.trim_end().rsplit("\n\n").next().unwrap_or_default();
        last.starts_with("event: message_stop")
    }
}
