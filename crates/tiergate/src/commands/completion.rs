//! `tiergate completion`: writes a shell's completion script, made from the same rows as help.

use std::io;

use clap::{ArgMatches, Args, FromArgMatches};
use clap_complete::Shell;

use super::command::{Command, Runs};
use crate::exit::{Exit, Outcome};

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "completion",
    about: "Write a shell's completion script to standard output",
    arguments: Options::augment_args,
    run: Runs::OverRows(run),
};

#[derive(Args)]
struct Options {
    /// The shell.
    shell: Shell,
}

fn run(arguments: &ArgMatches, mut parser: clap::Command) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    clap_complete::generate(options.shell, &mut parser, "tiergate", &mut io::stdout());
    Ok(Exit::Done)
}
