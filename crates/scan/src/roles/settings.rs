//! Tells roles in files of settings and data. It must not know code.

use crate::place::{Around, Text};
use crate::role::Role;
use crate::roles::context::Context;
use crate::roles::rule::Rule;
use crate::roles::words;
use crate::site::Certainty;

/// From how many models on a file of data that names nothing to ask them for is a list of them.
const MANY: usize = 12;

/// The rows, in order.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "setting-for-people",
        role: Role::Documentation,
        certainty: Certainty::Medium,
        says: "a description in a file of settings names it",
        holds: |context| {
            let mut keys = context.keys();
            is_settings(context) && keys.next().is_some_and(words::is_for_people)
        },
        examples: [
            ("a.yaml", "description: gpt-4o\n"),
            ("a.yaml", "model: gpt-4o\n"),
        ],
    },
    Rule {
        name: "data-table",
        role: Role::Catalogue,
        certainty: Certainty::High,
        says: "the file lists models",
        holds: is_table,
        examples: [
            (
                "models.yaml",
                "openai:\n- gpt-4o\n- gpt-4\n- gpt-5\n- o3-mini\n",
            ),
            ("app.yaml", "model: gpt-4o\n"),
        ],
    },
    Rule {
        name: "setting-key",
        role: Role::Configuration,
        // Other settings ask for the key by its name, so that no fix of it alone is safe.
        certainty: Certainty::Medium,
        says: "a file of settings has a part that is called so",
        holds: |context| {
            let is_header = matches!(context.nearest(), Some(Around::Section { .. }));
            is_settings(context) && (context.is_text(Text::Key) || is_header)
        },
        examples: [
            ("a.toml", "[models.gpt-4o]\nrouting = [\"x\"]\n"),
            ("a.toml", "model = \"gpt-4o\"\n"),
        ],
    },
    Rule {
        name: "setting",
        role: Role::Configuration,
        certainty: Certainty::High,
        says: "a file of settings names it",
        holds: is_settings,
        examples: [
            ("a.yaml", "model: gpt-4o\n"),
            ("a.py", "model = 'gpt-4o'\n"),
        ],
    },
];

/// What holds where no other row does.
pub(super) const NAMED: Rule = Rule {
    name: "named",
    role: Role::Default,
    certainty: Certainty::Low,
    says: "the file names it, and nothing there says what for",
    holds: |_| true,
    examples: [("a.rb", "x gpt-4o y\n"), ("a.rb", "# x gpt-4o y\n")],
};

/// Tells whether a file holds settings or data rather than code.
fn is_settings(context: &Context<'_>) -> bool {
    let languages = ["YAML", "JSON", "TOML", "Settings"];
    let is_lines = context.folder.is_rows();
    is_lines
        || languages.contains(&context.language)
        || context.language == "Other" && context.folder.is_settings()
}

fn is_table(context: &Context<'_>) -> bool {
    if !is_settings(context) {
        return false;
    }
    let is_asked_for = context.keys().next().is_some_and(words::is_model_word);
    let is_row = context.is_text(Text::Key) || context.is_listed();
    let is_list = context.folder.is_list() && context.is_among(4) && is_row;
    let is_described = context.is_row_of_catalogue() && context.is_among(3);
    let is_long = context.is_among(MANY) && is_row && !is_asked_for;
    is_list || is_described || is_long
}
