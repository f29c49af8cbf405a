//! The retirements as a calendar that any program for calendars reads. An earliest day is no
//! retirement and has no entry. It must not know how a calendar is written.

use std::fmt::Write as _;

use domain::DayEntry;

use crate::report::render::{RenderFault, Report, Written};
use crate::report::survey::{Leaving, Survey};

/// How many places an entry names; the other reports have all.
const PLACES: usize = 20;
/// How many days ahead a program reminds.
const REMIND_DAYS: [u32; 2] = [30, 7];

pub(super) const REPORT: Report = Report {
    name: "ics",
    about: "a calendar of the days on which models retire that live code names",
    written: Written::ToFile,
    render: |survey| -> Result<String, RenderFault> { Ok(calendar(survey)) },
};

fn calendar(survey: &Survey) -> String {
    let leaving = survey.leaving();
    let entries: Vec<DayEntry> = leaving.iter().map(|one| entry(survey, one)).collect();
    domain::calendar("tiergate scan", survey.at, &entries)
}

fn entry(survey: &Survey, one: &Leaving<'_>) -> DayEntry {
    let retirement = one.retirement;
    let (model, platform) = (&retirement.model, &retirement.platform);
    DayEntry {
        // Says the same of the same model in each scan.
        uid: format!("{platform}-{model}-{}@tiergate-scan", survey.name),
        on: one.on,
        summary: format!("{model} retires on {platform}"),
        description: describe(survey, one),
        category: "model retirement".to_owned(),
        remind_days: REMIND_DAYS.to_vec(),
    }
}

fn describe(survey: &Survey, one: &Leaving<'_>) -> String {
    let (count, name) = (one.at.len(), &survey.name);
    let mut text = format!("Live findings in {name}: {count}.");
    if let Some(instead) = &one.retirement.replacement {
        let _ = write!(text, "\nIts vendor recommends {instead}.");
    }
    for found in one.at.iter().take(PLACES) {
        let site = &found.finding.site;
        let _ = write!(text, "\n{}:{}", site.path, site.span.line);
    }
    if let Some(more) = count.checked_sub(PLACES).filter(|more| *more > 0) {
        let _ = write!(text, "\nand {more} more");
    }
    text
}
