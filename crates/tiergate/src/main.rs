//! The binary: arguments, configuration, environment, files, wiring, exit codes. It must not
//! decide anything about a request or a release: the crates below do.

mod admin;
mod agent;
mod arguments;
mod asker;
mod commands;
mod config;
mod credential;
mod environment;
mod exit;
mod home;
mod in_process;
mod input;
mod interface;
#[cfg(feature = "embedded")]
mod models;
mod offered;
mod options;
mod output;
mod progress;
mod serving;
mod standing;
mod starter;
mod witness_client;

use std::process::ExitCode;

use crate::exit::Exit;

fn main() -> ExitCode {
    let matches = match commands::parser().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version end with 0, wrong arguments with 2: clap's own codes are ours.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match commands::run(&matches) {
        Ok(exit) => exit.code(),
        Err(fault) => {
            output::fault(fault.as_ref());
            Exit::CouldNot.code()
        }
    }
}
