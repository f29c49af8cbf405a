//! One thing that breaks at a site, with what sets it off. It must not decide whether it is news.

use domain::{Cause, Effect, Feature};

use crate::finding::Break;
use crate::site::{Parameter, Site};

/// Holds one thing that breaks beside what sets it off.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) cause: Cause,
    pub(super) effect: Effect,
    /// What is left unsaid and sets it off, where that is one thing.
    pub(super) unsaid: Option<Feature>,
    pub(super) told: Break,
}

/// Lists the parameters that a cause names.
pub(super) fn parameters<'s>(site: &'s Site, cause: &Cause) -> Vec<&'s Parameter> {
    let by = cause.by.iter();
    by.filter_map(|place| site.parameters.get(*place)).collect()
}

/// Gives the line of what sets a break off, where that is not the site's own.
pub(super) fn line(site: &Site, by: &[&Parameter]) -> Option<u32> {
    let line = by.first()?.line;
    (line != site.span.line).then_some(line)
}
