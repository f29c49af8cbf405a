//! Describes Go. It must not know another language.

use crate::language::Part::Field;
use crate::language::{Grammar, Language, Reading, Shape};

/// Go.
pub(super) static GO: Language = Language {
    name: "Go",
    extensions: &["go"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_go::LANGUAGE,
    shapes: &[
        ("interpreted_string_literal", Shape::Value),
        ("raw_string_literal", Shape::Value),
        ("comment", Shape::Comment),
        (
            "call_expression",
            Shape::Call(Field("function"), Field("arguments")),
        ),
        (
            "composite_literal",
            Shape::Composite(Field("type"), Field("body")),
        ),
        ("literal_value", Shape::Map),
        ("keyed_element", Shape::Pair(Field("key"), Field("value"))),
        ("const_declaration", Shape::Block),
        ("var_spec", Shape::Assignment(Field("name"), Field("value"))),
        (
            "const_spec",
            Shape::Assignment(Field("name"), Field("value")),
        ),
        (
            "short_var_declaration",
            Shape::Assignment(Field("left"), Field("right")),
        ),
        (
            "assignment_statement",
            Shape::Assignment(Field("left"), Field("right")),
        ),
        (
            "field_declaration",
            Shape::Parameter(Field("name"), Field("tag")),
        ),
        ("range_clause", Shape::Loop(Field("left"), Field("right"))),
        (
            "binary_expression",
            Shape::Binary(Field("left"), Field("operator"), Field("right")),
        ),
        (
            "index_expression",
            Shape::Index(Field("index"), Field("operand")),
        ),
        ("expression_case", Shape::Case(Field("value"))),
        ("expression_switch_statement", Shape::Switch(Field("value"))),
        ("return_statement", Shape::Return),
        ("function_declaration", Shape::Function(Field("name"))),
        ("method_declaration", Shape::Function(Field("name"))),
        ("type_spec", Shape::Type(Field("name"))),
    ],
};
