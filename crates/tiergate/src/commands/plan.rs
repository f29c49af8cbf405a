//! `tiergate plan`: what a tier costs, bought or served, before anyone commits to it. It must not
//! compute: the crate `plan` does.

mod calibrate;
mod file;
mod rows;

use clap::{ArgMatches, FromArgMatches, Subcommand};

use super::command::{Command, Runs};
use crate::exit::Outcome;
use crate::options::Common;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "plan",
    about: "What a tier costs, bought or served, before anyone commits to it",
    arguments: Action::augment_subcommands,
    run: Runs::Alone(run),
};

#[derive(Subcommand)]
enum Action {
    /// Predict every row of a file of measurements, with its interval and its error
    Rows(rows::Asked),
    /// Fit the coefficients of serving to a file of measurements, and say how well they predict
    Calibrate(calibrate::Asked),
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    match Action::from_arg_matches(arguments)? {
        Action::Rows(asked) => rows::run(&asked, common),
        Action::Calibrate(asked) => calibrate::run(&asked, common),
    }
}
