//! The forms of report: one file and one row each. It must not decide what a finding says.

mod address;
mod calendar;
mod cyclonedx;
mod json;
mod page;
mod patch;
mod render;
mod retires;
mod sarif;
mod survey;
mod terminal;

pub use render::{RenderFault, Report, Written};
pub use survey::{Aim, Files, Listed, NEAR_DAYS, Paint, Skipped, Summary, Survey};

/// Lists the forms in the order in which help shows them.
pub static REPORTS: &[Report] = &[
    terminal::REPORT,
    json::REPORT,
    sarif::REPORT,
    cyclonedx::REPORT,
    page::REPORT,
    calendar::REPORT,
    patch::REPORT,
];

#[cfg(test)]
mod tests;
