//! Describes TypeScript and JavaScript, which one grammar reads. It must not know another language.

use crate::language::Part::{Child, Field, Last};
use crate::language::{Grammar, Language, Reading, Shape};

/// TypeScript.
pub(super) static TYPESCRIPT: Language = Language {
    name: "TypeScript",
    extensions: &["ts", "tsx", "mts", "cts"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

/// JavaScript.
pub(super) static JAVASCRIPT: Language = Language {
    name: "JavaScript",
    extensions: &["js", "jsx", "mjs", "cjs"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_typescript::LANGUAGE_TSX,
    shapes: &[
        ("string", Shape::Value),
        ("template_string", Shape::Value),
        ("regex", Shape::Pattern),
        ("comment", Shape::Comment),
        ("jsx_text", Shape::Prose),
        ("jsx_attribute", Shape::Pair(Child(0), Last)),
        (
            "call_expression",
            Shape::Call(Field("function"), Field("arguments")),
        ),
        (
            "new_expression",
            Shape::Call(Field("constructor"), Field("arguments")),
        ),
        ("object", Shape::Map),
        ("pair", Shape::Pair(Field("key"), Field("value"))),
        ("array", Shape::List),
        ("union_type", Shape::List),
        ("enum_body", Shape::Block),
        (
            "enum_assignment",
            Shape::Assignment(Field("name"), Field("value")),
        ),
        (
            "variable_declarator",
            Shape::Assignment(Field("name"), Field("value")),
        ),
        (
            "assignment_expression",
            Shape::Assignment(Field("left"), Field("right")),
        ),
        (
            "augmented_assignment_expression",
            Shape::Assignment(Field("left"), Field("right")),
        ),
        (
            "public_field_definition",
            Shape::Assignment(Field("name"), Field("value")),
        ),
        ("type_alias_declaration", Shape::Type(Field("name"))),
        (
            "property_signature",
            Shape::Pair(Field("name"), Field("type")),
        ),
        (
            "required_parameter",
            Shape::Parameter(Field("pattern"), Field("value")),
        ),
        (
            "optional_parameter",
            Shape::Parameter(Field("pattern"), Field("value")),
        ),
        (
            "object_assignment_pattern",
            Shape::Parameter(Field("left"), Field("right")),
        ),
        (
            "assignment_pattern",
            Shape::Parameter(Field("left"), Field("right")),
        ),
        (
            "for_in_statement",
            Shape::Loop(Field("left"), Field("right")),
        ),
        (
            "binary_expression",
            Shape::Binary(Field("left"), Field("operator"), Field("right")),
        ),
        (
            "subscript_expression",
            Shape::Index(Field("index"), Field("object")),
        ),
        ("switch_case", Shape::Case(Field("value"))),
        ("switch_statement", Shape::Switch(Field("value"))),
        ("return_statement", Shape::Return),
        ("function_declaration", Shape::Function(Field("name"))),
        ("function_expression", Shape::Function(Field("name"))),
        ("arrow_function", Shape::Function(Field("name"))),
        ("method_definition", Shape::Function(Field("name"))),
        ("class_declaration", Shape::Type(Field("name"))),
        ("interface_declaration", Shape::Type(Field("name"))),
        ("enum_declaration", Shape::Type(Field("name"))),
        ("expression_statement", Shape::Statement),
    ],
};
