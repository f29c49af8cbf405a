//! Says where a name stands in text for people: under which heading, in code or not. It must not
//! know what code says.

use crate::lines::Lines;
use crate::place::{Around, Place, Text};
use crate::spot::Spot;

/// How many lines are looked through for a heading.
const LOOKED: usize = 400;

/// Says where the name at a place stands.
pub(crate) fn spot(source: &str, lines: &Lines<'_>, start: usize, end: usize) -> Spot {
    let (line_start, line_end) = lines.bounds(start);
    let before = source.get(..line_start).unwrap_or_default();
    let heading = before
        .lines()
        .rev()
        .take(LOOKED)
        .find(|line| is_heading(line));
    let around = heading.map(|line| Around::Section {
        name: line.trim_matches(['#', '=', ' ']).to_owned(),
    });
    Spot {
        place: Place {
            text: Text::Prose,
            around: around.into_iter().collect(),
            beside: Vec::new(),
        },
        literal: line_start.min(start)..line_end.max(end),
        group: None,
        joined: None,
        is_fallback: false,
        is_receiver: false,
    }
}

fn is_heading(line: &str) -> bool {
    let marks = line
        .bytes()
        .take_while(|byte| *byte == b'#' || *byte == b'=')
        .count();
    let rest = line.get(marks..).unwrap_or_default();
    (1..=6).contains(&marks) && rest.starts_with(' ') && !rest.trim().is_empty()
}
