//! The models in this process as an adapter of the gateway. It must not know how they run.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Response, header::CONTENT_TYPE};
use providers::{Adapter, Answer, Body, Call, Class, Fault};
use tokio::time::timeout;

use crate::serve::{self, Denied, SharedHost};

/// Reaches the models of this process.
pub struct Embedded {
    host: SharedHost,
}

impl Embedded {
    /// Makes the adapter over running models.
    #[must_use]
    pub fn new(host: SharedHost) -> Self {
        Self { host }
    }
}

impl Adapter for Embedded {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn speaks(&self) -> &'static str {
        "openai-chat"
    }

    fn about(&self) -> &'static str {
        "Small demonstration models inside this process, for a first try without any account; \
         not for production answers."
    }

    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>> {
        async move {
            let asked = serve::ask(&self.host, &call.model.id, &call.body, call.deadlines);
            match timeout(call.deadlines.headers, asked).await {
                Ok(answered) => answered.map_err(fault),
                // Dropping the question takes it out of the queue, or ends its answer.
                Err(_) => Err(Fault::new(Class::TimeoutHeaders)),
            }
        }
        .boxed()
    }
}

fn fault(denied: Denied) -> Fault {
    let status = denied.status();
    let class = match status.as_u16() {
        400 => Class::Unfit,
        503 => Class::Busy,
        _ => Class::Engine,
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let answer = Answer {
        status,
        headers,
        body: denied.body(),
    };
    Fault {
        retry_after: denied.retry_after(),
        answer: Some(Box::new(answer)),
        ..Fault::caused(class, denied)
    }
}

#[cfg(test)]
mod tests;
