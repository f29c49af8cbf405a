//! The keys in force as one immutable snapshot, so that checking a key is no store access. It
//! must not tell an unknown id from a wrong secret, in its answer or in its cost.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{KeyId, Timestamp};
use subtle::{Choice, ConstantTimeEq};

use crate::key::{Holder, Key};
use crate::secret::{Presented, SecretHash};

/// Holds every key with its hash.
#[derive(Default)]
pub struct KeyRing {
    keys: HashMap<KeyId, Entry>,
}

struct Entry {
    hash: SecretHash,
    key: Arc<Key>,
}

/// Says why a presented key opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// No such key, or not its secret.
    #[error("the key is not known")]
    Unknown,
    /// Its time is over.
    #[error("the key has expired")]
    Expired,
    /// It was revoked.
    #[error("the key was revoked")]
    Revoked,
    /// An operator's key whose issue the ledger does not hold yet.
    #[error("the operator key is not in the ledger yet")]
    NotAccepted,
}

impl KeyRing {
    /// Collects keys with their hashes.
    pub(crate) fn new(keys: impl IntoIterator<Item = (SecretHash, Arc<Key>)>) -> Self {
        let entry = |(hash, key): (SecretHash, Arc<Key>)| (key.id.clone(), Entry { hash, key });
        Self {
            keys: keys.into_iter().map(entry).collect(),
        }
    }

    /// Finds the key that a presented text is, if it opens anything now.
    ///
    /// # Errors
    /// Says why it opens nothing; only who holds the secret learns more than `Unknown`.
    pub fn check(&self, presented: &str, now: Timestamp) -> Result<&Arc<Key>, KeyFault> {
        // An unknown id is hashed and compared like a known one, against a value no text has.
        const NOBODY: SecretHash = SecretHash([0; 32]);
        let presented = Presented::read(presented);
        let entry = self.keys.get(presented.id);
        let stored = entry.map_or(&NOBODY, |entry| &entry.hash);
        let has_secret = bool::from(is_same(stored, &presented.hash));
        let is_it = has_secret && entry.is_some_and(|e| e.key.holder.letter() == presented.letter);
        let key = entry
            .filter(|_| is_it)
            .map(|entry| &entry.key)
            .ok_or(KeyFault::Unknown)?;
        if key.revoked_at.is_some() {
            return Err(KeyFault::Revoked);
        }
        if key.expires_at.is_some_and(|end| end <= now) {
            return Err(KeyFault::Expired);
        }
        match key.holder {
            Holder::Operator {
                accepted: false, ..
            } => Err(KeyFault::NotAccepted),
            _ => Ok(key),
        }
    }
}

/// Compares two hashes in constant time, a machine word at a step.
fn is_same(one: &SecretHash, other: &SecretHash) -> Choice {
    let (one, _) = one.0.as_chunks::<8>();
    let (other, _) = other.0.as_chunks::<8>();
    let pairs = one.iter().zip(other);
    pairs.fold(Choice::from(1), |so_far, (one, other)| {
        so_far & u64::from_ne_bytes(*one).ct_eq(&u64::from_ne_bytes(*other))
    })
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({} keys)", self.keys.len())
    }
}
