//! What a route does and takes, for the interface's description. It must not know how a route is
//! answered.

use serde_json::{Map, Value, json};
use wire::{CHAT, GEMINI, MESSAGES};

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
];

impl Route {
    /// Says what it does, in a sentence.
    #[must_use]
    pub fn about(&self) -> String {
        match self.face {
            Face::Ask(dialect) => format!("Answers a request in the dialect {dialect}"),
            Face::List(_) => "Lists the names that the key may ask for".to_owned(),
            Face::Alive => "Says that the process is alive".to_owned(),
            Face::Ready => "Says that it can serve".to_owned(),
            Face::NotOffered(_) => "Is not offered, and says so".to_owned(),
        }
    }

    /// Makes the JSON schema of its body, where it takes one.
    #[must_use]
    pub fn body(&self) -> Option<Value> {
        match self.face {
            Face::Ask(dialect) => Some(asked(dialect)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_has_a_row() {
        for dialect in wire::DIALECTS {
            let name = dialect.name();
            assert!(REQUIRED.iter().any(|(known, _)| *known == name), "{name}");
        }
    }
}
