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
    /// How it is run.
    pub run: Runs,
}

/// Says what a command needs to run.
pub enum Runs {
    /// Its own arguments.
    Alone(fn(&ArgMatches, &Common) -> Outcome),
    /// The parser made from every command's row, too.
    OverRows(fn(&ArgMatches, clap::Command) -> Outcome),
}
