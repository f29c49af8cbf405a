//! The kinds of authorisation that there are, one row each. It must not know more of them than
//! their names.

mod google;
mod header;
#[cfg(feature = "aws")]
mod sigv4;

use crate::authorise::AuthKind;

/// Lists the kinds beside a plain `api_key`.
pub static AUTH_KINDS: &[&dyn AuthKind] = &[
    &header::BEARER,
    &header::API_KEY_HEADER,
    &header::AZURE_KEY,
    &google::ServiceAccount,
    #[cfg(feature = "aws")]
    &sigv4::SigV4,
];

#[cfg(test)]
mod tests;
