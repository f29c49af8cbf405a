//! Where a Messages request says what a model may refuse. It must not know which does.

use crate::adapt::{Choice, Parameter, Thoughts, Words};

/// Names the fields.
pub(super) static WORDS: Words = Words {
    parameters: &[
        (Parameter::Temperature, &["temperature"]),
        (Parameter::TopP, &["top_p"]),
        (Parameter::TopK, &["top_k"]),
    ],
    effort: Some(&["output_config", "effort"]),
    thinking: Some(Thoughts {
        outer: &["thinking"],
        form: &["thinking", "type"],
        budget: &["thinking", "budget_tokens"],
    }),
    choice: Some(Choice {
        form: &["tool_choice", "type"],
        name: Some(&["tool_choice", "name"]),
        is_forced: |form| matches!(form, "\"any\"" | "\"tool\""),
        free: "\"auto\"",
    }),
    max_tokens: &["max_tokens"],
    older_max_tokens: None,
    schema: Some((&["output_config", "format", "schema"], None)),
    others: &[
        ("service_tier", &["service_tier"]),
        ("older_output_format", &["output_format"]),
    ],
};
