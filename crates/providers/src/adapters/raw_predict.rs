//! Claude on Google's Vertex AI: the model stands in the path, the version in the body. It must not
//! know what else is in a body.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderName, Response};

use super::anthropic;
use crate::adapter::{Adapter, Call};
use crate::address::{Address, Missing, OTHER_BASE_URL, REGION, Written};
use crate::authorise::{Absent, Field, Holds};
use crate::body::Body;
use crate::client::{self, KeyHeader};
use crate::fault::{Answer, Fault};
use crate::retell::{self, Enveloped};

const PROJECT: Field = Field {
    name: "project",
    about: "the Google Cloud project's id",
    holds: Holds::Text,
    absent: Absent::Refused,
};

/// What the oldest version of the API is called here.
const OLDEST_VERSION: &str = "vertex-2023-10-16";

static FORWARDED: [HeaderName; 3] = [
    HeaderName::from_static("anthropic-beta"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

/// Speaks the Messages API through `rawPredict` and `streamRawPredict`.
pub(super) struct RawPredict;

impl Adapter for RawPredict {
    fn name(&self) -> &'static str {
        anthropic::NAME
    }

    fn platform(&self) -> Option<&'static str> {
        Some("vertex")
    }

    fn place(&self) -> &'static [Field] {
        &[PROJECT, REGION, OTHER_BASE_URL]
    }

    fn address(&self, written: &Written<'_>) -> Result<Address, Missing> {
        let project = written.project.ok_or(Missing(PROJECT.name))?;
        let region = written.region.ok_or(Missing(REGION.name))?;
        let root = written
            .base_url
            .map_or_else(|| root(region), ToOwned::to_owned);
        let root = root.trim_end_matches('/');
        let models = "publishers/anthropic/models";
        Ok(Address {
            base_url: format!("{root}/projects/{project}/locations/{region}/{models}"),
            query: None,
            service: None,
        })
    }

    fn speaks(&self) -> &'static str {
        anthropic::NAME
    }

    fn about(&self) -> &'static str {
        "Claude on Google Cloud's Vertex AI (`rawPredict`). A model's `id` is Vertex's, such as \
         claude-opus-4-6@20260205; `region` is a region, `global`, `us` or `eu`. `base_url`, where \
         written, ends where `/projects/…` begins."
    }

    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>> {
        Box::pin(async move {
            let body = shape(&call)?;
            let verb = if call.is_stream {
                "streamRawPredict"
            } else {
                "rawPredict"
            };
            let path = format!("/{}:{verb}", client::segment(&call.model.id));
            let call = Call {
                body,
                // It is the vendor's own API that the client's query is meant for.
                query: None,
                ..call
            };
            let sent = client::exchange(&call, || {
                client::request(&call, &path, &KeyHeader::Bearer, &FORWARDED)
            });
            let retold = |fault| retell::in_envelope(fault, anthropic::NAME, read);
            sent.await.map_err(retold)
        })
    }
}

fn root(region: &str) -> String {
    match region {
        "global" => "https://aiplatform.googleapis.com/v1".to_owned(),
        "us" | "eu" => format!("https://aiplatform.{region}.rep.googleapis.com/v1"),
        _ => format!("https://{region}-aiplatform.googleapis.com/v1"),
    }
}

/// Moves the model out of the body and the version into it.
fn shape(call: &Call<'_>) -> Result<Bytes, Fault> {
    let version = anthropic::version(call.headers, OLDEST_VERSION);
    let put_in = [("anthropic_version", version)];
    let body = wire::readdress::readdress(&call.body, &["model"], &put_in);
    body.map_err(retell::unfit)
}

/// Reads Google's own error; what the model's side says comes in the vendor's envelope.
fn read(answer: &Answer) -> Option<Enveloped> {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    let error = body.get(0).unwrap_or(&body).get("error")?;
    // Google's errors have a number where the vendor's have a type.
    error.get("code")?.as_u64()?;
    let message = error.get("message")?.as_str()?.to_owned();
    let code = error.get("status").and_then(|status| status.as_str());
    Some(Enveloped {
        status: answer.status.as_u16(),
        message,
        code: code.map(ToOwned::to_owned),
        request: None,
    })
}
