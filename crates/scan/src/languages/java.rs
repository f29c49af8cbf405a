//! Describes Java. It must not know another language.

use crate::language::Part::{Child, Field};
use crate::language::{Grammar, Language, Reading, Shape};

/// Java.
pub(super) static JAVA: Language = Language {
    name: "Java",
    extensions: &["java"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_java::LANGUAGE,
    shapes: &[
        ("string_literal", Shape::Value),
        ("line_comment", Shape::Comment),
        ("block_comment", Shape::Comment),
        (
            "method_invocation",
            Shape::Method(Field("object"), Field("name"), Field("arguments")),
        ),
        (
            "object_creation_expression",
            Shape::Call(Field("type"), Field("arguments")),
        ),
        ("annotation", Shape::Call(Field("name"), Field("arguments"))),
        (
            "element_value_pair",
            Shape::NamedArgument(Field("key"), Field("value")),
        ),
        (
            "enum_constant",
            Shape::Call(Field("name"), Field("arguments")),
        ),
        ("enum_body", Shape::Block),
        ("array_initializer", Shape::List),
        ("element_value_array_initializer", Shape::List),
        (
            "variable_declarator",
            Shape::Assignment(Field("name"), Field("value")),
        ),
        (
            "assignment_expression",
            Shape::Assignment(Field("left"), Field("right")),
        ),
        (
            "enhanced_for_statement",
            Shape::Loop(Field("name"), Field("value")),
        ),
        (
            "binary_expression",
            Shape::Binary(Field("left"), Field("operator"), Field("right")),
        ),
        ("array_access", Shape::Index(Field("index"), Field("array"))),
        ("switch_label", Shape::Case(Child(0))),
        ("switch_expression", Shape::Switch(Field("condition"))),
        ("return_statement", Shape::Return),
        ("method_declaration", Shape::Function(Field("name"))),
        ("constructor_declaration", Shape::Function(Field("name"))),
        ("class_declaration", Shape::Type(Field("name"))),
        ("record_declaration", Shape::Type(Field("name"))),
        ("interface_declaration", Shape::Type(Field("name"))),
        ("enum_declaration", Shape::Type(Field("name"))),
    ],
};
