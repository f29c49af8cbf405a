//! `tiergate reference`, hidden: writes the reference pages from the rows. It must not hold text
//! of its own that a row could hold.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches};

use super::command::Command;
use crate::exit::{Exit, Outcome};
use crate::options::Common;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "reference",
    about: "Write the reference pages",
    arguments: |command| Options::augment_args(command.hide(true)),
    run,
};

#[derive(Args)]
struct Options {
    /// The folder to write into
    #[arg(long)]
    out: PathBuf,
}

fn run(arguments: &ArgMatches, _common: &Common) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    fs::create_dir_all(&options.out)?;
    fs::write(options.out.join("gates.md"), gates()?)?;
    fs::write(options.out.join("routes.md"), routes()?)?;
    Ok(Exit::Done)
}

fn gates() -> Result<String, std::fmt::Error> {
    let mut page = "# Gates\n".to_owned();
    for gate in release::GATES {
        writeln!(page, "\n## `{}`\n\n{}\n", gate.name(), gate.about())?;
        writeln!(page, "| Parameter | Default | Meaning |\n|---|---|---|")?;
        for one in gate.parameters() {
            let default = one.default.unwrap_or("must be written");
            writeln!(page, "| `{}` | {default} | {} |", one.name, one.about)?;
        }
    }
    Ok(page)
}

fn routes() -> Result<String, std::fmt::Error> {
    let mut page = "# Routes\n\n## Applications\n\n".to_owned();
    writeln!(page, "| Method | Path | Who |\n|---|---|---|")?;
    for route in gateway::ROUTES {
        writeln!(
            page,
            "| {} | `{}` | {:?} |",
            route.method, route.path, route.access
        )?;
    }
    writeln!(
        page,
        "\n## Operators\n\n| Method | Path | Who |\n|---|---|---|"
    )?;
    for route in control::ROUTES {
        writeln!(
            page,
            "| {} | `{}` | {:?} |",
            route.method, route.path, route.access
        )?;
    }
    Ok(page)
}
