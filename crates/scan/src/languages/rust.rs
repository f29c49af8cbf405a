//! Describes Rust. It must not know another language.

use crate::language::Part::{Child, Field, Last};
use crate::language::{Grammar, Language, Reading, Shape};

/// Rust.
pub(super) static RUST: Language = Language {
    name: "Rust",
    extensions: &["rs"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_rust::LANGUAGE,
    shapes: &[
        ("string_literal", Shape::Value),
        ("raw_string_literal", Shape::Value),
        ("line_comment", Shape::Comment),
        ("block_comment", Shape::Comment),
        (
            "call_expression",
            Shape::Call(Field("function"), Field("arguments")),
        ),
        ("macro_invocation", Shape::Call(Field("macro"), Last)),
        ("attribute", Shape::Call(Child(0), Field("arguments"))),
        (
            "struct_expression",
            Shape::Composite(Field("name"), Field("body")),
        ),
        ("field_initializer_list", Shape::Map),
        (
            "field_initializer",
            Shape::Pair(Field("field"), Field("value")),
        ),
        ("array_expression", Shape::List),
        ("tuple_expression", Shape::List),
        (
            "let_declaration",
            Shape::Assignment(Field("pattern"), Field("value")),
        ),
        (
            "const_item",
            Shape::Assignment(Field("name"), Field("value")),
        ),
        (
            "static_item",
            Shape::Assignment(Field("name"), Field("value")),
        ),
        (
            "assignment_expression",
            Shape::Assignment(Field("left"), Field("right")),
        ),
        (
            "for_expression",
            Shape::Loop(Field("pattern"), Field("value")),
        ),
        (
            "binary_expression",
            Shape::Binary(Field("left"), Field("operator"), Field("right")),
        ),
        ("index_expression", Shape::Index(Last, Child(0))),
        ("match_pattern", Shape::Case(Child(0))),
        ("match_expression", Shape::Switch(Field("value"))),
        ("return_expression", Shape::Return),
        ("function_item", Shape::Function(Field("name"))),
        ("impl_item", Shape::Type(Field("type"))),
        ("struct_item", Shape::Type(Field("name"))),
        ("enum_item", Shape::Type(Field("name"))),
        ("mod_item", Shape::Type(Field("name"))),
    ],
};
