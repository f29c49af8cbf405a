//! A model of the Gemini API that signs what it thinks, and takes back only what it has signed, in
//! its place, or the signature that stands for none. It must not remember anything: a signature
//! says whose it is and how many stood before it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::speech::Asked;

/// The signature that every model of the API takes, as its documents name it.
const ANY: &str = "skip_thought_signature_validator";

/// Makes the parts of an answer: told thoughts, a signature alone, and a signed call where there is
/// a tool whose result does not stand last, else a signed text.
pub(crate) fn parts(asked: &Asked) -> Vec<Value> {
    let before = signatures_in(asked)
        .filter(|(_, it)| *it != base64(ANY))
        .count();
    let sign = |at: usize| base64(&format!("{}-{}", asked.model, before + at));
    let tool = asked.tool.as_deref().filter(|_| !asked.ends_with_result());
    let mut last = match tool {
        Some(tool) => json!({"functionCall": {"name": tool, "args": {"text": "x"}}}),
        None => json!({"text": asked.pieces(0).concat()}),
    };
    last["thoughtSignature"] = json!(sign(1));
    vec![
        json!({"text": "let me see", "thought": true}),
        json!({"text": "", "thoughtSignature": sign(0)}),
        last,
    ]
}

/// Says what the API would refuse: a signature that this model has not made, or not there; and a
/// turn whose first call has none.
pub(crate) fn wrong_in(asked: &Asked) -> Option<String> {
    let any = base64(ANY);
    let mut own = 0;
    for (is_call, signature) in signatures_in(asked) {
        if is_call && signature == any {
            continue;
        }
        if signature != base64(&format!("{}-{own}", asked.model)) {
            return Some("Thought signature is not valid.".to_owned());
        }
        own += 1;
    }
    for turn in turns(asked).filter(|turn| turn["role"] == "assistant") {
        let parts = turn["content"].as_array().into_iter().flatten();
        let call = parts.clone().find(|part| part["functionCall"].is_object());
        if call.is_some_and(|call| call["thoughtSignature"].is_null()) {
            let why = "Function call is missing a thought_signature in functionCall parts.";
            return Some(why.to_owned());
        }
        if parts.count() == 0 {
            return Some("contents.parts must not be empty.".to_owned());
        }
    }
    None
}

fn turns(asked: &Asked) -> impl Iterator<Item = &Value> {
    asked.body["messages"].as_array().into_iter().flatten()
}

/// Lists the signatures of a request, and whether each stands at a call.
fn signatures_in(asked: &Asked) -> impl Iterator<Item = (bool, &str)> {
    let parts = turns(asked).flat_map(|turn| turn["content"].as_array().into_iter().flatten());
    parts.filter_map(|part| {
        let signature = part["thoughtSignature"].as_str()?;
        Some((part["functionCall"].is_object(), signature))
    })
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}
