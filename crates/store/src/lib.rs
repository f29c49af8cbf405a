//! What happened: keys, the status cache, evidence, usage and the ledger's files, in SQLite and
//! one folder. It must not know a policy, a provider or a wire format, nor read a clock: the
//! caller brings the time. SQL stands nowhere else.

mod asked;
mod config;
mod decision;
mod durable;
mod erasure;
mod error;
mod evidence;
mod features;
mod insert;
mod key;
mod key_rows;
mod keys;
mod lease;
mod ledger_error;
mod ledger_files;
mod ledger_key;
mod ledger_rotation;
mod ledger_steps;
mod migrate;
mod outcomes;
mod profile;
mod proven;
mod query;
mod recorder;
mod release_rows;
mod retention;
mod ring;
mod row;
#[cfg(test)]
mod scratch;
mod secret;
mod status;
mod store;
mod usage;
mod witness_files;
mod witnessed;

pub use asked::{AskedRow, AskedRows};
pub use config::{Access, Config, Retention};
pub use decision::{DecisionId, NotADecision};
pub use error::{OpenError, StoreError};
pub use evidence::{EvidenceId, EvidenceRow};
pub use features::{CallerFeatures, FeatureCount};
pub use key::{Holder, Key, NewKey, NewKeyKind, UsageCaller};
pub use lease::{Lease, LeaseError};
pub use ledger_error::LedgerError;
pub use ledger_files::{LedgerFiles, LedgerWriter, Rotated};
pub use migrate::FORMAT;
pub use outcomes::{OutcomeReport, OutcomeRow, Outcomes, Reported};
pub use proven::Proven;
pub use query::{Group, OutcomeCounts, UsageQuery, UsageTotals};
pub use recorder::{Complete, OnBatch, QUEUE_ROWS, Recorder, RecorderConfig, StartError};
pub use release_rows::ReleaseRows;
pub use retention::{PURGE_BATCH_ROWS, Purged};
pub use ring::{KeyFault, KeyRing};
pub use secret::Secret;
pub use store::Store;
pub use usage::{Arm, MAX_JSON_BYTES, MAX_NAME_BYTES, Outcome, UsageRow};
pub use witness_files::{WitnessFiles, WitnessFilesError};
