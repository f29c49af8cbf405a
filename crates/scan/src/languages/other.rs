//! Describes what is read without a grammar: notebooks, settings of environments, prose, and all
//! languages that have no row of their own. It must not know a language that has one.

use crate::language::{Language, Reading};

/// Notebooks: cells of Python in a file of JSON.
pub(super) static NOTEBOOK: Language = Language {
    name: "Notebook",
    extensions: &["ipynb"],
    files: &[],
    reading: Reading::Notebook,
};

/// Files of `KEY=value`.
pub(super) static SETTINGS: Language = Language {
    name: "Settings",
    extensions: &["env", "ini", "cfg", "conf", "properties"],
    files: &[
        ".env*",
        "*.env",
        "*.env.example",
        "*.env.sample",
        "*.env.template",
        "env.example",
    ],
    reading: Reading::Settings,
};

/// Text for people.
pub(super) static PROSE: Language = Language {
    name: "Prose",
    extensions: &[
        "md", "mdx", "mdc", "markdown", "rst", "txt", "adoc", "asciidoc", "org", "tex",
    ],
    files: &["readme", "changelog", "license", "notice"],
    reading: Reading::Prose,
};

/// Everything else.
pub(super) static OTHER: Language = Language {
    name: "Other",
    extensions: &[],
    files: &[],
    reading: Reading::Lines,
};
