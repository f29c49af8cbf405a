//! `tiergate completion`: writes a shell's completion script, made from the same rows as help.

use std::io;

use clap::{ArgMatches, Args, FromArgMatches};
use clap_complete::Shell;

use super::command::Command;
use crate::exit::{Exit, Outcome};
use crate::options::Common;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "completion",
    about: "Write a shell's completion script to standard output",
    arguments: Options::augment_args,
    run,
};

#[derive(Args)]
struct Options {
    /// The shell.
    shell: Shell,
}

fn run(arguments: &ArgMatches, _common: &Common) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    clap_complete::generate(
        options.shell,
        &mut super::parser(),
        "tiergate",
        &mut io::stdout(),
    );
    Ok(Exit::Done)
}
