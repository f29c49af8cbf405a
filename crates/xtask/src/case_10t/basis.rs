//! What the page's answers rest on: prices of hours, assumptions, days. It must not leave out a row
//! that an answer names.

use crate::case_10t::ask::Answer;
use crate::case_10t::shown::{at, table, text};
use crate::json::Json;

const GPU_HOUR: &str = "gpu_hour";

/// Lists the rows that answers rest on, each once.
pub fn rows<'a>(answers: &[&'a Answer]) -> Vec<&'a Json> {
    let mut found: Vec<&Json> = Vec::new();
    let lists = answers
        .iter()
        .filter_map(|answer| answer.said.get("assumptions"));
    for row in lists.flat_map(Json::values) {
        if !found.contains(&row) {
            found.push(row);
        }
    }
    found
}

fn is_hour(row: &Json) -> bool {
    row.get("key").and_then(Json::text) == Some(GPU_HOUR)
}

/// Shows the prices of hours.
pub fn hours(rows: &[&Json]) -> String {
    let shown = rows.iter().filter(|row| is_hour(row)).map(|row| {
        vec![
            text(row, &["accelerator"]),
            at(row, &["value"], 1.0),
            text(row, &["kind"]),
            text(row, &["source"]),
        ]
    });
    let header = ["accelerator", "USD", "mark", "source"];
    table(&header, &shown.collect::<Vec<_>>())
}

/// Shows the others.
pub fn others(rows: &[&Json]) -> String {
    let shown = rows.iter().filter(|row| !is_hour(row)).map(|row| {
        let of = row.get("accelerator").map_or_else(String::new, |_| {
            format!(" ({})", text(row, &["accelerator"]))
        });
        vec![
            format!("`{}`{of}", text(row, &["key"])),
            at(row, &["value"], 1.0),
            text(row, &["kind"]),
            format!("{}; {}", text(row, &["about"]), text(row, &["source"])),
        ]
    });
    let header = ["key", "value", "mark", "meaning and source"];
    table(&header, &shown.collect::<Vec<_>>())
}

/// Tells the last day on which anything was read.
pub fn read_on(rows: &[&Json]) -> String {
    let days = rows.iter().map(|row| text(row, &["read_on"]));
    days.max().unwrap_or_default()
}

/// Tells from when to when prices were listed.
pub fn listed(rows: &[&Json]) -> String {
    let facts = rows
        .iter()
        .filter(|row| is_hour(row) && text(row, &["kind"]) == "fact");
    let mut days: Vec<String> = facts
        .flat_map(|row| days(&text(row, &["source"])))
        .collect();
    days.sort();
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(day), _) => day.clone(),
        _ => "no day".to_owned(),
    }
}

fn days(source: &str) -> Vec<String> {
    let words = source.split([' ', ',', ';', ':']);
    let is_day = |word: &&str| {
        let parts: Vec<usize> = word.split('-').map(str::len).collect();
        parts == [4, 2, 2] && word.bytes().all(|one| one.is_ascii_digit() || one == b'-')
    };
    words.filter(is_day).map(str::to_owned).collect()
}
