//! A value that fits a JSON schema, with the numbers and the quoted words of a question where they
//! have room: what a model takes out of a question when it calls a tool. It must not know a
//! request.

use std::collections::VecDeque;

use serde_json::{Map, Number, Value, json};

/// How deep a schema may nest before what is below stays empty.
const DEPTH_MAX: usize = 16;
/// What stands for a text that the question does not quote.
const TEXT: &str = "Paris";
/// What stands for a number that the question does not name.
const NUMBER: u64 = 7;

/// Holds what a question offers, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words {
    numbers: VecDeque<Number>,
    quoted: VecDeque<String>,
}

impl Words {
    /// Reads a question.
    pub(crate) fn of(question: &str) -> Self {
        Self {
            numbers: numbers_in(question),
            quoted: quoted_in(question).into(),
        }
    }

    fn number(&mut self) -> Value {
        let next = self.numbers.pop_front();
        next.map_or(json!(NUMBER), Value::Number)
    }

    fn whole(&mut self) -> Value {
        let at = self.numbers.iter().position(|number| !number.is_f64());
        let next = at.and_then(|at| self.numbers.remove(at));
        next.map_or(json!(NUMBER), Value::Number)
    }

    fn text(&mut self) -> Value {
        json!(self.quoted.pop_front().unwrap_or_else(|| TEXT.to_owned()))
    }
}

/// Makes an object whose keys are the words that the question quotes.
pub(crate) fn object(question: &str) -> Value {
    let keys = quoted_in(question).into_iter();
    let mut fields: Map<String, Value> = keys.map(|key| (key, json!(TEXT))).collect();
    if fields.is_empty() {
        fields.insert("answer".to_owned(), json!(TEXT));
    }
    Value::Object(fields)
}

/// Makes a value that fits a schema.
pub(crate) fn fit(schema: &Value, words: &mut Words) -> Value {
    fit_in(schema, schema, words, DEPTH_MAX)
}

fn fit_in(schema: &Value, root: &Value, words: &mut Words, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Null;
    };
    if let Some(place) = schema["$ref"].as_str() {
        let pointer = place.trim_start_matches('#');
        let meant = root.pointer(pointer).unwrap_or(&Value::Null);
        return fit_in(meant, root, words, depth);
    }
    if let Some(only) = schema.get("const").or(schema["enum"].get(0)) {
        return only.clone();
    }
    let several = ["anyOf", "oneOf", "allOf"];
    let several = several.iter().find_map(|key| schema[*key].as_array());
    if let Some(branch) = several.and_then(|branches| branches.iter().find(|it| !is_null(it))) {
        return fit_in(branch, root, words, depth);
    }
    match type_of(schema).as_deref() {
        Some("integer") => words.whole(),
        Some("number") => words.number(),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") => {
            let count = schema["minItems"].as_u64().unwrap_or(0);
            let items = (0..count).map(|_| fit_in(&schema["items"], root, words, depth));
            Value::Array(items.collect())
        }
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten();
            let mut fields = Map::new();
            for name in required.filter_map(Value::as_str) {
                let value = fit_in(&schema["properties"][name], root, words, depth);
                fields.insert(name.to_owned(), value);
            }
            Value::Object(fields)
        }
        _ => words.text(),
    }
}

/// Tells a schema's type, in small letters; of several the first that says something.
fn type_of(schema: &Value) -> Option<String> {
    let stated = match &schema["type"] {
        Value::Array(several) => several.iter().find(|it| *it != "null"),
        one => Some(one),
    };
    let stated = stated.and_then(Value::as_str).map(str::to_ascii_lowercase);
    let is_object = schema["properties"].is_object() || schema.is_null();
    stated.or(is_object.then(|| "object".to_owned()))
}

fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
}

/// Finds the numbers that stand by themselves, not as a part of a name.
fn numbers_in(question: &str) -> VecDeque<Number> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let parts = question.split(|c: char| !is_part(c));
    let bare = parts.map(|part| part.trim_end_matches(['.', '-']));
    bare.filter_map(|part| part.parse().ok()).collect()
}

/// Finds the words in quotes; an apostrophe inside a word is none.
fn quoted_in(question: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = question;
    let mut before = ' ';
    while let Some(quote) = rest.chars().next() {
        let behind = rest.get(quote.len_utf8()..).unwrap_or_default();
        let opens = matches!(quote, '\'' | '"') && !before.is_alphanumeric();
        if opens && let Some(end) = end_of_quote(behind, quote) {
            let inside = behind.get(..end).unwrap_or_default();
            found.push(inside.to_owned());
            rest = behind.get(end + quote.len_utf8()..).unwrap_or_default();
        } else {
            rest = behind;
        }
        before = quote;
    }
    found
}

/// Finds the quote that closes: the first behind which no word goes on.
fn end_of_quote(text: &str, quote: char) -> Option<usize> {
    let mut places = text.match_indices(quote);
    let closes = places.find(|(at, mark)| {
        let next = text.get(at + mark.len()..).and_then(|it| it.chars().next());
        !next.is_some_and(char::is_alphanumeric)
    });
    closes.map(|(at, _)| at).filter(|at| *at > 0)
}

#[cfg(test)]
mod tests;
