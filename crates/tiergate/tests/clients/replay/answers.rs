//! What a recorded answer is by its dialect's own rules, told without the gateway's reader. It
//! must not know what becomes of it.

use serde_json::Value;
use testkit::{Api, Exchange, Form};

/// Tells how a recorded answer ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// As an answer ends.
    Whole,
    /// With an error of these words, after something of the answer was shown or before.
    Error {
        /// The words.
        message: String,
        /// Whether something was shown before it.
        shown: bool,
    },
    /// Without its terminator.
    Cut,
    /// It is no answer of its dialect at all.
    Garbage,
    /// It is two answers in one, of which no reader can make one.
    Spliced,
}

/// Tells how a recorded answer ends.
pub fn end_of(exchange: &Exchange) -> End {
    if exchange.status >= 400 {
        return End::Error {
            message: message_of(&json(&exchange.body)),
            shown: false,
        };
    }
    match exchange.form {
        Form::Whole => whole(exchange.api, &json(&exchange.body)),
        Form::Stream => stream(exchange.api, &payloads(&exchange.body)),
    }
}

/// Lists the payloads of a stream; `[DONE]` becomes a text.
pub fn payloads(body: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(body);
    let lines = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let read = |line: &str| {
        let line = line.trim();
        serde_json::from_str(line).unwrap_or_else(|_| Value::from(line))
    };
    lines.map(read).collect()
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

/// Finds the words of an error in any envelope, flat, or in the response that failed.
pub fn message_of(body: &Value) -> String {
    let places = [&body["error"], &body["response"]["error"], body];
    let said = places
        .iter()
        .find_map(|error| error["message"].as_str().or(error.as_str()));
    said.unwrap_or_default().to_owned()
}

fn whole(api: Api, body: &Value) -> End {
    let is_answer = match api {
        Api::OpenaiChat => body["choices"].is_array(),
        Api::OpenaiResponses => body["output"].is_array(),
        Api::Gemini => is_gemini(body),
        _ => body["content"].is_array(),
    };
    if is_answer { End::Whole } else { End::Garbage }
}

/// Tells whether a Gemini answer holds one, or a refusal of the prompt.
fn is_gemini(body: &Value) -> bool {
    let candidates = body["candidates"].as_array();
    let blocked = &body["promptFeedback"]["blockReason"];
    candidates.is_some_and(|all| !all.is_empty()) || !blocked.is_null()
}

fn stream(api: Api, payloads: &[Value]) -> End {
    let failed = payloads.iter().position(has_failed);
    if let Some(at) = failed {
        let (before, behind) = payloads.split_at(at);
        return End::Error {
            message: behind.first().map(message_of).unwrap_or_default(),
            shown: before.iter().any(shows),
        };
    }
    let is_end = |it: &Value| match api {
        Api::OpenaiChat => it == "[DONE]",
        Api::OpenaiResponses => {
            it["type"] == "response.completed" || it["type"] == "response.incomplete"
        }
        Api::Gemini => {
            !it["candidates"][0]["finishReason"].is_null()
                || !it["promptFeedback"]["blockReason"].is_null()
        }
        _ => it["type"] == "message_stop",
    };
    let starts = payloads.iter().filter(|it| it["type"] == "message_start");
    let mut ids: Vec<&Value> = starts.map(|it| &it["message"]["id"]).collect();
    ids.dedup();
    match (payloads.iter().any(is_end), ids.len()) {
        (_, 2..) => End::Spliced,
        (true, _) => End::Whole,
        (false, _) => End::Cut,
    }
}

fn has_failed(event: &Value) -> bool {
    !event["error"].is_null() || event["type"] == "error" || event["type"] == "response.failed"
}

/// Tells whether an event shows something of the answer itself.
fn shows(event: &Value) -> bool {
    let delta = &event["choices"][0]["delta"];
    let fields = delta.as_object().into_iter().flatten();
    let said = fields
        .filter(|(name, value)| *name != "role" && !value.is_null() && **value != "")
        .count();
    let kind = event["type"].as_str().unwrap_or_default();
    let parts = event["candidates"][0]["content"]["parts"].as_array();
    said > 0
        || kind == "content_block_delta"
        || kind.starts_with("response.") && kind.ends_with(".delta")
        || parts.is_some_and(|parts| !parts.is_empty())
}
