//! `tiergate release simulate`: plays a scripted history against the configuration, without a
//! gateway. It must not decide: the release engine does.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::exit::{Exit, Fault, Outcome};
use crate::home;
use crate::options::Common;
use crate::output;

/// What is played, and whether it is compared.
#[derive(Args)]
pub struct Script {
    /// A script: prose, and commands behind `> `, each with its answers of before under it
    script: PathBuf,
    /// Exit with 1 where the script's own answers are not those of today
    #[arg(long)]
    check: bool,
}

/// Plays a script and writes it with the answers of today.
///
/// # Errors
/// Fails when the script or the configuration does not read.
pub fn run(asked: &Script, common: &Common) -> Outcome {
    let path = asked.script.display();
    let script = fs::read_to_string(&asked.script).map_err(|error| {
        let what = format!("{path} cannot be read");
        Fault::because(error, what, "name a script; docs/simulate.md shows one")
    })?;
    let config = home::config(common)?;
    let played = release::simulate(&config.policy, &script).map_err(|fault| {
        let what = format!("{path}, {fault}");
        Fault::new(
            what,
            "correct that line; docs/simulate.md lists the commands",
        )
    })?;
    let is_same = played == script;
    if common.json {
        output::json(&json!({ "script": played, "same": is_same }));
    } else if !asked.check {
        output::line(played.trim_end());
    } else if !is_same {
        output::line(first_difference(&script, &played));
    }
    Ok(if asked.check && !is_same {
        Exit::No
    } else {
        Exit::Done
    })
}

fn first_difference(before: &str, now: &str) -> String {
    let pairs = before.lines().zip(now.lines());
    let found = (1..).zip(pairs).find(|(_, (before, now))| before != now);
    match found {
        Some((line, (before, now))) => format!("line {line}\n- {before}\n+ {now}"),
        None => "one of them goes on where the other ends".to_owned(),
    }
}
