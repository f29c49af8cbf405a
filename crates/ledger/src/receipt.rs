//! Receipts: `.tlog-proof` files that show offline that an entry is in a log and who saw it
//! (C2SP tlog-proof). It must not know what the entry says, nor fetch keys or checkpoints.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::chain::Chain;
use crate::checkpoint::{Checkpoint, CheckpointError, TreeHead};
use crate::cosignature::{Cosigned, Quorum, QuorumError};
use crate::entry::Entry;
use crate::fault::{Fault, Problem};
use crate::hash::{Hash, leaf_hash};
use crate::keys::{Origin, Verifier};
use crate::layout::{CHECKPOINT_PATH, TILE_WIDTH};
use crate::lines::{Lines, read_decimal, with_proof};
use crate::note::MAX_NOTE_BYTES;
use crate::proof::includes;
use crate::snapshot::{ProofError, Snapshot};

/// Bytes that a receipt's extra data may have.
pub const MAX_EXTRA_BYTES: usize = 64 * 1024;

/// Bytes that a receipt may have: its lines, and the checkpoint.
pub const MAX_RECEIPT_BYTES: usize = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES;

/// Hashes that an inclusion proof in a tree of a 64-bit size can have.
const MAX_PROOF: usize = 64;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Holds what shows that one entry is in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Bears what the application adds; nothing vouches for it. An empty one is not written.
    pub extra: Vec<u8>,
    /// Counts the entries before this one.
    pub index: u64,
    /// Leads from the entry's hash to the root.
    pub proof: Vec<Hash>,
    /// Holds the checkpoint's note, with its cosignatures.
    pub checkpoint: Vec<u8>,
}

/// What a receipt was found to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Names the log.
    pub origin: Origin,
    /// Tells the tree that the entry is in.
    pub tree: TreeHead,
    /// Tells which known witnesses cosigned that tree.
    pub cosigned: Vec<Cosigned>,
}

/// Says why a receipt shows nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The bytes do not have a receipt's shape.
    #[error("line {line} of the receipt is not as `{HEADER}` asks: {wanted}")]
    Malformed {
        /// The line, counted from 1.
        line: usize,
        /// What was expected there.
        wanted: &'static str,
    },
    /// The receipt is longer than any can be.
    #[error("the receipt has more than {MAX_RECEIPT_BYTES} bytes")]
    TooLong,
    /// Its checkpoint is not one that a known log signed.
    #[error("the receipt's checkpoint is not accepted")]
    Checkpoint(#[from] CheckpointError),
    /// Its checkpoint lacks witnesses' cosignatures.
    #[error("the receipt's checkpoint is not witnessed as asked")]
    Quorum(#[from] QuorumError),
    /// The proof does not lead from the entry to the root.
    #[error("the receipt does not show that this is entry {index} of the log")]
    NotIncluded {
        /// The index that it speaks of.
        index: u64,
    },
    /// It bears no entry, so there is nothing to look for in the tree.
    #[error("the receipt bears no entry in its `extra` line; ask for one with its entry")]
    NoEntry,
    /// What it bears is in the tree, but is no entry of this index.
    #[error("what the receipt bears is not written as entry {index} of a ledger")]
    NotAnEntry {
        /// The index that it speaks of.
        index: u64,
    },
}

impl Receipt {
    /// Makes the receipt of the entry at `index` from a log's files, having checked it.
    ///
    /// # Errors
    /// When there is no such entry, or the files do not make a proof that holds.
    pub fn issue(snapshot: &Snapshot<'_>, index: u64) -> Result<Self, ProofError> {
        let proof = snapshot.inclusion(index)?;
        let leaves = snapshot.bundle(index / TILE_WIDTH)?;
        let at = usize::try_from(index % TILE_WIDTH).unwrap_or(usize::MAX);
        let holds = leaves
            .get(at)
            .is_some_and(|leaf| includes(&snapshot.tree(), index, &leaf.hash, &proof));
        if !holds {
            return Err(Fault::file(CHECKPOINT_PATH, Problem::Root).into());
        }
        Ok(Self {
            extra: Vec::new(),
            index,
            proof,
            checkpoint: snapshot.note().to_vec(),
        })
    }

    /// Makes a receipt that also bears the entry's own bytes, so that whoever has it needs the
    /// log's key and nothing else. They stand in the extra data, for which the proof vouches then.
    ///
    /// # Errors
    /// As for [`Receipt::issue`].
    pub fn issue_bearing(snapshot: &Snapshot<'_>, index: u64) -> Result<Self, ProofError> {
        let mut receipt = Self::issue(snapshot, index)?;
        let not_written = |_| Fault::file(CHECKPOINT_PATH, Problem::Root);
        for entry in snapshot.entries(index..index.saturating_add(1)) {
            receipt.extra = entry?.to_bytes().map_err(not_written)?;
        }
        Ok(receipt)
    }

    /// Writes the receipt, for a file whose name ends in `.tlog-proof`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{HEADER}\n");
        if !self.extra.is_empty() {
            text += &format!("extra {}\n", STANDARD.encode(&self.extra));
        }
        text += &format!("index {}\n", self.index);
        with_proof(text, &self.proof, &self.checkpoint)
    }

    /// Reads a receipt; nothing in it is checked yet.
    ///
    /// # Errors
    /// When the bytes are not exactly a receipt's.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > MAX_RECEIPT_BYTES {
            return Err(ReceiptError::TooLong);
        }
        let mut lines = Lines::of(bytes);
        if lines.next() != Some(HEADER) {
            return Err(malformed(&lines, "the header"));
        }
        let mut line = lines.next();
        let extra = match line.and_then(|line| line.strip_prefix("extra ")) {
            Some(text) => {
                line = lines.next();
                read_extra(text).ok_or_else(|| malformed(&lines, "`extra ` and base64"))?
            }
            None => Vec::new(),
        };
        let index = line
            .and_then(|line| read_decimal(line.strip_prefix("index ")?))
            .ok_or_else(|| malformed(&lines, "`index ` and a decimal number"))?;
        let wanted = "the base64 of a hash, or an empty line and the checkpoint";
        let proof = lines.proof(MAX_PROOF);
        let proof = proof.ok_or_else(|| malformed(&lines, wanted))?;
        Ok(Self {
            extra,
            index,
            proof,
            checkpoint: lines.rest().to_vec(),
        })
    }

    /// Checks offline that `leaf`, the hash of the entry as the verifier knows it, is in the tree
    /// that one of the logs' keys signed, and that the quorum, where one is asked for, saw that
    /// tree. Without a quorum nothing tells that others were shown the same tree.
    ///
    /// # Errors
    /// When one of these does not hold.
    pub fn verify(
        &self,
        leaf: &Hash,
        logs: &[Verifier],
        quorum: Option<&Quorum>,
    ) -> Result<Shown, ReceiptError> {
        self.show(leaf, &Checkpoint::open_any(&self.checkpoint, logs)?, quorum)
    }

    fn show(
        &self,
        leaf: &Hash,
        checkpoint: &Checkpoint,
        quorum: Option<&Quorum>,
    ) -> Result<Shown, ReceiptError> {
        let cosigned = match quorum {
            Some(quorum) => quorum.check(&self.checkpoint)?,
            None => Vec::new(),
        };
        let tree = checkpoint.tree();
        if !includes(&tree, self.index, leaf, &self.proof) {
            return Err(ReceiptError::NotIncluded { index: self.index });
        }
        Ok(Shown {
            origin: checkpoint.origin().clone(),
            tree,
            cosigned,
        })
    }

    /// Checks offline, as [`Receipt::verify`] does, the entry that the receipt bears itself.
    ///
    /// # Errors
    /// When it bears none, or what it bears is not in the signed tree as this entry.
    pub fn verify_borne(
        &self,
        logs: &[Verifier],
        quorum: Option<&Quorum>,
    ) -> Result<(Entry, Shown), ReceiptError> {
        self.borne(|leaf| self.verify(leaf, logs, quorum))
    }

    /// Checks the entry that the receipt bears itself with the keys that a log has had: the key
    /// that signed must have been in force for a tree of that size.
    ///
    /// # Errors
    /// As for [`Receipt::verify_borne`].
    pub fn verify_borne_by(
        &self,
        chain: &Chain,
        quorum: Option<&Quorum>,
    ) -> Result<(Entry, Shown), ReceiptError> {
        self.borne(|leaf| self.show(leaf, &chain.open(&self.checkpoint)?, quorum))
    }

    fn borne(
        &self,
        verify: impl FnOnce(&Hash) -> Result<Shown, ReceiptError>,
    ) -> Result<(Entry, Shown), ReceiptError> {
        if self.extra.is_empty() {
            return Err(ReceiptError::NoEntry);
        }
        let shown = verify(&leaf_hash(&self.extra))?;
        // Nothing is said about bytes that the log did not sign, so they are read last.
        match Entry::from_bytes(&self.extra) {
            Ok(entry) if entry.index == self.index => Ok((entry, shown)),
            _ => Err(ReceiptError::NotAnEntry { index: self.index }),
        }
    }
}

fn malformed(lines: &Lines<'_>, wanted: &'static str) -> ReceiptError {
    let line = lines.asked();
    ReceiptError::Malformed { line, wanted }
}

fn read_extra(text: &str) -> Option<Vec<u8>> {
    let extra = STANDARD.decode(text).ok()?;
    // Where there is none its line is left out, so an empty one is misshapen.
    (1..=MAX_EXTRA_BYTES)
        .contains(&extra.len())
        .then_some(extra)
}

#[cfg(test)]
mod tests;
