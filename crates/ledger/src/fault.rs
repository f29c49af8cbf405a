//! What can be wrong with a log's files, and where. It must not know how it was found.

use std::fmt;

use crate::checkpoint::CheckpointError;
use crate::entry::ReadEntryError;
use crate::handover::HandoverError;
use crate::keys::Verifier;

/// Any error, as the reader of files reports it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Says which file of the log is wrong, which entry where that is known, and how.
#[derive(Debug)]
pub struct Fault {
    /// Names the file by its path inside the log.
    pub file: String,
    /// Names the first bad entry, where it can be told.
    pub entry: Option<u64>,
    /// Says what is wrong.
    pub problem: Problem,
}

/// Says what is wrong with a file of a log.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A file that the checkpoint commits to is not there.
    #[error("it is missing, although the checkpoint commits to it")]
    Missing,
    /// The file could not be read.
    #[error("it could not be read")]
    Read(#[source] BoxError),
    /// The checkpoint is not one that the log's key signed.
    #[error(transparent)]
    Checkpoint(CheckpointError),
    /// The earlier checkpoint that was given is not one that the log's key signed.
    #[error("the earlier checkpoint to compare with is not accepted")]
    Expected(#[source] CheckpointError),
    /// An entry hands the log's key over, but not as the key in force would.
    #[error(transparent)]
    Handover(HandoverError),
    /// The log's name was made of another key than its first one.
    #[error(
        "its key was rotated without a link: the log is named after another first key than {key}"
    )]
    NotNamedAfter {
        /// The first key, as far as the log tells.
        key: Box<Verifier>,
    },
    /// The key that the handovers lead to did not sign.
    #[error(
        "its key was rotated without a link: {key}, which this entry hands over to, did not sign it"
    )]
    NotByKeyInForce {
        /// The key in force.
        key: Box<Verifier>,
        /// What its signature was found to be.
        #[source]
        source: CheckpointError,
    },
    /// The key that was given to verify with is none of the log's.
    #[error(
        "its key was rotated without a link: no handover leads from {given}, which was given to \
         verify with, to the key that signs it"
    )]
    NotLinkedTo {
        /// The key that was given.
        given: Box<Verifier>,
    },
    /// A tile has another length than the tree's size asks for.
    #[error("it has {found} bytes where the tree has {wanted}")]
    TileLength {
        /// Its length in bytes.
        found: usize,
        /// The length that follows from the tree's size.
        wanted: u64,
    },
    /// A tile's hash is not that of the entries, which the checkpoint confirms.
    #[error("it was altered: a hash in it is not that of the entries")]
    TileAltered,
    /// An entry is not the one that was logged.
    #[error("it was altered: its hash is not the one in the tree")]
    EntryAltered,
    /// A bundle ends before its last entry does.
    #[error("it is cut off")]
    EntryCut,
    /// A bundle goes on after its last entry.
    #[error("{bytes} bytes follow its last entry")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// Logged bytes are no entry: the writer erred.
    #[error(transparent)]
    NotAnEntry(ReadEntryError),
    /// A logged entry names another place: the writer erred.
    #[error("it says that it is entry {found}")]
    Index {
        /// The index it bears.
        found: u64,
    },
    /// A logged entry is earlier than the one before it: the writer erred.
    #[error("it is dated before the entry that precedes it")]
    TimeBackwards,
    /// Entries were rewritten together with the tiles below this one.
    #[error("entries {first} to {last} were rewritten together with the tiles over them")]
    Rewritten {
        /// The first entry of the stretch.
        first: u64,
        /// The last one.
        last: u64,
    },
    /// Files and signature are each whole, but of two different trees.
    #[error("it signs another tree than the entries make: entries and tiles were rewritten")]
    Root,
    /// The checkpoint is an older one of the log, whose later files are still there.
    #[error(
        "it is an older one put back: it signs {found} entries, while the tiles are still those \
         of the {expected} that the checkpoint to compare with signs"
    )]
    Replayed {
        /// Entries that the older checkpoint signs.
        found: u64,
        /// Entries that the log has.
        expected: u64,
    },
    /// The log has fewer entries than an earlier checkpoint committed to.
    #[error(
        "the log was truncated, or is an older copy: it has {found} entries, an earlier \
         checkpoint {expected}"
    )]
    Truncated {
        /// Entries that the log has.
        found: u64,
        /// Entries that it had.
        expected: u64,
    },
    /// The log's beginning is not the one that an earlier checkpoint committed to.
    #[error("the log was forked: its first {size} entries are not those of an earlier checkpoint")]
    Forked {
        /// The size of the earlier checkpoint.
        size: u64,
    },
}

impl Fault {
    pub(crate) fn file(file: impl Into<String>, problem: Problem) -> Self {
        Self {
            file: file.into(),
            entry: None,
            problem,
        }
    }

    pub(crate) fn entry(file: impl Into<String>, entry: u64, problem: Problem) -> Self {
        Self {
            file: file.into(),
            entry: Some(entry),
            problem,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry {
            Some(entry) => write!(f, "ledger file {}, entry {entry}: ", self.file)?,
            None => write!(f, "ledger file {}: ", self.file)?,
        }
        self.problem.fmt(f)
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.problem)
    }
}
