//! The scripted answers as Gemini writes them. It must not know another dialect.

use serde_json::{Value, json};

use super::{Call, Shape};

/// Writes one body.
pub(super) fn whole(shape: &Shape) -> Value {
    let parts: Vec<Value> = chunks(shape).into_iter().flatten().collect();
    body(&parts, Some(shape))
}

/// Writes a stream.
pub(super) fn stream(shape: &Shape) -> String {
    let chunks = chunks(shape);
    let last = chunks.len();
    let mut bodies: Vec<Value> = chunks.iter().map(|parts| body(parts, None)).collect();
    bodies.insert(last, body(&[json!({"text": ""})], Some(shape)));
    let framed = bodies.iter().map(|body| format!("data: {body}\r\n\r\n"));
    framed.collect()
}

/// Lists the parts, a chunk each or joined.
fn chunks(shape: &Shape) -> Vec<Vec<Value>> {
    let mut chunks = Vec::new();
    if !shape.thinking.is_empty() {
        let text = shape.thinking;
        let thought = json!({"text": text, "thought": true, "thoughtSignature": "c2ln"});
        chunks.push(vec![thought]);
    }
    chunks.extend(shape.text.iter().map(|text| vec![json!({ "text": text })]));
    for it in shape.calls {
        match chunks.last_mut().filter(|_| shape.is_joined) {
            Some(last) => last.push(call(it)),
            None => chunks.push(vec![call(it)]),
        }
    }
    chunks
}

/// Writes a call, which this API gives no id.
fn call((_, name, arguments): &Call) -> Value {
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_else(|_| json!({}));
    json!({"functionCall": {"name": name, "args": arguments}})
}

/// Writes a body; with its end where the shape is given.
fn body(parts: &[Value], end: Option<&Shape>) -> Value {
    let content = json!({"role": "model", "parts": parts});
    let mut candidate = json!({"index": 0, "content": content});
    let mut body = json!({"modelVersion": "m-1", "responseId": "r-1"});
    if let Some(shape) = end {
        let is_refusal = !shape.refusal.is_empty();
        candidate["finishReason"] = json!(if is_refusal { "SAFETY" } else { "STOP" });
        if is_refusal {
            candidate["finishMessage"] = json!(shape.refusal);
        }
        body["usageMetadata"] = json!({
            "promptTokenCount": 21, "cachedContentTokenCount": 4, "candidatesTokenCount": 6,
            "thoughtsTokenCount": 3, "totalTokenCount": 30,
        });
    }
    body["candidates"] = json!([candidate]);
    body
}
