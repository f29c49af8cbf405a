//! What a well-behaved provider says: a request's words made into an answer in its dialect.
//!
//! It must not know a socket, HTTP or any misbehaviour.

use serde_json::{Value, json};

use crate::behaviour::Complaint;
use crate::speech::{Answer, Asked};

impl Asked {
    pub(crate) fn say_openai(&self, pieces: &[String]) -> Answer {
        let text = pieces.concat();
        let opening = json!({"role": "assistant", "content": ""});
        Answer {
            opening: vec![self.openai_chunk(&opening, &Value::Null)],
            deltas: pieces.iter().map(|piece| self.delta(piece)).collect(),
            closing: self.openai_closing("stop", pieces.len()),
            terminator: "data: [DONE]\n\n".to_owned(),
            whole: self.openai_whole(
                &json!({"role": "assistant", "content": text, "refusal": null}),
                "stop",
                pieces.len(),
            ),
        }
    }

    pub(crate) fn call_openai(&self, times: usize) -> Answer {
        let arguments = self.input().to_string();
        let name = self.tool.as_deref().unwrap_or("echo");
        let mut deltas = Vec::new();
        let mut calls = Vec::new();
        for index in 0..times {
            let id = format!("call_fake{index}");
            let begun = json!({"tool_calls": [{"index": index, "id": id, "type": "function",
                "function": {"name": name, "arguments": ""}}]});
            deltas.push(self.openai_chunk(&begun, &Value::Null));
            for part in halves(&arguments) {
                let going = json!({"tool_calls": [{"index": index,
                    "function": {"arguments": part}}]});
                deltas.push(self.openai_chunk(&going, &Value::Null));
            }
            calls.push(json!({"id": id, "type": "function",
                "function": {"name": name, "arguments": arguments}}));
        }
        let message = json!({"role": "assistant", "content": null, "tool_calls": calls});
        let opening = json!({"role": "assistant", "content": null});
        Answer {
            opening: vec![self.openai_chunk(&opening, &Value::Null)],
            deltas,
            closing: self.openai_closing("tool_calls", times),
            terminator: "data: [DONE]\n\n".to_owned(),
            whole: self.openai_whole(&message, "tool_calls", times),
        }
    }

    pub(crate) fn openai_chunk(&self, delta: &Value, finish: &Value) -> String {
        openai_event(&json!({
            "id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1_790_000_000,
            "model": self.model,
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
        }))
    }

    pub(crate) fn openai_closing(&self, finish: &str, output: usize) -> Vec<String> {
        let mut events = vec![self.openai_chunk(&json!({}), &json!(finish))];
        if self.include_usage {
            events.push(openai_event(&json!({
                "id": "chatcmpl-fake", "object": "chat.completion.chunk",
                "created": 1_790_000_000, "model": self.model, "choices": [],
                "usage": self.openai_usage(output),
            })));
        }
        events
    }

    fn openai_usage(&self, output: usize) -> Value {
        json!({
            "prompt_tokens": self.input_words, "completion_tokens": output,
            "total_tokens": self.input_words + output,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        })
    }

    pub(crate) fn openai_whole(&self, message: &Value, finish: &str, output: usize) -> String {
        json!({
            "id": "chatcmpl-fake", "object": "chat.completion", "created": 1_790_000_000,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "logprobs": null,
                "finish_reason": finish}],
            "usage": self.openai_usage(output),
        })
        .to_string()
    }

    pub(crate) fn say_anthropic(&self, pieces: &[String]) -> Answer {
        let text = pieces.concat();
        let begun = named_event(&json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": ""}}));
        let mut closing = vec![block_stop(0)];
        closing.push(message_delta("end_turn", pieces.len()));
        Answer {
            opening: vec![self.message_start(), begun],
            deltas: pieces.iter().map(|piece| self.delta(piece)).collect(),
            closing,
            terminator: named_event(&json!({"type": "message_stop"})),
            whole: self.anthropic_whole(
                &json!([{"type": "text", "text": text}]),
                "end_turn",
                pieces.len(),
            ),
        }
    }

    pub(crate) fn call_anthropic(&self, times: usize) -> Answer {
        let input = self.input();
        let name = self.tool.as_deref().unwrap_or("echo");
        let mut deltas = Vec::new();
        let mut blocks = Vec::new();
        for index in 0..times {
            let id = format!("toolu_fake{index}");
            deltas.push(named_event(&json!({
                "type": "content_block_start", "index": index,
                "content_block": {"type": "tool_use", "id": id, "name": name, "input": {}},
            })));
            for part in halves(&input.to_string()) {
                deltas.push(named_event(&json!({
                    "type": "content_block_delta", "index": index,
                    "delta": {"type": "input_json_delta", "partial_json": part},
                })));
            }
            deltas.push(block_stop(index));
            blocks.push(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
        }
        Answer {
            opening: vec![self.message_start()],
            deltas,
            closing: vec![message_delta("tool_use", times)],
            terminator: named_event(&json!({"type": "message_stop"})),
            whole: self.anthropic_whole(&Value::Array(blocks), "tool_use", times),
        }
    }

    pub(crate) fn message_start(&self) -> String {
        named_event(&json!({"type": "message_start", "message": {
            "id": "msg_fake", "type": "message", "role": "assistant", "model": self.model,
            "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": anthropic_usage(self.input_words, 1),
        }}))
    }

    pub(crate) fn anthropic_whole(&self, content: &Value, stop: &str, output: usize) -> String {
        json!({
            "id": "msg_fake", "type": "message", "role": "assistant", "model": self.model,
            "content": content, "stop_reason": stop, "stop_sequence": null,
            "usage": anthropic_usage(self.input_words, output),
        })
        .to_string()
    }
}

/// Lists the given models as `GET /v1/models` does.
pub(crate) fn model_list(ids: &[&str]) -> String {
    let rows: Vec<Value> = ids
        .iter()
        .map(|id| json!({"id": id, "object": "model", "owned_by": "fake"}))
        .collect();
    json!({"object": "list", "data": rows}).to_string()
}

pub(crate) fn anthropic_usage(input: usize, output: usize) -> Value {
    json!({
        "input_tokens": input, "output_tokens": output,
        "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
    })
}

pub(crate) fn block_stop(index: usize) -> String {
    named_event(&json!({"type": "content_block_stop", "index": index}))
}

pub(crate) fn message_delta(stop: &str, output: usize) -> String {
    named_event(&json!({
        "type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null},
        "usage": {"output_tokens": output},
    }))
}

pub(crate) fn openai_event(payload: &Value) -> String {
    format!("data: {payload}\n\n")
}

pub(crate) fn named_event(payload: &Value) -> String {
    let kind = payload["type"].as_str().unwrap_or_default();
    format!("event: {kind}\ndata: {payload}\n\n")
}

fn openai_kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        400 | 404 | 413 | 422 => "invalid_request_error",
        429 => "rate_limit_error",
        _ => "server_error",
    }
}

fn openai_code(status: u16) -> Value {
    match status {
        401 => json!("invalid_api_key"),
        404 => json!("model_not_found"),
        429 => json!("rate_limit_exceeded"),
        503 => json!("overloaded"),
        _ => Value::Null,
    }
}

pub(crate) fn anthropic_kind(status: u16) -> &'static str {
    match status {
        400 | 422 => "invalid_request_error",
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        _ => "api_error",
    }
}

/// Makes the error envelope of both OpenAI's APIs.
pub(crate) fn openai_envelope(status: u16, message: &str) -> String {
    let (kind, code) = (openai_kind(status), openai_code(status));
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}}).to_string()
}

/// Makes the status and body with which both OpenAI's APIs complain.
pub(crate) fn openai_complaint(complaint: Complaint) -> (u16, String) {
    let (status, kind, code) = match complaint {
        Complaint::Overflow => (400, "invalid_request_error", "context_length_exceeded"),
        Complaint::Filtered => (400, "invalid_request_error", "content_filter"),
        Complaint::Exhausted => (429, "insufficient_quota", "credit_balance_exhausted"),
    };
    let message = format!("fake provider complains: {code}");
    let error = json!({"message": message, "type": kind, "param": null, "code": code});
    (status, json!({ "error": error }).to_string())
}

/// Cuts a text into two parts, at a character.
pub(crate) fn halves(text: &str) -> [&str; 2] {
    let middle = text.floor_char_boundary(text.len() / 2);
    let (first, second) = text.split_at(middle);
    [first, second]
}
