//! Tells that a ledger holds, with the keys that signed it and the store's evidence beside it, as
//! every kind of `ledger verify` does. It must not know what the ledger is held against.

use ledger::{Verified, Verifier};
use serde_json::{Value, json};
use store::{LedgerError, LedgerFiles};

use super::evidence;
use crate::exit::{Exit, Outcome};
use crate::options::Common;
use crate::output;

/// Holds the data directory's ledger, and the key that a reader trusts to begin with.
pub struct Trusting {
    /// The ledger.
    pub files: LedgerFiles,
    /// The key; none where the ledger's own is taken.
    pub key: Option<Verifier>,
}

impl Trusting {
    /// Verifies the ledger, along its handovers from the trusted key where there is one.
    ///
    /// # Errors
    /// Says what does not hold.
    pub fn verify(&self, expected: Option<&[u8]>) -> Result<Verified, LedgerError> {
        match &self.key {
            Some(key) => self.files.verify_from(key, expected),
            None => self.files.verify(expected),
        }
    }
}

/// Tells it, with a line of its own for each of `more`, in JSON under `witnesses`. Evidence that
/// does not fit what the ledger says of it is a no.
///
/// # Errors
/// Fails when the store cannot be read.
pub fn tell(verified: &Verified, note: &str, more: &[(String, Value)], common: &Common) -> Outcome {
    let kept = evidence::compared(common)?;
    let fits = kept.unfit.is_empty();
    let (entries, keys) = (verified.tree.size, verified.chain.terms().count());
    if common.json {
        let faults: Vec<String> = evidence::faults(&kept).collect();
        let witnesses: Vec<&Value> = more.iter().map(|(_, value)| value).collect();
        output::json(&json!({
            "verified": fits,
            "entries": entries,
            "keys": keys,
            "note": note,
            "witnesses": witnesses,
            "evidence": evidence::shown(&kept),
            "fault": (!fits).then(|| faults.join("\n")),
        }));
    } else {
        let signed = match keys {
            1 => String::new(),
            _ => format!(", signed with {keys} keys, each linked to the next"),
        };
        output::line(format!("verified: {entries} entries{signed}. {note}"));
        more.iter().for_each(|(line, _)| output::line(line));
        evidence::tell(&kept);
    }
    Ok(if fits { Exit::Done } else { Exit::No })
}
