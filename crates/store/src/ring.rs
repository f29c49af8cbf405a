//! The keys in force as one immutable snapshot, so that checking a key is no store access. It
//! must not tell an unknown id from a wrong secret, in its answer or in its cost.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Arc, OnceLock};

use domain::{KeyId, Timestamp};
use subtle::ConstantTimeEq;

use crate::key::{Holder, Key};
use crate::secret::{Presented, SecretHash};

/// Holds every key with its hash.
#[derive(Default)]
pub struct KeyRing {
    keys: HashMap<KeyId, Entry>,
    seal: Seal,
}

struct Entry {
    hash: SecretHash,
    key: Arc<Key>,
    /// The seal of the one text whose hash is that of the key, once it was presented.
    proven: OnceLock<[u64; 2]>,
}

/// Seals presented texts with random numbers of this ring alone, so that the text that every
/// request of a caller bears is not hashed anew each time: a processor without instructions for
/// SHA-256 takes longer for that than for deciding. Nobody outside sees a seal or can make one.
#[derive(Default)]
struct Seal([RandomState; 2]);

impl Seal {
    fn of(&self, presented: &Presented<'_>) -> [u64; 2] {
        let joined = presented.joined();
        self.0.each_ref().map(|keyed| {
            // One write: each costs more than the bytes that it brings.
            let mut hasher = keyed.build_hasher();
            hasher.write(&joined);
            hasher.finish()
        })
    }
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
        let entry = |(hash, key): (SecretHash, Arc<Key>)| {
            let proven = OnceLock::new();
            (key.id.clone(), Entry { hash, key, proven })
        };
        Self {
            keys: keys.into_iter().map(entry).collect(),
            seal: Seal::default(),
        }
    }

    /// Finds the key that a presented text is, if it opens anything now.
    ///
    /// # Errors
    /// Says why it opens nothing; only who holds the secret learns more than `Unknown`.
    pub fn check(&self, presented: &str, now: Timestamp) -> Result<&Arc<Key>, KeyFault> {
        let presented = Presented::read(presented);
        let entry = self.keys.get(presented.id);
        let has_secret = self.has_secret(entry, &presented);
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

    /// Compares a secret in constant time. An unknown id is sealed, hashed and compared like a
    /// known one, against a value no text has; only who holds a secret is answered sooner.
    fn has_secret(&self, entry: Option<&Entry>, presented: &Presented<'_>) -> bool {
        const NOBODY: SecretHash = SecretHash([0; 32]);
        let seal = self.seal.of(presented);
        let proven = entry.and_then(|entry| entry.proven.get());
        let is_proven = proven.unwrap_or(&[0; 2]).ct_eq(&seal);
        if bool::from(is_proven) && proven.is_some() {
            return true;
        }
        let stored = entry.map_or(&NOBODY, |entry| &entry.hash);
        let has_secret = bool::from(stored.0.ct_eq(&presented.hash().0));
        if let (true, Some(entry)) = (has_secret, entry) {
            // Whoever was first has set the same.
            let _ = entry.proven.set(seal);
        }
        has_secret
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({} keys)", self.keys.len())
    }
}
