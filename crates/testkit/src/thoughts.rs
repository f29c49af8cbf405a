//! A model that signs what it thinks, and takes back only what it has signed, in its place: as the
//! newest models of the Messages API do. It must not remember anything: a signature says whose it
//! is and how many thoughts stood before it.

use serde_json::{Value, json};

use crate::answer::{block_stop, message_delta, named_event};
use crate::speech::{Answer, Asked};

/// Makes an answer with signed thoughts, a signature alone and sealed thoughts; it calls a tool
/// where there is one whose result does not stand last, and else says what it heard.
pub(crate) fn answer(asked: &Asked) -> Answer {
    let before = thoughts_in(&asked.body).len();
    let sign = |at: usize| format!("{}-{}", asked.model, before + at);
    let mut blocks = vec![
        json!({"type": "thinking", "thinking": "let me see", "signature": sign(0)}),
        json!({"type": "thinking", "thinking": "", "signature": sign(1)}),
        json!({"type": "redacted_thinking", "data": sign(2)}),
    ];
    let calls = asked.tool.as_deref().filter(|_| !asked.ends_with_result());
    let stop = match calls {
        Some(name) => {
            let (id, input) = (format!("toolu_{before}"), json!({"text": "x"}));
            blocks.push(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
            "tool_use"
        }
        None => {
            blocks.push(json!({"type": "text", "text": asked.pieces(0).concat()}));
            "end_turn"
        }
    };
    Answer {
        opening: vec![asked.message_start()],
        deltas: blocks.iter().enumerate().flat_map(events_of).collect(),
        closing: vec![message_delta(stop, blocks.len())],
        terminator: named_event(&json!({"type": "message_stop"})),
        whole: asked.anthropic_whole(&Value::Array(blocks.clone()), stop, blocks.len()),
    }
}

/// Writes a block as its stream events, a signature and arguments as deltas of their own.
fn events_of((index, block): (usize, &Value)) -> Vec<String> {
    let mut begun = block.clone();
    let mut deltas = Vec::new();
    let fields = [
        ("thinking", "thinking_delta", "thinking"),
        ("signature", "signature_delta", "signature"),
        ("text", "text_delta", "text"),
    ];
    for (field, kind, name) in fields {
        let text = block[field].as_str().unwrap_or_default();
        if !text.is_empty() {
            begun[field] = json!("");
            deltas.push(json!({"type": kind, name: text}));
        }
    }
    if block["input"].is_object() {
        begun["input"] = json!({});
        let input = block["input"].to_string();
        deltas.push(json!({"type": "input_json_delta", "partial_json": input}));
    }
    let start = json!({"type": "content_block_start", "index": index, "content_block": begun});
    let mut events = vec![named_event(&start)];
    events.extend(deltas.iter().map(|delta| {
        let event = json!({"type": "content_block_delta", "index": index, "delta": delta});
        named_event(&event)
    }));
    events.push(block_stop(index));
    events
}

/// Says what the API would refuse: a thought that this model has not signed, one that is not where
/// it was, or manual thinking in front of a pending call that has no thought.
pub(crate) fn wrong_in(asked: &Asked) -> Option<String> {
    for (at, (turn, part, signature)) in thoughts_in(&asked.body).into_iter().enumerate() {
        if signature != format!("{}-{at}", asked.model) {
            let place = format!("messages.{turn}.content.{part}");
            return Some(format!("{place}: Invalid `signature` in `thinking` block"));
        }
    }
    let messages = turns(&asked.body);
    let empty = |turn: &Value| turn["content"].as_array().is_some_and(Vec::is_empty);
    if let Some(at) = messages.iter().position(empty) {
        return Some(format!("messages.{at}: content must not be empty"));
    }
    let is_manual = asked.body["thinking"]["type"] == "enabled";
    let last = messages
        .iter()
        .rposition(|turn| turn["role"] == "assistant")?;
    let begins = messages[last]["content"][0]["type"]
        .as_str()
        .unwrap_or("text");
    if is_manual && asked.ends_with_result() && !begins.contains("thinking") {
        let place = format!("messages.{last}.content.0.type");
        return Some(format!(
            "{place}: Expected `thinking` or `redacted_thinking`, but found `{begins}`"
        ));
    }
    None
}

fn turns(body: &Value) -> Vec<Value> {
    body["messages"].as_array().cloned().unwrap_or_default()
}

/// Lists the thoughts of a request: the turn, the place in it, and the signature.
fn thoughts_in(body: &Value) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    for (turn, message) in turns(body).iter().enumerate() {
        let parts = message["content"].as_array().into_iter().flatten();
        for (at, part) in parts.enumerate() {
            let signature = match part["type"].as_str() {
                Some("thinking") => &part["signature"],
                Some("redacted_thinking") => &part["data"],
                _ => continue,
            };
            found.push((turn, at, signature.as_str().unwrap_or_default().to_owned()));
        }
    }
    found
}
