//! OpenAI and every server that speaks one of its APIs: vLLM, SGLang, llama.cpp, Ollama, another
//! gateway. It must not know what is in a body.

use futures_util::future::BoxFuture;
use http::{HeaderName, Response};

use super::aws;
use crate::adapter::{Adapter, Call};
use crate::address::{self, Address, BASE_URL, Missing, Written};
use crate::authorise::Field;
use crate::body::Body;
use crate::client::{self, KeyHeader};
use crate::fault::Fault;

const CHAT_API: &str = "openai-chat";
const RESPONSES_API: &str = "openai-responses";

const BESIDE_CHAT: &[(&str, &str)] = &[
    (wire::COMPLETIONS, "/completions"),
    (wire::EMBEDDINGS, "/embeddings"),
];

pub(super) static FORWARDED: [HeaderName; 4] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("openai-beta"),
    HeaderName::from_static("idempotency-key"),
];

/// Is one API in one place, with the credential as a bearer token where there is one.
pub(super) struct Compatible {
    speaks: &'static str,
    /// Appended to a base URL such as `https://api.openai.com/v1`.
    path: &'static str,
    /// Dialects that are passed through beside it, each with its path.
    passes: &'static [(&'static str, &'static str)],
    platform: Option<&'static str>,
    place: &'static [Field],
    address: fn(&Written<'_>) -> Result<Address, Missing>,
    about: &'static str,
}

pub(super) static CHAT: Compatible = Compatible {
    speaks: CHAT_API,
    path: "/chat/completions",
    passes: BESIDE_CHAT,
    platform: None,
    place: &[BASE_URL],
    address: address::as_written,
    about: "OpenAI, and any server with its chat API. `base_url` ends where `/chat/completions` \
        begins, such as https://api.openai.com/v1, or https://NAME.openai.azure.com/openai/v1 with \
        `auth = { azure_key = … }`.",
};

pub(super) static RESPONSES: Compatible = Compatible {
    speaks: RESPONSES_API,
    path: "/responses",
    passes: &[],
    platform: None,
    place: &[BASE_URL],
    address: address::as_written,
    about: "OpenAI, and any server with its responses API. `base_url` ends where `/responses` \
        begins, such as https://api.openai.com/v1.",
};

pub(super) static CHAT_ON_MANTLE: Compatible = Compatible {
    speaks: CHAT_API,
    path: "/chat/completions",
    passes: &[],
    platform: Some(aws::MANTLE),
    place: aws::PLACE,
    address: mantle,
    about: "The chat API of Amazon Bedrock's `bedrock-mantle` endpoint in a region.",
};

pub(super) static RESPONSES_ON_MANTLE: Compatible = Compatible {
    speaks: RESPONSES_API,
    path: "/responses",
    passes: &[],
    platform: Some(aws::MANTLE),
    place: aws::PLACE,
    address: mantle,
    about: "The responses API of Amazon Bedrock's `bedrock-mantle` endpoint in a region.",
};

fn mantle(written: &Written<'_>) -> Result<Address, Missing> {
    aws::mantle(written, "/openai/v1")
}

impl Adapter for Compatible {
    fn name(&self) -> &'static str {
        self.speaks
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
        self.speaks
    }

    fn passes(&self, dialect: &str) -> bool {
        self.passes.iter().any(|(known, _)| *known == dialect)
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>> {
        Box::pin(async move {
            let mut beside = self.passes.iter();
            let path = beside.find(|(dialect, _)| *dialect == call.dialect);
            let path = path.map_or(self.path, |(_, path)| path);
            client::exchange(&call, || {
                client::request(&call, path, &KeyHeader::Bearer, &FORWARDED)
            })
            .await
        })
    }
}
