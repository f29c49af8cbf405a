//! `tiergate models`: pulls, lists and verifies the demonstration models. It must not run one.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};
use embedded::{CATALOGUE, Converted, FileFault, Row};
use serde_json::{Value, json};

use super::command::{Command, Runs};
use crate::exit::{Exit, Fault, Outcome};
use crate::models::{self, Directory, Kept, Network, download_bytes, megabytes};
use crate::options::Common;
use crate::output;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "models",
    about: "Pull, list and verify the demonstration models of this process",
    arguments: Action::augment_subcommands,
    run: Runs::Alone(run),
};

#[derive(Subcommand)]
enum Action {
    /// Fetch a model, or take one from a file, and bring it into the form that runs
    Pull(Pull),
    /// List the models that can be pulled by name and those that are kept
    List,
    /// Check every weight of what is kept against its digest; ends with 1 where one differs
    Verify(Verify),
}

#[derive(Args)]
struct Pull {
    /// A name of the list; with --from, any name, which a model's `id` then gives
    name: String,
    /// Take a llama or qwen2 GGUF file instead of fetching
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Fetch nothing: use what an earlier, broken pull left
    #[arg(long, conflicts_with = "from")]
    offline: bool,
}

#[derive(Args)]
struct Verify {
    /// The model [default: all that are kept]
    name: Option<String>,
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let directory = Directory::of_environment();
    match Action::from_arg_matches(arguments)? {
        Action::Pull(wanted) => pull(&directory, &wanted, common),
        Action::List => list(&directory, common),
        Action::Verify(wanted) => verify(&directory, wanted.name.as_deref(), common),
    }
}

fn pull(directory: &Directory, wanted: &Pull, common: &Common) -> Outcome {
    let (name, converted) = match &wanted.from {
        Some(file) => {
            let name = plain_name(&wanted.name)?;
            (name, models::from_file(directory, name, file)?)
        }
        None => {
            let row = known(&wanted.name)?;
            let network = match wanted.offline {
                true => Network::Offline,
                false => Network::Allowed,
            };
            if !directory.file(row.name).exists() {
                models::say_what(row);
            }
            (row.name, models::pull(directory, row, network)?)
        }
    };
    let file = directory.file(name);
    if common.json {
        output::json(&described(name, &file, &converted));
    } else {
        output::line(format!("{name} is in {}", file.display()));
        output::line(format!("weights    {}", weights(&converted)));
        output::line(format!(
            "in the file  id = \"{name}\" of a provider whose dialect is \"embedded\""
        ));
    }
    Ok(Exit::Done)
}

fn known(name: &str) -> Result<&'static Row, Fault> {
    embedded::find(name).ok_or_else(|| {
        let names: Vec<&str> = CATALOGUE.iter().map(|row| row.name).collect();
        let what = format!("there is no model `{name}` to pull");
        let mend = format!(
            "pull one of {}, or bring a file with --from",
            names.join(", ")
        );
        Fault::new(what, mend)
    })
}

/// Checks that a name is one that the engine takes as a model's id.
fn plain_name(name: &str) -> Result<&str, Fault> {
    if embedded::is_file_name(name) {
        return Ok(name);
    }
    let what = format!("`{name}` cannot be a model's name");
    Err(Fault::new(
        what,
        "use at most 128 letters, digits, `.`, `-` and `_`",
    ))
}

fn described(name: &str, file: &Path, converted: &Converted) -> Value {
    json!({
        "name": name,
        "file": file,
        "bytes": converted.bytes,
        "weights": weights(converted),
        "content": format!("sha256:{}", converted.content_sha256),
    })
}

fn list(directory: &Directory, common: &Common) -> Outcome {
    let kept = directory.kept()?;
    let is_kept = |name: &str| kept.iter().any(|one| one.name == name);
    let absent = CATALOGUE.iter().filter(|row| !is_kept(row.name));
    if common.json {
        let kept = kept.iter().map(|one| match &one.described {
            Ok(converted) => described(&one.name, &directory.file(&one.name), converted),
            Err(fault) => json!({ "name": one.name, "fault": output::chain(fault) }),
        });
        let absent = absent.map(|row| {
            json!({
                "name": row.name,
                "download_bytes": download_bytes(row),
                "licence": row.licence,
                "weights": format!("sha256:{}", row.sha256),
            })
        });
        output::json(&json!({
            "kept": kept.collect::<Vec<_>>(),
            "to_pull": absent.collect::<Vec<_>>(),
        }));
        return Ok(Exit::Done);
    }
    let rows = kept.iter().map(kept_row);
    let rows: Vec<Vec<String>> = rows.chain(absent.map(absent_row)).collect();
    output::table(&["model", "state", "size", "licence", "what"], &rows);
    output::note(format!("kept in {}", directory.path().display()));
    Ok(Exit::Done)
}

fn kept_row(kept: &Kept) -> Vec<String> {
    let row = CATALOGUE.iter().find(|row| row.name == kept.name);
    let (state, size) = match &kept.described {
        Ok(converted) => ("kept", format!("{:.0} MB", megabytes(converted.bytes))),
        Err(_) => ("unusable", String::new()),
    };
    let licence = row.map_or("its own", |row| row.licence);
    let about = row.map_or("brought from a file", |row| row.about);
    [kept.name.as_str(), state, &size, licence, about]
        .map(ToOwned::to_owned)
        .to_vec()
}

fn absent_row(row: &Row) -> Vec<String> {
    let size = format!("{:.0} MB to fetch", megabytes(download_bytes(row)));
    [row.name, "not pulled", &size, row.licence, row.about]
        .map(ToOwned::to_owned)
        .to_vec()
}

fn verify(directory: &Directory, name: Option<&str>, common: &Common) -> Outcome {
    let kept = directory.kept()?;
    let wanted: Vec<&Kept> = kept
        .iter()
        .filter(|one| name.is_none_or(|name| name == one.name))
        .collect();
    if wanted.is_empty() {
        let what = match name {
            Some(name) => format!(
                "no model `{name}` is kept in {}",
                directory.path().display()
            ),
            None => format!("no model is kept in {}", directory.path().display()),
        };
        return Err(Fault::new(what, "pull one with `tiergate models pull NAME`").into());
    }
    let verdicts = wanted
        .iter()
        .map(|one| (&one.name, verdict(directory, &one.name)));
    let verdicts: Vec<_> = verdicts.collect();
    if common.json {
        let rows = verdicts.iter().map(|(name, verdict)| match verdict {
            Ok(kept) => json!({ "name": name, "whole": true, "weights": weights(kept) }),
            Err(why) => json!({ "name": name, "whole": false, "why": why }),
        });
        output::json(&rows.collect::<Vec<_>>());
    } else {
        let rows = verdicts.iter().map(|(name, verdict)| match verdict {
            Ok(kept) => vec![name.to_string(), "whole".to_owned(), weights(kept)],
            Err(why) => vec![name.to_string(), "wrong".to_owned(), why.clone()],
        });
        output::table(&["model", "state", "weights"], &rows.collect::<Vec<_>>());
    }
    let is_whole = verdicts.iter().all(|(_, verdict)| verdict.is_ok());
    Ok(if is_whole { Exit::Done } else { Exit::No })
}

fn weights(converted: &Converted) -> String {
    format!("sha256:{}", converted.source_sha256)
}

/// Checks one file, and under a name of the catalogue also that it was made from that model.
fn verdict(directory: &Directory, name: &str) -> Result<Converted, String> {
    let said = |fault: FileFault| output::chain(&fault);
    let converted = embedded::verify(&directory.file(name)).map_err(said)?;
    let row = CATALOGUE.iter().find(|row| row.name == name);
    match row.filter(|row| row.sha256 != converted.source_sha256) {
        None => Ok(converted),
        Some(row) => Err(format!(
            "made from sha256:{}, not from {}",
            converted.source_sha256, row.file
        )),
    }
}
