//! Two SDKs' views of one answer, compared: every difference must be one that the table names and
//! that was reported, and every report must be one that the table names and that did happen. It
//! must not know who asked.

use std::collections::BTreeSet;

use serde_json::Value;

use super::table::{ROWS, Row, row_of};
use super::views::{at, differences};

/// Lists what is wrong: differences that nothing allows, and reports that nothing explains. `raw`
/// is the recording, for what its own SDK does not show.
pub fn compare(source: &Value, target: &Value, reported: &[String], raw: &str) -> Vec<String> {
    let rows: Vec<(&String, Option<&'static Row>)> = reported
        .iter()
        .map(|path| (path, row_of(path, &source["dump"])))
        .collect();
    let mut wrong = Vec::new();
    let mut lost = BTreeSet::new();
    for difference in differences(source, target) {
        let (what, told) = (difference.what, difference.told);
        let is_named = ROWS.iter().any(|row| row.explains.contains(&what));
        let mut named = rows.iter().filter_map(|(_, row)| *row);
        if !is_named || !difference.is_less {
            wrong.push(format!("{what} differs: {told}"));
        } else if !named.any(|row| row.explains.contains(&what)) {
            wrong.push(format!("{what} was lost without a report: {told}"));
        }
        lost.insert(what);
    }
    for (path, row) in rows {
        let Some(row) = row else {
            wrong.push(format!(
                "{path} was reported; the table lets it not be lost"
            ));
            continue;
        };
        let is_lost = row.explains.iter().any(|what| lost.contains(what));
        let arrived = match row.explains {
            [] => arrived(path, source, target),
            explained => kept(path, explained, source, raw),
        };
        if let Some(what) = arrived.filter(|_| !is_lost) {
            wrong.push(format!("{path} was reported ({}), yet {what}", row.topic));
        }
    }
    wrong
}

/// Tells why nothing can be lost of what is the same in both views: it is there, or there was none.
/// An SDK may not show it at all; then the recording must hold it.
fn kept(path: &str, explained: &[&str], source: &Value, raw: &str) -> Option<String> {
    let shown = differences(source, &Value::Null);
    let shown = shown.iter().find(|it| explained.contains(&it.what));
    if let Some(shown) = shown {
        return Some(format!("nothing of its {} is lost", shown.what));
    }
    let name = path.rsplit('.').next().unwrap_or_default();
    (!raw.contains(name)).then(|| "the recording holds none".to_owned())
}

/// Tells what of a reported field is there all the same.
fn arrived(path: &str, source: &Value, target: &Value) -> Option<String> {
    let last = path.rsplit('.').next().unwrap_or_default();
    let name = last.split('[').next().unwrap_or_default();
    let (mut before, mut behind) = (BTreeSet::new(), BTreeSet::new());
    match at(path, &source["dump"]) {
        Some(value) if is_telling(value) => drop(before.insert(value.to_string())),
        _ => gather(name, &source["dump"], &mut before),
    }
    gather(name, &target["dump"], &mut behind);
    let both = before.intersection(&behind).next()?;
    let shown: String = both.chars().take(160).collect();
    Some(format!("`{name}` is there with {shown}"))
}

/// Gathers the values under a name that say anything.
fn gather(name: &str, tree: &Value, found: &mut BTreeSet<String>) {
    match tree {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == name && is_telling(value) {
                    found.insert(value.to_string());
                }
                gather(name, value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(name, item, found)),
        _ => {}
    }
}

fn is_telling(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.values().any(is_telling),
        Value::Bool(true) => true,
    }
}

#[cfg(test)]
mod tests {
    //! The comparison itself: it finds what is planted.

    use serde_json::{Value, json};

    use super::compare;

    fn answer() -> Value {
        json!({
            "model": "m", "stop": "end", "usage": {"input": 3, "output": 2},
            "parts": [{"kind": "text", "text": "hello", "citations": 1}],
            "dump": {"content": [{"type": "text"}], "speed": "fast"},
        })
    }

    fn wrong(edit: impl Fn(&mut Value), reported: &[&str]) -> String {
        let mut target = answer();
        target["dump"] = json!({});
        edit(&mut target);
        let reported: Vec<String> = reported.iter().map(|path| (*path).to_owned()).collect();
        compare(&answer(), &target, &reported, "{\"thinking\":\"so\"}").join("; ")
    }

    #[test]
    fn equal_answers_are_equal() {
        assert_eq!(wrong(|_| {}, &[]), "");
        assert_eq!(wrong(|_| {}, &["speed"]), "");
    }

    #[test]
    fn a_difference_is_found_even_where_it_is_reported() {
        let edits: [fn(&mut Value); 4] = [
            |it| it["parts"][0]["text"] = json!("hell"),
            |it| it["usage"]["input"] = json!(4),
            |it| it["parts"] = json!([{"kind": "call", "name": "f", "id": "a"}]),
            // More thoughts than there were are no loss.
            |it| it["parts"][1] = json!({"kind": "thinking", "text": "so"}),
        ];
        for edit in edits {
            let edit = |it: &mut Value| {
                it["parts"] = json!([it["parts"][0], null]);
                edit(it);
            };
            assert!(wrong(edit, &["thinking", "speed"]).contains("differs"));
        }
    }

    #[test]
    fn a_loss_must_be_reported_and_a_report_must_be_a_loss() {
        let uncited = |it: &mut Value| it["parts"][0]["citations"] = json!(0);
        assert!(wrong(uncited, &[]).contains("without a report"));
        assert_eq!(wrong(uncited, &["citations"]), "");
        assert!(wrong(|_| {}, &["citations"]).contains("is lost"));
        // Its SDK shows none, but the recording does; of other things neither does.
        assert_eq!(wrong(|_| {}, &["thinking"]), "");
        assert!(wrong(|_| {}, &["logprobs"]).contains("holds none"));
        let model = |it: &mut Value| it["model"] = json!("n");
        assert!(wrong(model, &["speed"]).contains("without a report"));
        let stop = |it: &mut Value| it["stop"] = json!("other");
        assert!(wrong(stop, &[]).contains("without a report"));
        assert_eq!(wrong(stop, &["stop_reason"]), "");
        assert!(wrong(|_| {}, &["choices[0].message.content"]).contains("lets it not be lost"));
        let kept = |it: &mut Value| it["dump"] = json!({"x": [{"speed": "fast"}]});
        assert!(wrong(kept, &["speed"]).contains("is there"));
    }
}
