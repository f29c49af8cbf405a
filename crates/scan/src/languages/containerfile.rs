//! Describes files that containers are built from. It must not know another language.

use crate::language::Part::{Child, Field, Last};
use crate::language::{Grammar, Language, Reading, Shape};

/// Dockerfiles and their like.
pub(super) static CONTAINERFILE: Language = Language {
    name: "Dockerfile",
    extensions: &["dockerfile", "containerfile"],
    files: &["dockerfile*", "containerfile*"],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_containerfile::LANGUAGE,
    shapes: &[
        ("unquoted_string", Shape::Value),
        ("double_quoted_string", Shape::Value),
        ("single_quoted_string", Shape::Value),
        ("json_string", Shape::Value),
        ("shell_command", Shape::Value),
        ("heredoc_block", Shape::Value),
        ("comment", Shape::Comment),
        ("env_pair", Shape::Assignment(Field("name"), Field("value"))),
        ("arg_pair", Shape::Assignment(Child(0), Last)),
        ("label_pair", Shape::Pair(Field("key"), Field("value"))),
        ("expansion", Shape::Expansion(Child(0))),
        ("json_string_array", Shape::List),
    ],
};
