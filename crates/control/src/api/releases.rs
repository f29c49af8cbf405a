//! Routes of releases: show, approve, promote, hold, resume, roll back, take evidence in. It must
//! not decide anything: the planner does.

use domain::{ReleasePlan, Stage};
use http::StatusCode;
use release::{Command, Refused};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::Asked;
use crate::control::{Control, ControlError};
use crate::intake::{Brought, IntakeError};
use crate::reconcile::Carried;
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

pub(super) fn approve(control: &Control, asked: &Asked<'_>) -> Reply {
    with_plan(control, asked, |plan| {
        match control.approve(plan, asked.operator) {
            Err(error) => Reply::broken(&error),
            Ok(None) => refused(&Refused::AtTheEnd),
            Ok(Some(stage)) => Reply::ok(&json!({
                "release": plan.name,
                "approved": stage,
                "by": asked.operator.person,
                "digest": plan.candidate.digest,
            })),
        }
    })
}

pub(super) fn promote(control: &Control, asked: &Asked<'_>) -> Reply {
    carry(control, asked, &Command::Promote)
}

pub(super) fn hold(control: &Control, asked: &Asked<'_>) -> Reply {
    carry(
        control,
        asked,
        &Command::Hold {
            reason: reason(asked),
        },
    )
}

pub(super) fn resume(control: &Control, asked: &Asked<'_>) -> Reply {
    carry(control, asked, &Command::Resume)
}

pub(super) fn roll_back(control: &Control, asked: &Asked<'_>) -> Reply {
    let to = asked
        .body
        .get("to")
        .cloned()
        .unwrap_or_else(|| json!("sealed"));
    match Stage::deserialize(&to) {
        Ok(to) => carry(
            control,
            asked,
            &Command::RollBack {
                to,
                reason: reason(asked),
            },
        ),
        Err(_) => Reply::fault(
            StatusCode::BAD_REQUEST,
            "bad_stage",
            &format!("{to} is no stage"),
            "use sealed, early_access or expanded",
        ),
    }
}

pub(super) fn take(control: &Control, asked: &Asked<'_>) -> Reply {
    let brought = match Brought::deserialize(asked.body) {
        Ok(brought) => brought,
        Err(error) => {
            let what = format!("the run does not read: {error}");
            let mend = "send the fields of the reference";
            return Reply::fault(StatusCode::BAD_REQUEST, "bad_run", &what, mend);
        }
    };
    with_plan(control, asked, |plan| {
        match control.take(plan, &brought, asked.operator) {
            Ok(taken) => Reply::ok(&taken),
            Err(IntakeError::Control(error)) => Reply::broken(&error),
            Err(error) => Reply::fault(
                StatusCode::BAD_REQUEST,
                "bad_run",
                &error.to_string(),
                "correct the run and bring it again",
            ),
        }
    })
}

fn with_plan(control: &Control, asked: &Asked<'_>, run: impl Fn(&ReleasePlan) -> Reply) -> Reply {
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

fn reason(asked: &Asked<'_>) -> String {
    asked.text("reason").unwrap_or_default().to_owned()
}

fn carry(control: &Control, asked: &Asked<'_>, command: &Command) -> Reply {
    let seen = asked.body.get("generation").and_then(Value::as_u64);
    with_plan(control, asked, |plan| {
        match control.command(plan, command, &asked.operator.person, seen) {
            Ok(Carried::Made(made)) => Reply::ok(&made),
            Ok(Carried::Refused(why)) => refused(&why),
            Err(error) => failed(&error),
        }
    })
}

fn failed(error: &ControlError) -> Reply {
    Reply::broken(error)
}

fn refused(why: &Refused) -> Reply {
    let verdicts = match why {
        Refused::Gates { verdicts, .. } => verdicts.as_slice(),
        _ => &[],
    };
    let code = match why {
        Refused::Gates { .. } => "gates",
        Refused::Stale { .. } => "stale",
        Refused::Held => "held",
        Refused::NotHeld => "not_held",
        Refused::AtTheEnd => "at_the_end",
        Refused::NotBehind { .. } | Refused::NotPlanned { .. } => "bad_stage",
        Refused::NoGate { .. } => "no_gate",
    };
    Reply::refused(&json!({ "refused": code, "reason": why.to_string(), "gates": verdicts }))
}
