//! Adapters to model providers: a request goes out in the provider's dialect, an answer or a
//! fault comes back. The only crate that names a provider; it must not know a tier or a caller.

mod adapter;
mod adapters;
mod address;
mod auth_kinds;
mod authorise;
mod body;
mod client;
mod credential;
mod deadlines;
mod doze;
mod endpoint;
#[cfg(feature = "aws")]
mod event_stream;
mod fault;
mod line;
mod pool;
mod retell;
mod secret;

#[cfg(test)]
mod tests;

pub use adapter::{Adapter, Call};
pub use adapters::ADAPTERS;
pub use address::{Address, Missing, Written};
pub use auth_kinds::AUTH_KINDS;
pub use authorise::{Absent, AuthFault, AuthKind, Authorise, Clock, Field, Given, Holds, Takes};
pub use body::Body;
pub use client::MAX_ERROR_BODY;
pub use credential::{Credential, CredentialFault};
pub use deadlines::Deadlines;
pub use endpoint::{Endpoint, EndpointFault};
pub use fault::{Answer, Class, Fault, Retry};
pub use secret::Secret;
