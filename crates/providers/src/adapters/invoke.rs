//! Claude on Amazon Bedrock's own operations: the model stands in the path, version and betas in
//! the body, and a streamed answer comes in AWS's frames. It must not know what else is in a body.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use serde::Deserialize;

use super::{anthropic, aws};
use crate::adapter::{Adapter, Call};
use crate::address::{Address, Missing, Written};
use crate::authorise::Field;
use crate::body::Body;
use crate::client::{self, KeyHeader};
use crate::event_stream::{self, EVENT_STREAM};
use crate::fault::{Answer, Class, Fault, Retry};
use crate::retell::{self, Enveloped};

/// What the oldest version of the API is called here.
const OLDEST_VERSION: &str = "bedrock-2023-05-31";

static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
static FORWARDED: [HeaderName; 2] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

/// Speaks the Messages API through `InvokeModel` and `InvokeModelWithResponseStream`.
pub(super) struct Invoke;

impl Adapter for Invoke {
    fn name(&self) -> &'static str {
        anthropic::NAME
    }

    fn platform(&self) -> Option<&'static str> {
        Some("bedrock")
    }

    fn place(&self) -> &'static [Field] {
        aws::PLACE
    }

    fn address(&self, written: &Written<'_>) -> Result<Address, Missing> {
        aws::runtime(written)
    }

    fn speaks(&self) -> &'static str {
        anthropic::NAME
    }

    fn about(&self) -> &'static str {
        "Claude on Amazon Bedrock (`InvokeModel`). A model's `id` is a model, an inference profile \
         or an ARN. `api_key` is a Bedrock API key; an access key is `auth = { sigv4 = … }`. \
         Bedrock's newer `/anthropic` and `/openai/v1` paths need no platform: give `base_url`."
    }

    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>> {
        Box::pin(async move {
            let body = shape(&call)?;
            let operation = if call.is_stream {
                Operation::Stream
            } else {
                Operation::Whole
            };
            let path = format!("/model/{}/{}", model(&call.model.id), operation.path());
            let call = Call {
                body,
                // It is the vendor's own API that the client's query is meant for.
                query: None,
                ..call
            };
            let sent = client::exchange(&call, || {
                let mut request = client::request(&call, &path, &KeyHeader::Bearer, &FORWARDED)?;
                let accepted = HeaderValue::from_static(operation.answers());
                request.headers_mut().insert(ACCEPT, accepted);
                Ok(request)
            });
            match sent.await {
                Ok(answer) => operation.open(answer),
                Err(fault) => Err(retold(fault)),
            }
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Whole,
    Stream,
}

impl Operation {
    fn path(self) -> &'static str {
        match self {
            Self::Whole => "invoke",
            Self::Stream => "invoke-with-response-stream",
        }
    }

    fn answers(self) -> &'static str {
        match self {
            Self::Whole => "application/json",
            Self::Stream => EVENT_STREAM,
        }
    }

    /// Makes the answer what the vendor's own API would have sent.
    fn open(self, mut answer: Response<Body>) -> Result<Response<Body>, Fault> {
        identify(answer.headers_mut());
        if self == Self::Whole {
            return Ok(answer);
        }
        let declared = answer.headers().get(CONTENT_TYPE);
        if declared.is_none_or(|declared| declared != EVENT_STREAM) {
            return Err(Fault::new(Class::Garbage));
        }
        let events = HeaderValue::from_static("text/event-stream");
        answer.headers_mut().insert(CONTENT_TYPE, events);
        let (head, body) = answer.into_parts();
        let body = event_stream::unframed(body, anthropic::NAME)?;
        Ok(Response::from_parts(head, body))
    }
}

/// Gives the request's id the name under which clients of the dialect look for it.
fn identify(headers: &mut HeaderMap) {
    let dialect = wire::dialect(anthropic::NAME);
    if let (Some(id), Some(dialect)) = (headers.get(&REQUEST_ID).cloned(), dialect) {
        headers.insert(HeaderName::from_static(dialect.request_id_header()), id);
    }
}

/// Writes a model's id for the path, where AWS's own clients encode all that is not unreserved.
fn model(id: &str) -> String {
    client::segment(id).replace('@', "%40")
}

/// Moves model and stream out of the body, version and betas into it.
fn shape(call: &Call<'_>) -> Result<Bytes, Fault> {
    let version = anthropic::version(call.headers, OLDEST_VERSION);
    let mut put_in = vec![("anthropic_version", version)];
    let values = call.headers.get_all(&anthropic::BETA).iter();
    let betas: Vec<&str> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|beta| !beta.is_empty())
        .collect();
    if !betas.is_empty() {
        put_in.push(("anthropic_beta", serde_json::Value::from(betas).to_string()));
    }
    let body = wire::readdress::readdress(&call.body, &["model", "stream"], &put_in);
    body.map_err(retell::unfit)
}

/// Is told where the status alone would say less: a model that failed behind the service may be
/// asked again, and a quota of one model says nothing about the next.
const RETRIES: [(&str, Retry); 2] = [
    ("ModelErrorException", Retry::SameModel),
    ("ServiceQuotaExceededException", Retry::NextModel),
];

fn retold(mut fault: Fault) -> Fault {
    let Some(answer) = fault.answer.as_mut() else {
        return fault;
    };
    identify(&mut answer.headers);
    let kind = error_type(answer);
    if let Some((_, retry)) = RETRIES.iter().find(|(name, _)| Some(*name) == kind) {
        fault.retry = fault.retry.max(*retry);
    }
    retell::in_envelope(fault, anthropic::NAME, read)
}

fn error_type(answer: &Answer) -> Option<&str> {
    let kind = answer.headers.get(&ERROR_TYPE)?.to_str().ok()?;
    // The type may be followed by the address of its description.
    kind.split(':').next()
}

#[derive(Deserialize)]
struct Said {
    #[serde(alias = "Message")]
    message: String,
}

/// Reads AWS's own error.
fn read(answer: &Answer) -> Option<Enveloped> {
    let said: Said = serde_json::from_slice(&answer.body).ok()?;
    let request = answer.headers.get(&REQUEST_ID);
    Some(Enveloped {
        status: match answer.status.as_u16() {
            424 => 500,
            status => status,
        },
        message: said.message,
        code: error_type(answer).map(ToOwned::to_owned),
        request: request.and_then(|id| Some(id.to_str().ok()?.to_owned())),
    })
}
