//! One exchange with a provider over HTTP/1.1: a resting connection or a fresh one, the request,
//! the answer's head, and its errors told apart. It must not know a dialect.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::adapter::Call;
use crate::body::Body;
use crate::deadlines::Deadlines;
use crate::endpoint::Endpoint;
use crate::fault::{Answer, Class, Fault, Retry};
use crate::line::{Line, poll_unwoken};

/// The largest error body of a provider that is kept and passed on, in bytes.
pub const MAX_ERROR_BODY: usize = 1 << 20;

/// The longest wait that a provider's `retry-after` is taken at its word for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// What is encoded in a segment of a path: everything but what RFC 3986 calls unreserved, and the
/// sign that Google's ids of versions have in them.
const IN_SEGMENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@');

static RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");
static SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Tells whether a header of an answer concerns one connection, or the organisation's account
/// with the provider, and never a caller of ours. Another gateway of our kind may stand behind:
/// its decisions are not ours.
fn is_dropped(name: &HeaderName) -> bool {
    match name.as_str() {
        "connection" | "keep-alive" | "proxy-authenticate" | "proxy-connection" | "te"
        | "trailer" | "transfer-encoding" | "upgrade" | "content-length" => true,
        "set-cookie" | "alt-svc" | "strict-transport-security" => true,
        "anthropic-organization-id" | "openai-organization" | "openai-project" => true,
        other => other.starts_with("tiergate-"),
    }
}

/// Makes a request with what every adapter sends: the endpoint's key in its header, and of the
/// client's headers those that are named.
pub(crate) fn request(
    call: &Call<'_>,
    path: &str,
    key: &KeyHeader,
    forwarded: &[HeaderName],
) -> Result<Request<Full<Bytes>>, Fault> {
    let target = call.endpoint.target(path, call.query);
    let mut request = post(call.endpoint, target, call.body.clone())?;
    present(call, &mut request, key);
    forward(call, &mut request, forwarded);
    Ok(request)
}

fn post(
    endpoint: &Endpoint,
    target: Option<Uri>,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, Fault> {
    let (Some(target), Some(host)) = (target, endpoint.host()) else {
        return Err(Fault::new(Class::Connect));
    };
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = target;
    let headers = request.headers_mut();
    // Host, type, agent, credential, length and one more, in one small allocation.
    headers.reserve(6);
    headers.insert(HOST, host);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("tiergate/", env!("CARGO_PKG_VERSION"))),
    );
    Ok(request)
}

/// Says which header a plain key goes into.
#[derive(Clone, Debug)]
pub(crate) enum KeyHeader {
    /// `Authorization: Bearer`.
    Bearer,
    /// A header of its own.
    Named(HeaderName),
}

/// Puts the endpoint's key, where it has one, into its header.
fn present(call: &Call<'_>, request: &mut Request<Full<Bytes>>, header: &KeyHeader) {
    let Some(credential) = call.endpoint.credential() else {
        return;
    };
    let (name, value) = match header {
        KeyHeader::Bearer => (AUTHORIZATION, credential.bearer()),
        KeyHeader::Named(name) => (name.clone(), credential.plain()),
    };
    request.headers_mut().insert(name, value);
}

/// Writes a model's id as one segment of a path: what could end the segment is encoded.
pub(crate) fn segment(id: &str) -> String {
    utf8_percent_encode(id, &IN_SEGMENT).to_string()
}

/// Copies the named headers of the client, every value of each.
fn forward(call: &Call<'_>, request: &mut Request<Full<Bytes>>, names: &[HeaderName]) {
    // One look at each header that is there is cheaper than a search for each that may be.
    for (name, value) in call.headers {
        if names.contains(name) {
            request.headers_mut().append(name.clone(), value.clone());
        }
    }
}

/// Sends what `make` makes, authorised as the endpoint says.
pub(crate) async fn exchange(
    call: &Call<'_>,
    make: impl Fn() -> Result<Request<Full<Bytes>>, Fault>,
) -> Result<Response<Body>, Fault> {
    let Some(auth) = call.endpoint.auth() else {
        return send(call.endpoint, call.deadlines, make).await;
    };
    if let Some(wait) = auth.wait(call.deadlines) {
        wait.await?;
    }
    let authorised = || {
        let mut request = make()?;
        auth.authorise(&mut request, &call.body)?;
        Ok(request)
    };
    send(call.endpoint, call.deadlines, authorised).await
}

/// Sends a form, as those who hand out tokens take it.
pub(crate) async fn post_form(
    endpoint: &Endpoint,
    form: Bytes,
    deadlines: Deadlines,
) -> Result<Response<Body>, Fault> {
    let make = || {
        let mut request = post(endpoint, endpoint.target("", None), form.clone())?;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, form);
        Ok(request)
    };
    send(endpoint, deadlines, make).await
}

/// Sends what `make` makes. A resting connection that dies before any byte of an answer is
/// replaced once by a fresh one: the provider closed it while it rested.
async fn send(
    endpoint: &Endpoint,
    deadlines: Deadlines,
    make: impl Fn() -> Result<Request<Full<Bytes>>, Fault>,
) -> Result<Response<Body>, Fault> {
    let mut resting = endpoint.pool().take();
    loop {
        let is_fresh = resting.is_none();
        let line = match resting.take() {
            Some(line) => line,
            None => endpoint.connect(deadlines.connect).await?,
        };
        match ask(line, make()?, deadlines.headers).await {
            Err(fault) if fault.class == Class::Reset && !is_fresh => {
                tracing::debug!("a resting connection was closed; trying a fresh one");
            }
            answered => return judge(endpoint, deadlines, answered?).await,
        }
    }
}

type Answered = (Box<Line>, Response<Incoming>);

async fn ask(
    mut line: Box<Line>,
    request: Request<Full<Bytes>>,
    time: Duration,
) -> Result<Answered, Fault> {
    let mut answer = pin!(line.send(request));
    line.limit_to(time);
    let head = poll_fn(|cx| {
        line.poll_work(cx);
        match poll_unwoken(cx, |cx| answer.as_mut().poll(cx)) {
            Poll::Ready(head) => Poll::Ready(head.map_err(headless)),
            Poll::Pending if line.poll_limit(cx).is_ready() => {
                Poll::Ready(Err(Fault::new(Class::TimeoutHeaders)))
            }
            Poll::Pending => Poll::Pending,
        }
    });
    let head = head.await?;
    Ok((line, head))
}

fn headless(error: hyper::Error) -> Fault {
    let class = if error.is_parse() {
        Class::Garbage
    } else {
        Class::Reset
    };
    Fault::caused(class, error)
}

/// Makes the answer's head fit for a caller and tells a success from a fault.
async fn judge(
    endpoint: &Endpoint,
    deadlines: Deadlines,
    answered: Answered,
) -> Result<Response<Body>, Fault> {
    let (line, answer) = answered;
    let (mut head, incoming) = answer.into_parts();
    strip(&mut head.headers);
    let pool = std::sync::Arc::clone(endpoint.pool());
    let body = Body::reading(line, incoming, pool, deadlines);
    if head.headers.contains_key(CONTENT_ENCODING) {
        // None was asked for, and an encoded answer could be neither counted nor translated.
        return Err(Fault::new(Class::Garbage));
    }
    if head.status.is_success() {
        return Ok(Response::from_parts(head, body));
    }
    if !head.status.is_client_error() && !head.status.is_server_error() {
        return Err(Fault::new(Class::Redirect));
    }
    let mut fault = Fault::new(Class::Status(head.status));
    fault.retry_after = retry_after(&head.headers, SystemTime::now());
    let is_final = head
        .headers
        .get(&SHOULD_RETRY)
        .is_some_and(|v| v == "false");
    if is_final {
        fault.retry = fault.retry.min(Retry::NextModel);
    }
    let body = read_error(body, deadlines).await?;
    fault.answer = Some(Box::new(Answer {
        status: head.status,
        headers: head.headers,
        body,
    }));
    Err(fault)
}

async fn read_error(body: Body, deadlines: Deadlines) -> Result<Bytes, Fault> {
    let reading = body.read_whole(MAX_ERROR_BODY);
    match tokio::time::timeout(deadlines.headers, reading).await {
        Ok(read) => read,
        Err(_) => Err(Fault::new(Class::TimeoutIdle)),
    }
}

/// Takes out what is not to travel on. One look at each header that is there is cheaper than a
/// search for each that may be.
fn strip(headers: &mut HeaderMap) {
    while let Some(name) = headers.keys().find(|name| is_dropped(name)).cloned() {
        headers.remove(name);
    }
}

/// Reads how long the provider asks to be left alone: in milliseconds, in seconds, or until a date
/// by the clock given. A date that has passed asks for nothing.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name: &HeaderName| text(name)?.parse::<f64>().ok();
    let seconds = number(&RETRY_AFTER_MS)
        .map(|ms| ms / 1000.0)
        .or_else(|| number(&RETRY_AFTER));
    let wait = match seconds {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
        None => {
            let until = httpdate::parse_http_date(text(&RETRY_AFTER)?).ok()?;
            until.duration_since(now).unwrap_or_default()
        }
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http::{HeaderMap, HeaderValue};

    use super::retry_after;

    fn check(name: &'static str, value: &'static str, wanted: Option<Duration>) {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        // Fri, 20 Nov 2026 10:00:00 GMT
        let now = UNIX_EPOCH + Duration::from_secs(1_795_168_800);
        assert_eq!(retry_after(&headers, now), wanted, "{name}: {value}");
    }

    #[test]
    fn a_wait_is_read_in_every_form_and_nothing_else_is() {
        let wait = |ms| Some(Duration::from_millis(ms));
        check("retry-after", "2", wait(2_000));
        check("retry-after", " 0.5 ", wait(500));
        check("retry-after-ms", "250", wait(250));
        check("retry-after", "Fri, 20 Nov 2026 10:00:30 GMT", wait(30_000));
        check(
            "retry-after",
            "Friday, 20-Nov-26 10:00:30 GMT",
            wait(30_000),
        );
        check("retry-after", "Fri, 20 Nov 2026 09:59:00 GMT", wait(0));
        check(
            "retry-after",
            "Sat, 20 Nov 2027 10:00:00 GMT",
            wait(86_400_000),
        );
        check("retry-after", "999999999999", wait(86_400_000));
        for wrong in ["-1", "soon", "NaN", "", "2026-11-20T10:00:30Z"] {
            check("retry-after", wrong, None);
        }
    }
}
