//! The JSON of answers and errors in the openai-chat dialect. It must not know how an answer is
//! made or sent.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::engine::EndReason;

/// Holds what every part of one answer repeats.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) model: String,
}

/// Counts the tokens of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) input: usize,
    pub(crate) cached: usize,
    pub(crate) output: usize,
}

impl Envelope {
    /// Writes an answer in one piece.
    pub(crate) fn whole(&self, text: &str, reason: EndReason, counts: Counts) -> Bytes {
        let body = json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{
                "index": 0,
                "message": { "role": "assistant", "content": text, "refusal": null },
                "logprobs": null,
                "finish_reason": finish(reason),
            }],
            "usage": usage(counts),
        });
        Bytes::from(body.to_string())
    }

    /// Writes the first event of a stream.
    pub(crate) fn first(&self) -> Bytes {
        self.event(&json!({ "role": "assistant", "content": "" }), None)
    }

    /// Writes an event with text.
    pub(crate) fn text(&self, text: &str) -> Bytes {
        self.event(&json!({ "content": text }), None)
    }

    /// Writes the event that ends the text.
    pub(crate) fn last(&self, reason: EndReason) -> Bytes {
        self.event(&json!({}), Some(reason))
    }

    /// Writes the event with the token counts.
    pub(crate) fn usage(&self, counts: Counts) -> Bytes {
        frame(&json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [],
            "usage": usage(counts),
        }))
    }

    fn event(&self, delta: &Value, reason: Option<EndReason>) -> Bytes {
        frame(&json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [{
                "index": 0,
                "delta": delta,
                "logprobs": null,
                "finish_reason": reason.map(finish),
            }],
        }))
    }
}

/// Writes the end of a stream.
pub(crate) fn done() -> Bytes {
    Bytes::from_static(b"data: [DONE]\n\n")
}

/// Writes an error as an event of a stream that has begun.
pub(crate) fn error_event(message: &str, kind: &str) -> Bytes {
    frame(&error_value(message, kind, None, None))
}

/// Writes an error answer.
pub(crate) fn error(message: &str, kind: &str, field: Option<&str>, code: Option<&str>) -> Bytes {
    Bytes::from(error_value(message, kind, field, code).to_string())
}

fn error_value(message: &str, kind: &str, field: Option<&str>, code: Option<&str>) -> Value {
    json!({ "error": { "message": message, "type": kind, "param": field, "code": code } })
}

fn usage(counts: Counts) -> Value {
    json!({
        "prompt_tokens": counts.input,
        "completion_tokens": counts.output,
        "total_tokens": counts.input + counts.output,
        "prompt_tokens_details": { "cached_tokens": counts.cached },
    })
}

fn finish(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Stop => "stop",
        EndReason::Length => "length",
    }
}

fn frame(value: &Value) -> Bytes {
    Bytes::from(format!("data: {value}\n\n"))
}
