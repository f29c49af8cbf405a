//! Describes Python. It must not know another language.

use crate::language::Part::{Child, Field, Last};
use crate::language::{Grammar, Language, Reading, Shape};

/// Python.
pub(super) static PYTHON: Language = Language {
    name: "Python",
    extensions: &["py", "pyi", "pyw"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_python::LANGUAGE,
    shapes: &[
        ("string", Shape::Value),
        ("comment", Shape::Comment),
        ("call", Shape::Call(Field("function"), Field("arguments"))),
        (
            "keyword_argument",
            Shape::NamedArgument(Field("name"), Field("value")),
        ),
        ("dictionary", Shape::Map),
        ("pair", Shape::Pair(Field("key"), Field("value"))),
        ("list", Shape::List),
        ("set", Shape::List),
        ("tuple", Shape::List),
        ("type_parameter", Shape::List),
        (
            "assignment",
            Shape::Assignment(Field("left"), Field("right")),
        ),
        (
            "augmented_assignment",
            Shape::Assignment(Field("left"), Field("right")),
        ),
        (
            "named_expression",
            Shape::Assignment(Field("name"), Field("value")),
        ),
        ("for_statement", Shape::Loop(Field("left"), Field("right"))),
        ("for_in_clause", Shape::Loop(Field("left"), Field("right"))),
        (
            "default_parameter",
            Shape::Parameter(Field("name"), Field("value")),
        ),
        (
            "typed_default_parameter",
            Shape::Parameter(Field("name"), Field("value")),
        ),
        (
            "boolean_operator",
            Shape::Binary(Field("left"), Field("operator"), Field("right")),
        ),
        (
            "binary_operator",
            Shape::Binary(Field("left"), Field("operator"), Field("right")),
        ),
        (
            "comparison_operator",
            Shape::Binary(Child(0), Field("operators"), Last),
        ),
        (
            "subscript",
            Shape::Index(Field("subscript"), Field("value")),
        ),
        ("case_pattern", Shape::Case(Child(0))),
        ("match_statement", Shape::Switch(Field("subject"))),
        ("return_statement", Shape::Return),
        ("function_definition", Shape::Function(Field("name"))),
        ("class_definition", Shape::Type(Field("name"))),
        ("expression_statement", Shape::Statement),
    ],
};
