//! `tiergate up`: sets up what is missing and serves: a starter configuration, the first keys. It
//! must not change what is there already.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use clap::{ArgMatches, Args, FromArgMatches};
use serde_json::json;
use store::{Access, NewKey, NewKeyKind, Store};

use super::command::{Command, Runs};
use super::serve::Addresses;
use crate::config::Config;
use crate::environment;
use crate::exit::{Fault, Outcome};
use crate::home::{self, Home};
use crate::in_process;
use crate::options::Common;
use crate::output;
use crate::serving::{self, Listening};
use crate::starter::{self, Found};

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "up",
    about: "Set up and serve: a starter configuration, the first keys",
    arguments: Options::augment_args,
    run: Runs::Alone(run),
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
    pull_served(&config)?;
    let home = Home::of(common);
    let first = {
        let store = home.store(Some(&config.settings), Access::Write)?;
        first_keys(&home, &store)?
    };
    let common_here = common.clone();
    serving::run(common, config, move |listening| {
        tell(listening, first.as_ref(), &common_here)
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
    if !found.any() && in_process::DIALECT.is_none() {
        let what = "no provider's key was found, and this build has no models of its own";
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

/// Pulls the models of this process that serve a tier; a candidate waits until a person pulls it.
fn pull_served(config: &Config) -> Result<(), Fault> {
    let policy = &config.policy;
    let served = policy.tiers.values().flat_map(|tier| tier.serves.iter());
    for model in served {
        if Some(model.provider.dialect.as_str()) == in_process::DIALECT {
            in_process::pull(&model.id)?;
        }
    }
    Ok(())
}

/// Holds the first keys, to be shown once.
struct FirstKeys {
    caller: String,
    operator: String,
}

/// Creates the first caller's and the first operator's key where there is no key at all.
fn first_keys(
    home: &Home,
    store: &Store,
) -> Result<Option<FirstKeys>, Box<dyn std::error::Error + Send + Sync>> {
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
    Ok(Some(FirstKeys {
        caller: caller.reveal().to_owned(),
        operator: operator.reveal().to_owned(),
    }))
}

fn tell(listening: &Listening, first: Option<&FirstKeys>, common: &Common) {
    let (listen, admin) = (listening.listen, listening.admin);
    if common.json {
        output::json(&json!({
            "event": "ready",
            "listen": listen.to_string(),
            "admin": admin.to_string(),
            "key": first.map(|keys| &keys.caller),
            "operator_key": first.map(|keys| &keys.operator),
        }));
        return;
    }
    output::line(format!("OpenAI base URL     http://{listen}/v1"));
    output::line(format!("Anthropic base URL  http://{listen}"));
    output::line(format!("operators           http://{admin}"));
    let mut key = "YOUR_KEY";
    if let Some(first) = first {
        key = &first.caller;
        let path = Home::of(common).operator_key();
        let operator = &first.operator;
        output::line(format!("caller key          {key}   (shown this once)"));
        output::line(format!(
            "operator key        {operator}   (shown this once)"
        ));
        output::line(format!(
            "                    commands read it in {}",
            path.display()
        ));
    }
    output::line(format!(
        "\ntry     curl http://{listen}/v1/chat/completions \\\n          \
         -H 'authorization: Bearer {key}' \\\n          \
         -H 'content-type: application/json' \\\n          \
         -d '{{\"model\":\"haiku\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'"
    ));
    output::line(format!(
        "python  OpenAI(base_url=\"http://{listen}/v1\", api_key=\"{key}\")\n        \
         Anthropic(base_url=\"http://{listen}\", api_key=\"{key}\")"
    ));
    output::line("next    tiergate release list; tiergate usage; tiergate exposure; README.md");
}
