//! Keyed commitments, which stand in the log for payloads that may have to be erased: with the
//! payload and its key gone, the commitment says nothing and the tree still verifies. It must not
//! know where payloads and keys are kept, nor make randomness: a key's bytes come in.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::hash::Hash;

/// Bytes of a commitment's key.
pub const COMMITMENT_KEY_BYTES: usize = 32;

/// Bytes of one block of SHA-256; HMAC fills a shorter key up with zeros.
const BLOCK: usize = 64;

/// Holds the key of one payload's commitment; prints without it. Kept beside the payload and
/// erased with it: whoever has the key can try payloads until one fits.
#[derive(Clone, PartialEq, Eq)]
pub struct CommitmentKey([u8; COMMITMENT_KEY_BYTES]);

/// Stands for a payload: HMAC-SHA-256 of it under its own key. Prints as base64, to be written
/// into an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Commitment(Hash);

impl CommitmentKey {
    /// Makes a key of 32 random bytes, which must serve one payload only: under one key, equal
    /// payloads have equal commitments, and erasing one would leave the other to tell of it.
    #[must_use]
    pub fn from_random(bytes: [u8; COMMITMENT_KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// Gives the key's bytes, to be kept beside the payload.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; COMMITMENT_KEY_BYTES] {
        self.0
    }

    /// Commits to a payload.
    #[must_use]
    pub fn commit(&self, payload: &[u8]) -> Commitment {
        let mut filled = [0; BLOCK];
        for (byte, key) in filled.iter_mut().zip(self.0) {
            *byte = key;
        }
        let mut mac = Hmac::<Sha256>::new(&filled.into());
        mac.update(payload);
        Commitment(Hash(mac.finalize().into_bytes().into()))
    }
}

impl fmt::Debug for CommitmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommitmentKey([redacted])")
    }
}

impl Commitment {
    /// Reads a commitment as an entry has it.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        Hash::from_base64(text).map(Self)
    }

    /// Says whether this is the payload that was committed to. Its time tells how much of the
    /// hash agrees, which is no secret: the commitment stands in the log.
    #[must_use]
    pub fn is_of(&self, key: &CommitmentKey, payload: &[u8]) -> bool {
        *self == key.commit(payload)
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
