//! What scanners write, as lines.

use super::Located;
use crate::json::Json;
use crate::truth::Label;

fn label(path: &str, first: usize, last: usize, model: &str) -> Label {
    Label {
        repository: "a/b".to_owned(),
        path: path.to_owned(),
        first,
        last,
        model: model.to_owned(),
        role: "default".to_owned(),
        is_changed: None,
        fix: None,
    }
}

#[test]
fn ours_is_read_with_roles_and_all_lines_of_a_table() {
    let text = r#"{"findings": [
        {"path": "a.py", "line": 3, "lines": [3], "role": "default", "model": "gpt-4o"},
        {"path": "b.py", "line": 5, "lines": [5, 6, 9], "role": "catalogue", "model": "gpt-4o"}]}"#;
    let located = Located::ours(&Json::read(text).expect("JSON"));
    assert_eq!(
        located.at(&label("a.py", 3, 3, "openai/gpt-4o")),
        [Some("default")]
    );
    assert!(located.at(&label("a.py", 3, 3, "claude-opus-5")).is_empty());
    assert!(located.at(&label("a.py", 4, 4, "gpt-4o")).is_empty());
    assert_eq!(
        located.at(&label("b.py", 9, 9, "claude-opus-5")),
        [Some("catalogue")]
    );
    assert_eq!(located.at(&label("b.py", 7, 20, "o3")).len(), 3);
}

#[test]
fn others_are_read_by_the_path_that_is_nearest_to_a_line() {
    let text = r#"{"runs": [{"results": [{"locations": [{"physicalLocation": {
        "artifactLocation": {"uri": "file:///x/src/a.py"}, "region": {"startLine": 3}}}]}]}],
        "findings": [{"file_path": "c.py", "line_number": 7}]}"#;
    let located = Located::others(&Json::read(text).expect("JSON"));
    assert_eq!(located.at(&label("c.py", 7, 7, "gpt-4o")), [None]);
    assert_eq!(located.at(&label("src/a.py", 3, 3, "gpt-4o")), [None]);
    assert!(located.at(&label("a.js", 3, 3, "gpt-4o")).is_empty());
}
