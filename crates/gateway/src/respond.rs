//! Renders answers: the heads of good ones, and every failure. It must not decide what failed.

use bytes::Bytes;
use domain::{Assignment, Model};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use store::DecisionId;
use wire::{Dialect, WireError};

use crate::dispatch::Opened;
use crate::error::{Class, Error, Origin, Said};
use crate::outgoing::Outgoing;

/// The longest list of fields in a header, in bytes; the rest of it is left out.
const MAX_PATHS: usize = 1024;

static DECISION: HeaderName = HeaderName::from_static("tiergate-decision");
static TIER: HeaderName = HeaderName::from_static("tiergate-tier");
static MODEL: HeaderName = HeaderName::from_static("tiergate-model");
static STAGE: HeaderName = HeaderName::from_static("tiergate-stage");
static LOSSY: HeaderName = HeaderName::from_static("tiergate-lossy");
static ADAPTED: HeaderName = HeaderName::from_static("tiergate-adapted");
static ERROR: HeaderName = HeaderName::from_static("tiergate-error");
static REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names what an answer's headers say of its decision, as far as it was made.
#[derive(Clone, Copy, Default)]
pub struct Decided<'d> {
    /// The assignment.
    pub assignment: Option<&'d Assignment<'d>>,
    /// The model that answered.
    pub model: Option<&'d Model>,
}

/// Makes the head of an answer from its provider's: what passes through stays as it is.
#[must_use]
pub fn head(
    opened: &mut Opened,
    dialect: &dyn Dialect,
    decision: DecisionId,
    decided: Decided<'_>,
) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = opened.head.status;
    let mut headers = std::mem::take(&mut opened.head.headers);
    if !opened.is_same_dialect {
        let media = match opened.begun {
            crate::dispatch::Begun::Whole { .. } => "application/json",
            crate::dispatch::Begun::Stream(_) => "text/event-stream",
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    }
    decide(&mut headers, decision, decided);
    request_id(&mut headers, dialect, decision);
    for (name, paths) in [(&LOSSY, &opened.lossy), (&ADAPTED, &opened.adapted)] {
        if !paths.is_empty()
            && let Ok(value) = HeaderValue::from_str(&list(paths))
        {
            headers.insert(name.clone(), value);
        }
    }
    *response.headers_mut() = headers;
    response
}

/// Declares an answer as JSON, whatever its provider sent it as.
pub fn as_json(head: &mut Response<()>) {
    let json = HeaderValue::from_static("application/json");
    head.headers_mut().insert(CONTENT_TYPE, json);
}

/// Makes a plain answer of ours.
#[must_use]
pub fn plain(media: &'static str, bytes: impl Into<Bytes>) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::whole(bytes));
    let media = HeaderValue::from_static(media);
    response.headers_mut().insert(CONTENT_TYPE, media);
    response
}

/// Marks an answer of ours with its decision.
#[must_use]
pub fn marked(
    mut response: Response<Outgoing>,
    dialect: &dyn Dialect,
    decision: DecisionId,
) -> Response<Outgoing> {
    decide(response.headers_mut(), decision, Decided::default());
    request_id(response.headers_mut(), dialect, decision);
    response
}

/// Holds a failure as it is to be sent.
#[derive(Debug)]
pub struct Failure {
    /// Status and headers.
    pub head: Response<()>,
    /// The body, in the caller's dialect.
    pub body: Bytes,
}

/// Renders a failure in the caller's dialect.
#[must_use]
pub fn failure(
    error: Error,
    dialect: &dyn Dialect,
    decision: DecisionId,
    decided: Decided<'_>,
) -> Failure {
    let origin = match error.origin {
        Origin::Provider => "provider",
        Origin::Caller | Origin::Tiergate => "gateway",
    };
    let retry_after = error.retry_after;
    let is_method = error.class == Class::Method;
    let detail = error.detail.clone().filter(|_| is_method);
    let (status, mut headers, body) = render(error, dialect, decision);
    decide(&mut headers, decision, decided);
    request_id(&mut headers, dialect, decision);
    headers.insert(ERROR.clone(), HeaderValue::from_static(origin));
    if let (Some(wait), false) = (retry_after, headers.contains_key(RETRY_AFTER)) {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(Ok(method)) = detail.map(|method| HeaderValue::from_str(&method)) {
        headers.insert(http::header::ALLOW, method);
    }
    let mut head = Response::new(());
    *head.status_mut() = status;
    *head.headers_mut() = headers;
    Failure { head, body }
}

fn render(
    error: Error,
    dialect: &dyn Dialect,
    decision: DecisionId,
) -> (StatusCode, HeaderMap, Bytes) {
    let said = match error.answer {
        None => return ours(&error, dialect, decision),
        Some(said) => *said,
    };
    let Said {
        mut answer,
        dialect: spoken,
    } = said;
    if spoken == dialect.name() {
        return (answer.status, answer.headers, answer.body);
    }
    let status = answer.status.as_u16();
    let mut error = match wire::dialect(spoken) {
        Some(spoken) => spoken.read_error(status, &answer.body),
        None => WireError::new(
            status,
            wire::ErrorKind::of_status(status),
            "the provider failed",
        ),
    };
    error.decision = Some(decision.to_string());
    let json = HeaderValue::from_static("application/json");
    answer.headers.insert(CONTENT_TYPE, json);
    let body = dialect.error_body(&error).into();
    (status_of(dialect, &error), answer.headers, body)
}

fn ours(
    error: &Error,
    dialect: &dyn Dialect,
    decision: DecisionId,
) -> (StatusCode, HeaderMap, Bytes) {
    let row = error.class.row();
    let detail = error.detail.as_deref();
    let message = match detail {
        Some(detail) => format!("{}: {detail}; {}", row.says, row.remedy),
        None => format!("{}; {}", row.says, row.remedy),
    };
    let told = WireError {
        code: Some(row.code.to_owned()),
        param: error.field.clone(),
        decision: Some(decision.to_string()),
        ..WireError::new(row.status, row.kind, message)
    };
    let mut headers = HeaderMap::with_capacity(8);
    let json = HeaderValue::from_static("application/json");
    headers.insert(CONTENT_TYPE, json);
    let body = dialect.error_body(&told).into();
    (status_of(dialect, &told), headers, body)
}

fn status_of(dialect: &dyn Dialect, error: &WireError) -> StatusCode {
    let status = StatusCode::from_u16(dialect.status_of(error));
    status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Says what was decided. A name that no header can carry is left out: the decision's id leads to
/// it.
fn decide(headers: &mut HeaderMap, decision: DecisionId, decided: Decided<'_>) {
    if let Ok(id) = HeaderValue::from_bytes(&decision.to_hex()) {
        headers.insert(DECISION.clone(), id);
    }
    let mut say = |name: &HeaderName, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name.clone(), value);
        }
    };
    if let Some(assignment) = decided.assignment {
        say(&TIER, assignment.tier.name.as_str());
        if let Some(release) = assignment.release {
            say(&STAGE, release.stage.as_str());
        }
    }
    if let Some(model) = decided.model {
        say(&MODEL, model.name.as_str());
    }
}

/// Gives the request's id under the name that the dialect's clients read: the provider's where it
/// gave one, else ours.
fn request_id(headers: &mut HeaderMap, dialect: &dyn Dialect, decision: DecisionId) {
    let (own, other) = if dialect.request_id_header() == REQUEST_ID {
        (&REQUEST_ID, &X_REQUEST_ID)
    } else {
        (&X_REQUEST_ID, &REQUEST_ID)
    };
    if headers.contains_key(own) {
        return;
    }
    let ours = || HeaderValue::from_bytes(&decision.to_hex()).ok();
    if let Some(id) = headers.remove(other).or_else(ours) {
        headers.insert(own.clone(), id);
    }
}

/// Lists the fields, each a path of visible ASCII.
fn list(paths: &[String]) -> String {
    let mut list = String::new();
    for path in paths {
        if list.len() + path.len() + 2 > MAX_PATHS {
            break;
        }
        if !list.is_empty() {
            list.push_str(", ");
        }
        let plain = |c: char| {
            if c.is_ascii_graphic() && c != ',' {
                c
            } else {
                '_'
            }
        };
        list.extend(path.chars().map(plain));
    }
    list
}
