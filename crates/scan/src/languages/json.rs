//! Describes JSON, with comments where they stand. It must not know another language.

use crate::language::Part::Field;
use crate::language::{Grammar, Language, Reading, Shape};

/// JSON.
pub(super) static JSON: Language = Language {
    name: "JSON",
    extensions: &["json", "jsonc", "json5"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

pub(super) static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_json::LANGUAGE,
    shapes: &[
        ("string", Shape::Value),
        ("comment", Shape::Comment),
        ("object", Shape::Map),
        ("pair", Shape::Pair(Field("key"), Field("value"))),
        ("array", Shape::List),
    ],
};
