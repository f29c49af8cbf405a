//! Where a Chat Completions request says what a model may refuse. It must not know which does.

use crate::adapt::{Choice, Parameter, Words};
use crate::openai::choice;

/// Names the fields.
pub(super) static WORDS: Words = Words {
    parameters: &[
        (Parameter::Temperature, &["temperature"]),
        (Parameter::TopP, &["top_p"]),
        (Parameter::TopK, &["top_k"]),
        (Parameter::PresencePenalty, &["presence_penalty"]),
        (Parameter::FrequencyPenalty, &["frequency_penalty"]),
        (Parameter::Seed, &["seed"]),
        (Parameter::LogitBias, &["logit_bias"]),
        (Parameter::Logprobs, &["logprobs"]),
        (Parameter::TopLogprobs, &["top_logprobs"]),
    ],
    effort: Some(&["reasoning_effort"]),
    thinking: None,
    choice: Some(Choice {
        form: &["tool_choice"],
        name: None,
        is_forced,
        free: "\"auto\"",
    }),
    max_tokens: &["max_completion_tokens"],
    older_max_tokens: Some(&["max_tokens"]),
    schema: Some((
        &["response_format", "json_schema", "schema"],
        Some(&["response_format", "json_schema", "strict"]),
    )),
    others: &[("service_tier", &["service_tier"])],
};

/// Tells whether a choice is `required` or names one function; a list of allowed ones is neither.
fn is_forced(choice: &str) -> bool {
    choice::is_forced(choice, |word| matches!(word, "function" | "custom"))
}
