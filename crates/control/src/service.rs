//! The admin port as a service: collects a request, lets the table answer it on a blocking
//! thread, writes the answer. It must not know what the routes do.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;

use crate::api::{Raw, answer};
use crate::control::Control;
use crate::reply::Reply;

/// The largest request body that the admin port takes, in bytes.
const MAX_BODY_BYTES: usize = 64 << 20;

/// Answers one request of the admin port.
///
/// # Errors
/// Never fails; the type says so.
pub async fn serve(
    control: Arc<Control>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let reply = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Err(_) => Reply::fault(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the body broke off or is over 64 MiB",
            "send it again, in smaller parts",
        ),
        Ok(body) => {
            let body = body.to_bytes();
            // The routes read the store and sync the ledger, which block.
            let work = tokio::task::spawn_blocking(move || {
                let header = head.headers.get(AUTHORIZATION);
                let raw = Raw {
                    method: &head.method,
                    path: head.uri.path(),
                    authorization: header.and_then(|value| value.to_str().ok()),
                    body: &body,
                };
                answer(&control, &raw)
            });
            work.await.unwrap_or_else(|error| Reply::broken(&error))
        }
    };
    Ok(reply.into_response())
}
