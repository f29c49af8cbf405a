//! Two rows written by hand, one of which the other planner answers.

use super::*;

const ROWS: &str = r#"[
    {"id": "a_h100_vllm_agg_1", "observed": 10, "predicted": 11, "interval": [9, 12],
     "error": 0.1, "unit": "ms_tpot", "basis": "known", "observed_ttft_ms": 100,
     "predicted_ttft_ms": 120, "interval_ttft_ms": [90, 130], "error_ttft": 0.2},
    {"id": "b_h200_vllm_agg_1", "observed": 20, "predicted": 15, "interval": [9, 22],
     "error": 0.25, "unit": "ms_tpot", "basis": "known", "observed_ttft_ms": 100,
     "predicted_ttft_ms": 130, "interval_ttft_ms": [90, 140], "error_ttft": 0.3}]"#;

#[test]
fn rows_that_only_one_side_answers_are_counted_apart() {
    let rows = Outcome::listed(ROWS).expect("a list");
    let answer = |times| Answer { times };
    let answers = BTreeMap::from([
        ("a_h100_vllm_agg_1".to_owned(), answer(Some((15.0, 50.0)))),
        ("b_h200_vllm_agg_1".to_owned(), answer(None)),
    ]);
    let lines = Side::truth(&rows, &answers).lines();
    assert!(lines[0].starts_with("2 of 2 rows were asked; AIConfigurator answered 1, we 2."));
    let both = "1 | 50.0 %, 50.0 % | 10.0 %, 10.0 % | 50.0 %, 50.0 % | 20.0 %, 20.0 % |";
    assert_eq!(lines[3], format!("| all it answers | {both}"));
    assert_eq!(lines[4], format!("| h100 | {both}"));
    assert!(!lines.iter().any(|line| line.starts_with("| h200")));
    let silent = "| it has no answer | 1 | – | 25.0 %, 25.0 % | – | 30.0 %, 30.0 % |";
    assert_eq!(lines.last().map(String::as_str), Some(silent));
}

#[test]
fn an_answer_is_off_by_what_was_measured() {
    let rows = Outcome::listed(ROWS).expect("a list");
    let answer = Answer {
        times: Some((30.0, 100.0)),
    };
    let [step, first] = errors(&rows[1], Some(&answer));
    assert!((step.expect("a time") - 0.5).abs() < 1e-12 && first == Some(0.0));
    assert_eq!(errors(&rows[1], None), [None; 2]);
}
