//! Describes TOML. It must not know another language.

use crate::language::Part::{Child, Last};
use crate::language::{Grammar, Language, Reading, Shape};

/// TOML.
pub(super) static TOML: Language = Language {
    name: "TOML",
    extensions: &["toml"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_toml_ng::LANGUAGE,
    shapes: &[
        ("string", Shape::Value),
        ("quoted_key", Shape::Value),
        ("bare_key", Shape::Value),
        ("comment", Shape::Comment),
        ("inline_table", Shape::Map),
        ("document", Shape::Map),
        ("pair", Shape::Pair(Child(0), Last)),
        ("array", Shape::List),
        ("table", Shape::Section("pair")),
        ("table_array_element", Shape::Section("pair")),
    ],
};
