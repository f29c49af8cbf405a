//! What can go wrong on the release side as a whole. It must not decide what a person is told.

use domain::PolicyFault;
use store::{LedgerError, StoreError};

use crate::book::BookFault;

/// Says why the release side could not do something.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The ledger failed.
    #[error("write or read the ledger")]
    Ledger(#[from] LedgerError),
    /// The ledger holds an entry that does not read.
    #[error("read the ledger back")]
    Book(#[from] BookFault),
    /// The ledger does not take what was done before.
    #[error("write into the ledger, which does not take what was done before")]
    Waiting,
    /// Accounting does not get on.
    #[error("watch the releases: usage rows wait and none becomes durable")]
    Blind,
    /// The store failed.
    #[error("write or read the store")]
    Store(#[from] StoreError),
    /// What the ledger says is erased is not gone from the disk yet.
    #[error("erase evidence from the disk that the ledger says is erased")]
    Unerased(#[source] StoreError),
    /// A record could not be written as JSON.
    #[error("write a record")]
    Record(#[from] serde_json::Error),
    /// The configuration would change a live release unseen.
    #[error("{}", tell(.0))]
    Policy(Vec<PolicyFault>),
}

fn tell(faults: &[PolicyFault]) -> String {
    let told: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}: {}\n  mend: {}", fault.path, fault.what, fault.mend))
        .collect();
    told.join("\n")
}
