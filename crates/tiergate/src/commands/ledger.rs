//! `tiergate ledger`: shows, proves and verifies the log of every move, on the data directory
//! alone, and witnesses others' logs. It must not append but for the handover of its key.

mod evidence;
mod keys;
mod prove;
mod verified;
mod witness;
mod witnessed;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};
use domain::Timestamp;
use ledger::{Chain, Verifier};
use serde_json::json;
use store::{Access, LedgerFiles};

use self::verified::Trusting;
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
    /// Show what each witness has cosigned of the ledger, and what keeps it from more
    Witnesses,
    /// Serve as a witness of other ledgers
    Witness(witness::Serve),
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
    #[command(flatten)]
    against: witnessed::Against,
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    match Action::from_arg_matches(arguments)? {
        Action::Show(show) => self::show(&show, &files(common)?, common),
        Action::Verify(Verify { receipt, .. }) if receipt.proof.is_some() => {
            prove::verify(&receipt, || files(common), common)
        }
        Action::Verify(Verify {
            checkpoint,
            against,
            receipt,
        }) if against.is_wanted(checkpoint.as_deref(), common) => {
            let ledger = trusting(&receipt, common)?;
            witnessed::verify(&against, checkpoint.as_deref(), &ledger, common)
        }
        Action::Verify(verify) => {
            let ledger = trusting(&verify.receipt, common)?;
            self::verify(&verify, &ledger, common)
        }
        Action::Prove(prove) => prove::prove(&prove, &files(common)?, common),
        Action::Key(key) => keys::key(&key, &files(common)?, common),
        Action::RotateKey(rotate) => keys::rotate(&rotate, common),
        Action::Witnesses => witnessed::witnesses(common),
        Action::Witness(serve) => witness::serve(&serve, common),
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

fn trusting(
    receipt: &prove::OfReceipt,
    common: &Common,
) -> Result<Trusting, Box<dyn Error + Send + Sync>> {
    Ok(Trusting {
        key: receipt.key()?,
        files: files(common)?,
    })
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

fn verify(verify: &Verify, ledger: &Trusting, common: &Common) -> Outcome {
    let expected = match &verify.checkpoint {
        None => None,
        Some(path) => Some(fs::read(path).map_err(|error| {
            let what = format!("the checkpoint {} cannot be read", path.display());
            Fault::because(error, what, "name a readable file with --checkpoint")
        })?),
    };
    match ledger.verify(expected.as_deref()) {
        Ok(verified) => {
            let note = match &expected {
                Some(_) => "It continues the checkpoint given.",
                None => unseen(&verified.chain, ledger.key.as_ref()),
            };
            verified::tell(&verified, note, &[], common)
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
