//! The keys that the ledger is signed with: shown, and rotated. It must not reach a gateway: only
//! who holds the lease signs, and its holder's key does not change under it.

use std::error::Error;

use clap::Args;
use ledger::Term;
use serde_json::{Value, json};
use store::{Access, LeaseError, LedgerFiles, Rotated};

use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::home::{self, Home};
use crate::options::Common;
use crate::output;

/// Says which keys to show.
#[derive(Args)]
pub struct Key {
    /// Show every key that the ledger was signed with, having verified the handovers between them
    #[arg(long)]
    all: bool,
}

/// Says why the key is rotated.
#[derive(Args)]
pub struct RotateKey {
    /// Why, for the ledger
    #[arg(long)]
    reason: Option<String>,
}

/// Shows the key in force, or all of them.
///
/// # Errors
/// Fails where all are asked for and the ledger does not verify.
pub fn key(key: &Key, files: &LedgerFiles, common: &Common) -> Outcome {
    let verifier = files.verifier();
    let log = verifier.name().as_str();
    if key.all {
        let chain = files.verify(None)?.chain;
        if common.json {
            let keys: Vec<Value> = chain.terms().map(|term| value(&term)).collect();
            output::json(&json!({ "log": log, "keys": keys }));
        } else {
            let rows: Vec<Vec<String>> = chain.terms().map(|term| row(&term)).collect();
            output::table(&["signs trees of", "handed over in", "key"], &rows);
        }
    } else if common.json {
        output::json(&json!({ "log": log, "key": verifier.to_string() }));
    } else {
        output::line(verifier.to_string());
    }
    Ok(Exit::Done)
}

/// Rotates the key on the data directory, as the lease's holder.
///
/// # Errors
/// Fails where there is no ledger, a gateway holds the lease, or the ledger is not whole.
pub fn rotate(rotate: &RotateKey, common: &Common) -> Outcome {
    let (home, settings) = (Home::of(common), home::settings(common));
    // Where there is no ledger there is no key to rotate, and none is begun.
    home.store(settings.as_ref(), Access::Read)?.ledger()?;
    let store = home.store(settings.as_ref(), Access::Write)?;
    let lease = store.lease().map_err(refused)?;
    let writer = store.ledger_writer(lease)?;
    let rotated = writer.rotate_key(rotate.reason.clone(), environment::now())?;
    tell(&rotated, common);
    Ok(Exit::Done)
}

/// Tells why the lease was not had; a rotation cannot be sent to its holder.
fn refused(error: LeaseError) -> Box<dyn Error + Send + Sync> {
    let LeaseError::Held { holder, .. } = &error else {
        return error.into();
    };
    let what = format!("process {holder} signs the ledger with the key that is to be rotated");
    let mend = "stop that tiergate, rotate the key, and start it again";
    Fault::new(what, mend).into()
}

fn tell(rotated: &Rotated, common: &Common) {
    let (entry, from, to) = (rotated.entry, &rotated.from, &rotated.to);
    if common.json {
        output::json(&json!({
            "log": to.name().as_str(),
            "entry": entry,
            "from": from.to_string(),
            "to": to.to_string(),
        }));
        return;
    }
    output::line(format!(
        "rotated: entry {entry} hands over, and the old key is destroyed."
    ));
    output::line(format!("old key  {from}"));
    output::line(format!("new key  {to}"));
    output::line("Give the new key to whoever checks this log, and to its witnesses.");
}

/// Counts the entry of a key's own handover, which is the last of the largest tree that it signs.
fn handover(term: &Term<'_>) -> Option<u64> {
    term.last.map(|last| last.saturating_sub(1))
}

fn value(term: &Term<'_>) -> Value {
    json!({
        "key": term.key.to_string(),
        "from_entries": term.first,
        "to_entries": term.last,
        "handed_over_in": handover(term),
    })
}

fn row(term: &Term<'_>) -> Vec<String> {
    let (first, key) = (term.first, term.key.to_string());
    match (term.last, handover(term)) {
        (Some(last), Some(entry)) => vec![
            format!("{first} to {last} entries"),
            format!("entry {entry}"),
            key,
        ],
        _ => vec![format!("{first} entries on"), "-".to_owned(), key],
    }
}
