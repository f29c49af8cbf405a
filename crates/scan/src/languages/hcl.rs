//! Describes HCL, the language of Terraform. It must not know another language.

use crate::language::Part::{Child, Field, Last};
use crate::language::{Grammar, Language, Reading, Shape};

/// HCL.
pub(super) static HCL: Language = Language {
    name: "HCL",
    extensions: &["tf", "tfvars", "hcl", "nomad"],
    files: &[],
    reading: Reading::Tree(&GRAMMAR),
};

static GRAMMAR: Grammar = Grammar {
    language: tree_sitter_hcl::LANGUAGE,
    shapes: &[
        ("string_lit", Shape::Value),
        ("quoted_template", Shape::Value),
        ("heredoc_template", Shape::Value),
        ("comment", Shape::Comment),
        ("attribute", Shape::Pair(Child(0), Last)),
        ("object", Shape::Map),
        ("object_elem", Shape::Pair(Field("key"), Field("val"))),
        ("tuple", Shape::List),
        ("body", Shape::Map),
        ("block", Shape::Section("block_start")),
        ("function_call", Shape::Call(Child(0), Last)),
        ("binary_operation", Shape::Binary(Child(0), Child(9), Last)),
    ],
};
