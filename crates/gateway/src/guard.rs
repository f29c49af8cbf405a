//! Limits that hold after a decision and before anything is sent. It must not change a request.

use std::sync::Arc;

use domain::{Assignment, Model};

use crate::error::{Class, Error};

/// Checks that the chosen model may be asked for so much output.
///
/// # Errors
/// Fails when the request asks for more than the model's limit.
pub fn check(assignment: &Assignment<'_>, max_tokens: Option<u64>) -> Result<(), Error> {
    let Some(chosen) = assignment.models().next() else {
        return Err(Error::not_wired());
    };
    if fits(chosen, max_tokens) {
        return Ok(());
    }
    let limit = chosen.limits.max_output_tokens.unwrap_or_default();
    let mut error = Error::caller(Class::MaxOutput).detailed(format!("the limit is {limit}"));
    error.field = Some("max_tokens".to_owned());
    Err(error)
}

/// Tells whether a model's limit allows so much output; a fallback that does not is left out.
#[must_use]
pub fn fits(model: &Arc<Model>, max_tokens: Option<u64>) -> bool {
    let limit = model.limits.max_output_tokens;
    limit.is_none_or(|limit| max_tokens.is_none_or(|asked| asked <= limit))
}
