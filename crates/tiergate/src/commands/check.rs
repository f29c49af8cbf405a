//! `tiergate check`: says whether a configuration is sound and what it declares. It must not
//! change anything.

use clap::ArgMatches;
use serde_json::json;

use super::command::{Command, Runs};
use crate::config::CredentialSource;
use crate::environment;
use crate::exit::{Exit, Outcome};
use crate::home;
use crate::options::Common;
use crate::output;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "check",
    about: "Check the configuration file and say what it declares",
    arguments: |command| command,
    run: Runs::Alone(run),
};

fn run(_arguments: &ArgMatches, common: &Common) -> Outcome {
    let config = home::config(common)?;
    let policy = &config.policy;
    let providers = config.settings.providers.iter();
    let missing: Vec<String> = providers
        .flat_map(|(name, provider)| provider.sources.values().map(move |source| (name, source)))
        .filter_map(|(name, source)| match source {
            CredentialSource::Env(variable) if environment::variable(variable).is_none() => Some(
                format!("providers.{name}: the variable {variable} is not set here"),
            ),
            CredentialSource::Env(_) | CredentialSource::File(_) => None,
        })
        .collect();
    if common.json {
        output::json(&json!({
            "sound": true,
            "policy": policy.digest,
            "tiers": policy.tiers.len(),
            "models": policy.models.len(),
            "releases": policy.releases.len(),
            "suites": config.settings.suites.len(),
            "warnings": missing,
        }));
        return Ok(Exit::Done);
    }
    output::line(format!(
        "{} is sound: {} tiers, {} models, {} releases, {} use cases, {} suites",
        config.path.display(),
        policy.tiers.len(),
        policy.models.len(),
        policy.releases.len(),
        policy.use_cases.len(),
        config.settings.suites.len(),
    ));
    output::line(format!("policy {}", policy.digest));
    for warning in missing {
        output::note(format!("warning: {warning}"));
    }
    Ok(Exit::Done)
}
