//! The ledger as files in one folder: read, verified, and appended to by the lease's holder. It
//! must not know what the entries mean, nor change one.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Timestamp;
use ledger::{
    AppendError, BoxError, Draft, Entry, Head, MAX_FILE_BYTES, Receipt, Signer, Snapshot, UnixMs,
    Verified, Verifier,
};

use crate::durable;
use crate::lease::Lease;
use crate::ledger_error::LedgerError;
use crate::ledger_key::{open_signer, read_verifier};
use crate::ledger_rotation::{Rotation, carry_out, settle};
use crate::ledger_steps::{steps, take_all};
use crate::store::Store;

/// Reads the ledger; a writer beside it does no harm.
#[derive(Clone, Debug)]
pub struct LedgerFiles {
    folder: PathBuf,
    verifier: Verifier,
}

/// Appends to the ledger, for as long as it holds the lease.
#[derive(Debug)]
pub struct LedgerWriter {
    store: Arc<Store>,
    lease: Lease,
    files: LedgerFiles,
    signer: Signer,
    /// What to go on from; none after a failure, when only the files tell.
    head: Option<Head>,
}

/// Tells what a rotation of the key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Counts the entries before the handover's own.
    pub entry: u64,
    /// The key that handed over.
    pub from: Verifier,
    /// The key in force.
    pub to: Verifier,
}

impl Store {
    /// Opens the ledger for reading.
    ///
    /// # Errors
    /// Fails when there is none, or when its public key cannot be read.
    pub fn ledger(&self) -> Result<LedgerFiles, LedgerError> {
        let folder = self.config.ledger_dir.clone();
        let verifier = read_verifier(&folder)?;
        Ok(LedgerFiles { folder, verifier })
    }

    /// Opens the ledger for appending; begins one, with a new key, where there is none, and ends
    /// a rotation of its key that was cut off.
    ///
    /// # Errors
    /// Fails when the ledger's files are not whole or its key is gone.
    pub fn ledger_writer(self: &Arc<Self>, lease: Lease) -> Result<LedgerWriter, LedgerError> {
        let attempt = "open the ledger";
        self.confirm(&lease, attempt).map_err(LedgerError::Lease)?;
        let folder = self.config.ledger_dir.clone();
        settle(&folder)?;
        let signer = open_signer(&folder, begin)?;
        let files = LedgerFiles {
            folder,
            verifier: signer.verifier().clone(),
        };
        let head = files.head()?;
        Ok(LedgerWriter {
            store: Arc::clone(self),
            lease,
            files,
            signer,
            head: Some(head),
        })
    }
}

/// Begins a log of no entries.
fn begin(folder: &Path, signer: &Signer) -> Result<(), LedgerError> {
    take_all(folder, &steps(&Head::create(signer)))
}

impl LedgerWriter {
    /// Appends one entry; it is durable when this returns. Its time is never before the last
    /// entry's.
    ///
    /// # Errors
    /// Fails when the lease is lost, the entry cannot be kept or a file cannot be written. After
    /// a file's failure the entry may stand or not: only reading the ledger tells.
    pub fn append(
        &mut self,
        kind: &str,
        body: serde_json::Value,
        now: Timestamp,
    ) -> Result<Entry, LedgerError> {
        let kind = kind.to_owned();
        let mut entries = self.append_all(vec![Draft { kind, body }], now)?;
        entries.pop().ok_or_else(|| {
            let count = 0;
            LedgerError::Append(AppendError::Count { count })
        })
    }

    /// Appends entries together: after a crash either all stand or none.
    ///
    /// # Errors
    /// As for one entry.
    pub fn append_all(
        &mut self,
        drafts: Vec<Draft>,
        now: Timestamp,
    ) -> Result<Vec<Entry>, LedgerError> {
        let attempt = "append to the ledger";
        let confirmed = self.store.confirm(&self.lease, attempt);
        confirmed.map_err(LedgerError::Lease)?;
        let head = match self.head.take() {
            Some(head) => head,
            None => self.files.head()?,
        };
        let planned = match head.append(drafts, UnixMs(now.0), &self.signer) {
            Ok(planned) => planned,
            Err(refused) => {
                self.head = Some(head);
                return Err(refused.into());
            }
        };
        take_all(&self.files.folder, &steps(&planned))?;
        self.head = Some(planned.head);
        Ok(planned.entries)
    }

    /// Rotates the ledger's key: the old one hands over to a new one in an entry and is destroyed.
    /// The writer ends with it, whose key it was.
    ///
    /// # Errors
    /// Fails when the lease is lost, the ledger is not whole or a file cannot be written. What a
    /// failure leaves half done is ended when the ledger is next opened for appending.
    pub fn rotate_key(
        self,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<Rotated, LedgerError> {
        let attempt = "rotate the ledger's key";
        let confirmed = self.store.confirm(&self.lease, attempt);
        confirmed.map_err(LedgerError::Lease)?;
        // A key must not vouch for what does not hold.
        let chain = self.files.verify(None)?.chain;
        let head = self.files.head()?;
        let rotation = Rotation::plan(&head, &self.signer, &chain, reason, now)?;
        carry_out(&self.files.folder, &rotation)?;
        Ok(Rotated {
            entry: head.tree().size,
            from: self.files.verifier,
            to: rotation.to,
        })
    }

    /// Shows the lease, for what else only its holder may change.
    #[must_use]
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Shows the ledger for reading.
    #[must_use]
    pub fn files(&self) -> &LedgerFiles {
        &self.files
    }
}

impl LedgerFiles {
    /// Counts the entries.
    ///
    /// # Errors
    /// Fails when the files that the checkpoint needs are not whole.
    pub fn count(&self) -> Result<u64, LedgerError> {
        let reader = |path: &str| self.read(path);
        let snapshot = Snapshot::read(&reader, &self.verifier)?;
        Ok(snapshot.checkpoint().tree().size)
    }

    /// Reads the entries of a range, as far as there are any.
    ///
    /// # Errors
    /// Names the first entry that is not the one logged.
    pub fn entries(&self, range: Range<u64>) -> Result<Vec<Entry>, LedgerError> {
        let reader = |path: &str| self.read(path);
        let snapshot = Snapshot::read(&reader, &self.verifier)?;
        let entries = snapshot.entries(range).collect::<Result<_, _>>()?;
        Ok(entries)
    }

    /// Verifies the whole ledger, and that it goes on from an earlier checkpoint where one that
    /// was kept elsewhere is given.
    ///
    /// # Errors
    /// Names the first file, and entry where it can be told, that is not as it was signed.
    pub fn verify(&self, expected: Option<&[u8]>) -> Result<Verified, LedgerError> {
        let reader = |path: &str| self.read(path);
        Ok(ledger::verify(&reader, &self.verifier, expected)?)
    }

    /// Verifies the whole ledger as [`Self::verify`] does, for whoever trusts this key of it alone.
    ///
    /// # Errors
    /// As for [`Self::verify`], and where no handovers link that key with the one that signs.
    pub fn verify_from(
        &self,
        trusted: &Verifier,
        expected: Option<&[u8]>,
    ) -> Result<Verified, LedgerError> {
        let reader = |path: &str| self.read(path);
        Ok(ledger::verify_from(
            &reader,
            &self.verifier,
            trusted,
            expected,
        )?)
    }

    /// Makes the receipt of one entry, which bears the entry.
    ///
    /// # Errors
    /// Fails when there is no such entry, or the files do not make a proof that holds.
    pub fn prove(&self, index: u64) -> Result<Receipt, LedgerError> {
        let reader = |path: &str| self.read(path);
        let snapshot = Snapshot::read(&reader, &self.verifier)?;
        Ok(Receipt::issue_bearing(&snapshot, index)?)
    }

    /// Shows the public key that the checkpoints are signed with.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Shows the folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn head(&self) -> Result<Head, LedgerError> {
        let reader = |path: &str| self.read(path);
        Ok(Head::open(&reader, &self.verifier)?)
    }

    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError> {
        let limit = MAX_FILE_BYTES as u64;
        Ok(durable::read(&self.folder.join(path), limit)?)
    }
}

#[cfg(test)]
mod tests;
