//! A provider's credential: made once, swapped whole when its source changes, never shown. It
//! must not know where it comes from; whoever watches the file calls [`Credential::replace`].

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::HeaderValue;

use crate::secret::Secret;

/// Holds one provider's credential.
pub struct Credential {
    // Swapped on rotation, read without a lock on every request.
    secret: ArcSwap<Forms>,
}

/// Keeps the credential in the two forms that headers take it, so that a request copies a
/// pointer.
struct Forms {
    bearer: HeaderValue,
    plain: HeaderValue,
}

/// Says that a text cannot be a credential.
#[derive(Debug, thiserror::Error)]
pub enum CredentialFault {
    /// There is no text.
    #[error("the credential is empty")]
    Empty,
    /// It holds what no header can carry.
    #[error("the credential holds a character that no header can carry")]
    Characters,
}

impl Credential {
    /// Takes a credential; white space around it, such as a file's last newline, is left out.
    ///
    /// # Errors
    /// Fails when it is empty or no header can carry it.
    pub fn new(text: &str) -> Result<Self, CredentialFault> {
        Ok(Self {
            secret: ArcSwap::from_pointee(Forms::of(text)?),
        })
    }

    /// Takes a credential from a secret.
    ///
    /// # Errors
    /// Fails when it is empty or no header can carry it.
    pub fn of(secret: &Secret) -> Result<Self, CredentialFault> {
        Self::new(secret.reveal())
    }

    /// Takes a changed secret in its place, as [`Self::replace`] does.
    ///
    /// # Errors
    /// Fails, and keeps the last good one, when the new one cannot be used.
    pub fn renew(&self, secret: &Secret) -> Result<(), CredentialFault> {
        self.replace(secret.reveal())
    }

    /// Takes a new credential in its place; requests under way keep the one they began with.
    ///
    /// # Errors
    /// Fails, and keeps the last good one, when the new one is empty or no header can carry it.
    pub fn replace(&self, text: &str) -> Result<(), CredentialFault> {
        self.secret.store(Arc::new(Forms::of(text)?));
        Ok(())
    }

    pub(crate) fn bearer(&self) -> HeaderValue {
        self.secret.load().bearer.clone()
    }

    pub(crate) fn plain(&self) -> HeaderValue {
        self.secret.load().plain.clone()
    }
}

impl Forms {
    fn of(text: &str) -> Result<Self, CredentialFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(CredentialFault::Empty);
        }
        let header = |text: &str| -> Result<HeaderValue, CredentialFault> {
            let value = HeaderValue::from_str(text);
            let mut value = value.map_err(|_| CredentialFault::Characters)?;
            value.set_sensitive(true);
            Ok(value)
        };
        Ok(Self {
            bearer: header(&format!("Bearer {text}"))?,
            plain: header(text)?,
        })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
