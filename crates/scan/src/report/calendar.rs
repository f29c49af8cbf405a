//! The retirements as a calendar that any program for calendars reads (RFC 5545). An earliest day
//! is no retirement and has no entry. It must not know a time of day.

use std::fmt::Write as _;

use domain::Date;

use crate::report::render::{RenderFault, Report, Written};
use crate::report::survey::{Leaving, Survey};

/// The most octets of a line, its end apart.
const LINE_OCTETS: usize = 75;
/// How many places an entry names; the other reports have all.
const PLACES: usize = 20;
/// How many days ahead a program reminds.
const REMIND_DAYS: [u32; 2] = [30, 7];

/// Stands in a calendar without entries, since one must hold something.
const UTC: [&str; 8] = [
    "BEGIN:VTIMEZONE",
    "TZID:UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
];

pub(super) const REPORT: Report = Report {
    name: "ics",
    about: "a calendar of the days on which models retire that live code names",
    written: Written::ToFile,
    render: |survey| -> Result<String, RenderFault> { Ok(calendar(survey)) },
};

fn calendar(survey: &Survey) -> String {
    let mut text = String::new();
    put(&mut text, "BEGIN:VCALENDAR");
    put(&mut text, "VERSION:2.0");
    put(&mut text, "PRODID:-//Tiergate//tiergate scan//EN");
    put(&mut text, "CALSCALE:GREGORIAN");
    put(&mut text, "METHOD:PUBLISH");
    let leaving = survey.leaving();
    if leaving.is_empty() {
        for line in UTC {
            put(&mut text, line);
        }
    }
    for one in &leaving {
        event(&mut text, survey, one);
    }
    put(&mut text, "END:VCALENDAR");
    text
}

fn event(text: &mut String, survey: &Survey, one: &Leaving<'_>) {
    let retirement = one.retirement;
    let (model, platform) = (&retirement.model, &retirement.platform);
    let stamp = survey.at.to_string();
    let (day, time) = stamp.split_once('T').unwrap_or((&stamp, "00:00:00"));
    let time = time.get(..8).unwrap_or("00:00:00").replace(':', "");
    let after = one.on.start().plus_days(1).date();
    put(text, "BEGIN:VEVENT");
    // Says the same of the same model in each scan, so that a program updates its entry.
    let uid = format!("{platform}-{model}-{}@tiergate-scan", survey.name);
    put(text, &format!("UID:{}", escaped(&uid.replace(' ', "-"))));
    put(text, &format!("DTSTAMP:{}T{time}Z", day.replace('-', "")));
    put(text, &format!("DTSTART;VALUE=DATE:{}", compact(one.on)));
    put(text, &format!("DTEND;VALUE=DATE:{}", compact(after)));
    let summary = format!("{model} retires on {platform}");
    put(text, &format!("SUMMARY:{}", escaped(&summary)));
    put(
        text,
        &format!("DESCRIPTION:{}", escaped(&describe(survey, one))),
    );
    put(text, "CATEGORIES:model retirement");
    put(text, "TRANSP:TRANSPARENT");
    for days in REMIND_DAYS {
        put(text, "BEGIN:VALARM");
        put(text, "ACTION:DISPLAY");
        put(text, &format!("DESCRIPTION:{}", escaped(&summary)));
        put(text, &format!("TRIGGER:-P{days}D"));
        put(text, "END:VALARM");
    }
    put(text, "END:VEVENT");
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

fn compact(day: Date) -> String {
    day.to_string().replace('-', "")
}

/// Writes a text value.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Writes a line, folded between characters where it is long.
fn put(text: &mut String, line: &str) {
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_OCTETS {
            text.push_str("\r\n ");
            octets = 1;
        }
        text.push(c);
        octets += c.len_utf8();
    }
    text.push_str("\r\n");
}
