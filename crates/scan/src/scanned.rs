//! Says what a scan of one file gives. It must not know how a file is read.

use crate::place::Place;
use crate::site::Site;
use crate::skip::Skip;

/// Says what a file names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileScan {
    /// What was found, in the order of the file.
    pub found: Vec<Found>,
    /// Why it was not read, where it was not.
    pub skipped: Option<Skip>,
    /// Whether a part of it was read by lines, because its syntax is broken there.
    pub is_fallback: bool,
}

/// Shows a site with what is around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The site.
    pub site: Site,
    /// What is around it. Of a constant that calls of the same file are given, what stands beside
    /// it in the first of them is here too.
    pub place: Place,
    /// The row that told the role.
    pub rule: &'static str,
}

impl FileScan {
    pub(crate) fn skipped(reason: Skip) -> Self {
        Self {
            skipped: Some(reason),
            ..Self::default()
        }
    }
}
