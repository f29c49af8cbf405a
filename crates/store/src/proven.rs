//! The ledger read together with what proves some of its entries: one committed state, its
//! checkpoint, and receipts under that checkpoint. It must not append.

use std::collections::BTreeMap;

use ledger::{Entry, MAX_FILE_BYTES, ProofError, Receipt, Snapshot};

use crate::durable;
use crate::ledger_error::LedgerError;
use crate::store::Store;

/// Holds one committed state of the ledger.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Every entry, in order.
    pub entries: Vec<Entry>,
    /// The receipts of the entries asked for, by index; all are under the same checkpoint.
    pub receipts: BTreeMap<u64, Receipt>,
    /// The checkpoint's note.
    pub checkpoint: Vec<u8>,
}

impl Store {
    /// Reads the ledger whole, with receipts of the entries that are wanted.
    ///
    /// # Errors
    /// Names the file, and the entry where it can be told, that is not as it was signed.
    pub fn proven(&self, is_wanted: impl Fn(&Entry) -> bool) -> Result<Proven, LedgerError> {
        let files = self.ledger()?;
        let folder = &self.config.ledger_dir;
        let limit = MAX_FILE_BYTES as u64;
        let reader = |path: &str| Ok(durable::read(&folder.join(path), limit)?);
        let snapshot = Snapshot::read(&reader, files.verifier())?;
        let entries: Vec<Entry> = snapshot.entries(0..u64::MAX).collect::<Result<_, _>>()?;
        let mut receipts = BTreeMap::new();
        for entry in entries.iter().filter(|entry| is_wanted(entry)) {
            match Receipt::issue(&snapshot, entry.index) {
                Ok(receipt) => receipts.insert(entry.index, receipt),
                Err(ProofError::Fault(fault)) => return Err(fault.into()),
                // The entry was read out of this very state, so it is within its range; without
                // a receipt it is shown nowhere.
                Err(ProofError::OutOfRange { .. }) => None,
            };
        }
        let checkpoint = snapshot.note().to_vec();
        Ok(Proven {
            entries,
            receipts,
            checkpoint,
        })
    }
}
