//! The route of incidents. It must not say what an incident leads to: gates do.

use release::Incident;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Asked, bad_body, has_reason};
use super::releases::{failed, with_plan};
use super::schema;
use crate::control::Control;
use crate::reply::Reply;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reported {
    /// What happened, for the ledger.
    reason: String,
}

pub(super) fn report_body() -> Value {
    schema::of::<Reported>()
}

pub(super) fn report(control: &Control, asked: &Asked<'_>) -> Reply {
    let reported: Reported = match asked.read() {
        Ok(reported) => reported,
        Err(reply) => return reply,
    };
    if let Err(fault) = has_reason(&reported.reason) {
        return bad_body(&fault);
    }
    with_plan(control, asked, |plan| {
        let incident = Incident {
            digest: plan.candidate.digest.clone(),
            what: reported.reason.clone(),
            by: asked.operator.person.clone(),
            at: asked.now,
        };
        match control.happened(plan, incident) {
            Err(error) => failed(&error),
            Ok(()) => Reply::ok(&json!({
                "release": plan.name,
                "incident": reported.reason,
                "by": asked.operator.person,
                "digest": plan.candidate.digest,
            })),
        }
    })
}
