//! Two SDKs' views of one answer, compared: every difference must be one that the table names and
//! that was reported, and every report must be one that the table names and that did happen. It
//! must not know who asked.

use std::collections::BTreeSet;

use serde_json::Value;

use super::table::{ROWS, Row, row_of};

/// Lists what is wrong: differences that nothing allows, and reports that nothing explains.
pub fn compare(source: &Value, target: &Value, reported: &[String]) -> Vec<String> {
    let rows: Vec<(&String, Option<&'static Row>)> = reported
        .iter()
        .map(|path| (path, row_of(path, &source["dump"])))
        .collect();
    let mut wrong = Vec::new();
    for (what, told) in differences(source, target) {
        let is_named = ROWS.iter().any(|row| row.explains.contains(&what));
        let mut named = rows.iter().filter_map(|(_, row)| *row);
        if !is_named {
            wrong.push(format!("{what} differs: {told}"));
        } else if !named.any(|row| row.explains.contains(&what)) {
            wrong.push(format!("{what} was lost without a report: {told}"));
        }
    }
    for (path, row) in rows {
        let Some(row) = row else {
            wrong.push(format!(
                "{path} was reported; the table lets it not be lost"
            ));
            continue;
        };
        if let Some(what) = arrived(path, row, source, target) {
            wrong.push(format!("{path} was reported ({}), yet {what}", row.topic));
        }
    }
    wrong
}

/// Lists the differences, each by the name under which the table explains it.
fn differences(source: &Value, target: &Value) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut note = |what: &'static str, a: String, b: String| {
        if a != b {
            found.push((what, format!("{} became {}", cut(&a), cut(&b))));
        }
    };
    note("text", said(source), said(target));
    for kind in ["call", "thinking", "hidden", "other"] {
        // What seals thoughts of a maker that does not seal them is the gateway's own, and so is
        // the id of a call that came without one.
        let of_kind = || parts(source).filter(|part| part["kind"] == kind);
        let lacks = |field: &str| {
            of_kind().count() == 0 || of_kind().any(|part| text(&part[field]).is_empty())
        };
        let made: Vec<&str> = ["signature", "id"]
            .into_iter()
            .filter(|it| lacks(it))
            .collect();
        let list = |answer| listed(answer, kind, &made);
        note(name_of(kind), list(source), list(target));
    }
    note("citations", cited(source), cited(target));
    note("order", order(source), order(target));
    for field in ["model", "stop", "stop_sequence", "category"] {
        note(field, text(&source[field]), text(&target[field]));
    }
    for field in ["input", "cached", "cache_write", "output", "reasoning"] {
        let count = |answer: &Value| answer["usage"][field].as_u64().unwrap_or(0).to_string();
        note("usage", count(source), count(target));
    }
    found
}

fn name_of(kind: &str) -> &'static str {
    match kind {
        "call" => "calls",
        "thinking" => "thinking",
        "hidden" => "hidden",
        _ => "other",
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(160).collect();
    format!("`{short}`")
}

fn parts(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["parts"].as_array().into_iter().flatten()
}

/// Joins everything that was said to the user: where a block of text ends is no part of an answer.
/// Words of refusal are text in one dialect, a field of their own or an explanation in another.
fn said(answer: &Value) -> String {
    let texts = parts(answer).filter(|part| part["kind"] == "text");
    let refusals = parts(answer).filter(|part| part["kind"] == "refusal");
    let mut said: String = texts
        .chain(refusals)
        .map(|part| text(&part["text"]))
        .collect();
    said += &text(&answer["explanation"]);
    said
}

fn listed(answer: &Value, kind: &str, made: &[&str]) -> String {
    let of_kind = parts(answer).filter(|part| part["kind"] == kind);
    let bare = of_kind.filter_map(|part| {
        let mut fields = part.as_object()?.clone();
        fields
            .retain(|name, value| name != "kind" && value != "" && !made.contains(&name.as_str()));
        (!fields.is_empty()).then(|| Value::Object(fields).to_string())
    });
    bare.collect::<Vec<_>>().join(" ")
}

fn cited(answer: &Value) -> String {
    let counts = parts(answer).filter_map(|part| part["citations"].as_u64());
    counts.sum::<u64>().to_string()
}

/// Tells in which order text and calls stand, neighbours of a kind as one. The explanation of a
/// refusal is text that stands last.
fn order(answer: &Value) -> String {
    let kinds = parts(answer).filter_map(|part| part["kind"].as_str());
    let mut kinds: Vec<&str> = kinds
        .filter_map(|kind| match kind {
            "text" | "refusal" => Some("text"),
            "call" => Some("call"),
            _ => None,
        })
        .collect();
    if !text(&answer["explanation"]).is_empty() {
        kinds.push("text");
    }
    kinds.dedup();
    kinds.join(" ")
}

/// Tells what of a reported loss is there all the same.
fn arrived(path: &str, row: &Row, source: &Value, target: &Value) -> Option<String> {
    for what in row.explains {
        let kind = parts(target).any(|part| part["kind"] == *what);
        let is_field = !target[*what].is_null() && target[*what] == source[*what];
        // Both dialects may have one word for it all the same.
        if kind || (is_field && !["stop", "model"].contains(what)) {
            return Some(format!("{what} is there"));
        }
    }
    let last = path.rsplit('.').next().unwrap_or_default();
    let (mut before, mut behind) = (BTreeSet::new(), BTreeSet::new());
    gather(last, &source["dump"], &mut before);
    gather(last, &target["dump"], &mut behind);
    let both = before.intersection(&behind).next()?;
    Some(format!("`{last}` is there with {}", cut(both)))
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
            "parts": [{"kind": "text", "text": "hello"}],
            "dump": {"content": [{"type": "text"}], "speed": "fast"},
        })
    }

    fn wrong(edit: impl Fn(&mut Value), reported: &[&str]) -> String {
        let mut target = answer();
        target["dump"] = json!({});
        edit(&mut target);
        let reported: Vec<String> = reported.iter().map(|path| (*path).to_owned()).collect();
        compare(&answer(), &target, &reported).join("; ")
    }

    #[test]
    fn equal_answers_are_equal() {
        assert_eq!(wrong(|_| {}, &[]), "");
        assert_eq!(wrong(|_| {}, &["speed"]), "");
    }

    #[test]
    fn a_difference_is_found_even_where_it_is_reported() {
        let edits: [fn(&mut Value); 3] = [
            |it| it["parts"][0]["text"] = json!("hell"),
            |it| it["usage"]["input"] = json!(4),
            |it| it["parts"] = json!([{"kind": "call", "name": "f", "id": "a"}]),
        ];
        for edit in edits {
            assert!(wrong(edit, &["thinking", "speed"]).contains("differs"));
        }
    }

    #[test]
    fn a_loss_must_be_reported_and_a_report_must_be_a_loss() {
        let think = |it: &mut Value| {
            let thought = json!({"kind": "thinking", "text": "so"});
            it["parts"] = json!([it["parts"][0], thought]);
        };
        assert!(wrong(think, &[]).contains("without a report"));
        assert!(wrong(think, &["thinking"]).contains("is there"));
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
