//! Signed notes, as in C2SP signed-note. It must not know what a note says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::keys::{PublicKey, Signer, Verifier};

/// Bytes that a note may have; room for many witnesses' signatures.
pub const MAX_NOTE_BYTES: usize = 256 * 1024;

/// Signature lines that a note may have.
pub const MAX_SIGNATURES: usize = 64;

const LINE_START: &str = "\u{2014} ";

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

impl NoteError {
    /// Says that no signature is by a key.
    pub(crate) fn not_signed<const KIND: u8>(key: &PublicKey<KIND>) -> Self {
        Self::NotSigned {
            origin: key.name().to_string(),
        }
    }

    /// Says that the signature by a key is wrong.
    pub(crate) fn bad_signature<const KIND: u8>(key: &PublicKey<KIND>) -> Self {
        Self::BadSignature {
            origin: key.name().to_string(),
        }
    }
}

impl Signer {
    /// Signs a text that ends in a newline.
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        let line = signature_line(self.verifier(), &self.signature_on(text));
        format!("{text}\n{line}").into_bytes()
    }
}

impl Verifier {
    /// Checks a note's signature and returns its text, which ends in a newline.
    pub(crate) fn open<'a>(&self, note: &'a [u8]) -> Result<&'a str, NoteError> {
        let note = Note::read(note)?;
        let mut is_signed = false;
        for line in note.lines_by(self) {
            if !self.has_signed(note.text, &line.signature) {
                return Err(NoteError::bad_signature(self));
            }
            is_signed = true;
        }
        if is_signed {
            return Ok(note.text);
        }
        Err(NoteError::not_signed(self))
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

    /// Picks the lines that bear a key's name and id, unchecked.
    pub fn lines_by<const KIND: u8>(
        &self,
        key: &PublicKey<KIND>,
    ) -> impl Iterator<Item = &SignatureLine<'a>> {
        let is_by = move |line: &&SignatureLine<'a>| {
            line.name == key.name().as_str() && line.id == key.id()
        };
        self.lines.iter().filter(is_by)
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

/// Writes one signature line with its newline.
pub(crate) fn signature_line<const KIND: u8>(key: &PublicKey<KIND>, signature: &[u8]) -> String {
    let signature = STANDARD.encode([&key.id(), signature].concat());
    format!("{LINE_START}{} {signature}\n", key.name())
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
