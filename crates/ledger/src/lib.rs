//! The append-only Merkle log: entries, tree, checkpoints, proofs, verification; pure.
