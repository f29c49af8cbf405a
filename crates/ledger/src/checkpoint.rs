//! Checkpoints: a log's origin, size and root as a signed note (C2SP tlog-checkpoint). It must
//! not know how the root came about.

use crate::hash::Hash;
use crate::keys::{Origin, Signer, Verifier};
use crate::note::{Note, NoteError, signature_line};

/// Tells a tree by its size and its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Counts the tree's entries.
    pub size: u64,
    /// Commits to all of them, in their order.
    pub root: Hash,
}

/// A tree head that its log has signed: made only by checking the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: Origin,
    tree: TreeHead,
    text: String,
}

/// Says why bytes are not the log's checkpoint.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note is not accepted.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The log's key signed something that is no checkpoint.
    #[error("what it signs is not an origin, a size and a root")]
    Text,
    /// No key was given that could have signed.
    #[error("no log's key is known that could have signed it")]
    NoKey,
    /// The key signed another log's head.
    #[error("it is of the log `{found}`, not of `{expected}`")]
    Origin {
        /// The log it names.
        found: String,
        /// The log that was asked for.
        expected: String,
    },
    /// The key that signed it is the log's, but not for a tree of this size.
    #[error(
        "the key that signed it may not sign a tree of {size} entries, only those from {first}{}",
        .last.map_or_else(String::new, |last| format!(" to {last}"))
    )]
    NotInForce {
        /// The tree's size.
        size: u64,
        /// The size of the smallest tree that the key may sign.
        first: u64,
        /// The size of the largest one, where the key was handed over.
        last: Option<u64>,
    },
}

impl CheckpointError {
    /// Tells whether the key has simply not signed it.
    pub(crate) fn is_unsigned(&self) -> bool {
        matches!(
            self,
            Self::Origin { .. } | Self::Note(NoteError::NotSigned { .. })
        )
    }
}

impl Checkpoint {
    /// Checks a checkpoint's signature and reads it.
    ///
    /// # Errors
    /// When it is not signed by this key or is not a checkpoint of this log.
    pub fn open(note: &[u8], verifier: &Verifier) -> Result<Self, CheckpointError> {
        let text = verifier.open(note)?;
        let (origin, tree) = read_text(text).ok_or(CheckpointError::Text)?;
        if origin != verifier.name().as_str() {
            return Err(CheckpointError::Origin {
                found: origin.to_owned(),
                expected: verifier.name().to_string(),
            });
        }
        Ok(Self {
            origin: verifier.name().clone(),
            tree,
            text: text.to_owned(),
        })
    }

    /// Checks a checkpoint against several keys, as of a log that changed its key or of several
    /// logs: one of them must have signed, and none of them wrongly.
    ///
    /// # Errors
    /// When no key signed, a known key's signature is wrong, or it is no checkpoint of the key's
    /// log.
    pub fn open_any(note: &[u8], keys: &[Verifier]) -> Result<Self, CheckpointError> {
        let mut opened = None;
        let mut last = CheckpointError::NoKey;
        for key in keys {
            match Self::open(note, key) {
                Ok(checkpoint) => opened = opened.or(Some(checkpoint)),
                Err(error) if error.is_unsigned() => last = error,
                Err(error) => return Err(error),
            }
        }
        opened.ok_or(last)
    }

    /// Tells which log this is.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Tells the tree that was signed.
    #[must_use]
    pub fn tree(&self) -> TreeHead {
        self.tree
    }

    /// Gives all that was signed, extension lines included.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// Signs a tree head.
pub(crate) fn sign(tree: TreeHead, signer: &Signer) -> Vec<u8> {
    signer.sign(&text_of(tree, signer.verifier().name()))
}

/// Signs a tree head with a log's key and with the one that follows it.
pub(crate) fn sign_by_both(tree: TreeHead, from: &Signer, to: &Signer) -> Vec<u8> {
    let text = text_of(tree, to.verifier().name());
    let line = signature_line(to.verifier(), &to.signature_on(&text));
    [sign(tree, from), line.into_bytes()].concat()
}

fn text_of(tree: TreeHead, origin: &Origin) -> String {
    format!("{origin}\n{}\n{}\n", tree.size, tree.root)
}

/// Reads the tree that a checkpoint's note claims of a log, whoever signed it.
pub(crate) fn claimed_tree(note: &[u8], origin: &Origin) -> Option<TreeHead> {
    let note = Note::read(note).ok()?;
    let (_, tree) = read_text(note.text).filter(|(found, _)| *found == origin.as_str())?;
    Some(tree)
}

/// Reads a checkpoint's text, whoever signed it.
pub(crate) fn read_text(text: &str) -> Option<(&str, TreeHead)> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let origin = lines.next()?;
    let size_text = lines.next()?;
    let size: u64 = size_text.parse().ok()?;
    let root = Hash::from_base64(lines.next()?)?;
    // Extension lines are allowed and mean nothing here; an empty one is not allowed.
    let is_whole = lines.all(|line| !line.is_empty()) && size.to_string() == size_text;
    is_whole.then_some((origin, TreeHead { size, root }))
}
