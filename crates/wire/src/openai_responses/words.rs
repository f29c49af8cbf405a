//! Where a Responses request says what a model may refuse. It must not know which does.

use crate::adapt::{Choice, Parameter, Words};
use crate::openai::choice;

/// Names the fields.
pub(super) static WORDS: Words = Words {
    parameters: &[
        (Parameter::Temperature, &["temperature"]),
        (Parameter::TopP, &["top_p"]),
        (Parameter::TopLogprobs, &["top_logprobs"]),
    ],
    effort: Some(&["reasoning", "effort"]),
    thinking: None,
    choice: Some(Choice {
        form: &["tool_choice"],
        name: None,
        is_forced,
        free: "\"auto\"",
    }),
    max_tokens: &["max_output_tokens"],
    older_max_tokens: None,
    schema: Some((
        &["text", "format", "schema"],
        Some(&["text", "format", "strict"]),
    )),
    others: &[("service_tier", &["service_tier"])],
};

/// Tells whether a choice is `required` or names one tool; a list of allowed ones is neither.
fn is_forced(choice: &str) -> bool {
    choice::is_forced(choice, |word| word != "allowed_tools")
}
