//! Tells roles from what a file is, and from the kind of text in it. It must not know code.

use crate::place::{Around, Text};
use crate::role::Role;
use crate::roles::context::Context;
use crate::roles::rule::Rule;
use crate::roles::words;
use crate::site::Certainty;

/// The rows, in order.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "notebook",
        role: Role::Notebook,
        certainty: Certainty::High,
        says: "it stands in a notebook",
        holds: |context| context.folder.is_notebook(),
        examples: [
            (
                "a.ipynb",
                "{\"cells\":[{\"cell_type\":\"code\",\"source\":[\"m = 'gpt-4o'\"]}]}",
            ),
            ("a.py", "m = 'gpt-4o'\n"),
        ],
    },
    Rule {
        name: "comment",
        role: Role::Comment,
        certainty: Certainty::High,
        says: "it stands in a comment",
        holds: |context| context.is_text(Text::Comment) && !is_prose(context),
        examples: [
            ("a.py", "# ask gpt-4o\nx = 1\n"),
            ("a.py", "ask(model='gpt-4o')\n"),
        ],
    },
    Rule {
        name: "workflow",
        role: Role::CiWorkflow,
        certainty: Certainty::High,
        says: "the file is a workflow of continuous integration",
        holds: |context| context.folder.is_workflow(),
        examples: [
            (".github/workflows/a.yml", "env:\n  MODEL: gpt-4o\n"),
            ("a.yml", "env:\n  MODEL: gpt-4o\n"),
        ],
    },
    Rule {
        name: "request-file",
        role: Role::LiveCall,
        certainty: Certainty::High,
        says: "the file holds requests that are sent by hand",
        holds: |context| context.folder.is_requests(),
        examples: [
            ("a.http", "POST x\n\n{\"model\": \"gpt-4o\"}\n"),
            ("a.rb", "{\"model\": \"gpt-4o\"}\n"),
        ],
    },
    Rule {
        name: "test-file",
        role: Role::TestFixture,
        certainty: Certainty::High,
        says: "the file is a test, or what a test reads",
        holds: |context| context.folder.is_test(),
        examples: [
            ("tests/a.py", "ask(model='gpt-4o')\n"),
            ("a.py", "ask(model='gpt-4o')\n"),
        ],
    },
    Rule {
        name: "test-block",
        role: Role::TestFixture,
        certainty: Certainty::High,
        says: "it stands in a test within the code",
        holds: |context| context.is_in_test(),
        examples: [
            ("a.rs", "mod tests {\n fn a() { ask(\"gpt-4o\") }\n}\n"),
            ("a.rs", "mod tested {\n fn a() { ask(\"gpt-4o\") }\n}\n"),
        ],
    },
    Rule {
        name: "machines",
        role: Role::Infrastructure,
        certainty: Certainty::High,
        says: "the file sets machines up",
        holds: |context| context.folder.is_machines() || context.is_manifest,
        examples: [("a.tf", "a = \"gpt-4o\"\n"), ("a.toml", "a = \"gpt-4o\"\n")],
    },
    Rule {
        name: "schema-list",
        role: Role::Catalogue,
        certainty: Certainty::Medium,
        says: "the description of an interface lists the models that it takes",
        holds: |context| {
            let is_row = context.is_listed() || context.line.trim_start().starts_with("- ");
            context.is_schema && context.is_whole && is_row
        },
        examples: [
            ("a.yaml", "openapi: 3.1.0\nenum:\n- gpt-4o\n- gpt-4\n"),
            ("a.yaml", "openapi: 3.1.0\nexample: gpt-4o\n"),
        ],
    },
    Rule {
        name: "schema",
        role: Role::Documentation,
        certainty: Certainty::Medium,
        says: "the file describes an interface",
        holds: |context| context.is_schema,
        examples: [
            ("a.yaml", "openapi: 3.1.0\nexample: gpt-4o\n"),
            ("a.yaml", "model: gpt-4o\n"),
        ],
    },
    Rule {
        name: "documents",
        role: Role::Documentation,
        certainty: Certainty::High,
        says: "the file is for people to read",
        holds: is_document,
        examples: [
            ("README.md", "Ask `gpt-4o`.\n"),
            ("a.yaml", "model: gpt-4o\n"),
        ],
    },
    Rule {
        name: "prose-in-code",
        role: Role::Documentation,
        certainty: Certainty::Medium,
        says: "it stands in a text that people read",
        holds: is_read_by_people,
        examples: [
            ("a.py", "print('asking gpt-4o now, please wait')\n"),
            ("a.py", "ask('gpt-4o')\n"),
        ],
    },
];

fn is_prose(context: &Context<'_>) -> bool {
    context.language == "Prose"
}

fn is_document(context: &Context<'_>) -> bool {
    is_prose(context) || context.folder.is_documents()
}

/// Tells whether a text is a message, a help, a label. A text that only holds a name is none, and
/// neither is a command or a body of a request.
fn is_read_by_people(context: &Context<'_>) -> bool {
    if context.is_text(Text::Prose) {
        return true;
    }
    let is_label = match context.nearest() {
        Some(Around::Pair { key }) => words::is_label(key),
        _ => false,
    };
    if is_label && !context.place.text.eq(&Text::Key) {
        return true;
    }
    if context.is_whole || context.is_text(Text::Pattern) || context.is_fragment {
        return false;
    }
    let is_for_people = match context.nearest() {
        Some(Around::Argument { callee, name, .. }) => {
            let is_named = name.as_deref().is_some_and(words::is_for_people);
            is_named || words::is_talk(callee)
        }
        Some(Around::Pair { key }) => {
            let is_titled = words::is_title(key) && context.literal.contains(' ');
            is_titled || words::is_for_people(key)
        }
        _ => false,
    };
    let spaces = context.literal.split_whitespace().count();
    let is_command = context.literal.contains("--model") || is_body(context.literal);
    (is_for_people || spaces > 3) && !is_command
}

/// Tells whether a text is the body of a request.
pub(super) fn is_body(text: &str) -> bool {
    let plain: String = text
        .chars()
        .filter(|letter| !"\\ ".contains(*letter))
        .collect();
    plain.contains("\"model\":") || plain.contains("'model':")
}
