//! The scripted answers as Responses writes them. It must not know another dialect.

use serde_json::{Value, json};

use super::{Call, Shape};

/// Writes one body.
pub(super) fn whole(shape: &Shape) -> Value {
    response(&items(shape), "completed")
}

/// Writes a stream.
pub(super) fn stream(shape: &Shape) -> String {
    let begun = response(&[], "in_progress");
    let mut events = vec![
        json!({"type": "response.created", "response": begun}),
        json!({"type": "response.in_progress", "response": begun}),
    ];
    let items = items(shape);
    for (at, item) in items.iter().enumerate() {
        events.push(json!({
            "type": "response.output_item.added", "output_index": at, "item": empty(item),
        }));
        let steps = steps(shape, item).into_iter().map(|mut step| {
            step["output_index"] = json!(at);
            step["item_id"] = item["id"].clone();
            step
        });
        events.extend(steps);
        events.push(json!({
            "type": "response.output_item.done", "output_index": at, "item": item,
        }));
    }
    let whole = response(&items, "completed");
    events.push(json!({"type": "response.completed", "response": whole}));
    let framed = events.into_iter().enumerate().map(|(at, mut event)| {
        event["sequence_number"] = json!(at);
        let kind = event["type"].as_str().unwrap_or_default();
        format!("event: {kind}\ndata: {event}\n\n")
    });
    framed.collect()
}

fn response(items: &[Value], status: &str) -> Value {
    let usage = json!({
        "input_tokens": 21, "output_tokens": 9, "total_tokens": 30,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 3},
    });
    json!({
        "id": "resp_1", "object": "response", "created_at": 1_790_000_000, "model": "m-1",
        "status": status, "output": items, "error": null, "incomplete_details": null,
        "usage": if status == "completed" { usage } else { Value::Null },
        "parallel_tool_calls": true, "tool_choice": "auto", "tools": [],
    })
}

fn items(shape: &Shape) -> Vec<Value> {
    let mut items = Vec::new();
    if !shape.thinking.is_empty() {
        let summary = json!([{"type": "summary_text", "text": shape.thinking}]);
        items.push(json!({
            "id": "rs_1", "type": "reasoning", "summary": summary, "encrypted_content": "c2ln",
        }));
    }
    let mut content = Vec::new();
    if !shape.text.is_empty() {
        let text = shape.said();
        content.push(json!({"type": "output_text", "text": text, "annotations": []}));
    }
    if !shape.refusal.is_empty() {
        content.push(json!({"type": "refusal", "refusal": shape.refusal}));
    }
    if !content.is_empty() {
        items.push(json!({
            "id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
            "content": content,
        }));
    }
    items.extend(shape.calls.iter().map(call));
    items
}

fn call((id, name, arguments): &Call) -> Value {
    json!({
        "id": format!("fc_{id}"), "type": "function_call", "status": "completed", "call_id": id,
        "name": name, "arguments": arguments,
    })
}

/// Writes an item of which nothing was told yet.
fn empty(item: &Value) -> Value {
    let mut empty = item.clone();
    for field in ["content", "summary"] {
        if item[field].is_array() {
            empty[field] = json!([]);
        }
    }
    if item["arguments"].is_string() {
        empty["arguments"] = json!("");
    }
    empty
}

/// Lists what is told of an item between its begin and its end.
fn steps(shape: &Shape, item: &Value) -> Vec<Value> {
    let one = |kind: &str, index: &str, field: &str, value: &Value| {
        let mut step = json!({ "type": kind });
        if !index.is_empty() {
            step[index] = json!(0);
        }
        step[field] = value.clone();
        step
    };
    if let Some(summary) = item["summary"].get(0) {
        let index = "summary_index";
        let front = "response.reasoning_summary_";
        let none = json!({"type": "summary_text", "text": ""});
        return vec![
            one(&format!("{front}part.added"), index, "part", &none),
            one(
                &format!("{front}text.delta"),
                index,
                "delta",
                &summary["text"],
            ),
            one(
                &format!("{front}text.done"),
                index,
                "text",
                &summary["text"],
            ),
            one(&format!("{front}part.done"), index, "part", summary),
        ];
    }
    if let Some(part) = item["content"].get(0) {
        let (field, name, pieces) = match part["type"].as_str() {
            Some("refusal") => ("refusal", "refusal", [shape.refusal].to_vec()),
            _ => ("text", "output_text", shape.text.to_vec()),
        };
        let index = "content_index";
        let mut none = part.clone();
        none[field] = json!("");
        let mut steps = vec![one("response.content_part.added", index, "part", &none)];
        let delta = format!("response.{name}.delta");
        let pieces = pieces.iter();
        steps.extend(pieces.map(|piece| one(&delta, index, "delta", &json!(piece))));
        let done = format!("response.{name}.done");
        steps.push(one(&done, index, field, &part[field]));
        steps.push(one("response.content_part.done", index, "part", part));
        return steps;
    }
    let arguments = &item["arguments"];
    let front = "response.function_call_arguments";
    let mut steps = Vec::new();
    if arguments.as_str().is_some_and(|text| !text.is_empty()) {
        steps.push(one(&format!("{front}.delta"), "", "delta", arguments));
    }
    steps.push(one(&format!("{front}.done"), "", "arguments", arguments));
    steps
}
