//! Errors and the list of models in the envelopes of the Gemini API. It must not decide which
//! error it is.

use std::time::Duration;

use crate::dialect::ListedModel;
use crate::fault::{ErrorKind, WireError};
use crate::gemini::names::Names;
use crate::json::cursor::Kind;
use crate::json::fields::Value;
use crate::json::write::Writer;

const REASON: &str = "type.googleapis.com/google.rpc.ErrorInfo";
const FIELD: &str = "type.googleapis.com/google.rpc.BadRequest";
const REQUEST: &str = "type.googleapis.com/google.rpc.RequestInfo";
const RETRY: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// Pairs each kind with the API's word for it. Of two kinds with one word the first is read.
const WORDS: [(ErrorKind, &str); 12] = [
    (ErrorKind::InvalidRequest, "INVALID_ARGUMENT"),
    (ErrorKind::Authentication, "UNAUTHENTICATED"),
    (ErrorKind::Permission, "PERMISSION_DENIED"),
    (ErrorKind::NotFound, "NOT_FOUND"),
    (ErrorKind::RateLimit, "RESOURCE_EXHAUSTED"),
    (ErrorKind::Api, "INTERNAL"),
    (ErrorKind::Overloaded, "UNAVAILABLE"),
    (ErrorKind::Timeout, "DEADLINE_EXCEEDED"),
    (ErrorKind::Conflict, "ABORTED"),
    (ErrorKind::Billing, "FAILED_PRECONDITION"),
    (ErrorKind::TooLarge, "OUT_OF_RANGE"),
    (ErrorKind::Conflict, "ALREADY_EXISTS"),
];

/// Names the status of an error.
pub(super) fn status_of(error: &WireError) -> u16 {
    error.status_with(503)
}

/// Writes an error as a body.
pub(super) fn body(error: &WireError) -> Vec<u8> {
    let word = WORDS.iter().find(|(kind, _)| *kind == error.kind);
    let mut out = Writer::new();
    out.object(|out| {
        out.key("error").object(|out| {
            out.key("code").number(status_of(error).into());
            out.key("message").string(&error.message);
            out.key("status")
                .string(word.map_or("UNKNOWN", |(_, word)| word));
            let details = [&error.code, &error.param, &error.decision];
            if details.iter().any(|detail| detail.is_some()) {
                out.key("details").array(|out| write_details(error, out));
            }
        });
    });
    out.finish()
}

fn write_details(error: &WireError, out: &mut Writer) {
    if let Some(code) = &error.code {
        out.object(|out| {
            out.key("@type").string(REASON);
            out.key("reason").string(code);
        });
    }
    if let Some(param) = &error.param {
        out.object(|out| {
            out.key("@type").string(FIELD);
            out.key("fieldViolations").array(|out| {
                out.object(|out| {
                    out.key("field").string(param);
                    out.key("description").string(&error.message);
                });
            });
        });
    }
    if let Some(decision) = &error.decision {
        out.object(|out| {
            out.key("@type").string(REQUEST);
            out.key("requestId").string(decision);
        });
    }
}

/// Writes an error as a stream's last chunk.
pub(super) fn event(error: &WireError) -> Vec<u8> {
    let mut out = b"data: ".to_vec();
    out.extend_from_slice(&body(error));
    out.extend_from_slice(b"\r\n\r\n");
    out
}

/// Stands for an error of which nothing was read.
pub(super) fn empty() -> WireError {
    WireError::new(0, ErrorKind::Api, "the provider reported an error")
}

/// Reads an error. Where a stream was asked for as an array, so is the error.
pub(super) fn read(status: u16, body: &[u8]) -> WireError {
    envelope(body)
        .and_then(|mut error| fields(status, &mut error))
        .unwrap_or_else(|| {
            let kind = ErrorKind::of_status(status);
            let what = "the provider reported an error without saying which";
            WireError::new(status, kind, what)
        })
}

fn envelope(body: &[u8]) -> Option<Names<'_>> {
    let mut value = Value::parse(body).ok()?;
    if value.kind() == Kind::Array {
        value = value.elements().ok()?.into_iter().next()?;
    }
    Names::of(&value).ok()?.names("error").ok().flatten()
}

fn fields(status: u16, error: &mut Names<'_>) -> Option<WireError> {
    let message = error.string("message").ok().flatten()?;
    let word = error.string("status").ok().flatten();
    let code = error.whole("code").ok().flatten();
    let code = code.and_then(|code| u16::try_from(code).ok());
    let status = match (status, code) {
        (0, Some(code @ 400..=599)) => code,
        _ => status,
    };
    let known = WORDS
        .iter()
        .find(|(_, name)| Some(*name) == word.as_deref());
    let kind = match (known, status) {
        // An overload has a status of its own only together with its word.
        (Some((ErrorKind::Overloaded, _)), 0 | 503 | 529) => ErrorKind::Overloaded,
        (Some((kind, _)), 0) => *kind,
        (_, status) => ErrorKind::of_status(status),
    };
    let mut read = WireError::new(status, kind, message);
    for detail in error.elements("details").unwrap_or_default() {
        if let Ok(mut detail) = Names::of(&detail) {
            take_detail(&mut detail, &mut read);
        }
    }
    Some(read)
}

fn take_detail(detail: &mut Names<'_>, read: &mut WireError) {
    match detail.string("@type").ok().flatten().as_deref() {
        Some(REASON) => read.code = detail.string("reason").ok().flatten(),
        Some(REQUEST) => read.decision = detail.string("requestId").ok().flatten(),
        Some(FIELD) => {
            let violations = detail.elements("fieldViolations").unwrap_or_default();
            let mut fields = violations.iter().filter_map(|one| Names::of(one).ok());
            read.param = fields.find_map(|mut one| one.string("field").ok().flatten());
        }
        _ => {}
    }
}

/// Reads how long an error asks to be left alone: its details say what a header says elsewhere.
pub(super) fn retry_after(body: &[u8]) -> Option<Duration> {
    let mut error = envelope(body)?;
    let details = error.elements("details").ok()?;
    details.iter().find_map(|detail| {
        let mut detail = Names::of(detail).ok()?;
        if detail.string("@type").ok()?.as_deref() != Some(RETRY) {
            return None;
        }
        let delay = detail.string("retryDelay").ok()??;
        let seconds = delay.strip_suffix('s')?.parse().ok()?;
        Duration::try_from_secs_f64(seconds).ok()
    })
}

/// Writes the list of models.
pub(super) fn models_page(models: &[ListedModel<'_>]) -> Vec<u8> {
    let mut out = Writer::new();
    out.object(|out| {
        out.key("models").array(|out| {
            for model in models {
                write_model(model, out);
            }
        });
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
        out.key("name").string(&format!("models/{}", model.id));
        out.key("displayName").string(model.id);
        out.key("description").string(model.purpose);
        out.key("supportedGenerationMethods").array(|out| {
            out.string("generateContent");
            out.string("streamGenerateContent");
        });
    });
}
