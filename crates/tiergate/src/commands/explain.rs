//! `tiergate explain`: says what a key would get for a name, and why, by the same code that
//! decides. It must not be shown to callers: it tells of sealed models.

use clap::{ArgMatches, Args, FromArgMatches};
use serde_json::json;

use super::command::{Command, Runs};
use crate::admin::Admin;
use crate::exit::{Exit, Outcome};
use crate::options::Common;
use crate::output;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "explain",
    about: "Say what a key would get for a name, and why",
    arguments: Options::augment_args,
    run: Runs::Alone(run),
};

#[derive(Args)]
struct Options {
    /// The name asked for: a tier, an alias or a model
    name: String,
    /// The id of the caller's key
    #[arg(long)]
    key: String,
    /// The use case that the request names
    #[arg(long)]
    use_case: Option<String>,
    /// The conversation that the request belongs to
    #[arg(long)]
    conversation: Option<String>,
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    let body = json!({
        "name": options.name,
        "key": options.key,
        "use_case": options.use_case,
        "conversation": options.conversation,
    });
    let answer = Admin::find(common)?.post("/api/v1/explain", &body)?;
    if common.json {
        output::json(&answer.body);
        return Ok(Exit::Done);
    }
    for step in answer.body["steps"].as_array().into_iter().flatten() {
        output::line(format!("- {}", step.as_str().unwrap_or_default()));
    }
    let outcome = &answer.body["outcome"];
    match outcome["denied"].as_str() {
        Some(why) => output::line(format!("denied: {why}")),
        None => output::line(format!(
            "tier {}, models {}",
            outcome["tier"], outcome["models"]
        )),
    }
    Ok(Exit::Done)
}
