//! A request to a route of the admin API, read and with its person known. It must not know what
//! any route does.

use domain::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::body::{self, BodyFault};
use crate::operator::Operator;
use crate::reply::Reply;

/// Holds a request to a route, with the person who makes it.
pub(super) struct Asked<'a> {
    pub(super) operator: &'a Operator,
    /// The segments that the path's braces took.
    pub(super) parts: Vec<&'a str>,
    pub(super) body: &'a Value,
    pub(super) now: Timestamp,
}

impl Asked<'_> {
    /// Shows the first segment taken; empty where the path has none.
    pub(super) fn part(&self) -> &str {
        self.parts.first().copied().unwrap_or_default()
    }

    /// Reads the body into what the route wants; refuses one with a field that the route does
    /// not know, so that a misspelt condition is never left out in silence.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Reply> {
        body::read(self.body).map_err(|fault| bad_body(&fault))
    }
}

/// Answers that a body does not fit.
pub(super) fn bad_body(fault: &BodyFault) -> Reply {
    Reply::bad(
        "bad_body",
        &format!("the body does not read: {fault}"),
        "correct that field; the admin API's reference lists what each route takes",
    )
}

/// Checks that a reason says something.
pub(super) fn has_reason(reason: &str) -> Result<(), BodyFault> {
    if reason.trim().is_empty() {
        return Err(BodyFault::of("reason", "say why, for the ledger"));
    }
    Ok(())
}
