//! promptfoo's JSON.

use super::{contradicted, edited, fixture, outcomes};
use crate::imported::{ImportFault, Requests};
use crate::rows::Outcome;
use crate::sources::read;

#[test]
fn rows_that_ask_the_same_are_epochs_of_one_item() {
    let imported = read(&fixture("promptfoo")).unwrap();
    let ids: Vec<(&str, u32)> = imported
        .rows
        .iter()
        .map(|row| (row.item.as_str(), row.epoch))
        .collect();
    let (norway, peru) = ("test-0-prompt-0", "test-1-prompt-0");
    assert_eq!(ids, [(norway, 1), (peru, 1), (norway, 2), (peru, 2)]);
    let scores: Vec<Option<f64>> = imported
        .rows
        .iter()
        .map(|row| row.score_of("promptfoo"))
        .collect();
    assert_eq!(scores, [Some(1.0), Some(0.0), Some(1.0), Some(0.5)]);
    assert_eq!(imported.rows[0].score_of("brief"), Some(1.0));
    let (ok, cut) = (Outcome::Ok, Outcome::Truncated);
    assert_eq!(outcomes(&imported), [ok, ok, ok, cut]);
    assert_eq!(imported.task, "capitals");
    assert_eq!(imported.tool_version.as_deref(), Some("0.121.20"));
    let name = imported.requested_model.as_deref();
    assert_eq!(name, Some("openai:chat:release/next/candidate"));
    assert_eq!(imported.requests, Requests::exactly(4));
    assert_eq!(imported.rows[0].tokens.unwrap().input, 9);
}

#[test]
fn a_row_that_was_edited_to_succeed_contradicts_the_file() {
    let edits = [("\"success\": false", "\"success\": true")];
    let wrong = contradicted("promptfoo", &edits);
    assert_eq!(wrong, ["results.stats.successes", "results.stats.failures"]);
}

#[test]
fn a_score_that_was_edited_contradicts_what_promptfoo_added_up() {
    let totals = (
        "\"label\": \"capital\"\n   }",
        "\"label\": \"capital\", \"metrics\": {\"score\": 2.5}\n   }",
    );
    assert_eq!(contradicted("promptfoo", &[totals]), [""; 0]);
    let edit = ("\"score\": 0.5", "\"score\": 0.75");
    let wrong = contradicted("promptfoo", &[totals, edit]);
    assert_eq!(wrong, ["results.prompts[0].metrics.score"]);
}

#[test]
fn the_decision_that_answered_is_read_from_the_headers_of_the_answer() {
    let headers = r#"{"http": {"headers": {"tiergate-decision": "d"}}}"#;
    let with = format!("\"cached\": false, \"metadata\": {headers}");
    let imported = edited("promptfoo", &[("\"cached\": false", &with)]).unwrap();
    assert_eq!(imported.rows[0].decisions, ["d"]);
    assert_eq!(imported.rows[1].decisions, [""; 0]);
}

#[test]
fn a_run_with_an_error_or_a_cached_answer_is_not_finished() {
    let error = [
        ("\"failureReason\": 1", "\"failureReason\": 2"),
        ("\"failures\": 2", "\"failures\": 1"),
        ("\"errors\": 0", "\"errors\": 1"),
    ];
    let why = edited("promptfoo", &error).unwrap().unfinished.unwrap();
    assert!(why.contains("1 rows ended in an error"), "{why}");
    let cached = [("\"cached\": false", "\"cached\": true")];
    let why = edited("promptfoo", &cached).unwrap().unfinished.unwrap();
    assert!(why.contains("cache"), "{why}");
}

#[test]
fn another_version_or_a_second_provider_is_refused() {
    let fault = edited("promptfoo", &[("\"version\": 3", "\"version\": 2")]).unwrap_err();
    assert!(matches!(fault, ImportFault::Version { .. }), "{fault}");
    let other = [(
        "openai:chat:release/next/candidate",
        "openai:chat:release/next/incumbent",
    )];
    let fault = edited("promptfoo", &other).unwrap_err().to_string();
    assert!(fault.contains("one file a provider"), "{fault}");
}
