//! `tiergate serve`: serves and nothing else; it never writes configuration, downloads or mints.

use std::net::SocketAddr;

use clap::{ArgMatches, Args, FromArgMatches};
use serde_json::json;

use super::command::{Command, Runs};
use crate::config::Config;
use crate::exit::{Fault, Outcome};
use crate::home;
use crate::options::Common;
use crate::output;
use crate::serving;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "serve",
    about: "Serve, with the configuration as it is",
    arguments: Options::augment_args,
    run: Runs::Alone(run),
};

#[derive(Args)]
struct Options {
    #[command(flatten)]
    addresses: Addresses,
}

/// Holds the addresses that override the file's.
#[derive(Args, Clone, Debug)]
pub struct Addresses {
    /// Where applications connect, instead of the file's address
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where operators connect, instead of the file's address
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
}

impl Addresses {
    /// Puts the addresses in the place of the file's.
    ///
    /// # Errors
    /// Refuses one off the loopback where the file does not allow it.
    pub fn put_into(&self, config: &mut Config) -> Result<(), Fault> {
        let settings = &mut config.settings;
        settings.listen = self.listen.unwrap_or(settings.listen);
        settings.admin = self.admin.unwrap_or(settings.admin);
        for address in [settings.listen, settings.admin] {
            if !address.ip().is_loopback() && !settings.insecure {
                let what = format!("{address} is reachable from outside, and TLS is not there yet");
                let mend = "listen on 127.0.0.1, or say `insecure = true` under [server]";
                return Err(Fault::new(what, mend));
            }
        }
        Ok(())
    }
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    let mut config = home::config(common)?;
    options.addresses.put_into(&mut config)?;
    let is_json = common.json;
    serving::run(common, config, move |listening| {
        let (listen, admin) = (listening.listen, listening.admin);
        if is_json {
            output::json(&json!({
                "event": "ready",
                "listen": listen.to_string(),
                "admin": admin.to_string(),
            }));
        } else {
            output::line(format!(
                "applications  http://{listen}\noperators     http://{admin}"
            ));
        }
    })
}
