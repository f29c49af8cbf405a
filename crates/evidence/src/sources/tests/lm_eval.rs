//! Results and samples of lm-evaluation-harness.

use super::{contradicted, fixture, outcomes};
use crate::imported::{Requests, Warning};
use crate::rows::Outcome;
use crate::sources::read;

fn samples_alone() -> Vec<u8> {
    let text = String::from_utf8(fixture("lm-eval")).unwrap();
    let at = text.find("{\"doc_id\"").unwrap();
    text.as_bytes()[at..].to_vec()
}

#[test]
fn each_document_is_a_row_and_each_metric_of_a_filter_a_scorer() {
    let imported = read(&fixture("lm-eval")).unwrap();
    let scorers: Vec<&str> = imported.scorers().into_iter().collect();
    assert_eq!(scorers, ["exact_match,loose", "exact_match,strict"]);
    let rows = imported.rows.iter();
    let scores: Vec<_> = rows.map(|row| row.score_of("exact_match,strict")).collect();
    assert_eq!(scores, [Some(1.0), Some(0.0), Some(1.0)]);
    assert_eq!(outcomes(&imported), [Outcome::Ok; 3]);
    assert_eq!(imported.task, "larger");
    assert_eq!(imported.tool_version.as_deref(), Some("0.4.13"));
    let model = imported.requested_model.as_deref();
    assert_eq!(model, Some("release/next/candidate"));
    // Two filters of three documents took three requests.
    assert_eq!(imported.requests, Requests::exactly(3));
    assert_eq!(imported.warnings, []);
}

#[test]
fn samples_without_results_say_that_they_do_not_tell_the_task() {
    let imported = read(&samples_alone()).unwrap();
    assert_eq!(imported.rows.len(), 3);
    assert!(matches!(
        imported.warnings.as_slice(),
        [Warning::Unsaid { .. }]
    ));
}

#[test]
fn results_without_samples_are_refused() {
    let bytes = fixture("lm-eval");
    let length = bytes.len() - samples_alone().len();
    let fault = read(&bytes[..length]).unwrap_err().to_string();
    assert!(fault.contains("there is no sample"), "{fault}");
}

#[test]
fn samples_that_are_fewer_or_others_than_the_results_had_contradict_them() {
    let fewer = contradicted("lm-eval", &[("\"effective\": 3", "\"effective\": 4")]);
    assert_eq!(fewer, ["n-samples of larger"]);
    let mut other = String::from_utf8(fixture("lm-eval")).unwrap();
    let from = other.rfind("\"prompt_hash\": \"").unwrap() + 16;
    let letter = if other.as_bytes()[from] == b'0' {
        "1"
    } else {
        "0"
    };
    other.replace_range(from..=from, letter);
    let imported = read(other.as_bytes()).unwrap();
    let wrong: Vec<&str> = imported.edited().collect();
    assert_eq!(wrong, ["task_hashes.larger"]);
    // Among several tasks none can be told for the samples'.
    let several = other.replacen("\"larger\": {", "\"smaller\": {}, \"larger\": {", 1);
    let fault = read(several.as_bytes()).unwrap_err().to_string();
    assert!(
        fault.contains("no task of the results asked these"),
        "{fault}"
    );
}

#[test]
fn a_score_that_was_edited_contradicts_the_mean_of_the_results() {
    let means = (
        "\"task\": \"larger\"",
        "\"metric_list\": [{\"metric\": \"exact_match\", \"aggregation\": \"mean\"}]",
    );
    assert_eq!(contradicted("lm-eval", &[means]), [""; 0]);
    let edit = ("\"exact_match\": 0.0}", "\"exact_match\": 1.0}");
    assert_eq!(
        contradicted("lm-eval", &[means, edit]),
        ["results.larger.exact_match"]
    );
    assert_eq!(
        contradicted("lm-eval", &[edit]),
        [""; 0],
        "not called a mean"
    );
}

#[test]
fn two_samples_of_one_document_and_filter_are_refused() {
    let samples = String::from_utf8(samples_alone()).unwrap();
    let first = samples.lines().next().unwrap();
    let fault = read(format!("{samples}{first}\n").as_bytes())
        .unwrap_err()
        .to_string();
    assert!(fault.contains("one scorer scored it twice"), "{fault}");
}
