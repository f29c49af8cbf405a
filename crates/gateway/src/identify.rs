//! Finds who asks: from a credential to a key that opens something now. It must not know what
//! they ask for.

use std::sync::Arc;

use domain::{Caller, Timestamp};
use http::request::Parts;
use store::{Key, KeyFault, Store};
use wire::Dialect;

use crate::credential;
use crate::error::{Class, Error};

/// Holds a key that is a caller's.
#[derive(Clone, Debug)]
pub struct Identified {
    key: Arc<Key>,
}

impl Identified {
    /// Finds the caller of a request.
    ///
    /// # Errors
    /// Fails when there is no credential, it opens nothing, or it is an operator's: operators
    /// command, and only callers ask.
    pub fn of(
        store: &Store,
        parts: &Parts,
        dialect: &dyn Dialect,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let presented = credential::presented(&parts.headers, parts.uri.query(), dialect)?;
        let key = store.check_key(presented, now).map_err(|fault| {
            let bad = Error::caller(Class::BadCredential);
            match fault {
                // Only who holds the secret learns these two.
                KeyFault::Expired => bad.detailed("it has expired"),
                KeyFault::Revoked => bad.detailed("it was revoked"),
                KeyFault::Unknown | KeyFault::NotAccepted => bad,
            }
        })?;
        if key.caller().is_none() {
            return Err(Error::caller(Class::BadCredential).detailed("it is an operator's key"));
        }
        Ok(Self { key })
    }

    /// Shows the key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Shares the key.
    #[must_use]
    pub fn shared_key(&self) -> &Arc<Key> {
        &self.key
    }

    /// Shows the caller.
    ///
    /// # Errors
    /// Never fails on a value made by [`Identified::of`]; an operator's key is refused there.
    pub fn caller(&self) -> Result<&Caller, Error> {
        let caller = self.key.caller();
        caller.ok_or_else(|| Error::caller(Class::BadCredential))
    }
}
