//! The commands: one file and one row each; help, completion and reference follow from the rows.
//! It must not know what a command does.

mod check;
mod command;
mod completion;
mod eval;
mod evidence;
mod explain;
mod exposure;
mod forecast;
mod key;
mod ledger;
#[cfg(feature = "embedded")]
mod models;
mod plan;
mod reference;
mod release;
mod report;
mod scan;
mod serve;
mod simulate;
mod suspension;
mod up;
mod usage;

use clap::{ArgMatches, Args, FromArgMatches};

use self::command::{Command, Runs};
use crate::exit::{Exit, Outcome};
use crate::options::Common;

/// Lists the commands in the order in which help shows them.
pub static COMMANDS: &[Command] = &[
    up::COMMAND,
    serve::COMMAND,
    check::COMMAND,
    explain::COMMAND,
    exposure::COMMAND,
    release::COMMAND,
    report::COMMAND,
    eval::COMMAND,
    evidence::COMMAND,
    usage::COMMAND,
    scan::COMMAND,
    plan::COMMAND,
    forecast::COMMAND,
    #[cfg(feature = "embedded")]
    models::COMMAND,
    key::COMMAND,
    ledger::COMMAND,
    completion::COMMAND,
    reference::COMMAND,
];

/// Builds the parser from the rows.
#[must_use]
pub fn parser() -> clap::Command {
    let base = clap::Command::new("tiergate")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The release gateway for frontier models")
        .after_help(AFTER_HELP)
        .subcommand_required(true)
        .arg_required_else_help(true);
    let rows = COMMANDS
        .iter()
        // A flattened part brings its own description along; the row's stands.
        .map(|row| (row.arguments)(clap::Command::new(row.name)).about(row.about));
    Common::augment_args(base).subcommands(rows)
}

const AFTER_HELP: &str = "Exit codes: 0 done, 1 the answer is no, 2 it could not be asked.";

/// Runs the command that was asked for.
///
/// # Errors
/// Returns why it could not be asked.
pub fn run(matches: &ArgMatches) -> Outcome {
    let Some((name, arguments)) = matches.subcommand() else {
        return Ok(Exit::CouldNot);
    };
    let Some(row) = COMMANDS.iter().find(|row| row.name == name) else {
        return Ok(Exit::CouldNot);
    };
    match row.run {
        Runs::Alone(run) => run(arguments, &Common::from_arg_matches(arguments)?),
        Runs::OverRows(run) => run(arguments, parser()),
    }
}
