//! Anthropic's Messages API and servers that offer the same. It must not know what is in a body.

use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, Response};

use crate::adapter::{Adapter, Call};
use crate::body::Body;
use crate::client;
use crate::fault::Fault;

/// Appended to a base URL such as `https://api.anthropic.com`.
const PATH: &str = "/v1/messages";

/// What a request says that came without a version, as one translated from another dialect does.
const OLDEST_VERSION: &str = "2023-06-01";

static API_KEY: HeaderName = HeaderName::from_static("x-api-key");
static VERSION: HeaderName = HeaderName::from_static("anthropic-version");
static FORWARDED: [HeaderName; 5] = [
    HeaderName::from_static("anthropic-version"),
    HeaderName::from_static("anthropic-beta"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("idempotency-key"),
];

/// Speaks the Messages API with the client's own version and betas.
pub(super) struct Anthropic;

impl Adapter for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic-messages"
    }

    fn speaks(&self) -> &'static str {
        "anthropic-messages"
    }

    fn about(&self) -> &'static str {
        "Anthropic's Messages API, and servers that offer the same. `base_url` ends where \
         `/v1/messages` begins, such as https://api.anthropic.com."
    }

    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>> {
        Box::pin(async move {
            client::exchange(&call, || {
                let mut request = client::request(&call, PATH)?;
                if let Some(credential) = call.endpoint.credential() {
                    request
                        .headers_mut()
                        .insert(API_KEY.clone(), credential.plain());
                }
                client::forward(&call, &mut request, &FORWARDED);
                if !request.headers().contains_key(&VERSION) {
                    let oldest = HeaderValue::from_static(OLDEST_VERSION);
                    request.headers_mut().insert(VERSION.clone(), oldest);
                }
                Ok(request)
            })
            .await
        })
    }
}
