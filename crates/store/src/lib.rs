//! What happened: keys, status, evidence, usage and ledger files.
