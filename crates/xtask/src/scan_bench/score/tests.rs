//! Counts by labels.

use super::{Score, Share};
use crate::json::Json;
use crate::scan_bench::located::Located;
use crate::truth::Label;

fn label(line: usize, role: &str, is_changed: Option<bool>) -> Label {
    Label {
        repository: "a/b".to_owned(),
        path: "a.py".to_owned(),
        first: line,
        last: line,
        model: "gpt-4o".to_owned(),
        role: role.to_owned(),
        is_changed,
        fix: None,
    }
}

fn share(part: usize, of: usize) -> Share {
    Share { of, part }
}

#[test]
fn lines_are_counted_by_what_became_of_them() {
    let text = r#"{"findings": [
        {"path": "a.py", "line": 1, "role": "default", "model": "gpt-4o"},
        {"path": "a.py", "line": 2, "role": "live_call", "model": "gpt-4o"},
        {"path": "a.py", "line": 3, "role": "comment", "model": "gpt-4o"},
        {"path": "a.py", "line": 4, "role": "live_call", "model": "gpt-4o"},
        {"path": "a.py", "line": 9, "role": "live_call", "model": "gpt-4o"}]}"#;
    let located = Located::ours(&Json::read(text).expect("JSON"));
    let labels = [
        label(1, "default", Some(true)),
        label(2, "default", Some(true)),
        label(3, "comment", Some(false)),
        label(4, "catalogue", Some(false)),
        label(5, "catalogue", Some(false)),
        label(6, "default", Some(true)),
        label(9, "none", None),
        label(10, "none", None),
    ];
    let mut score = Score::default();
    score.add(&labels.iter().collect::<Vec<_>>(), &located);
    assert_eq!(score.wanted, share(2, 3));
    assert_eq!(score.left, share(2, 3));
    assert_eq!(score.reported, share(2, 5));
    assert_eq!(score.roles, share(2, 4));
    assert!(!score.meets_the_bars());
}

#[test]
fn what_was_not_asked_meets_every_bar() {
    assert!(Score::default().meets_the_bars());
    let recall = Score {
        wanted: share(94, 100),
        ..Score::default()
    };
    assert!(!recall.meets_the_bars());
}

#[test]
fn what_is_told_elsewhere_of_a_commit_s_model_is_false() {
    let text = r#"{"findings": [
        {"path": "a.py", "line": 1, "role": "default", "written": "openai:gpt-4o"},
        {"path": "a.py", "line": 3, "role": "comment", "written": "gpt-4o"},
        {"path": "a.py", "line": 4, "role": "live_call", "written": "gpt-4o"},
        {"path": "b.py", "line": 7, "role": "live_call", "written": "gpt-4o"},
        {"path": "b.py", "line": 8, "role": "live_call", "written": "gpt-4o-mini"},
        {"path": "b.py", "line": 9, "lines": [9, 10], "role": "catalogue", "written": "o3"}]}"#;
    let located = Located::ours(&Json::read(text).expect("JSON"));
    let labels = [
        label(1, "live_call", Some(true)),
        label(3, "comment", Some(false)),
        label(4, "catalogue", Some(false)),
    ];
    let mut score = Score::default();
    score.add_whole(&labels.iter().collect::<Vec<_>>(), &located);
    assert_eq!(score.whole, share(2, 4));
    assert!(!score.meets_the_bars());
    let others = r#"{"findings": [{"file_path": "a.py", "line_number": 3}]}"#;
    let others = Located::others(&Json::read(others).expect("JSON"));
    let mut score = Score::default();
    score.add_whole(&labels.iter().collect::<Vec<_>>(), &others);
    assert_eq!(score.whole, share(0, 0));
}
