//! Tells what a name is there for: the first row that holds. It must not know a language.

mod code;
mod context;
mod files;
mod path;
mod rule;
mod settings;
mod words;

use crate::role::Role;
use crate::site::Certainty;

pub(crate) use context::{Context, is_request};
pub(crate) use path::Folder;
pub(crate) use rule::Rule;
pub(crate) use words::{
    dialect_called, is_for_people, is_id as is_id_word, is_model_word, is_provider,
    platform_called, spells,
};

/// Shows one row to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleRow {
    /// Names it.
    pub name: &'static str,
    /// The role that it tells.
    pub role: Role,
    /// How sure that is.
    pub certainty: Certainty,
    /// Why, in a sentence.
    pub says: &'static str,
    /// A path and a source in which it tells the role of a name.
    pub example: (&'static str, &'static str),
    /// A path and a source in which it does not.
    pub counterexample: (&'static str, &'static str),
}

/// Lists the rows that tell roles, in the order in which they are asked.
#[must_use]
pub fn role_rows() -> Vec<RoleRow> {
    let rows = all().map(|rule| RoleRow {
        name: rule.name,
        role: rule.role,
        certainty: rule.certainty,
        says: rule.says,
        example: rule.examples[0],
        counterexample: rule.examples[1],
    });
    rows.collect()
}

/// Finds the row that tells a role.
pub(crate) fn rule(context: &Context<'_>) -> &'static Rule {
    let mut rules = all();
    let found = rules.find(|rule| (rule.holds)(context));
    found.unwrap_or(&settings::NAMED)
}

/// Lists the rows in order: what a file is goes before what its code says.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    let rows = files::RULES
        .iter()
        .chain(code::LOGIC)
        .chain(settings::RULES);
    rows.chain(code::RULES).chain([&settings::NAMED])
}
