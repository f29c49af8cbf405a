//! What a well-behaved provider says: a request's words made into an answer in its dialect.
//!
//! It must not know a socket, HTTP or any misbehaviour.

use serde_json::{Value, json};

use crate::task::{Task, next_step};

/// Names the dialects that the fake provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialect {
    OpenaiChat,
    AnthropicMessages,
}

/// Holds what an answer is derived from.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) dialect: Dialect,
    pub(crate) model: String,
    pub(crate) streamed: bool,
    pub(crate) include_usage: bool,
    pub(crate) last_user_text: String,
    pub(crate) input_words: usize,
    pub(crate) tool: Option<String>,
    pub(crate) input: Option<Value>,
    pub(crate) task: Task,
}

/// Holds one answer: the events of its stream and its whole body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Events before the first visible delta.
    pub(crate) opening: Vec<String>,
    /// Visible deltas.
    pub(crate) deltas: Vec<String>,
    /// Events that end the answer, up to the terminator.
    pub(crate) closing: Vec<String>,
    /// The event that says that the stream is complete.
    pub(crate) terminator: String,
    /// The body of an answer that is not streamed.
    pub(crate) whole: String,
}

impl Asked {
    /// Reads a request body; what is missing counts as empty.
    pub(crate) fn read(dialect: Dialect, body: &[u8]) -> Self {
        let tree: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let empty = Vec::new();
        let messages = tree["messages"].as_array().unwrap_or(&empty);
        let last_user = messages.iter().rev().find(|it| it["role"] == "user");
        let system = words_in(&text_of(&tree["system"]));
        let spoken = messages.iter().map(|it| words_in(&text_of(&it["content"])));
        let tool = &tree["tools"][0];
        let tool_name = tool["function"]["name"].as_str().or(tool["name"].as_str());
        Self {
            dialect,
            model: tree["model"].as_str().unwrap_or_default().to_owned(),
            streamed: tree["stream"].as_bool().unwrap_or(false),
            include_usage: tree["stream_options"]["include_usage"]
                .as_bool()
                .unwrap_or(false),
            last_user_text: last_user
                .map(|it| text_of(&it["content"]))
                .unwrap_or_default(),
            input_words: system + spoken.sum::<usize>(),
            tool: tool_name.map(str::to_owned),
            input: None,
            task: next_step(&tree),
        }
    }

    /// Makes the pieces of the answer: who answers, what it heard, filler up to `tokens`.
    pub(crate) fn pieces(&self, tokens: usize) -> Vec<String> {
        let mut pieces = vec![self.model.clone(), " heard:".to_owned()];
        let heard = self.last_user_text.split_whitespace();
        pieces.extend(heard.map(|word| format!(" {word}")));
        let more = tokens.saturating_sub(pieces.len());
        pieces.extend((0..more).map(|at| format!(" w{at}")));
        pieces
    }

    /// Makes the answer that says these pieces.
    pub(crate) fn say(&self, pieces: &[String]) -> Answer {
        match self.dialect {
            Dialect::OpenaiChat => self.say_openai(pieces),
            Dialect::AnthropicMessages => self.say_anthropic(pieces),
        }
    }

    /// Makes the answer that calls the first tool so many times.
    pub(crate) fn call_tools(&self, times: usize) -> Answer {
        match self.dialect {
            Dialect::OpenaiChat => self.call_openai(times),
            Dialect::AnthropicMessages => self.call_anthropic(times),
        }
    }

    /// Makes the answer that goes on with an agent's task.
    pub(crate) fn go_on(&self) -> Answer {
        match &self.task {
            Task::Say(text) => self.say(std::slice::from_ref(text)),
            Task::Call(name, input) => {
                let asked = Self {
                    tool: Some(name.clone()),
                    input: Some(input.clone()),
                    ..self.clone()
                };
                asked.call_tools(1)
            }
        }
    }

    /// Tells what a tool is called with.
    fn input(&self) -> Value {
        let heard = || json!({"text": self.last_user_text});
        self.input.clone().unwrap_or_else(heard)
    }

    /// Makes the dialect's error envelope for a status.
    pub(crate) fn error_envelope(&self, status: u16) -> String {
        let message = format!("fake provider answers {status} for model {}", self.model);
        match self.dialect {
            Dialect::OpenaiChat => json!({"error": {
                "message": message, "type": openai_kind(status), "param": null,
                "code": openai_code(status),
            }}),
            Dialect::AnthropicMessages => json!({
                "type": "error",
                "error": {"type": anthropic_kind(status), "message": message},
                "request_id": "req_fake",
            }),
        }
        .to_string()
    }

    /// Makes the event that reports a fault in the middle of a stream.
    pub(crate) fn error_event(&self) -> String {
        match self.dialect {
            Dialect::OpenaiChat => openai_event(&json!({"error": {
                "message": "fake provider fails mid-stream", "type": "server_error",
                "param": null, "code": "server_error",
            }})),
            Dialect::AnthropicMessages => anthropic_event(&json!({
                "type": "error",
                "error": {"type": "overloaded_error", "message": "fake provider fails mid-stream"},
            })),
        }
    }

    /// Makes an event of this dialect whose payload is not JSON.
    pub(crate) fn malformed_event(&self) -> String {
        match self.dialect {
            Dialect::OpenaiChat => {
                "data: {\"id\": \"chatcmpl-fake\", \"choices\": [{\n\n".to_owned()
            }
            Dialect::AnthropicMessages => {
                "event: content_block_delta\ndata: {\"type\": \"content_blo\n\n".to_owned()
            }
        }
    }

    /// Makes one text delta.
    pub(crate) fn delta(&self, text: &str) -> String {
        match self.dialect {
            Dialect::OpenaiChat => self.openai_chunk(&json!({"content": text}), &Value::Null),
            Dialect::AnthropicMessages => anthropic_event(&json!({
                "type": "content_block_delta", "index": 0,
                "delta": {"type": "text_delta", "text": text},
            })),
        }
    }

    fn say_openai(&self, pieces: &[String]) -> Answer {
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

    fn call_openai(&self, times: usize) -> Answer {
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

    fn openai_chunk(&self, delta: &Value, finish: &Value) -> String {
        openai_event(&json!({
            "id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1_790_000_000,
            "model": self.model,
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
        }))
    }

    fn openai_closing(&self, finish: &str, output: usize) -> Vec<String> {
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

    fn openai_whole(&self, message: &Value, finish: &str, output: usize) -> String {
        json!({
            "id": "chatcmpl-fake", "object": "chat.completion", "created": 1_790_000_000,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "logprobs": null,
                "finish_reason": finish}],
            "usage": self.openai_usage(output),
        })
        .to_string()
    }

    fn say_anthropic(&self, pieces: &[String]) -> Answer {
        let text = pieces.concat();
        let begun = anthropic_event(&json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": ""}}));
        let mut closing = vec![block_stop(0)];
        closing.push(message_delta("end_turn", pieces.len()));
        Answer {
            opening: vec![self.message_start(), begun],
            deltas: pieces.iter().map(|piece| self.delta(piece)).collect(),
            closing,
            terminator: anthropic_event(&json!({"type": "message_stop"})),
            whole: self.anthropic_whole(
                &json!([{"type": "text", "text": text}]),
                "end_turn",
                pieces.len(),
            ),
        }
    }

    fn call_anthropic(&self, times: usize) -> Answer {
        let input = self.input();
        let name = self.tool.as_deref().unwrap_or("echo");
        let mut deltas = Vec::new();
        let mut blocks = Vec::new();
        for index in 0..times {
            let id = format!("toolu_fake{index}");
            deltas.push(anthropic_event(&json!({
                "type": "content_block_start", "index": index,
                "content_block": {"type": "tool_use", "id": id, "name": name, "input": {}},
            })));
            for part in halves(&input.to_string()) {
                deltas.push(anthropic_event(&json!({
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
            terminator: anthropic_event(&json!({"type": "message_stop"})),
            whole: self.anthropic_whole(&Value::Array(blocks), "tool_use", times),
        }
    }

    fn message_start(&self) -> String {
        anthropic_event(&json!({"type": "message_start", "message": {
            "id": "msg_fake", "type": "message", "role": "assistant", "model": self.model,
            "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": anthropic_usage(self.input_words, 1),
        }}))
    }

    fn anthropic_whole(&self, content: &Value, stop: &str, output: usize) -> String {
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

fn anthropic_usage(input: usize, output: usize) -> Value {
    json!({
        "input_tokens": input, "output_tokens": output,
        "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
    })
}

fn block_stop(index: usize) -> String {
    anthropic_event(&json!({"type": "content_block_stop", "index": index}))
}

fn message_delta(stop: &str, output: usize) -> String {
    anthropic_event(&json!({
        "type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null},
        "usage": {"output_tokens": output},
    }))
}

fn openai_event(payload: &Value) -> String {
    format!("data: {payload}\n\n")
}

fn anthropic_event(payload: &Value) -> String {
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

fn anthropic_kind(status: u16) -> &'static str {
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

/// Joins the text of a string or of text blocks.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

fn words_in(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Cuts a text into two parts, at a character.
fn halves(text: &str) -> [&str; 2] {
    let middle = text.floor_char_boundary(text.len() / 2);
    let (first, second) = text.split_at(middle);
    [first, second]
}
