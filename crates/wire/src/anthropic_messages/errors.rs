//! Errors and the list of models in the envelopes of the Messages API. It must not decide which
//! error it is.

use crate::dialect::ListedModel;
use crate::fault::{ErrorKind, WireError};
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;

/// Pairs each kind with the API's word for it.
const WORDS: [(ErrorKind, &str); 11] = [
    (ErrorKind::InvalidRequest, "invalid_request_error"),
    (ErrorKind::Authentication, "authentication_error"),
    (ErrorKind::Billing, "billing_error"),
    (ErrorKind::Permission, "permission_error"),
    (ErrorKind::NotFound, "not_found_error"),
    (ErrorKind::TooLarge, "request_too_large"),
    (ErrorKind::RateLimit, "rate_limit_error"),
    (ErrorKind::Timeout, "timeout_error"),
    (ErrorKind::Overloaded, "overloaded_error"),
    (ErrorKind::Api, "api_error"),
    (ErrorKind::Conflict, "invalid_request_error"),
];

/// Names the status of an error.
pub(super) fn status_of(error: &WireError) -> u16 {
    error.status_with(529)
}

/// Writes an error as a body.
pub(super) fn body(error: &WireError) -> Vec<u8> {
    let word = WORDS.iter().find(|(kind, _)| *kind == error.kind);
    let mut out = Writer::new();
    out.object(|out| {
        out.key("type").string("error");
        out.key("error").object(|out| {
            out.key("type")
                .string(word.map_or("api_error", |(_, word)| word));
            out.key("message").string(&error.message);
            if error.code.is_some() || error.param.is_some() {
                out.key("details").object(|out| {
                    out.string_field("error_code", error.code.as_deref());
                    out.string_field("field", error.param.as_deref());
                });
            }
        });
        out.nullable_field("request_id", error.decision.as_deref());
    });
    out.finish()
}

/// Writes an error as a stream's last event.
pub(super) fn event(error: &WireError) -> Vec<u8> {
    let mut out = b"event: error\ndata: ".to_vec();
    out.extend_from_slice(&body(error));
    out.extend_from_slice(b"\n\n");
    out
}

/// Reads an error.
pub(super) fn read(status: u16, body: &[u8]) -> WireError {
    let read = Value::parse(body).and_then(|value| value.fields());
    let found = read
        .ok()
        .and_then(|mut fields| envelope(status, &mut fields));
    found.unwrap_or_else(|| {
        let kind = ErrorKind::of_status(status);
        WireError::new(
            status,
            kind,
            "the provider reported an error without saying which",
        )
    })
}

fn envelope(status: u16, fields: &mut Fields<'_>) -> Option<WireError> {
    let mut inner = fields.fields("error").ok().flatten()?;
    let message = inner.string("message").ok().flatten()?;
    let word = inner.string("type").ok().flatten();
    let known = WORDS
        .iter()
        .find(|(_, name)| Some(*name) == word.as_deref());
    let kind = match (known, status) {
        // A word that two kinds share says less than the status.
        (Some((ErrorKind::InvalidRequest, _)), 400..) => ErrorKind::of_status(status),
        (Some((kind, _)), _) => *kind,
        (None, status) => ErrorKind::of_status(status),
    };
    let mut error = WireError::new(status, kind, message);
    if let Some(mut details) = inner.fields("details").ok().flatten() {
        error.code = details.string("error_code").ok().flatten();
        error.param = details.string("field").ok().flatten();
    }
    error.decision = fields.string("request_id").ok().flatten();
    Some(error)
}

/// Writes the list of models. The API's times are RFC 3339.
pub(super) fn models_page(models: &[ListedModel<'_>]) -> Vec<u8> {
    let mut out = Writer::new();
    out.object(|out| {
        out.key("data").array(|out| {
            for model in models {
                write_model(model, out);
            }
        });
        out.key("has_more").bool(false);
        out.nullable_field("first_id", models.first().map(|model| model.id));
        out.nullable_field("last_id", models.last().map(|model| model.id));
    });
    out.finish()
}

/// Writes one model alone.
pub(super) fn model(model: &ListedModel<'_>) -> Vec<u8> {
    let mut out = Writer::new();
    write_model(model, &mut out);
    out.finish()
}

fn write_model(model: &ListedModel<'_>, out: &mut Writer) {
    out.object(|out| {
        out.key("type").string("model");
        out.key("id").string(model.id);
        out.key("display_name").string(model.id);
        out.key("created_at").string(&rfc3339(model.created));
        out.key("description").string(model.purpose);
    });
}

/// Writes Unix seconds as a date and time of UTC, by the civil calendar's 400-year cycle.
fn rfc3339(seconds: u64) -> String {
    let (days, clock) = (seconds / 86_400, seconds % 86_400);
    // Days since the first of March of the year 0, so that a leap day ends its year.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, wraps) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + wraps;
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
}
