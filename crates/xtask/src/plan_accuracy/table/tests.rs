//! Rows, scores and lines of small texts written by hand.

use super::{Outcome, Score, chosen};

#[test]
fn a_row_is_read_with_its_interval_and_first_token() {
    let text = r#"[{"id": "a", "observed": 10.0, "predicted": 12.5, "interval": [9, 16],
        "error": 0.25, "unit": "ms", "basis": "known", "observed_ttft_ms": 100,
        "predicted_ttft_ms": 80.0, "interval_ttft_ms": [60, 90.0], "error_ttft": 0.2},
        {"id": "b", "observed": {"input": 5}, "predicted": null, "interval": null, "error": null,
        "unit": "usd", "basis": "no price known"}]"#;
    let rows = Outcome::listed(text).expect("rows");
    assert_eq!(rows[0].ratio, Some(1.25));
    assert_eq!(rows[0].is_covered, Some(true));
    assert_eq!(rows[0].half_width, Some(0.28));
    let first = rows[0].first.expect("a first token");
    assert!(!first.is_covered && (first.half_width - 0.1875).abs() < 1e-12);
    assert_eq!(
        (rows[1].observed.as_str(), rows[1].is_answered()),
        ("input 5.000", false)
    );
    assert!(Outcome::listed("{}").is_none());
}

#[test]
fn scores_end_where_the_next_table_begins() {
    let facts = "rows = 1\n[[scores]]\nmeasure = \"step\"\nheld_out = \"points\"\nmean = 0.1\n\
                 median = 0.05\ncovered = 0.8\nhalf_width = 0.09\n\n[[spreads]]\nmean = 9\n";
    let scores = Score::listed(facts);
    assert_eq!(scores.len(), 1);
    assert_eq!(scores[0].held_out, "points");
    assert_eq!(scores[0].numbers, [0.1, 0.05, 0.8, 0.09]);
}

#[test]
fn lines_of_other_ids_are_left_out() {
    assert_eq!(
        chosen("id,x\na,1\nab,2\nb,3\n", &["ab", "b"]),
        "id,x\nab,2\nb,3\n"
    );
}
