//! What the store keeps of evidence behind a commitment of the ledger: bound, checked, read back.
//! It must not know who brings it, nor judge it.

use std::fmt::Write as _;

use domain::Timestamp;
use ledger::{Commitment, CommitmentKey};
use release::EvalRun;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::EvidenceRow;

use crate::record::{EvidenceErased, EvidenceTaken, FileTold};

/// Begins a commitment under a key of its own.
const KEYED: &str = "hmac-sha256:";
/// Begins the plain hash with which older entries are bound.
const PLAIN: &str = "sha256:";

/// Holds what is kept of a run and is erased with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Payload {
    /// The run.
    #[serde(flatten)]
    pub(crate) run: EvalRun,
    /// What its file tells, where another tool made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<FileTold>,
}

/// Says why what the store keeps is not what the ledger names. Nothing but an erasure that stands
/// in the ledger explains any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The rows are not there.
    #[error(
        "its rows are not in the store, and no erasure in the ledger says so: tampered with, or \
         lost"
    )]
    Absent,
    /// The key is not there.
    #[error(
        "the key of its commitment is not in the store, and no erasure in the ledger says so: \
         tampered with, or lost"
    )]
    Keyless,
    /// They are others.
    #[error("its rows in the store are not those that the ledger names: tampered with, or damaged")]
    Other,
    /// They fit, and are of no form that is known here.
    #[error("its rows have a form that this tiergate does not read: use the newer one")]
    Unread,
}

/// Binds a payload under a key, as an entry says it.
pub(crate) fn bound(key: &CommitmentKey, body: &Value) -> String {
    format!("{KEYED}{}", key.commit(body.to_string().as_bytes()))
}

/// Tells whether rows are bound by a plain hash, which outlives what it is of and by which a guess
/// can be confirmed.
pub(crate) fn is_plain(rows: &str) -> bool {
    rows.starts_with(PLAIN)
}

/// Reads the payload that an entry names.
// INVARIANT: what does not fit its commitment counts for nothing; held by
// `tests::erasure::rows_or_a_key_that_do_not_fit_are_named_and_count_for_nothing`.
pub(crate) fn read(taken: &EvidenceTaken, row: Option<&EvidenceRow>) -> Result<Payload, Unfit> {
    let row = row.ok_or(Unfit::Absent)?;
    fits(&taken.rows, row)?;
    Payload::deserialize(&row.body).map_err(|_| Unfit::Unread)
}

/// Checks a row against what an entry says; a form that is not known fits nothing.
fn fits(rows: &str, row: &EvidenceRow) -> Result<(), Unfit> {
    // Scores read back from the store as they were written, since the ledger's canonical JSON asks
    // the same of every float.
    let body = row.body.to_string();
    let is_of = match rows.strip_prefix(KEYED) {
        Some(written) => {
            let key = row.commitment_key.as_ref().ok_or(Unfit::Keyless)?;
            let commitment = Commitment::from_base64(written);
            commitment.is_some_and(|commitment| commitment.is_of(key, body.as_bytes()))
        }
        None => rows == plain(&body),
    };
    is_of.then_some(()).ok_or(Unfit::Other)
}

fn plain(body: &str) -> String {
    let mut text = PLAIN.to_owned();
    for byte in Sha256::digest(body.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Reads a run as it counts today: the one that the entry names, or what stands in for it.
pub(crate) fn counted(
    (taken, at): (&EvidenceTaken, Timestamp),
    row: Option<&EvidenceRow>,
    erased: Option<&EvidenceErased>,
) -> Payload {
    let why = match (erased, read(taken, row)) {
        // Whatever is still there: from the entry on it counts for nothing.
        (Some(erased), _) => told(erased),
        (None, Ok(payload)) => return payload,
        (None, Err(unfit)) => unfit.to_string(),
    };
    Payload {
        run: EvalRun {
            suite: taken.suite.clone(),
            suite_digest: taken.suite_digest.clone(),
            digest: taken.digest.clone(),
            taken_at: at,
            items: Vec::new(),
            spoilt: Some(why),
            known_error: None,
        },
        file: None,
    }
}

/// Tells that evidence was erased, by whom and when.
pub(crate) fn told(erased: &EvidenceErased) -> String {
    format!("erased on {} by {}", erased.at.date(), erased.by)
}
