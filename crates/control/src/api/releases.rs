//! Routes of releases: show, approve, promote, hold, resume, roll back. It must not decide
//! anything: the planner does.

use domain::{ReleasePlan, Stage};
use http::StatusCode;
use release::{Command, Refused};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Asked, bad_body};
use super::body::BodyFault;
use super::schema;
use crate::control::Control;
use crate::error::ControlError;
use crate::reconcile::{Carried, Unrecorded};
use crate::reply::Reply;

pub(super) fn list(control: &Control, asked: &Asked<'_>) -> Reply {
    let declared = control.declared();
    let mut views = Vec::new();
    for plan in declared.policy.releases.values() {
        match control.view(plan, &asked.operator.person) {
            Ok(view) => views.push(view),
            Err(error) => return Reply::broken(&error),
        }
    }
    Reply::ok(&views)
}

pub(super) fn show(control: &Control, asked: &Asked<'_>) -> Reply {
    with_plan(control, asked, |plan| {
        match control.view(plan, &asked.operator.person) {
            Ok(view) => Reply::ok(&view),
            Err(error) => Reply::broken(&error),
        }
    })
}

/// What a command may say besides its name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// The generation that the person saw.
    #[serde(default)]
    generation: Option<u64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Told {
    /// The generation that the person saw.
    #[serde(default)]
    generation: Option<u64>,
    /// Why, for the ledger.
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Back {
    /// The generation that the person saw.
    #[serde(default)]
    generation: Option<u64>,
    /// Why, for the ledger.
    #[serde(default)]
    reason: String,
    /// The stage to go back to; `sealed` where none is named, which is furthest back.
    #[serde(default)]
    to: Option<String>,
}

pub(super) fn seen_body() -> Value {
    schema::of::<Seen>()
}

pub(super) fn told_body() -> Value {
    schema::of::<Told>()
}

pub(super) fn back_body() -> Value {
    schema::of::<Back>()
}

pub(super) fn approve(control: &Control, asked: &Asked<'_>) -> Reply {
    let seen: Seen = match asked.read() {
        Ok(seen) => seen,
        Err(reply) => return reply,
    };
    with_plan(control, asked, |plan| {
        match control.approve(plan, asked.operator, seen.generation) {
            Err(error) => failed(&error),
            Ok(Err(why)) => unrecorded(&why),
            Ok(Ok(stage)) => Reply::ok(&json!({
                "release": plan.name,
                "approved": stage,
                "by": asked.operator.person,
                "digest": plan.candidate.digest,
            })),
        }
    })
}

pub(super) fn promote(control: &Control, asked: &Asked<'_>) -> Reply {
    match asked.read::<Seen>() {
        Ok(seen) => carry(control, asked, &Command::Promote, seen.generation),
        Err(reply) => reply,
    }
}

pub(super) fn hold(control: &Control, asked: &Asked<'_>) -> Reply {
    told(control, asked, |reason| Command::Hold { reason })
}

pub(super) fn resume(control: &Control, asked: &Asked<'_>) -> Reply {
    match asked.read::<Seen>() {
        Ok(seen) => carry(control, asked, &Command::Resume, seen.generation),
        Err(reply) => reply,
    }
}

pub(super) fn roll_back(control: &Control, asked: &Asked<'_>) -> Reply {
    let back: Back = match asked.read() {
        Ok(back) => back,
        Err(reply) => return reply,
    };
    let to = back.to.as_deref().unwrap_or(Stage::Sealed.as_str());
    let Some(to) = Stage::ALL.into_iter().find(|stage| stage.as_str() == to) else {
        let what = format!("`{to}` is no stage: use sealed, early_access or expanded");
        return bad_body(&BodyFault::of("to", what));
    };
    let command = Command::RollBack {
        to,
        reason: back.reason,
    };
    carry(control, asked, &command, back.generation)
}

pub(super) fn withdraw(control: &Control, asked: &Asked<'_>) -> Reply {
    told(control, asked, |reason| Command::Withdraw { reason })
}

/// Carries out a command that takes a reason and nothing else.
fn told(control: &Control, asked: &Asked<'_>, command: fn(String) -> Command) -> Reply {
    match asked.read::<Told>() {
        Ok(told) => carry(control, asked, &command(told.reason), told.generation),
        Err(reply) => reply,
    }
}

pub(super) fn with_plan(
    control: &Control,
    asked: &Asked<'_>,
    run: impl Fn(&ReleasePlan) -> Reply,
) -> Reply {
    let declared = control.declared();
    declared.policy.releases.get(asked.part()).map_or_else(
        || {
            let names: Vec<&str> = declared
                .policy
                .releases
                .keys()
                .map(|name| name.as_str())
                .collect();
            Reply::fault(
                StatusCode::NOT_FOUND,
                "no_such_release",
                &format!("there is no release `{}`", asked.part()),
                &format!("use one that is declared: {}", names.join(", ")),
            )
        },
        run,
    )
}

pub(super) fn carry(
    control: &Control,
    asked: &Asked<'_>,
    command: &Command,
    seen: Option<u64>,
) -> Reply {
    with_plan(control, asked, |plan| {
        match control.command(plan, command, &asked.operator.person, seen) {
            Ok(Carried::Made(made)) => Reply::ok(&made),
            Ok(Carried::Refused(why)) => refused(&why),
            Ok(Carried::Reloaded) => reloaded(),
            Err(error) => failed(&error),
        }
    })
}

pub(super) fn failed(error: &ControlError) -> Reply {
    match error {
        ControlError::Ledger(_) | ControlError::Waiting => Reply::stopped(
            error,
            "ledger",
            "the ledger cannot be written, so nothing was done; what goes back still takes effect",
            "see the log for the cause, mend the data directory's disk, and command it again",
        ),
        _ => Reply::broken(error),
    }
}

pub(super) fn unrecorded(why: &Unrecorded) -> Reply {
    match why {
        Unrecorded::Refused(why) => refused(why),
        Unrecorded::Reloaded => reloaded(),
        Unrecorded::NotWaivable(why) => {
            let reason = why.to_string();
            Reply::refused(&json!({ "refused": "waiver", "reason": reason, "gates": [] }))
        }
    }
}

fn reloaded() -> Reply {
    let reason = "the configuration was reloaded meanwhile and nothing was done: look again";
    Reply::refused(&json!({ "refused": "reloaded", "reason": reason, "gates": [] }))
}

fn refused(why: &Refused) -> Reply {
    let verdicts = match why {
        Refused::Gates { verdicts, .. } => verdicts.as_slice(),
        _ => &[],
    };
    let code = match why {
        Refused::Gates { .. } => "gates",
        Refused::Stale { .. } => "stale",
        Refused::Unwatched { .. } => "unwatched",
        Refused::Held => "held",
        Refused::NotHeld => "not_held",
        Refused::Withdrawn => "withdrawn",
        Refused::Retires { .. } => "retires",
        Refused::NotSuspended => "not_suspended",
        Refused::WhichSuspension { .. } => "which_suspension",
        Refused::AtTheEnd => "at_the_end",
        Refused::NotBehind { .. } | Refused::NotPlanned { .. } => "bad_stage",
        Refused::NoGate { .. } => "no_gate",
    };
    Reply::refused(&json!({ "refused": code, "reason": why.to_string(), "gates": verdicts }))
}
