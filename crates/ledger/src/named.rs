//! Logs that are named after their first key, so that no other can be put in its place under the
//! name. It must not know where the seed comes from.

use sha2::{Digest, Sha256};

use crate::keys::{KeyError, Origin, Signer, Verifier};

/// Begins the last part of a name that was made of a key.
const MARK: &str = "key-";
/// Bytes of the key's digest in the name: whoever wants another key to it tries 2^128.
const DIGEST_BYTES: usize = 16;

/// Makes the first key of a new log from 32 random bytes, and the log's name of the key.
///
/// # Errors
/// When the name, whose beginning is `prefix`, cannot name a log.
pub fn draw_from_seed(prefix: &str, seed: &[u8; 32]) -> Result<Signer, KeyError> {
    let unnamed = Signer::from_seed(prefix.parse()?, seed);
    let name = format!("{prefix}/{}", part_of(unnamed.verifier()));
    Ok(Signer::from_seed(name.parse()?, seed))
}

/// Tells whether a log's name was made of this key; nothing where it was not made of any.
#[must_use]
pub fn is_named_after(origin: &Origin, key: &Verifier) -> Option<bool> {
    let (_, part) = origin.as_str().rsplit_once('/')?;
    let digits = part.strip_prefix(MARK)?;
    let is_made =
        digits.len() == 2 * DIGEST_BYTES && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_made.then(|| part == part_of(key))
}

fn part_of(key: &Verifier) -> String {
    let digest = Sha256::digest(key.bytes());
    let digits = digest.iter().take(DIGEST_BYTES);
    let digits: String = digits.map(|byte| format!("{byte:02x}")).collect();
    format!("{MARK}{digits}")
}
