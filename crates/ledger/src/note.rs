//! Signed notes and their Ed25519 keys, as in C2SP signed-note. It must not know what a note
//! says, nor where keys come from or lie.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Bytes that a note may have; room for many witnesses' signatures.
pub const MAX_NOTE_BYTES: usize = 256 * 1024;

/// Signature lines that a note may have.
pub const MAX_SIGNATURES: usize = 64;

/// Bytes that an origin may have.
pub const MAX_ORIGIN_BYTES: usize = 256;

const ED25519: u8 = 1;
pub(crate) const SECRET_START: &str = "PRIVATE+KEY+";
const LINE_START: &str = "\u{2014} ";

/// Names a log: the first line of its checkpoints and the name of its key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// Signs a log's checkpoints; prints without its secret.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    verifier: Verifier,
}

/// Knows a log's public key and checks what was signed with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    origin: Origin,
    id: [u8; 4],
    key: VerifyingKey,
}

/// Says why a text is no key or no origin.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The name cannot stand in a note.
    #[error(
        "`{name}` cannot name a log: use 1 to {MAX_ORIGIN_BYTES} bytes without spaces, control \
         characters or `+`, such as `tiergate.example/main/audit`"
    )]
    Origin {
        /// What was given.
        name: String,
    },
    /// The text does not have a public key's parts.
    #[error("this is not a log's public key: expected `name+hash+base64` of an Ed25519 key")]
    Verifier,
    /// The text does not have a witness's public key's parts.
    #[error(
        "this is not a witness's public key: expected `name+hash+base64` of an Ed25519 \
         cosignature key (type 0x04)"
    )]
    Witness,
    /// The text does not have a witness's secret key's parts; it is not repeated.
    #[error(
        "this is not a witness's secret key: expected `PRIVATE+KEY+name+hash+base64` of an \
         Ed25519 cosignature key (type 0x04)"
    )]
    WitnessSecret,
    /// The text does not have a secret key's parts; it is not repeated.
    #[error("this is not a log's secret key: expected `PRIVATE+KEY+name+hash+base64` of Ed25519")]
    Signer,
    /// The key's own hash is another than the text says.
    #[error("the key of `{name}` was damaged: its hash does not belong to it")]
    Hash {
        /// The key's name.
        name: String,
    },
}

/// Says why a note is not accepted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The bytes do not have a note's shape.
    #[error("it is not a signed note")]
    Malformed,
    /// No signature is by the expected key.
    #[error("it bears no signature by the key of `{origin}`")]
    NotSigned {
        /// The log whose key was expected.
        origin: String,
    },
    /// The signature by the expected key is wrong.
    #[error("its signature by the key of `{origin}` is wrong")]
    BadSignature {
        /// The log whose key was expected.
        origin: String,
    },
}

impl Origin {
    /// Tells the origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<Self, KeyError> {
        let is_out = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.len() > MAX_ORIGIN_BYTES || name.contains(is_out) {
            return Err(KeyError::Origin {
                name: name.to_owned(),
            });
        }
        Ok(Self(name.to_owned()))
    }
}

impl Signer {
    /// Makes the key that follows from 32 random bytes.
    #[must_use]
    pub fn from_seed(origin: Origin, seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let verifier = Verifier::new(origin, key.verifying_key());
        Self { key, verifier }
    }

    /// Tells the public half.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Writes the secret key as `PRIVATE+KEY+name+hash+base64`: for a file that only its owner
    /// reads.
    #[must_use]
    pub fn to_secret_text(&self) -> String {
        let bytes = self.key.to_bytes();
        format!(
            "{SECRET_START}{}",
            key_text(&self.verifier.origin, self.verifier.id, ED25519, &bytes)
        )
    }

    /// Signs a text that ends in a newline.
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let line = signature_line(&self.verifier.origin, self.verifier.id, &signature);
        format!("{text}\n{line}").into_bytes()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("verifier", &self.verifier)
            .field("key", &"[redacted]")
            .finish()
    }
}

impl FromStr for Signer {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let rest = text.trim_end().strip_prefix(SECRET_START);
        let (name, id, seed) = rest
            .and_then(|rest| split_key(rest, ED25519))
            .ok_or(KeyError::Signer)?;
        let signer = Self::from_seed(name.parse()?, &seed);
        signer.verifier.check_id(id)?;
        Ok(signer)
    }
}

impl Verifier {
    fn new(origin: Origin, key: VerifyingKey) -> Self {
        let id = key_id(&origin, ED25519, key.as_bytes());
        Self { origin, id, key }
    }

    /// Tells which log's key this is.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Checks a note's signature and returns its text, which ends in a newline.
    pub(crate) fn open<'a>(&self, note: &'a [u8]) -> Result<&'a str, NoteError> {
        let note = Note::read(note)?;
        let mut is_signed = false;
        for line in note.lines_by(&self.origin, self.id) {
            self.check_signature(note.text, &line.signature)?;
            is_signed = true;
        }
        if is_signed {
            return Ok(note.text);
        }
        Err(NoteError::NotSigned {
            origin: self.origin.to_string(),
        })
    }

    /// Picks the note's signature lines that bear this key's name and id, unchecked.
    pub(crate) fn lines_in<'a>(&self, note: &'a [u8]) -> Result<Vec<&'a str>, NoteError> {
        let note = Note::read(note)?;
        let lines = note.lines_by(&self.origin, self.id);
        Ok(lines.map(|line| line.whole).collect())
    }

    fn check_signature(&self, text: &str, signature: &[u8]) -> Result<(), NoteError> {
        Signature::from_slice(signature)
            .and_then(|signature| self.key.verify_strict(text.as_bytes(), &signature))
            .map_err(|_| NoteError::BadSignature {
                origin: self.origin.to_string(),
            })
    }

    fn check_id(&self, id: [u8; 4]) -> Result<(), KeyError> {
        check_id(&self.origin, self.id, id)
    }
}

/// Writes the public key as `name+hash+base64`.
impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_text(
            &self.origin,
            self.id,
            ED25519,
            self.key.as_bytes(),
        ))
    }
}

impl FromStr for Verifier {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, key) = split_key(text.trim_end(), ED25519).ok_or(KeyError::Verifier)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| KeyError::Verifier)?;
        let verifier = Self::new(name.parse()?, key);
        verifier.check_id(id)?;
        Ok(verifier)
    }
}

/// A note in its parts, its signatures unchecked.
pub(crate) struct Note<'a> {
    /// What is signed; ends in a newline.
    pub text: &'a str,
    lines: Vec<SignatureLine<'a>>,
}

/// One signature line in its parts.
pub(crate) struct SignatureLine<'a> {
    /// The line as it stands, without its newline.
    pub whole: &'a str,
    name: &'a str,
    id: [u8; 4],
    /// What follows the key's id.
    pub signature: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Parts a note whose every line has a signature's shape.
    pub fn read(note: &'a [u8]) -> Result<Self, NoteError> {
        let (text, lines) = split_note(note).ok_or(NoteError::Malformed)?;
        let lines = lines.into_iter().map(SignatureLine::read).collect();
        let lines = Option::<Vec<_>>::ok_or(lines, NoteError::Malformed)?;
        Ok(Self { text, lines })
    }

    /// Picks the lines that bear a key's name and id.
    pub fn lines_by(&self, name: &Origin, id: [u8; 4]) -> impl Iterator<Item = &SignatureLine<'a>> {
        self.lines
            .iter()
            .filter(move |line| line.name == name.as_str() && line.id == id)
    }
}

impl<'a> SignatureLine<'a> {
    fn read(whole: &'a str) -> Option<Self> {
        let (name, signature) = whole.strip_prefix(LINE_START)?.split_once(' ')?;
        let signature = STANDARD.decode(signature).ok()?;
        let (id, signature) = signature.split_first_chunk()?;
        Some(Self {
            whole,
            name,
            id: *id,
            signature: signature.to_vec(),
        })
    }
}

/// Computes a key's id; `kind` is its signature type.
pub(crate) fn key_id(name: &Origin, kind: u8, key: &[u8; 32]) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_str());
    hasher.update([b'\n', kind]);
    hasher.update(key);
    let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.finalize());
    [a, b, c, d]
}

/// Writes one signature line with its newline.
pub(crate) fn signature_line(name: &Origin, id: [u8; 4], signature: &[u8]) -> String {
    let signature = STANDARD.encode([&id, signature].concat());
    format!("{LINE_START}{name} {signature}\n")
}

/// Writes a key as `name+hash+base64`.
pub(crate) fn key_text(name: &Origin, id: [u8; 4], kind: u8, key: &[u8; 32]) -> String {
    let id = u32::from_be_bytes(id);
    let key = STANDARD.encode([&[kind], key.as_slice()].concat());
    format!("{name}+{id:08x}+{key}")
}

/// Parts a key's text into its name, its id and 32 bytes, where it is of this `kind`.
pub(crate) fn split_key(text: &str, kind: u8) -> Option<(&str, [u8; 4], [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let is_id = id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = u32::from_str_radix(id, 16).ok().filter(|_| is_id)?;
    let key = STANDARD.decode(key).ok()?;
    let (_, key) = key.split_first().filter(|(found, _)| **found == kind)?;
    Some((name, id.to_be_bytes(), key.try_into().ok()?))
}

/// Checks that the id that a key's text bears is the key's own.
pub(crate) fn check_id(name: &Origin, own: [u8; 4], found: [u8; 4]) -> Result<(), KeyError> {
    if own == found {
        return Ok(());
    }
    Err(KeyError::Hash {
        name: name.to_string(),
    })
}

fn split_note(note: &[u8]) -> Option<(&str, Vec<&str>)> {
    let note = std::str::from_utf8(note).ok()?;
    let is_out = |c: char| c < ' ' && c != '\n';
    if note.len() > MAX_NOTE_BYTES || note.contains(is_out) {
        return None;
    }
    // The last empty line parts the text, with its own newline, from the signatures.
    let (text, lines) = note.split_at_checked(note.rfind("\n\n")? + 1)?;
    let lines: Vec<_> = lines
        .strip_prefix('\n')?
        .strip_suffix('\n')?
        .split('\n')
        .collect();
    (lines.len() <= MAX_SIGNATURES).then_some((text, lines))
}

#[cfg(test)]
mod tests;
