//! The release card: a release's history as one value that can be shown, printed, checked against
//! the ledger, and told to a CI system. It must not change anything.

mod assemble;
mod drawing;
mod junit;
mod names;
mod page;
mod public;
mod runs;
mod shown;
mod statement;

use domain::{ReleaseName, Timestamp};
use store::Store;

pub use assemble::{CardError, Sources, assemble, concerns};
pub use junit::{NextStage, junit};
pub use names::Names;
pub use page::page;
pub use public::public;
pub use shown::{
    Answered, Approval, By, CARD_FORMAT, Card, Comparison, Erasure, Estimate, Fact, File, Group,
    Incident, Judged, Log, Moved, Policy, Restriction, Run, Spoilt, Standing, Waiver,
};
pub use statement::{PAYLOAD_TYPE, PREDICATE_TYPE, StatementError, envelope, statement};

/// Makes a release's card of what the store holds; a gateway beside it does no harm.
///
/// # Errors
/// When ledger or evidence cannot be read.
pub fn read(
    store: &Store,
    release: &ReleaseName,
    declared: &Names,
    now: Timestamp,
) -> Result<Card, CardError> {
    let proven = store.proven(|entry| concerns(entry, release))?;
    let files = store.ledger()?;
    let evidence = store.evidence_of(release)?;
    assemble(&Sources {
        release,
        proven: &proven,
        key: files.verifier(),
        evidence: &evidence,
        declared,
        now,
    })
}

#[cfg(test)]
mod tests;
