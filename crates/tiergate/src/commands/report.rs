//! `tiergate report`: shows what a release did and why, as a page, as JSON, for a CI system, and as
//! a signed statement. It reads the data directory where there is a ledger in it, else asks the
//! admin port. It must not change a release.

mod release;

use clap::{ArgMatches, FromArgMatches, Subcommand};

use super::command::{Command, Runs};
use crate::exit::Outcome;
use crate::options::Common;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "report",
    about: "Show why a release stands where it does: a page, JSON, CI verdicts, a statement",
    arguments: Action::augment_subcommands,
    run: Runs::Alone(run),
};

#[derive(Subcommand)]
enum Action {
    /// Make a release's card: what moved when, by whom, on what evidence, and how to verify it
    Release(release::Options),
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    match Action::from_arg_matches(arguments)? {
        Action::Release(options) => release::run(&options, common),
    }
}
