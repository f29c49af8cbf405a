//! `tiergate report release`: one release's card, and what is made of it. It must not decide what
//! a card shows.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use control::card::{self, Card, Names, NextStage};
use domain::{ReleaseName, Timestamp};
use ledger::Signer;
use serde_json::{Value, json};
use store::{Access, LedgerError};

use crate::admin::Admin;
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::home::{self, Home};
use crate::options::Common;
use crate::output;

#[derive(Args)]
pub(super) struct Options {
    /// The release
    release: String,
    /// Leave out callers, people and what they wrote; each fact keeps its hash and proof
    #[arg(long)]
    public: bool,
    /// Write the card as one page that needs nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write what the next stage's gates say now as JUnit XML; ends with 1 when one of them does
    /// not let the release through. Asks the admin port
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write an in-toto statement of a move, signed with the ledger's key in the data directory
    #[arg(long, value_name = "FILE")]
    statement: Option<PathBuf>,
    /// The ledger's entry of the move that the statement is about [default: the last move]
    #[arg(long, value_name = "INDEX", requires = "statement")]
    entry: Option<u64>,
}

pub(super) fn run(options: &Options, common: &Common) -> Outcome {
    let whole = card_of(&options.release, common)?;
    let card = if options.public {
        card::public(&whole)
    } else {
        whole
    };
    if let Some(path) = &options.html {
        write(path, &card::page(&card)?)?;
    }
    if let Some(path) = &options.statement {
        let statement = card::statement(&card, options.entry)?;
        let envelope = card::envelope(&statement, &signer(common, &card)?)?;
        write(path, &format!("{envelope}\n"))?;
    }
    let exit = match &options.junit {
        None => Exit::Done,
        Some(path) => gates(&options.release, path, common)?,
    };
    if common.json {
        output::json(&card);
    } else if options.html.is_none() && options.statement.is_none() && options.junit.is_none() {
        tell(&card);
    }
    Ok(exit)
}

/// Makes the card of the data directory; asks the admin port where no ledger is there.
fn card_of(
    release: &str,
    common: &Common,
) -> Result<Card, Box<dyn std::error::Error + Send + Sync>> {
    let config = home::config(common).ok();
    let settings = config.as_ref().map(|config| &config.settings);
    let name = ReleaseName::new(release);
    if let Ok(store) = Home::of(common).store(settings, Access::Read)
        && !matches!(store.ledger(), Err(LedgerError::Absent { .. }))
    {
        let policy = config.as_ref().map(|config| &config.policy);
        let names = policy.map_or_else(Names::default, |policy| Names::of(policy, &name));
        let card = card::read(&store, &name, &names, environment::now())?;
        let is_declared = policy.is_some_and(|policy| policy.releases.contains_key(&name));
        return if is_declared || is_known(&card) {
            Ok(card)
        } else {
            let what = format!("neither the ledger nor the configuration knows a release `{name}`");
            Err(Fault::new(what, "see the names with `tiergate release list`").into())
        };
    }
    let path = format!("/api/v1/releases/{release}/card");
    let answer = Admin::find(common)?.get(&path)?;
    let card = serde_json::from_value(answer.body);
    Ok(card.map_err(|error| {
        let what = "the gateway's card does not read";
        Fault::because(error, what, "use a tiergate of the gateway's version")
    })?)
}

/// Tells whether the ledger has an entry of the release.
fn is_known(card: &Card) -> bool {
    let counts = [
        card.moves.len(),
        card.approvals.len(),
        card.waivers.len(),
        card.incidents.len(),
        card.evidence.len(),
    ];
    counts.iter().any(|count| *count > 0)
}

/// Reads the ledger's signing key, which must be the one of the card's log.
fn signer(common: &Common, card: &Card) -> Result<Signer, Fault> {
    let path = Home::of(common).ledger_key();
    let mend = "make the statement on the gateway's data directory, as its owner";
    let text = fs::read_to_string(&path).map_err(|error| {
        let what = format!("the ledger's key {} cannot be read", path.display());
        Fault::because(error, what, mend)
    })?;
    let signer: Signer = text.parse().map_err(|error| {
        let what = format!("{} holds no ledger key", path.display());
        Fault::because(error, what, "restore it from a backup")
    })?;
    if signer.verifier().to_string() == card.log.key {
        return Ok(signer);
    }
    let what = format!("{} is not the key of the card's log", path.display());
    Err(Fault::new(what, mend))
}

fn gates(
    release: &str,
    path: &Path,
    common: &Common,
) -> Result<Exit, Box<dyn std::error::Error + Send + Sync>> {
    let answer = Admin::find(common)?.get(&format!("/api/v1/releases/{release}"))?;
    let view = &answer.body;
    let next: NextStage = serde_json::from_value(json!({
        "release": view["release"],
        "stage": view["next"]["stage"],
        "digest": view["digest"],
        "verdicts": view.get("gates").unwrap_or(&Value::Null),
    }))?;
    write(path, &card::junit(&next)?)?;
    Ok(if next.lets_through() {
        Exit::Done
    } else {
        Exit::No
    })
}

fn write(path: &Path, text: &str) -> Result<(), Fault> {
    fs::write(path, text).map_err(|error| {
        let what = format!("{} cannot be written", path.display());
        Fault::because(error, what, "name a file in a folder that you may write to")
    })
}

fn tell(card: &Card) {
    let standing = &card.standing;
    output::line(format!("{:<11}{}", "release", card.release));
    output::line(format!("{:<11}{}", "stage", standing.stage));
    output::line(format!("{:<11}{} %", "share", standing.share));
    for one in &standing.conditions {
        output::line(format!("{:<11}{}", "condition", one.condition));
    }
    let rows: Vec<Vec<String>> = card
        .moves
        .iter()
        .map(|one| {
            let (from, to) = (one.shown.from, one.shown.to);
            let by = one.shown.by.person.clone();
            vec![
                one.index.to_string(),
                Timestamp(one.at.0).to_string(),
                format!("{} {} %", from.stage, from.share.as_percent()),
                format!("{} {} %", to.stage, to.share.as_percent()),
                by.unwrap_or_else(|| one.shown.by.roles.join(", ")),
                one.shown.reason.clone().unwrap_or_default(),
            ]
        })
        .collect();
    output::table(&["entry", "at", "from", "to", "by", "why"], &rows);
}
