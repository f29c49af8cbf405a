//! Runs real clients against the gateway, each in its own pinned environment: one task of a tool
//! call and an answer for each dialect that it speaks and each dialect behind the gateway.
//!
//! It must not know the gateway's code: only its command line, its configuration and its ports.
#![allow(
    clippy::print_stderr,
    reason = "progress and errors go to standard error"
)]

mod bed;
mod case;
mod fault;
mod page;
mod tools;
mod trial;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::bed::Bed;
use crate::fault::ClientsError;
use crate::page::Page;
use crate::tools::TOOLS;
use crate::trial::Trial;

/// Runs real clients against the gateway and writes what each of them did.
#[derive(Parser, Clone, Debug)]
struct Options {
    /// The gateway's program; the one beside this program where none is named.
    #[arg(long)]
    tiergate: Option<PathBuf>,
    /// The workspace, with the clients' scripts and environments.
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// Only these clients; all where none is named. A page is written of all alone.
    #[arg(long = "client", value_name = "NAME", value_delimiter = ',')]
    clients: Vec<String>,
    /// The document, below the workspace.
    #[arg(long, default_value = "docs/clients.md")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}", testkit::chain(&error));
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<bool, ClientsError> {
    let is_known = |name: &String| TOOLS.iter().any(|tool| tool.name == name);
    if let Some(unknown) = options.clients.iter().find(|name| !is_known(name)) {
        return Err(ClientsError::NoClient(unknown.clone()));
    }
    let is_wanted = |name: &str| {
        let wanted = &options.clients;
        wanted.is_empty() || wanted.iter().any(|client| client == name)
    };
    let bed = Bed::start(options.tiergate.clone())?;
    let mut trials = Vec::new();
    for tool in TOOLS.iter().filter(|tool| is_wanted(tool.name)) {
        for dialect in tool.dialects {
            for upstream in bed::upstreams() {
                let trial = Trial::run(&options.root, &bed, tool, dialect, upstream)?;
                eprintln!("{}", trial.line());
                trials.push(trial);
            }
        }
    }
    let all_work = trials.iter().all(Trial::works);
    if options.clients.is_empty() {
        let out = options.root.join(&options.out);
        Page::of(&trials).write(&out)?;
        eprintln!("written: {}", options.out.display());
    }
    Ok(all_work)
}
