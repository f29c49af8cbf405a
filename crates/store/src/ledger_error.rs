//! What can go wrong with the ledger's files. It must not decide what a caller is told.

use std::io;
use std::path::PathBuf;

use ledger::{AppendError, Fault, KeyError, ProofError};

use crate::error::StoreError;

/// Says why the ledger could not be read or appended to.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is no ledger yet.
    #[error("there is no ledger in {path}; `tiergate serve` begins one when it starts")]
    Absent {
        /// The folder looked in.
        path: PathBuf,
    },
    /// The signing key is gone, and the log is not.
    #[error(
        "the ledger in {path} has no signing key; restore the file `key` from a backup, or move \
         the folder away to begin another ledger"
    )]
    KeyAbsent {
        /// The ledger's folder.
        path: PathBuf,
    },
    /// A key file holds no key.
    #[error("{path} holds no ledger key; restore it from a backup")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
    /// A new signing key could not be drawn.
    #[error("cannot make the ledger's key: the system gives no random bytes")]
    Random(#[source] getrandom::Error),
    /// The key was rotated, and the old one is still there.
    #[error("the ledger's key is rotated, but the old key is still in {path}: destroy that file")]
    OldKeyStays {
        /// The old key's file.
        path: PathBuf,
        /// Why it could not be destroyed.
        source: Box<LedgerError>,
    },
    /// A file could not be read, written or made durable.
    #[error("cannot use the ledger file {path}; check the disk's space and the folder's owner")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The files are not a whole ledger.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// An entry cannot be appended.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A proof cannot be made.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The lease was lost, or could not be confirmed.
    #[error(transparent)]
    Lease(StoreError),
}
