//! What authorises a request, and what a kind of it takes from the configuration. It must not know
//! any kind, nor what a request asks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Request;
use http_body_util::Full;

use crate::credential::CredentialFault;
use crate::deadlines::Deadlines;
use crate::fault::Fault;
use crate::secret::Secret;

/// Tells the time, on which signatures and tokens hang.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Authorises the requests to one provider.
pub trait Authorise: Send + Sync {
    /// Waits for what must be fetched before a request can be authorised; there is nothing to
    /// wait for in most cases.
    fn wait(&self, _deadlines: Deadlines) -> Option<BoxFuture<'_, Result<(), Fault>>> {
        None
    }

    /// Authorises a request as it is about to be sent; each try is authorised anew.
    ///
    /// # Errors
    /// Fails when no credential is at hand.
    fn authorise(&self, request: &mut Request<Full<Bytes>>, body: &[u8]) -> Result<(), Fault>;

    /// Takes changed secrets; requests under way keep those that they began with.
    ///
    /// # Errors
    /// Fails, and keeps the last good ones, when they cannot be used.
    fn renew(&self, given: &Given) -> Result<(), AuthFault>;
}

/// Makes one kind of authorisation.
pub trait AuthKind: Sync {
    /// Names it, as `auth = { … }` of a provider does.
    fn name(&self) -> &'static str;

    /// Describes in a sentence what it does.
    fn about(&self) -> &'static str;

    /// Says what is written under its name.
    fn takes(&self) -> Takes;

    /// Makes it.
    ///
    /// # Errors
    /// Fails when what is given cannot be used.
    fn make(&self, given: &Given, clock: &Clock) -> Result<Arc<dyn Authorise>, AuthFault>;
}

/// Says what a kind takes.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// One secret, which stands under the kind's own name.
    Secret,
    /// A table of these.
    Table(&'static [Field]),
}

/// Is one setting of a kind or an adapter.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// What may be written.
    pub holds: Holds,
    /// What happens where it is not written.
    pub absent: Absent,
}

/// Says what a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A secret, which stands elsewhere.
    Secret,
    /// A text.
    Text,
}

/// Says what the absence of a setting means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It must be written.
    Refused,
    /// There is none, or a default that its description names.
    Fine,
}

/// Holds what the configuration gives to a kind.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Secrets by field; a kind's only secret is under the kind's name.
    pub secrets: BTreeMap<String, Secret>,
    /// Texts by field.
    pub texts: BTreeMap<String, String>,
}

impl Given {
    pub(crate) fn secret(&self, name: &'static str) -> Result<&Secret, AuthFault> {
        self.secrets.get(name).ok_or(AuthFault::Missing(name))
    }

    #[cfg(feature = "aws")]
    pub(crate) fn text(&self, name: &'static str) -> Result<&str, AuthFault> {
        let text = self.texts.get(name);
        text.map(String::as_str).ok_or(AuthFault::Missing(name))
    }
}

/// Says why an authorisation cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum AuthFault {
    /// A setting is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A secret cannot be used.
    #[error("`{0}` cannot be used")]
    Unusable(&'static str, #[source] CredentialFault),
    /// A file of a vendor is not what it should be.
    #[error("{what}")]
    NotOfVendor {
        /// What is wrong with it; holds field names, never content.
        what: &'static str,
        /// The cause underneath.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}
