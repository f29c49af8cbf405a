//! What witnesses cosigned of the ledger, in files beside its checkpoint: of each witness the
//! latest checkpoint that it cosigned, and the latest that enough of them did. It must not ask a
//! witness, nor judge what is kept.

use std::io;
use std::path::PathBuf;

use ledger::{AddCheckpoint, CHECKPOINT_PATH, MAX_NOTE_BYTES, Snapshot, WitnessVerifier};
use sha2::{Digest, Sha256};

use crate::durable;
use crate::ledger_error::LedgerError;
use crate::ledger_files::LedgerFiles;

/// The folder of what single witnesses cosigned. It is apart from the checkpoint, which an append
/// replaces without waiting for a witness.
const FOLDER: &str = "witnessed";
/// The latest checkpoint with the cosignatures that the quorum asks for.
const GATHERED: &str = "checkpoint.cosigned";

impl LedgerFiles {
    /// Reads the checkpoint as it stands, unchecked: to see whether it is still the same.
    ///
    /// # Errors
    /// Fails when the file cannot be read, or is not there.
    pub fn checkpoint(&self) -> Result<Vec<u8>, LedgerError> {
        let path = self.folder().join(CHECKPOINT_PATH);
        read(path.clone())?.ok_or_else(|| LedgerError::File {
            path,
            source: io::ErrorKind::NotFound.into(),
        })
    }

    /// Makes what to ask of a witness that cosigned `old` entries last, and tells how many entries
    /// it asks to cosign.
    ///
    /// # Errors
    /// Fails when the ledger has fewer entries than `old`, or its files do not make the proof.
    pub fn ask_witness(&self, old: u64) -> Result<(u64, AddCheckpoint), LedgerError> {
        let reader = |path: &str| self.read(path);
        let snapshot = Snapshot::read(&reader, self.verifier())?;
        let size = snapshot.checkpoint().tree().size;
        Ok((size, AddCheckpoint::ask(&snapshot, old)?))
    }

    /// Reads the latest checkpoint that a witness cosigned, unchecked.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn cosigned(&self, witness: &WitnessVerifier) -> Result<Option<Vec<u8>>, LedgerError> {
        read(self.cosigned_path(witness))
    }

    /// Keeps the latest checkpoint that a witness cosigned; it is durable when this returns.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn keep_cosigned(&self, witness: &WitnessVerifier, note: &[u8]) -> Result<(), LedgerError> {
        write(self.cosigned_path(witness), note)
    }

    /// Tells where the latest checkpoint that a witness cosigned is kept.
    #[must_use]
    pub fn cosigned_path(&self, witness: &WitnessVerifier) -> PathBuf {
        // A key's name may hold what a file's cannot.
        let digest = Sha256::digest(witness.to_string());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder().join(FOLDER).join(hex)
    }

    /// Keeps the latest checkpoint that enough witnesses cosigned; it is durable when this returns.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn keep_gathered(&self, note: &[u8]) -> Result<(), LedgerError> {
        write(self.gathered_path(), note)
    }

    /// Tells where the latest checkpoint that enough witnesses cosigned is kept.
    #[must_use]
    pub fn gathered_path(&self) -> PathBuf {
        self.folder().join(GATHERED)
    }
}

fn read(path: PathBuf) -> Result<Option<Vec<u8>>, LedgerError> {
    let read = durable::read(&path, MAX_NOTE_BYTES as u64);
    read.map_err(|source| LedgerError::File { path, source })
}

fn write(path: PathBuf, note: &[u8]) -> Result<(), LedgerError> {
    let written = durable::write(&path, note);
    written.map_err(|source| LedgerError::File { path, source })
}

#[cfg(test)]
mod tests;
