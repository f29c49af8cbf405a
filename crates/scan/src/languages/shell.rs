//! Describes shells. It must not know another language.

use crate::language::Part::{Child, Field};
use crate::language::{Grammar, Language, Reading, Shape};

/// The Bourne shells.
pub(super) static SHELL: Language = Language {
    name: "Shell",
    extensions: &["sh", "bash", "zsh", "ksh"],
    files: &[".bashrc", ".zshrc", ".profile", ".envrc"],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_bash::LANGUAGE,
    shapes: &[
        ("word", Shape::Value),
        ("string", Shape::Value),
        ("raw_string", Shape::Value),
        ("ansi_c_string", Shape::Value),
        ("heredoc_body", Shape::Value),
        ("regex", Shape::Pattern),
        ("comment", Shape::Comment),
        (
            "variable_assignment",
            Shape::Assignment(Field("name"), Field("value")),
        ),
        ("expansion", Shape::Expansion(Child(0))),
        ("command", Shape::Command),
        ("array", Shape::List),
        (
            "binary_expression",
            Shape::Binary(Field("left"), Field("operator"), Field("right")),
        ),
        ("case_item", Shape::Case(Field("value"))),
        ("case_statement", Shape::Switch(Field("value"))),
        ("function_definition", Shape::Function(Field("name"))),
    ],
};
