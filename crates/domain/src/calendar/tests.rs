//! A calendar folds, escapes and stamps as RFC 5545 has it.

use super::{DayEntry, calendar};

#[test]
fn an_entry_is_a_whole_day_with_its_reminders() {
    let entry = DayEntry {
        uid: "a b@tiergate".to_owned(),
        on: "2027-02-28".parse().unwrap(),
        summary: "it goes; at once, \\ really".to_owned(),
        description: format!("{}é\nnext", "x".repeat(61)),
        category: "model retirement".to_owned(),
        remind_days: vec![30],
    };
    let text = calendar(
        "tiergate test",
        "2026-11-27T08:30:05Z".parse().unwrap(),
        &[entry],
    );
    let expected = [
        "PRODID:-//Tiergate//tiergate test//EN\r\n",
        "UID:a-b@tiergate\r\n",
        "DTSTAMP:20261127T083005Z\r\nDTSTART;VALUE=DATE:20270228\r\nDTEND;VALUE=DATE:20270301\r\n",
        "SUMMARY:it goes\\; at once\\, \\\\ really\r\n",
        // 12 octets of the name and 61 of the text leave no room for the two of the last letter
        // and what follows.
        &format!("DESCRIPTION:{}é\r\n \\nnext\r\n", "x".repeat(61)),
        "TRIGGER:-P30D\r\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(text.lines().all(|line| line.len() <= 75));
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
}

#[test]
fn a_calendar_of_nothing_holds_a_time_zone() {
    let text = calendar(
        "tiergate test",
        "2026-11-27T08:30:05Z".parse().unwrap(),
        &[],
    );
    assert!(text.contains("BEGIN:VTIMEZONE") && !text.contains("VEVENT"));
}
