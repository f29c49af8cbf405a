//! Items of an answer in Responses. It must not know a stream, nor what is asked.

use serde_json::{Value, json};

/// Makes a call.
pub(crate) fn call(id: &str, at: usize, name: &str, arguments: &str) -> Value {
    json!({
        "id": id, "type": "function_call", "status": "completed", "name": name,
        "call_id": format!("call_fake{at}"), "arguments": arguments,
    })
}

/// Makes a message.
pub(crate) fn message(status: &str, id: &str, content: &Value) -> Value {
    json!({
        "id": id, "type": "message", "status": status, "role": "assistant", "content": content,
    })
}

/// Makes a text of a message.
pub(crate) fn text_part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}
