//! `tiergate ledger`: shows, proves and verifies the log of every move, on the data directory
//! alone. It must not append but for the handover of its key.

mod evidence;
mod keys;
mod prove;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};
use domain::Timestamp;
use ledger::{Chain, Verified, Verifier};
use serde_json::json;
use store::{Access, LedgerFiles};

use super::command::{Command, Runs};
use crate::exit::{Exit, Fault, Outcome};
use crate::home::{self, Home};
use crate::options::Common;
use crate::output;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "ledger",
    about: "Show, prove and verify the ledger",
    arguments: Action::augment_subcommands,
    run: Runs::Alone(run),
};

#[derive(Subcommand)]
enum Action {
    /// Show the entries
    Show(Show),
    /// Recompute the whole tree and compare it with what is signed, and the evidence in the store
    /// with the entries that name it
    Verify(Verify),
    /// Write the receipt of an entry, which whoever has the key checks without the ledger
    Prove(prove::Prove),
    /// Show the public key that checkpoints and receipts are checked with
    Key(keys::Key),
    /// Sign with a new key from now on, which the old one vouches for; no gateway may run
    RotateKey(keys::RotateKey),
}

#[derive(Args)]
struct Show {
    /// The first entry to show
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// The most entries to show
    #[arg(long, default_value_t = 1000)]
    most: u64,
}

#[derive(Args)]
struct Verify {
    /// A checkpoint kept elsewhere; without one, truncation and replay cannot be seen
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    receipt: prove::OfReceipt,
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    match Action::from_arg_matches(arguments)? {
        Action::Show(show) => self::show(&show, &files(common)?, common),
        Action::Verify(Verify { receipt, .. }) if receipt.proof.is_some() => {
            prove::verify(&receipt, || files(common), common)
        }
        Action::Verify(verify) => self::verify(&verify, &files(common)?, common),
        Action::Prove(prove) => prove::prove(&prove, &files(common)?, common),
        Action::Key(key) => keys::key(&key, &files(common)?, common),
        Action::RotateKey(rotate) => keys::rotate(&rotate, common),
    }
}

fn files(common: &Common) -> Result<LedgerFiles, Box<dyn Error + Send + Sync>> {
    let settings = home::settings(common);
    let store = Home::of(common).store(settings.as_ref(), Access::Read)?;
    Ok(store.ledger()?)
}

fn show(show: &Show, files: &LedgerFiles, common: &Common) -> Outcome {
    let entries = files.entries(show.from..show.from.saturating_add(show.most))?;
    for entry in entries {
        let at = Timestamp(entry.time.0);
        if common.json {
            output::json(&json!({
                "index": entry.index,
                "at": at.to_string(),
                "kind": entry.kind,
                "body": entry.body,
            }));
        } else {
            output::line(format!(
                "{:>5}  {at}  {:<18} {}",
                entry.index, entry.kind, entry.body
            ));
        }
    }
    Ok(Exit::Done)
}

/// Says what nothing in the data directory tells.
fn unseen(chain: &Chain, trusted: Option<&Verifier>) -> &'static str {
    let first = chain.first();
    if trusted.is_some() || ledger::is_named_after(first.name(), first).is_some() {
        return "Without a checkpoint kept elsewhere, truncation and replay cannot be seen.";
    }
    "Without a checkpoint kept elsewhere, truncation and replay cannot be seen; without --key, nor \
     can another key in the place of the first."
}

fn verify(verify: &Verify, files: &LedgerFiles, common: &Common) -> Outcome {
    let expected = match &verify.checkpoint {
        None => None,
        Some(path) => Some(fs::read(path).map_err(|error| {
            let what = format!("the checkpoint {} cannot be read", path.display());
            Fault::because(error, what, "name a readable file with --checkpoint")
        })?),
    };
    let trusted = verify.receipt.key()?;
    let verified = match &trusted {
        Some(key) => files.verify_from(key, expected.as_deref()),
        None => files.verify(expected.as_deref()),
    };
    match verified {
        Ok(verified) => {
            let note = match &expected {
                Some(_) => "It continues the checkpoint given.",
                None => unseen(&verified.chain, trusted.as_ref()),
            };
            holds(&verified, note, common)
        }
        Err(fault) => {
            output::fault(&fault);
            if common.json {
                let text = output::chain(&fault);
                output::json(&json!({ "verified": false, "fault": text }));
            }
            Ok(Exit::No)
        }
    }
}

/// Tells that the ledger holds, and whether the store's evidence fits it.
fn holds(verified: &Verified, note: &str, common: &Common) -> Outcome {
    let kept = evidence::compared(common)?;
    let fits = kept.unfit.is_empty();
    let (entries, keys) = (verified.tree.size, verified.chain.terms().count());
    if common.json {
        let faults: Vec<String> = evidence::faults(&kept).collect();
        output::json(&json!({
            "verified": fits,
            "entries": entries,
            "keys": keys,
            "note": note,
            "evidence": evidence::shown(&kept),
            "fault": (!fits).then(|| faults.join("\n")),
        }));
    } else {
        let signed = match keys {
            1 => String::new(),
            _ => format!(", signed with {keys} keys, each linked to the next"),
        };
        output::line(format!("verified: {entries} entries{signed}. {note}"));
        evidence::tell(&kept);
    }
    Ok(if fits { Exit::Done } else { Exit::No })
}
