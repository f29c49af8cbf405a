//! Failures inside a stream: written in the form that clients raise, read in each that servers
//! send. It must not know when.

use crate::fault::{ErrorKind, WireError};
use crate::json::fields::{Fields, Value};
use crate::openai::errors;
use crate::openai_responses::event::event;

/// Tells whether an event reports that the answer failed.
pub(super) fn is_one(event: &mut Fields<'_>) -> bool {
    let Some(kind) = event.take("type") else {
        let error = event.take("error");
        return error.is_some();
    };
    let is_one = matches!(
        kind.string().as_deref(),
        Ok("error" | "response.failed" | "response.error")
    );
    event.put_back("type", kind);
    is_one
}

/// Reads the error of such an event: flat, in an envelope, or in the response that failed.
pub(super) fn read(event: &[u8]) -> WireError {
    let inner = Value::parse(event)
        .and_then(|event| event.fields())
        .and_then(|mut event| event.fields("response"));
    let response = match inner {
        Ok(Some(response)) => response,
        _ => return errors::read(0, event),
    };
    in_response(response)
}

/// Reads the error of a response that failed.
pub(super) fn in_response(mut response: Fields<'_>) -> WireError {
    let Some(error) = response.take("error") else {
        let status = response.string("status").ok().flatten();
        let status = status.unwrap_or_default();
        let why = format!("the answer ended with the status {status:?}");
        return WireError::new(0, ErrorKind::Api, why);
    };
    errors::read(0, error.raw().as_bytes())
}

/// Writes an error as the last event of a stream. It stands there twice: flat, as the reference
/// says, and in an envelope, as the API sends it and clients raise it.
pub(super) fn write(error: &WireError, sequence: u64) -> Vec<u8> {
    let mut out = Vec::new();
    event("error", sequence, &mut out, |out| {
        out.nullable_field("code", errors::code(error));
        out.key("message").string(&error.message);
        out.nullable_field("param", error.param.as_deref());
        errors::write(error, out.key("error"));
    });
    out
}
