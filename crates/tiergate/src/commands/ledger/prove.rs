//! Receipts of entries, which outsiders are given, and whether one holds. It must not append, nor
//! check a receipt against anything but the log's public keys.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::Timestamp;
use ledger::{
    CheckpointError, Entry, MAX_RECEIPT_BYTES, NoteError, Receipt, ReceiptError, Shown, Verifier,
};
use serde_json::json;
use store::{LedgerError, LedgerFiles};

use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;

/// Says which entry to prove, and where to.
#[derive(Args)]
pub struct Prove {
    /// The entry's index, as `ledger show` counts
    index: u64,
    /// Where to write the receipt [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Says which receipt to check, and with whose key.
#[derive(Args)]
pub struct OfReceipt {
    /// A receipt, checked by itself instead of the ledger
    #[arg(long, value_name = "FILE", conflicts_with = "checkpoint")]
    pub proof: Option<PathBuf>,
    /// The log's public key, or a file that holds it; a key that was handed over since will do
    /// where the ledger is at hand [default: the data directory's]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Writes the receipt of one entry.
///
/// # Errors
/// Fails when there is no such entry, the ledger is not whole or the file cannot be written.
pub fn prove(prove: &Prove, files: &LedgerFiles, common: &Common) -> Outcome {
    let receipt = files.prove(prove.index)?;
    let bytes = receipt.to_bytes();
    let Some(path) = &prove.out else {
        let text = String::from_utf8_lossy(&bytes);
        match common.json {
            true => output::json(&json!({ "index": prove.index, "receipt": text })),
            // A receipt ends with its own line end.
            false => output::line(text.trim_end_matches('\n')),
        }
        return Ok(Exit::Done);
    };
    fs::write(path, bytes).map_err(|error| {
        let what = format!("the receipt {} cannot be written", path.display());
        Fault::because(error, what, "name a file that can be written with --out")
    })?;
    match common.json {
        true => output::json(&json!({ "index": prove.index, "file": path })),
        false => output::line(format!(
            "wrote the receipt of entry {} to {}; check it with `tiergate ledger verify --proof` \
             and the key that `tiergate ledger key` shows",
            prove.index,
            path.display()
        )),
    }
    Ok(Exit::Done)
}

/// Says why a receipt is not accepted.
#[derive(Debug, thiserror::Error)]
enum Refused {
    /// It does not hold.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// Another key signed it, and nothing tells whether that one is the log's, too.
    #[error(
        "the receipt is not signed with this key\n  mend: if the log's key was rotated, give the \
         key that was in force when the receipt was written (`tiergate ledger key --all` lists \
         them), or ask on the ledger's data directory, where the handovers are followed"
    )]
    OtherKey(#[source] ReceiptError),
    /// The ledger that would tell is not whole, or does not lead to the key.
    #[error("the receipt is not signed with this key, and the ledger does not lead to another")]
    Ledger(#[source] LedgerError),
}

impl OfReceipt {
    /// Takes the key that is given.
    ///
    /// # Errors
    /// Fails where it is no log's public key, nor a file that holds one.
    pub fn key(&self) -> Result<Option<Verifier>, Box<dyn Error + Send + Sync>> {
        let read = |key| read_key(key, "--key");
        self.key.as_deref().map(read).transpose()
    }
}

/// Checks one receipt with the log's public key. `own` opens the data directory's ledger: for its
/// key where none is given, and for the keys before and after the one that is.
///
/// # Errors
/// Fails when receipt or key cannot be read; a receipt that does not hold is an answer.
pub fn verify(
    asked: &OfReceipt,
    own: impl FnOnce() -> Result<LedgerFiles, Box<dyn Error + Send + Sync>>,
    common: &Common,
) -> Outcome {
    let path = asked.proof.as_deref().unwrap_or(Path::new(""));
    let bytes = read_receipt(path)?;
    let judged = match asked.key()? {
        Some(key) => {
            let of_log = |files: &LedgerFiles| files.verifier().name() == key.name();
            // Whoever has the key alone has no ledger, and needs none.
            judge(&bytes, &key, own().ok().filter(of_log).as_ref())
        }
        None => {
            let files = own()?;
            judge(&bytes, files.verifier(), Some(&files))
        }
    };
    match judged {
        Ok((entry, shown)) => tell(&entry, &shown, common),
        Err(refused) => {
            output::fault(&refused);
            if common.json {
                let text = output::chain(&refused);
                output::json(&json!({ "verified": false, "fault": text }));
            }
            return Ok(Exit::No);
        }
    }
    Ok(Exit::Done)
}

/// Checks a receipt with a key and, where the log's ledger is at hand, with those that handovers
/// link it to: each for the trees that it may sign.
fn judge(
    bytes: &[u8],
    key: &Verifier,
    at_hand: Option<&LedgerFiles>,
) -> Result<(Entry, Shown), Refused> {
    let receipt = Receipt::from_bytes(bytes)?;
    let alone = receipt.verify_borne(std::slice::from_ref(key), None);
    let is_unsigned = matches!(
        alone,
        Err(ReceiptError::Checkpoint(CheckpointError::Note(
            NoteError::NotSigned { .. }
        )))
    );
    let Some(files) = at_hand else {
        return alone.map_err(|error| match is_unsigned {
            true => Refused::OtherKey(error),
            false => error.into(),
        });
    };
    let is_in_force = files.verifier() == key;
    if !is_unsigned && (alone.is_err() || is_in_force) {
        return Ok(alone?);
    }
    match files.verify_from(key, None) {
        Ok(verified) => Ok(receipt.verify_borne_by(&verified.chain, None)?),
        Err(error) if is_unsigned => Err(Refused::Ledger(error)),
        // The key was given, so it counts as where there is no ledger.
        Err(error) => {
            let why = output::chain(&error);
            output::note(format!(
                "the ledger of the data directory does not tell whether this key was handed \
                 over: {why}"
            ));
            Ok(alone?)
        }
    }
}

fn tell(entry: &Entry, shown: &Shown, common: &Common) {
    let at = Timestamp(entry.time.0);
    let (log, tree) = (&shown.origin, shown.tree);
    if common.json {
        output::json(&json!({
            "verified": true,
            "log": log.as_str(),
            "entries": tree.size,
            "root": tree.root.to_string(),
            "entry": {
                "index": entry.index,
                "at": at.to_string(),
                "kind": entry.kind,
                "body": entry.body,
            },
        }));
        return;
    }
    output::line(format!(
        "verified: entry {} of the log {log}, signed with {} entries.",
        entry.index, tree.size
    ));
    output::line(format!("{at}  {:<18} {}", entry.kind, entry.body));
}

/// Reads no more than a receipt can have, and one byte that tells a longer one.
fn read_receipt(path: &Path) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let most = MAX_RECEIPT_BYTES as u64 + 1;
    let read = fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(|error| {
        let what = format!("the receipt {} cannot be read", path.display());
        let mend = "name a file that `tiergate ledger prove --out` wrote with --proof";
        Fault::because(error, what, mend)
    })?;
    Ok(bytes)
}

/// Takes the key that an option gives as it is, or from the file of that name.
///
/// # Errors
/// Fails when it is neither.
pub fn read_key(text: &str, option: &str) -> Result<Verifier, Box<dyn Error + Send + Sync>> {
    let mend = format!("give {option} what `tiergate ledger key` shows, or a file that holds it");
    let unfit = match text.parse::<Verifier>() {
        Ok(verifier) => return Ok(verifier),
        Err(unfit) => unfit,
    };
    match fs::read_to_string(text) {
        Ok(kept) => kept.parse::<Verifier>().map_err(|error| {
            let what = format!("the file {text} holds no log's public key");
            Fault::because(error, what, mend).into()
        }),
        // A key that was cut short must not be told to be a missing file.
        Err(_) if text.contains('+') => {
            let what = format!("`{text}` is neither a log's public key nor a file");
            Err(Fault::because(unfit, what, mend).into())
        }
        Err(error) => {
            let what = format!("the key file {text} cannot be read");
            Err(Fault::because(error, what, mend).into())
        }
    }
}
