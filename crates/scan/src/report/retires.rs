//! When a model goes, in words that all reports share. It must not take an earliest day for a day.

use std::fmt::Write as _;

use crate::finding::Retirement;

/// Says which model goes when, where from, and what its vendor recommends instead. The day is the
/// last on which it answers.
pub(super) fn leaves(retirement: &Retirement) -> String {
    let mut text = retirement.model.clone();
    let says = match (retirement.retires_on, retirement.days_left) {
        (Some(day), Some(left)) if left < 0 => {
            let ago = days(left.unsigned_abs());
            format!("is gone: its last day was {day}, {ago} ago")
        }
        (Some(day), Some(left)) => {
            let left = days(left.unsigned_abs());
            format!("goes: its last day is {day}, {left} left")
        }
        (Some(day), None) => format!("goes: its last day is {day}"),
        (None, _) => match retirement.not_before {
            Some(day) => format!("has no announced retirement; not before {day}"),
            None => "has no announced retirement".to_owned(),
        },
    };
    let _ = write!(text, " {says}");
    let _ = write!(text, " ({})", retirement.platform);
    if let Some(instead) = &retirement.replacement {
        let _ = write!(text, "; its vendor recommends {instead}");
    }
    text
}

fn days(count: u64) -> String {
    format!("{count} {}", if count == 1 { "day" } else { "days" })
}
