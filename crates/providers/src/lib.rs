//! Adapters to model providers: a request goes out in the provider's dialect, an answer or a
//! fault comes back. The only crate that names a provider; it must not know a tier or a caller.

mod adapter;
mod adapters;
mod body;
mod client;
mod credential;
mod deadlines;
mod doze;
mod endpoint;
mod fault;
mod line;
mod pool;

#[cfg(test)]
mod tests;

pub use adapter::{Adapter, Call};
pub use adapters::ADAPTERS;
pub use body::Body;
pub use client::MAX_ERROR_BODY;
pub use credential::{Credential, CredentialFault};
pub use deadlines::Deadlines;
pub use endpoint::{Endpoint, EndpointFault};
pub use fault::{Answer, Class, Fault, Retry};
