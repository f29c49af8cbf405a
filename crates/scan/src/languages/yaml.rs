//! Describes YAML. It must not know another language.

use crate::language::Part::Field;
use crate::language::{Grammar, Language, Reading, Shape};

/// YAML.
pub(super) static YAML: Language = Language {
    name: "YAML",
    extensions: &["yaml", "yml"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_yaml::LANGUAGE,
    shapes: &[
        ("plain_scalar", Shape::Value),
        ("double_quote_scalar", Shape::Value),
        ("single_quote_scalar", Shape::Value),
        ("block_scalar", Shape::Value),
        ("comment", Shape::Comment),
        ("block_mapping", Shape::Map),
        ("flow_mapping", Shape::Map),
        (
            "block_mapping_pair",
            Shape::Pair(Field("key"), Field("value")),
        ),
        ("flow_pair", Shape::Pair(Field("key"), Field("value"))),
        ("block_sequence", Shape::List),
        ("flow_sequence", Shape::List),
    ],
};
