//! What a command is. It must not know any command.

use clap::ArgMatches;

use crate::exit::Outcome;
use crate::options::Common;

/// Describes one command.
pub struct Command {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// Adds its arguments.
    pub arguments: fn(clap::Command) -> clap::Command,
    /// Runs it.
    pub run: fn(&ArgMatches, &Common) -> Outcome,
}
