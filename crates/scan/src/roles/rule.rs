//! Says what a row is that tells a role. It must not know one.

use crate::role::Role;
use crate::roles::context::Context;
use crate::site::Certainty;

/// Tells a role from where a name stands: one row of the table.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Names it.
    pub name: &'static str,
    /// What it tells.
    pub role: Role,
    /// How sure that is.
    pub certainty: Certainty,
    /// Why, in a sentence.
    pub says: &'static str,
    /// When.
    pub holds: fn(&Context<'_>) -> bool,
    /// A file in which a name has this role because of this row, and one in which it has another.
    pub examples: [(&'static str, &'static str); 2],
}
