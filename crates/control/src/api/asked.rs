//! A request to a route of the admin API, read and with its person known. It must not know what
//! any route does.

use domain::Timestamp;
use serde_json::Value;

use crate::operator::Operator;

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

    /// Reads a text field of the body.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.body.get(field).and_then(Value::as_str)
    }
}
