//! Sentences that the text and the page share. They must be escaped by whoever shows them.

use std::fmt::Write as _;

use crate::traffic::{CallerTraffic, Habit, Traffic};

/// Says in one sentence what was looked at.
pub(super) fn lead(traffic: &Traffic) -> String {
    let callers = traffic.callers.len();
    let mut text = format!(
        "{} of {} in {} since {}",
        counted(traffic.requests, "request"),
        counted(callers as u64, "caller"),
        counted(traffic.conversations, "conversation"),
        traffic.since,
    );
    match &traffic.target {
        Some(target) => {
            let _ = write!(text, ", held against {}", target.id);
            if let Some(platform) = &target.platform {
                let _ = write!(text, " on {platform}");
            }
            if !target.is_known {
                text.push_str(", of which nothing is known: no break in the list says nothing");
            }
        }
        None => text.push_str(", each held against the model that served it"),
    }
    text
}

/// Says what was not judged.
pub(super) fn left_out(traffic: &Traffic) -> Vec<String> {
    let counts = [
        (traffic.denied, "refused by the gateway itself"),
        (traffic.unread, "without features that could be read"),
        (traffic.other, "that were no conversation"),
    ];
    let some = counts.into_iter().filter(|(count, _)| *count > 0);
    let mut lines: Vec<_> = some
        .map(|(count, why)| format!("not judged: {} {why}", counted(count, "request")))
        .collect();
    if !traffic.not_recorded.is_empty() {
        let names = traffic.not_recorded.join(", ");
        lines.push(format!("not recorded, so unknown: {names}"));
    }
    lines
}

/// Says how often something was set off.
pub(super) fn often(habit: &Habit) -> String {
    let mut text = counted(habit.requests, "request");
    let _ = write!(text, " ({} %)", habit.share_percent);
    if habit.sure > 0 && habit.sure < habit.requests {
        let _ = write!(text, ", {} of them surely", habit.sure);
    }
    let _ = write!(text, ", last {}", habit.last_seen);
    text
}

/// Says how much was served by models of which nothing is known any more.
pub(super) fn unplaced(caller: &CallerTraffic) -> Option<String> {
    let requests = counted(caller.unplaced, "request");
    let line = format!("{requests} served by a model that the configuration does not name");
    (caller.unplaced > 0).then_some(line)
}

/// Counts in words.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
