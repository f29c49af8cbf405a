//! garak's reports.

use super::{contradicted, edited, fixture, is_interval, outcomes};
use crate::imported::Requests;
use crate::rows::Outcome;
use crate::sources::read;

#[test]
fn each_output_is_a_row_and_each_detector_a_scorer() {
    let imported = read(&fixture("garak")).unwrap();
    let ids: Vec<(&str, u32)> = imported
        .rows
        .iter()
        .map(|row| (row.item.as_str(), row.epoch))
        .collect();
    let (first, second) = ("rhymes.Locks/0", "rhymes.Locks/1");
    assert_eq!(ids, [(first, 1), (first, 2), (second, 1), (second, 2)]);
    let scores: Vec<Option<f64>> = imported
        .rows
        .iter()
        .map(|row| row.score_of("rhymes.Found"))
        .collect();
    // A result at the threshold is a hit.
    assert_eq!(scores, [Some(0.0), Some(0.0), Some(0.0), Some(1.0)]);
    assert_eq!(imported.rows[0].part.as_deref(), Some("rhymes.Locks"));
    assert_eq!(outcomes(&imported), [Outcome::Ok; 4]);
    assert_eq!(
        imported.requested_model.as_deref(),
        Some("release/next/candidate")
    );
    let (least, most) = (2, Some(4));
    assert_eq!(imported.requests, Requests { least, most });
}

#[test]
fn an_interval_that_excludes_its_own_point_is_told_and_not_taken() {
    let imported = read(&fixture("garak")).unwrap();
    assert_eq!(imported.warnings.len(), 1);
    assert!(imported.warnings.iter().all(is_interval));
    let told = imported.warnings[0].to_string();
    assert!(
        told.contains("0 to 0.143 excludes its own point 0.75"),
        "{told}"
    );
}

#[test]
fn a_scan_without_completion_or_with_attempts_left_is_not_finished() {
    let cut = [(
        "\"entry_type\": \"completion\"",
        "\"entry_type\": \"other\"",
    )];
    let why = edited("garak", &cut).unwrap().unfinished.unwrap();
    assert!(why.contains("completion"), "{why}");
    let left = [("\"uuid\": \"u-0\"", "\"uuid\": \"u-9\"")];
    let why = edited("garak", &left).unwrap().unfinished.unwrap();
    assert!(why.contains("1 attempts"), "{why}");
    let unsummed = [(
        "\"detector\": \"rhymes.Long\"",
        "\"detector\": \"rhymes.Found\"",
    )];
    assert!(!contradicted("garak", &unsummed).is_empty());
}

#[test]
fn a_result_that_was_edited_contradicts_the_report() {
    let wrong = contradicted("garak", &[("[1.0, 0.5]", "[0.0, 0.5]")]);
    assert!(!wrong.is_empty());
}

#[test]
fn an_output_that_did_not_come_is_an_error() {
    let imported = edited("garak", &[("{\"text\": \"A clock.\"}, {", "null, {")]).unwrap();
    assert_eq!(outcomes(&imported)[0], Outcome::Error);
}

#[test]
fn an_older_reports_target_and_a_detector_that_says_yes_or_no_are_read() {
    let older = [
        ("\"plugins.target_name\"", "\"plugins.model_name\""),
        ("[1.0, 0.5]", "[true, 0.5]"),
    ];
    let imported = edited("garak", &older).unwrap();
    let name = imported.requested_model.as_deref();
    assert_eq!(name, Some("release/next/candidate"));
    assert_eq!(imported.rows[0].score_of("rhymes.Found"), Some(0.0));
}
