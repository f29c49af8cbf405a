//! Errors and the list of models in the envelopes that OpenAI's APIs share. It must not decide
//! which error it is.

use crate::dialect::ListedModel;
use crate::fault::{ErrorKind, WireError};
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;

/// Names the status of an error.
pub(crate) fn status_of(error: &WireError) -> u16 {
    error.status_with(503)
}

fn word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidRequest | ErrorKind::Conflict | ErrorKind::TooLarge => {
            "invalid_request_error"
        }
        ErrorKind::Authentication => "authentication_error",
        ErrorKind::Billing => "insufficient_quota",
        ErrorKind::Permission => "permission_error",
        ErrorKind::NotFound => "not_found_error",
        ErrorKind::RateLimit => "rate_limit_error",
        ErrorKind::Timeout => "timeout_error",
        ErrorKind::Overloaded => "overloaded_error",
        ErrorKind::Api => "server_error",
    }
}

/// Writes an error as a body.
pub(crate) fn body(error: &WireError) -> Vec<u8> {
    let mut out = Writer::new();
    out.object(|out| write(error, out.key("error")));
    out.finish()
}

/// Writes what an error's envelope holds. All four keys are always there; the decision's id is a
/// fifth.
pub(crate) fn write(error: &WireError, out: &mut Writer) {
    out.object(|out| {
        out.key("message").string(&error.message);
        out.key("type").string(word(error.kind));
        out.nullable_field("param", error.param.as_deref());
        out.nullable_field("code", code(error));
        out.string_field("decision", error.decision.as_deref());
    });
}

/// Names the code of an error.
pub(crate) fn code(error: &WireError) -> Option<&str> {
    let overloaded = (error.kind == ErrorKind::Overloaded).then_some("overloaded");
    error.code.as_deref().or(overloaded)
}

/// Stands for an error of which nothing was read.
pub(crate) fn empty() -> WireError {
    WireError::new(0, ErrorKind::Api, "the provider reported an error")
}

/// Reads an error. Some servers send the inner object alone, a bare text, or a number as code.
pub(crate) fn read(status: u16, body: &[u8]) -> WireError {
    let unread = || {
        let kind = ErrorKind::of_status(status);
        WireError::new(
            status,
            kind,
            "the provider reported an error without saying which",
        )
    };
    let Ok(mut fields) = Value::parse(body).and_then(|value| value.fields()) else {
        return unread();
    };
    let Some(error) = fields.take("error") else {
        return envelope(status, &mut fields).unwrap_or_else(unread);
    };
    if let Ok(message) = error.string() {
        return WireError::new(status, ErrorKind::of_status(status), message);
    }
    let inner = error.fields().ok();
    inner
        .and_then(|mut inner| envelope(status, &mut inner))
        .unwrap_or_else(unread)
}

fn envelope(status: u16, fields: &mut Fields<'_>) -> Option<WireError> {
    let message = fields.string("message").ok().flatten()?;
    let kind = fields.string("type").ok().flatten();
    let code = fields.take("code").map(|code| {
        code.string()
            .map_or_else(|_| code.raw().to_owned(), Into::into)
    });
    let status = match (status, code.as_deref().and_then(|code| code.parse().ok())) {
        (0, Some(code @ 400..=599)) => code,
        _ => status,
    };
    Some(WireError {
        code: code.clone(),
        param: fields.string("param").ok().flatten(),
        ..WireError::new(
            status,
            sort(status, kind.as_deref(), code.as_deref()),
            message,
        )
    })
}

fn sort(status: u16, kind: Option<&str>, code: Option<&str>) -> ErrorKind {
    let words = [code.unwrap_or_default(), kind.unwrap_or_default()];
    let has = |word: &str| words.iter().any(|known| known.contains(word));
    if has("overloaded") || has("slow_down") {
        return ErrorKind::Overloaded;
    }
    if status >= 400 && status != 500 {
        return ErrorKind::of_status(status);
    }
    let by_word = [
        ("rate_limit", ErrorKind::RateLimit),
        ("insufficient_quota", ErrorKind::RateLimit),
        ("authentication", ErrorKind::Authentication),
        ("invalid_api_key", ErrorKind::Authentication),
        ("permission", ErrorKind::Permission),
        ("not_found", ErrorKind::NotFound),
        ("timeout", ErrorKind::Timeout),
        ("invalid_request", ErrorKind::InvalidRequest),
        ("invalid_prompt", ErrorKind::InvalidRequest),
        ("context_length", ErrorKind::InvalidRequest),
    ];
    let found = by_word.into_iter().find(|(word, _)| has(word));
    found.map_or(ErrorKind::of_status(status), |(_, kind)| kind)
}

/// Writes the list of models.
pub(crate) fn models_page(models: &[ListedModel<'_>]) -> Vec<u8> {
    let mut out = Writer::new();
    out.object(|out| {
        out.key("object").string("list");
        out.key("data").array(|out| {
            for model in models {
                write_model(model, out);
            }
        });
    });
    out.finish()
}

/// Writes one model alone.
pub(crate) fn model(model: &ListedModel<'_>) -> Vec<u8> {
    let mut out = Writer::new();
    write_model(model, &mut out);
    out.finish()
}

fn write_model(model: &ListedModel<'_>, out: &mut Writer) {
    out.object(|out| {
        out.key("id").string(model.id);
        out.key("object").string("model");
        out.key("created").number(model.created);
        out.key("owned_by").string(model.owner);
        out.key("description").string(model.purpose);
    });
}
