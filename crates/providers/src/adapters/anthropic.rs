//! Anthropic's Messages API and servers that offer the same. It must not know what is in a body.

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Response};

use super::aws;
use crate::adapter::{Adapter, Call};
use crate::address::{self, Address, BASE_URL, Missing, Written};
use crate::authorise::Field;
use crate::body::Body;
use crate::client::{self, KeyHeader};
use crate::fault::Fault;

pub(super) const NAME: &str = "anthropic-messages";

/// Appended to a base URL such as `https://api.anthropic.com`.
const PATH: &str = "/v1/messages";

/// Where its tokens are counted.
const COUNT_PATH: &str = "/v1/messages/count_tokens";

/// What a request says that came without a version, as one translated from another dialect does.
const OLDEST_VERSION: &str = "2023-06-01";

static VERSION: HeaderName = HeaderName::from_static("anthropic-version");
#[cfg(feature = "aws")]
pub(super) static BETA: HeaderName = HeaderName::from_static("anthropic-beta");
static FORWARDED: [HeaderName; 5] = [
    HeaderName::from_static("anthropic-version"),
    HeaderName::from_static("anthropic-beta"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("idempotency-key"),
];

/// Is the Messages API in one place, with the client's own version and betas.
pub(super) struct Messages {
    key: KeyHeader,
    platform: Option<&'static str>,
    place: &'static [Field],
    address: fn(&Written<'_>) -> Result<Address, Missing>,
    about: &'static str,
}

pub(super) static MESSAGES: Messages = Messages {
    key: KeyHeader::Named(HeaderName::from_static("x-api-key")),
    platform: None,
    place: &[BASE_URL],
    address: address::as_written,
    about: "Anthropic's Messages API, and servers that offer the same. `base_url` ends where \
        `/v1/messages` begins, such as https://api.anthropic.com.",
};

pub(super) static MESSAGES_ON_MANTLE: Messages = Messages {
    // A Bedrock API key goes here as it does everywhere on Bedrock.
    key: KeyHeader::Bearer,
    platform: Some(aws::MANTLE),
    place: aws::PLACE,
    address: mantle,
    about: "The Messages API of Amazon Bedrock's `bedrock-mantle` endpoint in a region.",
};

fn mantle(written: &Written<'_>) -> Result<Address, Missing> {
    aws::mantle(written, "/anthropic")
}

impl Adapter for Messages {
    fn name(&self) -> &'static str {
        NAME
    }

    fn platform(&self) -> Option<&'static str> {
        self.platform
    }

    fn place(&self) -> &'static [Field] {
        self.place
    }

    fn address(&self, written: &Written<'_>) -> Result<Address, Missing> {
        (self.address)(written)
    }

    fn speaks(&self) -> &'static str {
        NAME
    }

    fn passes(&self, dialect: &str) -> bool {
        dialect == wire::COUNT_TOKENS
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>> {
        Box::pin(async move {
            let is_count = call.dialect == wire::COUNT_TOKENS;
            let path = if is_count { COUNT_PATH } else { PATH };
            client::exchange(&call, || {
                let mut request = client::request(&call, path, &self.key, &FORWARDED)?;
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

/// Writes as JSON the version that a body names on a platform: the client's, but the oldest, which
/// has a name of its own there.
pub(super) fn version(headers: &HeaderMap, oldest: &str) -> String {
    let asked = headers.get(&VERSION).and_then(|value| value.to_str().ok());
    let version = match asked.map(str::trim) {
        None | Some(OLDEST_VERSION) => oldest,
        Some(version) => version,
    };
    serde_json::Value::from(version).to_string()
}
