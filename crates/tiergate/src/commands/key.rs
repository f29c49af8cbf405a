//! `tiergate key`: creates, lists and revokes keys, on the data directory alone or beside a
//! running gateway. It must not show a secret a second time.

use std::collections::BTreeMap;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand, ValueEnum};
use domain::{KeyId, PersonName, Timestamp};
use serde_json::{Value, json};
use store::{Access, Holder, Key, KeyFault, NewKey, NewKeyKind, Store};

use super::command::{Command, Runs};
use crate::arguments::{instant, pair};
use crate::credential::operator_key;
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::home::{self, Home};
use crate::options::Common;
use crate::output;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "key",
    about: "Create, list and revoke keys",
    arguments: Action::augment_subcommands,
    run: Runs::Alone(run),
};

#[derive(Subcommand)]
enum Action {
    /// Create a key and show it once
    Create(Create),
    /// List the keys, without their secrets
    List,
    /// Revoke a key; the next request with it is refused
    Revoke(Revoke),
}

#[derive(Args)]
struct Create {
    /// A name that people will know it by
    #[arg(long)]
    name: String,
    /// What it is for
    #[arg(long, value_enum, default_value = "caller")]
    kind: Kind,
    /// The caller's team
    #[arg(long)]
    team: Option<String>,
    /// An attribute of the caller, such as region=eu; may be repeated
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = pair)]
    attributes: Vec<(String, String)>,
    /// A use case that the caller may claim; the first is its default; may be repeated
    #[arg(long = "use-case", value_name = "NAME")]
    use_cases: Vec<String>,
    /// The person whose operator key it is
    #[arg(long, required_if_eq("kind", "operator"))]
    person: Option<String>,
    /// The release whose arms the evaluation key reaches
    #[arg(long, required_if_eq("kind", "evaluator"))]
    release: Option<String>,
    /// When it ends, such as 2027-03-01 or 2027-03-01T12:00:00Z
    #[arg(long, value_parser = instant)]
    expires: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Caller,
    Evaluator,
    Operator,
}

#[derive(Args)]
struct Revoke {
    /// The key's id, as `key list` shows it
    id: String,
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let home = Home::of(common);
    let settings = home::settings(common);
    match Action::from_arg_matches(arguments)? {
        Action::Create(create) => {
            let store = home.store(settings.as_ref(), Access::Write)?;
            self::create(create, &home, &store, common)
        }
        Action::List => {
            let store = home.store(settings.as_ref(), Access::Read)?;
            list(&store, common)
        }
        Action::Revoke(revoke) => {
            let store = home.store(settings.as_ref(), Access::Write)?;
            self::revoke(&revoke, &home, &store)
        }
    }
}

fn create(create: Create, home: &Home, store: &Store, common: &Common) -> Outcome {
    let now = environment::now();
    if create.expires.is_some_and(|end| end <= now) {
        let what = "the key would have expired before it was made";
        return Err(Fault::new(what, "name a later day with --expires").into());
    }
    let issuer = issuer(home, store, common, now)?;
    let kind = match create.kind {
        Kind::Caller => NewKeyKind::Caller {
            team: create.team,
            attributes: create.attributes.into_iter().collect::<BTreeMap<_, _>>(),
            use_cases: create
                .use_cases
                .iter()
                .map(|name| name.as_str().into())
                .collect(),
        },
        Kind::Evaluator => NewKeyKind::Evaluator {
            release: create.release.unwrap_or_default().as_str().into(),
        },
        Kind::Operator => NewKeyKind::Operator {
            person: create.person.unwrap_or_default().as_str().into(),
        },
    };
    let new = NewKey {
        name: create.name,
        kind,
        expires_at: create.expires,
        issuer,
    };
    let (id, secret) = store.create_key(&new, now)?;
    await_running(home, store);
    if common.json {
        output::json(&json!({ "id": id, "key": secret.reveal() }));
    } else {
        output::line(format!("id   {id}\nkey  {}", secret.reveal()));
        output::note("The key is shown this once; only its hash is kept.");
    }
    Ok(Exit::Done)
}

/// Finds who issues: the person of the operator key in use, or nobody where none is there yet.
fn issuer(
    home: &Home,
    store: &Store,
    common: &Common,
    now: Timestamp,
) -> Result<Option<PersonName>, Box<dyn std::error::Error + Send + Sync>> {
    let Some(secret) = operator_key(home, common)? else {
        return Ok(None);
    };
    store.refresh_keys()?;
    match store.check_key(&secret, now) {
        Ok(key) => Ok(key.operator().cloned()),
        // The first operator's own key may still wait for its ledger entry.
        Err(KeyFault::NotAccepted) => Ok(None),
        Err(fault) => {
            let mend = "name a valid one with --operator-key, or remove the file";
            Err(Fault::because(fault, "the operator key in use is not valid", mend).into())
        }
    }
}

fn list(store: &Store, common: &Common) -> Outcome {
    let keys = store.list_keys()?;
    if common.json {
        output::json(&keys.iter().map(|key| view(key)).collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = keys.iter().map(|key| row(key)).collect();
    output::table(&["id", "name", "kind", "for", "state", "issuer"], &rows);
    Ok(Exit::Done)
}

fn row(key: &Key) -> Vec<String> {
    let view = view(key);
    let text = |field: &str| match view.get(field) {
        Some(Value::String(text)) => text.clone(),
        _ => "-".to_owned(),
    };
    ["id", "name", "kind", "for", "state", "issuer"]
        .map(text)
        .to_vec()
}

fn view(key: &Key) -> Value {
    let (kind, holder) = match &key.holder {
        Holder::Operator { person, .. } => ("operator", person.to_string()),
        Holder::Caller(caller) => match &caller.kind {
            domain::CallerKind::Evaluator { release } => ("evaluator", release.to_string()),
            domain::CallerKind::Application => {
                let names: Vec<&str> = caller.use_cases.iter().map(|name| name.as_str()).collect();
                ("caller", names.join(","))
            }
        },
    };
    json!({
        "id": key.id,
        "name": key.name,
        "kind": kind,
        "for": holder,
        "state": state(key, environment::now()),
        "issuer": key.issuer,
        "team": key.caller().and_then(|caller| caller.team.clone()),
        "created_at": key.created_at.to_string(),
        "expires_at": key.expires_at.map(|at| at.to_string()),
        "revoked_at": key.revoked_at.map(|at| at.to_string()),
    })
}

fn state(key: &Key, now: Timestamp) -> &'static str {
    let is_waiting = matches!(
        key.holder,
        Holder::Operator {
            accepted: false,
            ..
        }
    );
    if key.revoked_at.is_some() {
        "revoked"
    } else if key.expires_at.is_some_and(|end| end <= now) {
        "expired"
    } else if is_waiting {
        "waits for the ledger"
    } else {
        "valid"
    }
}

/// Waits until a gateway that runs beside has taken the change in, so that it is in force when the
/// command ends.
fn await_running(home: &Home, store: &Store) {
    if !home.await_keys(store.key_changes()) {
        output::note("the running gateway has not taken this in yet: see its log");
    }
}

fn revoke(revoke: &Revoke, home: &Home, store: &Store) -> Outcome {
    if store.revoke_key(&KeyId::new(revoke.id.as_str()), environment::now())? {
        await_running(home, store);
        output::note(format!("{} is revoked.", revoke.id));
        return Ok(Exit::Done);
    }
    let what = format!("there is no key `{}` in force", revoke.id);
    Err(Fault::new(what, "see the ids with `tiergate key list`").into())
}
