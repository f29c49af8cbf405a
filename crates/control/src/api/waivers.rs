//! The route of waivers. It must not say which criterion may be waived.

use domain::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Asked, bad_body};
use super::body::BodyFault;
use super::releases::{failed, refused, reloaded, with_plan};
use super::schema;
use crate::control::Control;
use crate::reply::Reply;
use crate::waive::{Given, Waive};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Waiving {
    /// The generation that the person saw.
    #[serde(default)]
    generation: Option<u64>,
    /// The gate.
    gate: String,
    /// The gate's suite; needed where the next stage has several criteria of that gate.
    #[serde(default)]
    suite: Option<String>,
    /// Why, for the ledger.
    reason: String,
    /// When it ends, in milliseconds since 1970 (UTC).
    #[schemars(with = "i64")]
    until: Timestamp,
}

pub(super) fn waive_body() -> Value {
    schema::of::<Waiving>()
}

pub(super) fn waive(control: &Control, asked: &Asked<'_>) -> Reply {
    let waiving: Waiving = match asked.read() {
        Ok(waiving) => waiving,
        Err(reply) => return reply,
    };
    if waiving.reason.trim().is_empty() {
        return bad_body(&BodyFault::of("reason", "say why, for the ledger"));
    }
    if waiving.until <= asked.now {
        return bad_body(&BodyFault::of("until", "it would be over already"));
    }
    let waive = Waive {
        gate: &waiving.gate,
        suite: waiving.suite.as_deref(),
        reason: &waiving.reason,
        until: waiving.until,
        seen: waiving.generation,
    };
    with_plan(control, asked, |plan| {
        match control.waive(plan, asked.operator, &waive) {
            Err(error) => failed(&error),
            Ok(Given::Refused(why)) => refused(&why),
            Ok(Given::Reloaded) => reloaded(),
            Ok(Given::Not(why)) => {
                let reason = why.to_string();
                Reply::refused(&json!({ "refused": "waiver", "reason": reason, "gates": [] }))
            }
            Ok(Given::Recorded(stage)) => Reply::ok(&json!({
                "release": plan.name,
                "waived": waiving.gate,
                "stage": stage,
                "by": asked.operator.person,
                "until": waiving.until,
            })),
        }
    })
}
