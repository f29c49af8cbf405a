//! What can be wrong with a request, an answer or its translation, as values. It must not know a
//! dialect's field names, nor when an error is sent.

use std::fmt;

/// Says what is wrong with a request body: the caller's fault, a 400 in the caller's envelope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct BadRequest {
    /// Path of the field at fault, such as `messages[2].content`; none for broken JSON.
    pub field: Option<String>,
    /// What is wrong and how to mend it, in a sentence for the caller.
    pub message: String,
}

impl BadRequest {
    /// Makes a fault of one field.
    #[must_use]
    pub fn of(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            message: message.into(),
        }
    }

    /// Makes a fault of the body as a whole.
    #[must_use]
    pub fn whole(message: impl Into<String>) -> Self {
        Self {
            field: None,
            message: message.into(),
        }
    }

    /// Renders it as the error that the caller is sent: status 400, kind and field set.
    #[must_use]
    pub fn to_error(&self, code: &str) -> WireError {
        WireError {
            param: self.field.clone(),
            code: Some(code.to_owned()),
            ..WireError::new(400, ErrorKind::InvalidRequest, self.to_string())
        }
    }
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{field}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Names one thing that a translation could not carry, or changed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Loss {
    /// Path of the field in the body it came from, such as `messages[2].name`.
    pub path: String,
    /// Why it was lost or how it was changed.
    pub why: String,
}

impl Loss {
    /// Names a loss.
    #[must_use]
    pub fn new(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            why: why.into(),
        }
    }
}

/// Says that a provider's answer or event is not what its dialect promises.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider's answer is not {dialect}: {message}")]
pub struct Malformed {
    /// Name of the dialect it should have been.
    pub dialect: &'static str,
    /// What is wrong; holds positions and field names, never content.
    pub message: String,
}

/// Holds an error as it stands in a dialect's envelope: Tiergate's own, or one read from a
/// provider's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireError {
    /// HTTP status, in the numbers of the dialect it came from (0 inside a stream without one).
    pub status: u16,
    /// What sort of error it is.
    pub kind: ErrorKind,
    /// Stable code that programs compare; a provider's own code where it sent one.
    pub code: Option<String>,
    /// What, why and how to mend it.
    pub message: String,
    /// Path of the request's field at fault.
    pub param: Option<String>,
    /// Id that `explain` takes, or the provider's request id.
    pub decision: Option<String>,
}

impl WireError {
    /// Makes an error with nothing but its status, kind and message.
    #[must_use]
    pub fn new(status: u16, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            message: message.into(),
            param: None,
            decision: None,
        }
    }

    /// Names the status of an error in an API that has this one for overload: its own where it has
    /// one, else its kind's.
    pub(crate) fn status_with(&self, overloaded: u16) -> u16 {
        match (self.kind, self.status) {
            (ErrorKind::Overloaded, _) => overloaded,
            (kind, 0..400) => kind.status(),
            (_, status) => status,
        }
    }
}

/// Sorts errors as both dialect families do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// 400, 422: the request is wrong.
    InvalidRequest,
    /// 401: no or a bad credential.
    Authentication,
    /// 402: payment is needed.
    Billing,
    /// 403: the credential may not do this.
    Permission,
    /// 404: no such thing, or none that may be seen.
    NotFound,
    /// 409: a conflict.
    Conflict,
    /// 413: the request is too large.
    TooLarge,
    /// 429: too many requests or tokens, or a spending limit.
    RateLimit,
    /// 408, 504: it took too long.
    Timeout,
    /// 503 with that code, or 529: the provider has no capacity now.
    Overloaded,
    /// 500 and every other: the server failed.
    Api,
}

impl ErrorKind {
    /// Sorts by an HTTP status alone.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            402 => Self::Billing,
            403 => Self::Permission,
            404 => Self::NotFound,
            409 => Self::Conflict,
            413 => Self::TooLarge,
            429 => Self::RateLimit,
            408 | 504 => Self::Timeout,
            529 => Self::Overloaded,
            400..=499 => Self::InvalidRequest,
            _ => Self::Api,
        }
    }

    /// Names the status that both families use for it; overload has two, see
    /// [`Dialect::status_of`](crate::dialect::Dialect::status_of).
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::Authentication => 401,
            Self::Billing => 402,
            Self::Permission => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::RateLimit => 429,
            Self::Timeout => 504,
            Self::Overloaded => 503,
            Self::Api => 500,
        }
    }
}
