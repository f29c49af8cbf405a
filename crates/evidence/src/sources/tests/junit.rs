//! JUnit reports.

use super::{contradicted, edited, fixture, outcomes};
use crate::imported::{ImportFault, Warning};
use crate::rows::Outcome;
use crate::sources::read;

#[test]
fn each_case_that_was_not_skipped_is_a_row() {
    let imported = read(&fixture("junit")).unwrap();
    let rows = imported.rows.iter();
    let ids: Vec<(&str, u32)> = rows.map(|row| (row.item.as_str(), row.epoch)).collect();
    let (norway, peru) = ("capitals::Norway", "capitals::Peru");
    assert_eq!(ids, [(norway, 1), (peru, 1), (norway, 2)]);
    let scores: Vec<_> = imported
        .rows
        .iter()
        .map(|row| row.score_of("passed"))
        .collect();
    assert_eq!(scores, [Some(1.0), Some(0.0), Some(1.0)]);
    assert_eq!(outcomes(&imported), [Outcome::Ok; 3]);
    assert_eq!(imported.rows[0].time_ms, Some(31));
    assert_eq!(imported.rows[0].part.as_deref(), Some("europe"));
    assert_eq!(imported.task, "capitals");
    assert!(imported.warnings.contains(&Warning::Skipped { count: 1 }));
    assert!(!imported.requests.allow(2) && imported.requests.allow(9));
}

#[test]
fn a_case_with_an_error_was_not_answered() {
    let error = [
        (
            "<failure message=\"Lima was expected\">Oslo</failure>",
            "<error/>",
        ),
        ("failures=\"1\" errors=\"0\"", "failures=\"0\" errors=\"1\""),
        ("failures=\"1\" errors=\"0\"", "failures=\"0\" errors=\"1\""),
    ];
    let imported = edited("junit", &error).unwrap();
    assert_eq!(outcomes(&imported)[1], Outcome::Error);
}

#[test]
fn a_failure_that_was_cut_out_contradicts_the_file() {
    let cut = [("<failure message=\"Lima was expected\">Oslo</failure>", "")];
    let wrong = contradicted("junit", &cut);
    assert!(!wrong.is_empty());
}

#[test]
fn a_report_with_a_document_type_or_of_something_else_is_refused() {
    let entity = "<!DOCTYPE a [<!ENTITY b \"c\">]><testsuite name=\"&b;\"/>";
    for text in [
        entity,
        "<a><testsuite/></a>",
        "<testsuite>",
        "<testsuite tests=\"x\"/>",
    ] {
        let fault = read(text.as_bytes()).unwrap_err();
        assert!(
            matches!(fault, ImportFault::Malformed { .. }),
            "{text}: {fault}"
        );
    }
}

#[test]
fn elements_within_elements_without_end_are_refused() {
    for depth in [20, 100_000] {
        let open = "<testsuite>".repeat(depth);
        let text = format!(
            "{open}<testcase name=\"a\"/>{}",
            "</testsuite>".repeat(depth)
        );
        assert!(read(text.as_bytes()).is_err(), "{depth}");
    }
}
