//! What a route does and takes, for the interface's description. It must not know how a route is
//! answered.

use serde_json::{Map, Value, json};
use wire::{CHAT, COMPLETIONS, COUNT_TOKENS, EMBEDDINGS, GEMINI, MESSAGES, RESPONSES};

use crate::routes::{Face, Route};

/// Names what a request of a dialect cannot be without: each field with its JSON type. The rest of
/// a body is the provider's to judge, so nothing here forbids a field.
const REQUIRED: &[(&str, &[(&str, &str)])] = &[
    (CHAT, &[("model", "string"), ("messages", "array")]),
    (
        MESSAGES,
        &[
            ("model", "string"),
            ("messages", "array"),
            ("max_tokens", "integer"),
        ],
    ),
    (GEMINI, &[("contents", "array")]),
    (COMPLETIONS, &[("model", "string"), ("prompt", "string")]),
    (EMBEDDINGS, &[("model", "string"), ("input", "string")]),
    (COUNT_TOKENS, &[("model", "string"), ("messages", "array")]),
    // A stored prompt or an earlier answer may stand for the input.
    (RESPONSES, &[("model", "string")]),
];

impl Route {
    /// Says what it does, in a sentence.
    #[must_use]
    pub fn about(&self) -> String {
        match self.face {
            Face::Ask(dialect) => format!("Answers a request in the dialect {dialect}"),
            Face::List(_) => "Lists the names that the key may ask for".to_owned(),
            Face::Show(_) => "Shows one of those names".to_owned(),
            Face::Alive => "Says that the process is alive".to_owned(),
            Face::Ready => "Says that it can serve".to_owned(),
            Face::Report => "Takes a report on how one of the key's decisions turned out; \
                             the first one counts"
                .to_owned(),
        }
    }

    /// Makes the JSON schema of its body, where it takes one.
    #[must_use]
    pub fn body(&self) -> Option<Value> {
        match self.face {
            Face::Ask(dialect) => Some(asked(dialect)),
            Face::Report => Some(reported()),
            _ => None,
        }
    }
}

fn asked(dialect: &str) -> Value {
    let row = REQUIRED.iter().find(|(known, _)| *known == dialect);
    let fields = row.map_or(&[][..], |(_, fields)| *fields);
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let types: Map<String, Value> = fields
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), json!({ "type": kind })))
        .collect();
    json!({ "type": "object", "required": names, "properties": types })
}

fn reported() -> Value {
    json!({
        "type": "object",
        "required": ["decision"],
        "anyOf": [{ "required": ["success"] }, { "required": ["score"] }],
        "properties": {
            "decision": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
            "success": { "type": "boolean" },
            "score": { "type": "number", "minimum": 0, "maximum": 1 },
        },
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn every_dialect_has_a_row() {
        let asked = ROUTES.iter().filter_map(|route| match route.face {
            Face::Ask(dialect) => Some(dialect),
            _ => None,
        });
        for name in asked {
            assert!(REQUIRED.iter().any(|(known, _)| *known == name), "{name}");
        }
    }
}
