//! The text of a key: made, taken apart and hashed. It must not know where hashes are kept.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::KeyId;
use sha2::{Digest, Sha256};

/// Length of a key's public id: 60 bits, more than enough to tell keys apart.
pub(crate) const ID_LEN: usize = 12;
/// Random bytes behind a secret.
const SECRET_BYTES: usize = 32;
/// Characters of a secret in base64url.
const SECRET_LEN: usize = 43;
/// Bytes of an id and a secret.
const JOINED_LEN: usize = ID_LEN + SECRET_LEN;
/// Where the id starts: after `tg_`, the kind's letter and `_`; another `_` follows it.
const ID_AT: usize = 5;
/// The id's alphabet: no character that is mistaken for another, nor one that ends a word.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Holds the hash of a key's text; only this is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretHash(pub(crate) [u8; 32]);

/// A presented text, taken apart without a look at any key.
pub(crate) struct Presented<'t> {
    /// The id, or what stands in its place; no key has another's.
    pub(crate) id: &'t str,
    /// The kind's letter; zero where the text has not a key's form.
    pub(crate) letter: u8,
    /// The id and the secret.
    pub(crate) parts: (&'t [u8; ID_LEN], &'t [u8; SECRET_LEN]),
}

impl<'t> Presented<'t> {
    /// Takes a text apart; the cost is the same whatever it holds.
    pub(crate) fn read(text: &'t str) -> Self {
        let parts = text.as_bytes().split_first_chunk::<ID_AT>();
        let (start, rest) = parts.unwrap_or((&[0; ID_AT], &[]));
        let (id, rest) = rest
            .split_first_chunk::<ID_LEN>()
            .unwrap_or((&[0; ID_LEN], &[]));
        let (gap, rest) = rest.split_first_chunk::<1>().unwrap_or((&[0], &[]));
        let secret = <&[u8; SECRET_LEN]>::try_from(rest).unwrap_or(&[0; SECRET_LEN]);
        let [t, g, first, letter, second] = *start;
        let is_formed = [t, g, first, second, gap[0]] == *b"tg___" && rest.len() == SECRET_LEN;
        Self {
            id: std::str::from_utf8(id).unwrap_or_default(),
            letter: if is_formed { letter } else { 0 },
            parts: (id, secret),
        }
    }

    /// Joins id and secret.
    pub(crate) fn joined(&self) -> [u8; JOINED_LEN] {
        let (id, secret) = self.parts;
        let mut joined = [0; JOINED_LEN];
        let (start, end) = joined.split_at_mut(ID_LEN);
        start.copy_from_slice(id);
        end.copy_from_slice(secret);
        joined
    }

    /// Computes the hash of id and secret: 55 bytes, the most that one block of SHA-256 holds.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.joined()).into())
    }
}

/// Holds the text of a new key, to be shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Makes a key's text of random bytes.
    pub(crate) fn draw(kind: char) -> Result<(KeyId, Self), getrandom::Error> {
        let mut random = [0; SECRET_BYTES];
        getrandom::fill(&mut random)?;
        let id = draw_letters()?;
        let text = format!("tg_{kind}_{id}_{}", URL_SAFE_NO_PAD.encode(random));
        Ok((KeyId::new(id), Self(text)))
    }

    /// Shows the text; for the one place that hands it to its holder.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Computes what is stored of it.
    pub(crate) fn hash(&self) -> SecretHash {
        Presented::read(&self.0).hash()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Draws the random letters of an id.
pub(crate) fn draw_letters() -> Result<String, getrandom::Error> {
    let mut random = [0; ID_LEN];
    getrandom::fill(&mut random)?;
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte & 31)]);
    Ok(random.iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::{ID_LEN, Presented, Secret};

    #[test]
    fn a_key_has_the_documented_form() {
        let (id, secret) = Secret::draw('c').expect("random bytes");
        let text = secret.reveal();
        assert_eq!(text.len(), 61);
        assert!(text.starts_with("tg_c_"), "{text}");
        let presented = Presented::read(text);
        assert_eq!((presented.id, presented.letter), (id.as_str(), b'c'));
        assert_eq!(id.as_str().len(), ID_LEN);
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        assert!(text.chars().all(allowed), "{text}");
    }

    #[test]
    fn two_keys_differ_and_show_nothing() {
        let (first, secret) = Secret::draw('o').expect("random bytes");
        let (second, other) = Secret::draw('o').expect("random bytes");
        assert_ne!(first, second);
        assert_ne!(secret.reveal(), other.reveal());
        assert_eq!(format!("{secret} {secret:?}"), "[redacted] [redacted]");
    }

    #[test]
    fn any_text_can_be_presented_and_few_are_keys() {
        let long = "x".repeat(1 << 20);
        let key = "tg_c_abcdefghijkl_0123456789012345678901234567890123456789012";
        let (longer, shorter) = (format!("{key}3"), &key[..60]);
        for text in ["", "tg_", "tg_c_", "tg_c_ünïcödé", &long, &longer, shorter] {
            assert_eq!(Presented::read(text).letter, 0, "{text:.70}");
        }
        assert_eq!(Presented::read(key).letter, b'c');
        for at in [0, 1, 2, 4, 17] {
            let mut changed = key.as_bytes().to_vec();
            changed[at] = b'x';
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(Presented::read(&changed).letter, 0, "character {at}");
        }
    }
}
