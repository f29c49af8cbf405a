//! `tiergate up`: sets up what is missing and serves: a starter configuration, the first keys. It
//! must not change what is there already.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use clap::{ArgMatches, Args, FromArgMatches};
use serde_json::json;
use store::{Access, NewKey, NewKeyKind, Store};

use super::command::Command;
use super::serve::Addresses;
use crate::environment;
use crate::exit::{Fault, Outcome};
use crate::home::{self, Home};
use crate::options::Common;
use crate::output;
use crate::serving::{self, Listening};
use crate::starter::{self, Found};

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "up",
    about: "Set up and serve: a starter configuration, the first keys",
    arguments: Options::augment_args,
    run,
};

/// The person who holds the first operator key.
const FIRST_PERSON: &str = "platform-lead";

#[derive(Args)]
struct Options {
    #[command(flatten)]
    addresses: Addresses,
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    write_starter(common)?;
    let mut config = home::config(common)?;
    options.addresses.put_into(&mut config)?;
    let home = Home::of(common);
    let first = {
        let store = home.store(Some(&config.settings), Access::Write)?;
        first_keys(&home, &store)?
    };
    let common_here = common.clone();
    serving::run(common, config, move |listening| {
        tell(listening, first.as_deref(), &common_here)
    })
}

fn write_starter(common: &Common) -> Result<(), Fault> {
    let path = &common.config;
    if path.exists() {
        return Ok(());
    }
    let found = Found {
        anthropic: environment::variable("ANTHROPIC_API_KEY").is_some(),
        openai: environment::variable("OPENAI_API_KEY").is_some(),
    };
    if !found.any() {
        let what = "no provider's key was found, and this build has no embedded model yet";
        let mend = "set OPENAI_API_KEY or ANTHROPIC_API_KEY, or write a configuration";
        return Err(Fault::new(what, mend));
    }
    fs::write(path, starter::text(found)).map_err(|error| {
        let what = format!("{} cannot be written", path.display());
        Fault::because(error, what, "name another file with --config")
    })?;
    output::note(format!(
        "{} was written; read it, it is commented",
        path.display()
    ));
    Ok(())
}

/// Creates the first caller's and the first operator's key where there is no key at all; returns
/// the caller's, to be shown once.
fn first_keys(
    home: &Home,
    store: &Store,
) -> Result<Option<String>, Box<dyn std::error::Error + Send + Sync>> {
    if !store.list_keys()?.is_empty() {
        return Ok(None);
    }
    let now = environment::now();
    let key = |name: &str, kind| NewKey {
        name: name.to_owned(),
        kind,
        expires_at: None,
        issuer: None,
    };
    let caller = NewKeyKind::Caller {
        team: None,
        attributes: Default::default(),
        use_cases: Vec::new(),
    };
    let operator = NewKeyKind::Operator {
        person: FIRST_PERSON.into(),
    };
    let (_, operator) = store.create_key(&key("first-operator", operator), now)?;
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(home.operator_key())?;
    file.write_all(operator.reveal().as_bytes())?;
    let (_, caller) = store.create_key(&key("first-caller", caller), now)?;
    Ok(Some(caller.reveal().to_owned()))
}

fn tell(listening: &Listening, first: Option<&str>, common: &Common) {
    let (listen, admin) = (listening.listen, listening.admin);
    if common.json {
        output::json(&json!({
            "event": "ready",
            "listen": listen.to_string(),
            "admin": admin.to_string(),
            "key": first,
        }));
        return;
    }
    let key = first.unwrap_or("YOUR_KEY");
    output::line(format!("OpenAI base URL     http://{listen}/v1"));
    output::line(format!("Anthropic base URL  http://{listen}"));
    output::line(format!("operators           http://{admin}"));
    if first.is_some() {
        output::line(format!("caller key          {key}   (shown this once)"));
        let path = Home::of(common).operator_key();
        output::line(format!("operator key        in {}", path.display()));
    }
    output::line(format!(
        "\ntry  curl http://{listen}/v1/chat/completions -H 'authorization: Bearer {key}' \\\n       \
         -H 'content-type: application/json' \\\n       \
         -d '{{\"model\":\"haiku\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'"
    ));
    output::line("next tiergate release list; tiergate usage; tiergate exposure");
}
