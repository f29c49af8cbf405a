//! The append-only Merkle log: entries, tree, checkpoints, proofs, verification. Pure: bytes come
//! in, bytes and planned writes go out. It must not know tiers, releases, clocks or disks.

mod append;
mod bundle;
mod chain;
mod checkpoint;
mod commitment;
mod cosignature;
mod edge;
mod entry;
mod fault;
mod handover;
mod hash;
mod keys;
mod layout;
mod lines;
mod named;
mod note;
mod proof;
mod receipt;
mod snapshot;
mod verify;
mod witness;

pub use append::{Append, AppendError, FileWrite, Head, MAX_BATCH};
pub use bundle::{MAX_ENTRY_BYTES, MAX_FILE_BYTES};
pub use chain::{Chain, Term};
pub use checkpoint::{Checkpoint, CheckpointError, TreeHead};
pub use commitment::{COMMITMENT_KEY_BYTES, Commitment, CommitmentKey};
pub use cosignature::{Cosigned, MAX_WITNESSES, Quorum, QuorumError, UnixSeconds};
pub use entry::{
    Draft, ENTRY_FORMAT, Entry, MAX_KIND_BYTES, ReadEntryError, UnixMs, WriteEntryError,
};
pub use fault::{BoxError, Fault, Problem};
pub use handover::{HANDOVER_KIND, Handover, HandoverError};
pub use hash::{HASH_BYTES, Hash, empty_root, leaf_hash, node_hash};
pub use keys::{
    KeyError, MAX_ORIGIN_BYTES, Origin, PublicKey, SecretKey, Signer, Verifier, WitnessSigner,
    WitnessVerifier,
};
pub use layout::{CHECKPOINT_PATH, TILE_WIDTH};
pub use named::{draw_from_seed, is_named_after};
pub use note::{MAX_NOTE_BYTES, MAX_SIGNATURES, NoteError};
pub use proof::{includes, is_consistent};
pub use receipt::{MAX_EXTRA_BYTES, MAX_RECEIPT_BYTES, Receipt, ReceiptError, Shown};
pub use snapshot::{Entries, ProofError, Reader, Snapshot};
pub use verify::{Verified, verify, verify_from};
pub use witness::{
    AddCheckpoint, MAX_REQUEST_BYTES, Witness, WitnessAnswer, WitnessDenial, WitnessError,
    WitnessReply, WitnessReplyError, latest_path,
};

#[cfg(test)]
mod tests;
