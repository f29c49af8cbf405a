//! The route of waivers. It must not say which criterion may be waived.

use domain::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Asked, bad_body, has_reason};
use super::body::BodyFault;
use super::releases::{failed, unrecorded, with_plan};
use super::schema;
use crate::control::Control;
use crate::reply::Reply;
use crate::waive::Waive;

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
    if let Err(fault) = has_reason(&waiving.reason) {
        return bad_body(&fault);
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
            Ok(Err(why)) => unrecorded(&why),
            Ok(Ok(stage)) => Reply::ok(&json!({
                "release": plan.name,
                "waived": waiving.gate,
                "stage": stage,
                "by": asked.operator.person,
                "until": waiving.until,
            })),
        }
    })
}
