//! Routes that take the candidate away: from a group of callers, with the way to give it back, and
//! from everybody on a day. It must not decide whom a group holds.

use domain::{Attributes, Policy, Scope, Timestamp, UseCaseName};
use release::{Command, Restore, Suspend};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::asked::{Asked, bad_body, has_reason};
use super::body::BodyFault;
use super::releases::carry;
use super::schema;
use crate::control::Control;
use crate::reply::Reply;

/// Whom it is about: those who meet every given condition; without one everybody.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Group {
    /// Teams of which the caller is in one.
    #[serde(default)]
    teams: Vec<String>,
    /// Declared use cases of which the request is in one.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    use_cases: Vec<UseCaseName>,
    /// Attributes that the caller has, by exact value.
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ordered {
    /// The generation that the person saw.
    #[serde(default)]
    generation: Option<u64>,
    /// Why, for the ledger.
    reason: String,
    /// The outside order behind it, as its issuer names it.
    #[serde(default)]
    order: Option<String>,
    /// When it is to be looked at again, in milliseconds since 1970 (UTC); it does not end then.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    until: Option<Timestamp>,
    /// Whom the candidate is taken away from; who cannot be told apart from them is among them.
    scope: Group,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Restored {
    /// The generation that the person saw.
    #[serde(default)]
    generation: Option<u64>,
    /// Why, for the ledger.
    reason: String,
    /// The suspension's number; needed where there are several.
    #[serde(default)]
    suspension: Option<u64>,
    /// Who has the candidate back; everybody whom the suspension cuts where it is left out.
    #[serde(default)]
    group: Option<Group>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Retiring {
    /// The generation that the person saw.
    #[serde(default)]
    generation: Option<u64>,
    /// Why, for the ledger.
    reason: String,
    /// From when on nobody gets the candidate, in milliseconds since 1970 (UTC).
    #[schemars(with = "i64")]
    on: Timestamp,
}

pub(super) fn retire_body() -> Value {
    schema::of::<Retiring>()
}

pub(super) fn suspend_body() -> Value {
    schema::of::<Ordered>()
}

pub(super) fn restore_body() -> Value {
    schema::of::<Restored>()
}

pub(super) fn retire(control: &Control, asked: &Asked<'_>) -> Reply {
    let retiring: Retiring = match asked.read() {
        Ok(retiring) => retiring,
        Err(reply) => return reply,
    };
    if let Err(fault) = has_reason(&retiring.reason) {
        return bad_body(&fault);
    }
    let command = Command::Retire {
        on: retiring.on,
        reason: retiring.reason,
    };
    carry(control, asked, &command, retiring.generation)
}

pub(super) fn suspend(control: &Control, asked: &Asked<'_>) -> Reply {
    let ordered: Ordered = match asked.read() {
        Ok(ordered) => ordered,
        Err(reply) => return reply,
    };
    let policy = &control.declared().policy;
    let checked = has_reason(&ordered.reason).and_then(|()| scope(ordered.scope, "scope", policy));
    let scope = match checked {
        Ok(scope) => scope,
        Err(fault) => return bad_body(&fault),
    };
    let command = Command::Suspend {
        asked: Suspend {
            scope,
            order: ordered.order,
            until: ordered.until,
        },
        reason: ordered.reason,
    };
    carry(control, asked, &command, ordered.generation)
}

pub(super) fn restore(control: &Control, asked: &Asked<'_>) -> Reply {
    let restored: Restored = match asked.read() {
        Ok(restored) => restored,
        Err(reply) => return reply,
    };
    let policy = &control.declared().policy;
    let group = restored.group.map(|group| scope(group, "group", policy));
    let checked = has_reason(&restored.reason).and_then(|()| group.transpose());
    let group = match checked {
        Ok(group) => group,
        Err(fault) => return bad_body(&fault),
    };
    let command = Command::Restore {
        asked: Restore {
            suspension: restored.suspension,
            group,
        },
        reason: restored.reason,
    };
    carry(control, asked, &command, restored.generation)
}

/// Reads a group, and refuses one with a use case that is not declared: it would hold nobody.
fn scope(group: Group, field: &str, policy: &Policy) -> Result<Scope, BodyFault> {
    let is_unknown = |name: &&UseCaseName| !policy.use_cases.contains_key(*name);
    if let Some(name) = group.use_cases.iter().find(is_unknown) {
        let what = format!("no use case `{name}` is declared");
        return Err(BodyFault::of(&format!("{field}.use_cases"), what));
    }
    Ok(Scope {
        teams: group.teams,
        use_cases: group.use_cases,
        attributes: group.attributes,
    })
}
