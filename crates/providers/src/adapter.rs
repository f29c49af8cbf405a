//! What an adapter is: a name, the dialect that it speaks, and one call. It must not know any
//! provider, nor how connections are kept.

use bytes::Bytes;
use domain::Model;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Response};

use crate::address::{self, Address, BASE_URL, Missing, Written};
use crate::authorise::Field;
use crate::body::Body;
use crate::deadlines::Deadlines;
use crate::endpoint::Endpoint;
use crate::fault::Fault;

/// Reaches models of one kind of provider.
pub trait Adapter: Send + Sync {
    /// Names the adapter: what `dialect = "…"` of a provider says in the configuration file.
    fn name(&self) -> &'static str;

    /// Names whose platform serves its models, as `platform = "…"` of a provider does; none where
    /// it is the vendor's own or any server like it. Name and platform together are unique.
    fn platform(&self) -> Option<&'static str> {
        None
    }

    /// Lists the settings of a provider that say where it is.
    fn place(&self) -> &'static [Field] {
        &[BASE_URL]
    }

    /// Finds where a provider is reached.
    ///
    /// # Errors
    /// Names a setting that must be written.
    fn address(&self, written: &Written<'_>) -> Result<Address, Missing> {
        address::as_written(written)
    }

    /// Names the wire dialect of the requests it takes and the answers it gives.
    fn speaks(&self) -> &'static str;

    /// Tells whether it also takes requests of a dialect that is only ever passed through.
    fn passes(&self, _dialect: &str) -> bool {
        false
    }

    /// Describes in a sentence what it reaches.
    fn about(&self) -> &'static str;

    /// Sends one request and returns the answer as soon as its headers are there.
    ///
    /// The answer's status is a success; anything else is a [`Fault`] that holds what the
    /// provider said. Dropping the future or the body ends the request at the provider at once.
    fn send<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Response<Body>, Fault>>;
}

/// Holds one request to a provider. Its body is already in the adapter's dialect and names the
/// provider's own model id.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Where to send it.
    pub endpoint: &'a Endpoint,
    /// The model that is asked.
    pub model: &'a Model,
    /// The dialect of the body: the one that the adapter speaks, or one that it passes.
    pub dialect: &'a str,
    /// The request's JSON.
    pub body: Bytes,
    /// Whether events are asked for, for providers that are told so beside the body.
    pub is_stream: bool,
    /// The client's own headers; an adapter forwards the few it knows and drops every other.
    pub headers: &'a HeaderMap,
    /// The client's query without its `?`, forwarded where the caller's dialect is the adapter's.
    pub query: Option<&'a str>,
    /// How long each part may take.
    pub deadlines: Deadlines,
}
