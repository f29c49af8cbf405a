//! `tiergate exposure`: asks every route of a running gateway without a credential and reports
//! what answered. It must not use a key.

use std::time::Duration;

use clap::{ArgMatches, Args, FromArgMatches};
use serde_json::json;
use ureq::Agent;

use super::command::{Command, Runs};
use crate::exit::{Exit, Fault, Outcome};
use crate::home;
use crate::options::Common;
use crate::output;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "exposure",
    about: "Ask every route of a running gateway without a credential",
    arguments: Options::augment_args,
    run: Runs::Alone(run),
};

#[derive(Args)]
struct Options {
    /// Where applications connect, instead of the file's address
    #[arg(long)]
    listen: Option<String>,
    /// Where operators connect, instead of the file's address
    #[arg(long)]
    admin: Option<String>,
}

/// Holds what one route answered.
struct Asked {
    port: &'static str,
    method: &'static str,
    path: &'static str,
    status: u16,
    is_open: bool,
}

impl Asked {
    /// Tells whether the route answered although it should have refused.
    fn is_exposed(&self) -> bool {
        !self.is_open && self.status != 401
    }
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    let settings = home::settings(common);
    let address = |given: Option<String>, written: Option<String>| {
        given.or(written).ok_or_else(|| {
            Fault::new(
                "no address is known",
                "name --listen and --admin, or --config",
            )
        })
    };
    let app = address(
        options.listen,
        settings.as_ref().map(|one| one.listen.to_string()),
    )?;
    let admin = address(
        options.admin,
        settings.as_ref().map(|one| one.admin.to_string()),
    )?;
    let agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .new_agent();
    let mut asked = Vec::new();
    for route in gateway::ROUTES {
        let status = status(&agent, &app, route.method, route.path)?;
        let is_open = route.access == gateway::Access::Open;
        asked.push(Asked {
            port: "applications",
            method: route.method,
            path: route.path,
            status,
            is_open,
        });
    }
    for route in control::ROUTES {
        let status = status(&agent, &admin, route.method, route.path)?;
        let is_open = route.access == control::Access::Open;
        asked.push(Asked {
            port: "operators",
            method: route.method,
            path: route.path,
            status,
            is_open,
        });
    }
    Ok(tell(&asked, common))
}

fn status(agent: &Agent, address: &str, method: &str, path: &str) -> Result<u16, Fault> {
    let url = format!("http://{address}{}", path.replace(['{', '}'], ""));
    let answer = if method == "GET" {
        agent.get(&url).call()
    } else {
        agent
            .post(&url)
            .header("content-type", "application/json")
            .send("{}")
    };
    let answer = answer.map_err(|error| {
        Fault::because(
            error,
            format!("nothing answers on {address}"),
            "start the gateway first",
        )
    })?;
    Ok(answer.status().as_u16())
}

fn tell(asked: &[Asked], common: &Common) -> Exit {
    let word = |one: &Asked| match (one.is_open, one.is_exposed()) {
        (true, _) => "open, without data",
        (false, true) => "EXPOSED",
        (false, false) => "refused",
    };
    if common.json {
        let view = |one: &Asked| {
            json!({
                "port": one.port,
                "method": one.method,
                "path": one.path,
                "status": one.status,
                "exposed": one.is_exposed(),
            })
        };
        output::json(&asked.iter().map(view).collect::<Vec<_>>());
    } else {
        let row = |one: &Asked| {
            let status = one.status.to_string();
            [one.port, one.method, one.path, &status, word(one)]
                .map(str::to_owned)
                .to_vec()
        };
        let rows: Vec<Vec<String>> = asked.iter().map(row).collect();
        output::table(&["port", "method", "path", "status", "verdict"], &rows);
    }
    if asked.iter().any(Asked::is_exposed) {
        Exit::No
    } else {
        Exit::Done
    }
}
