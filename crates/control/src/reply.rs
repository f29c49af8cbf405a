//! Answers of the admin port: JSON or text with a status; every failure has a stable code and
//! says how to mend it. It must not know which route answers.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;
use serde_json::{Value, json};

/// Holds an answer before it is written.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: Written,
}

#[derive(Debug)]
enum Written {
    Json(Value),
    Text(String),
}

impl Reply {
    /// Answers 200 with a value.
    pub(crate) fn ok(value: &impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => Self {
                status: StatusCode::OK,
                body: Written::Json(value),
            },
            Err(error) => Self::broken(&error),
        }
    }

    /// Answers 200 with text.
    pub(crate) fn text(text: String) -> Self {
        Self {
            status: StatusCode::OK,
            body: Written::Text(text),
        }
    }

    /// Answers a no that is no failure: what was asked for does not hold, with its reasons.
    pub(crate) fn refused(value: &impl Serialize) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            ..Self::ok(value)
        }
    }

    /// Answers with a failure.
    pub(crate) fn fault(status: StatusCode, code: &str, what: &str, mend: &str) -> Self {
        let error = json!({ "error": { "code": code, "message": what, "remedy": mend } });
        Self {
            status,
            body: Written::Json(error),
        }
    }

    /// Answers that what was asked is malformed.
    pub(crate) fn bad(code: &str, what: &str, mend: &str) -> Self {
        Self::fault(StatusCode::BAD_REQUEST, code, what, mend)
    }

    /// Answers that something of ours broke; the cause goes to the log.
    pub(crate) fn broken(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %chain(error), "the admin port failed");
        Self::fault(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Tiergate could not do this",
            "see its log for the cause; the data directory's disk is the first place to look",
        )
    }

    /// Answers that something which is not ours to mend stops this; the cause goes to the log.
    pub(crate) fn stopped(
        error: &dyn std::error::Error,
        code: &str,
        what: &str,
        mend: &str,
    ) -> Self {
        tracing::error!(error = %chain(error), "the admin port was stopped");
        Self::fault(StatusCode::SERVICE_UNAVAILABLE, code, what, mend)
    }

    /// Writes the answer.
    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let (kind, body) = match self.body {
            Written::Json(value) => ("application/json", value.to_string()),
            Written::Text(text) => ("text/plain; charset=utf-8", text),
        };
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = self.status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
