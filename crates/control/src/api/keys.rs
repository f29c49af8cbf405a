//! Routes of keys. It must not show a secret twice.

use domain::{Attributes, KeyId, PersonName, Policy, ReleaseName, Timestamp, UseCaseName};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use store::{Holder, NewKey, NewKeyKind};

use super::asked::{Asked, bad_body};
use super::body::BodyFault;
use super::schema;
use crate::control::Control;
use crate::reply::Reply;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CallerKey {
    #[serde(rename = "kind")]
    #[schemars(with = "String")]
    _kind: IgnoredAny,
    /// What the key is called.
    name: String,
    /// When it expires, in milliseconds since 1970 (UTC); never where it is left out.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    team: Option<String>,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    use_cases: Vec<UseCaseName>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EvaluatorKey {
    #[serde(rename = "kind")]
    #[schemars(with = "String")]
    _kind: IgnoredAny,
    /// What the key is called.
    name: String,
    /// When it expires, in milliseconds since 1970 (UTC); never where it is left out.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    expires_at: Option<Timestamp>,
    #[schemars(with = "String")]
    release: ReleaseName,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OperatorKey {
    #[serde(rename = "kind")]
    #[schemars(with = "String")]
    _kind: IgnoredAny,
    /// What the key is called.
    name: String,
    /// When it expires, in milliseconds since 1970 (UTC); never where it is left out.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    expires_at: Option<Timestamp>,
    #[schemars(with = "String")]
    person: PersonName,
}

/// Makes the schema of a new key: one of three, told apart by `kind`.
pub(super) fn create_body() -> Value {
    let kinds = [
        ("caller", schema::of::<CallerKey>()),
        ("evaluator", schema::of::<EvaluatorKey>()),
        ("operator", schema::of::<OperatorKey>()),
    ];
    let fixed = |(kind, mut schema): (&str, Value)| {
        schema["properties"]["kind"] = json!({ "const": kind });
        schema
    };
    json!({ "oneOf": kinds.map(fixed) })
}

pub(super) fn list(control: &Control, _asked: &Asked<'_>) -> Reply {
    let keys = match control.store.list_keys() {
        Ok(keys) => keys,
        Err(error) => return Reply::broken(&error),
    };
    let view = |key: &std::sync::Arc<store::Key>| {
        let kind = match &key.holder {
            Holder::Operator { .. } => "operator",
            Holder::Caller(caller) => match caller.kind {
                domain::CallerKind::Application => "caller",
                domain::CallerKind::Evaluator { .. } => "evaluator",
            },
        };
        json!({
            "id": key.id,
            "name": key.name,
            "kind": kind,
            "person": key.operator(),
            "issuer": key.issuer,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
        })
    };
    Reply::ok(&keys.iter().map(view).collect::<Vec<_>>())
}

pub(super) fn create(control: &Control, asked: &Asked<'_>) -> Reply {
    let new = match wanted(asked) {
        Ok(new) => new,
        Err(reply) => return reply,
    };
    if let Err(fault) = check(&new, &control.declared().policy, asked.now) {
        return bad_body(&fault);
    }
    let (id, secret) = match control.store.create_key(&new, asked.now) {
        Ok(made) => made,
        Err(error) => return Reply::broken(&error),
    };
    let is_logged = is_logged(control);
    Reply::ok(&json!({ "id": id, "key": secret.reveal(), "in_ledger": is_logged }))
}

/// Brings the ledger up to what was done with a key, and tells whether it is. What it does not
/// take now is tried again: until then an operator's new key opens nothing, and a revoked one
/// opens nothing either, so both ways are closed.
fn is_logged(control: &Control) -> bool {
    let logged = control.catch_up();
    if let Err(error) = &logged {
        tracing::error!(%error, "what was done with a key is not in the ledger yet");
    }
    logged.is_ok()
}

/// Reads the key that is wanted, whose fields depend on its kind.
fn wanted(asked: &Asked<'_>) -> Result<NewKey, Reply> {
    let (name, expires_at, kind) = match asked.body.get("kind").and_then(Value::as_str) {
        Some("caller") => {
            let key: CallerKey = asked.read()?;
            let kind = NewKeyKind::Caller {
                team: key.team,
                attributes: key.attributes,
                use_cases: key.use_cases,
            };
            (key.name, key.expires_at, kind)
        }
        Some("evaluator") => {
            let key: EvaluatorKey = asked.read()?;
            let release = key.release;
            (key.name, key.expires_at, NewKeyKind::Evaluator { release })
        }
        Some("operator") => {
            let key: OperatorKey = asked.read()?;
            let person = key.person;
            (key.name, key.expires_at, NewKeyKind::Operator { person })
        }
        _ => {
            let fault = BodyFault::of("kind", "it is one of caller, evaluator, operator");
            return Err(bad_body(&fault));
        }
    };
    Ok(NewKey {
        name,
        kind,
        expires_at,
        issuer: Some(asked.operator.person.clone()),
    })
}

/// Checks that a key is for what is declared: one that is not would open nothing, and open
/// something once that name is declared for another purpose.
fn check(new: &NewKey, policy: &Policy, now: Timestamp) -> Result<(), BodyFault> {
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(BodyFault::of(
            "expires_at",
            "the key would have expired already",
        ));
    }
    let undeclared = |field: &str, kind: &str, name: &str| {
        Err(BodyFault::of(
            field,
            format!("no {kind} `{name}` is declared"),
        ))
    };
    match &new.kind {
        NewKeyKind::Operator { person } if !policy.people.contains_key(person) => {
            undeclared("person", "person", person.as_str())
        }
        NewKeyKind::Evaluator { release } if !policy.releases.contains_key(release) => {
            undeclared("release", "release", release.as_str())
        }
        NewKeyKind::Caller { use_cases, .. } => use_cases
            .iter()
            .enumerate()
            .find(|(_, name)| !policy.use_cases.contains_key(*name))
            .map_or(Ok(()), |(at, name)| {
                undeclared(&format!("use_cases[{at}]"), "use case", name.as_str())
            }),
        _ => Ok(()),
    }
}

pub(super) fn revoke(control: &Control, asked: &Asked<'_>) -> Reply {
    match control
        .store
        .revoke_key(&KeyId::new(asked.part()), asked.now)
    {
        Ok(true) => {
            let is_logged = is_logged(control);
            Reply::ok(&json!({ "revoked": asked.part(), "in_ledger": is_logged }))
        }
        Ok(false) => Reply::fault(
            StatusCode::NOT_FOUND,
            "no_such_key",
            &format!("there is no key `{}` in force", asked.part()),
            "see the ids in GET /api/v1/keys",
        ),
        Err(error) => Reply::broken(&error),
    }
}
