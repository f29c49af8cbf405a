//! Days as a calendar that any program for calendars reads (RFC 5545). It must not know what a day
//! is of, nor a time of day but that of its making.

use crate::time::{Date, Timestamp};

/// The most octets of a line, its end apart.
const LINE_OCTETS: usize = 75;

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

/// Is an entry of one whole day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayEntry {
    /// Names it; the same in each calendar that says the same, so that a program updates its entry.
    pub uid: String,
    /// The day.
    pub on: Date,
    /// What it is of, in a line.
    pub summary: String,
    /// What there is to know, in lines.
    pub description: String,
    /// What sort of day it is.
    pub category: String,
    /// How many days ahead a program reminds.
    pub remind_days: Vec<u32>,
}

/// Writes a calendar, as made at a time by a program of that name.
#[must_use]
pub fn calendar(program: &str, at: Timestamp, entries: &[DayEntry]) -> String {
    let mut text = String::new();
    put(&mut text, "BEGIN:VCALENDAR");
    put(&mut text, "VERSION:2.0");
    put(&mut text, &format!("PRODID:-//Tiergate//{program}//EN"));
    put(&mut text, "CALSCALE:GREGORIAN");
    put(&mut text, "METHOD:PUBLISH");
    if entries.is_empty() {
        for line in UTC {
            put(&mut text, line);
        }
    }
    for one in entries {
        event(&mut text, at, one);
    }
    put(&mut text, "END:VCALENDAR");
    text
}

fn event(text: &mut String, at: Timestamp, one: &DayEntry) {
    let stamp = at.to_string();
    let (day, time) = stamp.split_once('T').unwrap_or((&stamp, "00:00:00"));
    let time = time.get(..8).unwrap_or("00:00:00").replace(':', "");
    let after = one.on.start().plus_days(1).date();
    let summary = escaped(&one.summary);
    put(text, "BEGIN:VEVENT");
    let uid = one.uid.replace(' ', "-");
    put(text, &format!("UID:{}", escaped(&uid)));
    put(text, &format!("DTSTAMP:{}T{time}Z", day.replace('-', "")));
    put(text, &format!("DTSTART;VALUE=DATE:{}", compact(one.on)));
    put(text, &format!("DTEND;VALUE=DATE:{}", compact(after)));
    put(text, &format!("SUMMARY:{summary}"));
    put(text, &format!("DESCRIPTION:{}", escaped(&one.description)));
    put(text, &format!("CATEGORIES:{}", escaped(&one.category)));
    put(text, "TRANSP:TRANSPARENT");
    for days in &one.remind_days {
        put(text, "BEGIN:VALARM");
        put(text, "ACTION:DISPLAY");
        put(text, &format!("DESCRIPTION:{summary}"));
        put(text, &format!("TRIGGER:-P{days}D"));
        put(text, "END:VALARM");
    }
    put(text, "END:VEVENT");
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

#[cfg(test)]
mod tests;
