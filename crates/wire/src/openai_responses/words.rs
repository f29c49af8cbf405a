//! Where a Responses request says what a model may refuse. It must not know which does.

use crate::adapt::{Choice, Parameter, Words};
use crate::json::cursor::{Cursor, Kind};

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
};

/// Tells whether a choice is `required` or names one tool; a list of allowed ones is neither.
fn is_forced(choice: &str) -> bool {
    let mut cursor = Cursor::over(choice);
    if cursor.kind().is_ok_and(|kind| kind != Kind::Object) {
        return choice == "\"required\"";
    }
    let mut names_one = false;
    let walked = cursor.object(|cursor, key| {
        let is_type = key == "type";
        let word = cursor.string_or_skip()?;
        names_one |= is_type && word.is_some_and(|word| word != "allowed_tools");
        Ok(())
    });
    walked.is_ok() && names_one
}
