//! OpenAI and every server that speaks its chat API: vLLM, SGLang, llama.cpp, Ollama, another
//! gateway. It must not know what is in a body.

use futures_util::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderName, Response};

use crate::adapter::{Adapter, Call};
use crate::body::Body;
use crate::client;
use crate::fault::Fault;

/// Appended to a base URL such as `https://api.openai.com/v1`.
const PATH: &str = "/chat/completions";

static FORWARDED: [HeaderName; 4] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("openai-beta"),
    HeaderName::from_static("idempotency-key"),
];

/// Speaks the OpenAI chat API, with the credential as a bearer token where there is one.
pub(super) struct Compatible;

impl Adapter for Compatible {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn speaks(&self) -> &'static str {
        "openai-chat"
    }

    fn about(&self) -> &'static str {
        "OpenAI, and any server with its chat API. `base_url` ends where `/chat/completions` \
         begins, such as https://api.openai.com/v1."
    }

    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>> {
        Box::pin(async move {
            client::exchange(&call, || {
                let mut request = client::request(&call, PATH)?;
                if let Some(credential) = call.endpoint.credential() {
                    request
                        .headers_mut()
                        .insert(AUTHORIZATION, credential.bearer());
                }
                client::forward(&call, &mut request, &FORWARDED);
                Ok(request)
            })
            .await
        })
    }
}
