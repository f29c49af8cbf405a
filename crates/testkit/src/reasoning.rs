//! A model of the Responses API that seals what it reasons, and takes back only what it has sealed,
//! in its place, with the items that it made of it. It must not remember anything: what is sealed
//! says whose it is and how much was sealed before it, and so does an item's id.

use serde_json::{Value, json};

use crate::items::{call, message, text_part};
use crate::speech::Asked;

/// The field that holds what is sealed.
const SEALED: &str = "encrypted_content";

/// Makes the items of an answer: reasoning with a summary, reasoning that is sealed alone, and a
/// call where there is a tool whose result does not stand last, else a message.
pub(crate) fn items(asked: &Asked) -> Vec<Value> {
    let before = reasoning_in(asked).count();
    let name = |at: usize| format!("{}-{}", asked.model, before + at);
    let told = json!([{"type": "summary_text", "text": "let me see"}]);
    let thought = |at: usize, summary: Value| {
        let (id, sealed) = (format!("rs_{}", name(at)), name(at));
        json!({"id": id, "type": "reasoning", "summary": summary, SEALED: sealed})
    };
    let tool = asked.tool.as_deref().filter(|_| !asked.ends_with_result());
    let last = match tool {
        Some(tool) => call(&format!("fc_{}", name(1)), before, tool, r#"{"text":"x"}"#),
        None => {
            let content = json!([text_part(&asked.pieces(0).concat())]);
            message("completed", &format!("msg_{}", name(1)), &content)
        }
    };
    vec![thought(0, told), thought(1, json!([])), last]
}

/// Makes the error of what the API would refuse.
pub(crate) fn refusal(asked: &Asked) -> Option<String> {
    let (code, message) = wrong_in(asked)?;
    let error = json!({
        "message": message, "type": "invalid_request_error", "param": null, "code": code,
    });
    Some(json!({ "error": error }).to_string())
}

/// Says what the API would refuse, with its code: what this model has not sealed, or not there;
/// reasoning without what it led to; and an item whose id is of an answer with reasoning that is
/// not there.
fn wrong_in(asked: &Asked) -> Option<(Value, String)> {
    for (at, item) in reasoning_in(asked).enumerate() {
        let sealed = item[SEALED].as_str().unwrap_or_default();
        if sealed != format!("{}-{at}", asked.model) {
            let why = format!("The encrypted content {sealed} could not be verified.");
            return Some((json!("invalid_encrypted_content"), why));
        }
    }
    let ids: Vec<&str> = reasoning_in(asked)
        .filter_map(|it| it["id"].as_str())
        .collect();
    for (at, item) in input(asked).enumerate() {
        let kind = item["type"].as_str().unwrap_or("message");
        let id = item["id"].as_str().unwrap_or_default();
        let next = input(asked).nth(at + 1);
        let leads = next.is_some_and(|next| {
            matches!(next["type"].as_str(), Some("reasoning" | "function_call"))
                || next["role"] == "assistant"
        });
        if kind == "reasoning" && !leads {
            let why = "was provided without its required following item";
            return Some((Value::Null, format!("Item '{id}' of type '{kind}' {why}.")));
        }
        let own = id.strip_prefix("fc_").or(id.strip_prefix("msg_"));
        let needed = own.map(|own| format!("rs_{own}"));
        if let Some(needed) = needed.filter(|needed| !ids.contains(&needed.as_str())) {
            let why = "was provided without its required 'reasoning' item";
            let why = format!("Item '{id}' of type '{kind}' {why}: '{needed}'.");
            return Some((Value::Null, why));
        }
    }
    None
}

fn input(asked: &Asked) -> impl Iterator<Item = &Value> {
    asked.body["input"].as_array().into_iter().flatten()
}

fn reasoning_in(asked: &Asked) -> impl Iterator<Item = &Value> {
    input(asked).filter(|item| item["type"] == "reasoning")
}
