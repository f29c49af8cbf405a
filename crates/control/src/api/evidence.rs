//! The routes of evidence: our own runs, other tools' files, and erasure. It must not judge what is
//! brought.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Asked, bad_body, has_reason};
use super::releases::{failed, with_plan};
use super::schema;
use crate::control::Control;
use crate::import::{Import, ImportError};
use crate::intake::{Brought, IntakeError};
use crate::reply::{Reply, chain};

/// Why evidence is erased.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Erasure {
    /// Why, for the ledger, where it stays for ever: name nothing of what is erased.
    reason: String,
}

pub(super) fn erase_body() -> Value {
    schema::of::<Erasure>()
}

pub(super) fn brought_body() -> Value {
    schema::of::<Brought>()
}

pub(super) fn import_body() -> Value {
    schema::of::<Import>()
}

pub(super) fn take(control: &Control, asked: &Asked<'_>) -> Reply {
    let brought: Brought = match asked.read() {
        Ok(brought) => brought,
        Err(reply) => return reply,
    };
    with_plan(control, asked, |plan| {
        match control.take(plan, &brought, asked.operator) {
            Ok(taken) => Reply::ok(&taken),
            Err(error) => not_taken(&error),
        }
    })
}

pub(super) fn import(control: &Control, asked: &Asked<'_>) -> Reply {
    let import: Import = match asked.read() {
        Ok(import) => import,
        Err(reply) => return reply,
    };
    with_plan(control, asked, |plan| {
        match control.import(plan, &import, asked.operator) {
            Ok(imported) => Reply::ok(&imported),
            Err(error) => not_imported(&error),
        }
    })
}

pub(super) fn erase(control: &Control, asked: &Asked<'_>) -> Reply {
    let erasure: Erasure = match asked.read() {
        Ok(erasure) => erasure,
        Err(reply) => return reply,
    };
    if let Err(fault) = has_reason(&erasure.reason) {
        return bad_body(&fault);
    }
    match control.erase(asked.part(), &erasure.reason, asked.operator) {
        Err(error) => failed(&error),
        Ok(Err(unknown)) => Reply::fault(
            StatusCode::NOT_FOUND,
            "no_such_evidence",
            &unknown.to_string(),
            "use an id that `tiergate evidence list` shows",
        ),
        Ok(Ok(erased)) => Reply::ok(&json!({
            "erased": erased.evidence,
            "release": erased.release,
            "by": erased.by,
            "reason": erased.reason,
            "at": erased.at,
            "not_gone_yet": erased.not_gone_yet.as_ref().map(|error| chain(error)),
            "can_be_confirmed": erased.can_be_confirmed,
        })),
    }
}

fn not_taken(error: &IntakeError) -> Reply {
    match error {
        IntakeError::Control(error) => failed(error),
        IntakeError::Twice { .. } => Reply::bad(
            "key_used",
            &error.to_string(),
            "make a new evaluation key with `tiergate key create`, and run anew with it",
        ),
        IntakeError::Unsettled => Reply::fault(
            StatusCode::SERVICE_UNAVAILABLE,
            "unsettled",
            &error.to_string(),
            "bring it again in a while; see whether the data directory's disk is full",
        ),
        _ => Reply::bad(
            "bad_run",
            &error.to_string(),
            "correct the run and bring it again",
        ),
    }
}

fn not_imported(error: &ImportError) -> Reply {
    let (code, mend) = match error {
        ImportError::Intake(error) => return not_taken(error),
        ImportError::Undeclared { .. } => (
            "undeclared_suite",
            "declare the suite; the key may still be used for this file",
        ),
        ImportError::Held { .. } => (
            "bad_file",
            "or declare another suite, by the digest of what the other tool asks",
        ),
        _ => (
            "bad_file",
            "bring the file as the tool wrote it; docs/evidence.md says how to run each",
        ),
    };
    Reply::bad(code, &error.to_string(), mend)
}
