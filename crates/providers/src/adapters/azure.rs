//! Azure OpenAI by deployment and dated API version. Its newer root without either is an ordinary
//! OpenAI-compatible server. It must not know what is in a body.

use futures_util::future::BoxFuture;
use http::{HeaderName, Response};

use super::compatible::FORWARDED;
use crate::adapter::{Adapter, Call};
use crate::address::{Address, BASE_URL, Missing, Written};
use crate::authorise::{Absent, Field, Holds};
use crate::body::Body;
use crate::client::{self, KeyHeader};
use crate::fault::Fault;

const API_VERSION: Field = Field {
    name: "api_version",
    about: "the dated version of the API, such as 2024-10-21",
    holds: Holds::Text,
    absent: Absent::Refused,
};

/// Speaks the OpenAI chat API to a deployment, which a model's `id` names.
pub(super) struct Deployments;

impl Adapter for Deployments {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn platform(&self) -> Option<&'static str> {
        Some("azure")
    }

    fn place(&self) -> &'static [Field] {
        &[BASE_URL, API_VERSION]
    }

    fn address(&self, written: &Written<'_>) -> Result<Address, Missing> {
        let base_url = written.base_url.ok_or(Missing(BASE_URL.name))?;
        let version = written.api_version.ok_or(Missing(API_VERSION.name))?;
        Ok(Address {
            base_url: format!("{}/openai/deployments", base_url.trim_end_matches('/')),
            query: Some(format!("api-version={version}")),
            service: None,
        })
    }

    fn speaks(&self) -> &'static str {
        self.name()
    }

    fn about(&self) -> &'static str {
        "Azure OpenAI by deployment: a model's `id` is the deployment's name, and `base_url` the \
         resource, such as https://NAME.openai.azure.com. `api_key` goes into `api-key`; an Entra \
         token is `auth = { bearer = … }`."
    }

    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>> {
        static KEY: KeyHeader = KeyHeader::Named(HeaderName::from_static("api-key"));
        Box::pin(async move {
            let path = format!("/{}/chat/completions", client::segment(&call.model.id));
            client::exchange(&call, || client::request(&call, &path, &KEY, &FORWARDED)).await
        })
    }
}
