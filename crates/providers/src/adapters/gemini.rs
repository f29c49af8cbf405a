//! Google's Gemini API and servers that offer the same. It must not know what is in a body.

use futures_util::future::BoxFuture;
use http::{HeaderName, Response};
use wire::Dialect;

use crate::adapter::{Adapter, Call};
use crate::body::Body;
use crate::client::{self, KeyHeader};
use crate::fault::{Class, Fault};

/// Appended to a base URL such as `https://generativelanguage.googleapis.com`; the model and the
/// method follow.
const PATH: &str = "/v1beta/models/";

/// Asks for a stream as events: without it the API sends one JSON array.
const AS_EVENTS: &str = "alt=sse";

static KEY: KeyHeader = KeyHeader::Named(HeaderName::from_static("x-goog-api-key"));
static FORWARDED: [HeaderName; 2] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

/// Speaks the Gemini API. The client's own query is not passed on.
pub(super) struct Gemini;

impl Adapter for Gemini {
    fn name(&self) -> &'static str {
        wire::GEMINI
    }

    fn speaks(&self) -> &'static str {
        wire::GEMINI
    }

    fn about(&self) -> &'static str {
        "Google's Gemini API, and servers that offer the same. `base_url` ends where \
         `/v1beta/models` begins, such as https://generativelanguage.googleapis.com."
    }

    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>> {
        Box::pin(async move {
            let dialect = wire::dialect(wire::GEMINI).ok_or_else(|| Fault::new(Class::Connect))?;
            let path = path(dialect, &call).ok_or_else(|| Fault::new(Class::Connect))?;
            let call = Call {
                // A key may be in the client's.
                query: call.is_stream.then_some(AS_EVENTS),
                ..call
            };
            let sent = client::exchange(&call, || client::request(&call, &path, &KEY, &FORWARDED));
            sent.await.map_err(|fault| wait(dialect, fault))
        })
    }
}

fn path(dialect: &dyn Dialect, call: &Call<'_>) -> Option<String> {
    let id = call.model.id.as_str();
    let id = id.strip_prefix("models/").unwrap_or(id);
    let segment = dialect.call(id, call.is_stream)?;
    Some(format!("{PATH}{segment}"))
}

/// Takes from the body how long the provider asks to be left alone: it sends no header for it.
fn wait(dialect: &dyn Dialect, mut fault: Fault) -> Fault {
    if let (None, Some(answer)) = (fault.retry_after, &fault.answer) {
        fault.retry_after = dialect.retry_after(&answer.body);
    }
    fault
}
