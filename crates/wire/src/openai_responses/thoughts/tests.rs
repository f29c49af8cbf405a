//! Thoughts taken out: what goes, what stays byte for byte, and what is told.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::without;

const USER: &str = r#"{"role":"user","content":"a"}"#;
const THOUGHT: &str = r#"{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA"}"#;
const TOLD: &str = r#"{ "type" : "reasoning", "summary":[{"type":"summary_text","text":"hm"}] }"#;
const CALL: &str =
    r#"{"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"{}"}"#;
const BARE_CALL: &str = r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#;
const OUTPUT: &str = r#"{"type":"function_call_output","id":"fco_1","call_id":"c","output":"x"}"#;
const SAID: &str = r#"{"id" : "msg_1", "role":"assistant","content":[]}"#;
const BARE_SAID: &str = r#"{"role":"assistant","content":[]}"#;

fn check(input: &str, below: u32, wanted: &str, paths: &[&str]) {
    let body = |input: &str| format!(r#"{{ "x":1.0, "input" : [{input}] , "y":[] }}"#);
    let stripped = without(body(input).as_bytes(), below).unwrap();
    assert_eq!(std::str::from_utf8(&stripped.body), Ok(&*body(wanted)));
    let told: Vec<_> = stripped.losses.iter().map(|loss| &*loss.path).collect();
    assert_eq!(told, paths);
}

#[test]
fn reasoning_goes_with_the_ids_of_what_it_led_to_and_every_other_byte_stays() {
    check(
        &format!("{USER}, {THOUGHT} ,{TOLD}, {CALL},{CALL} , {OUTPUT},{SAID}"),
        9,
        &format!("{USER}, {BARE_CALL},{BARE_CALL} , {OUTPUT},{SAID}"),
        &["input[1]", "input[2]", "input[3].id", "input[4].id"],
    );
    check(
        &format!("{USER},{THOUGHT},{SAID} ,{USER}, {SAID}"),
        9,
        &format!("{USER},{BARE_SAID} ,{USER}, {SAID}"),
        &["input[1]", "input[2].id"],
    );
    // An answer that was cut short ends with its thoughts.
    check(
        &format!("{USER} , {TOLD} "),
        9,
        &format!("{USER} "),
        &["input[1]"],
    );
}

#[test]
fn an_id_goes_wherever_it_stands_and_not_where_the_item_needs_it() {
    let last = r#"{"type":"custom_tool_call","input":"x","call_id":"c" , "id":"ctc_1" }"#;
    let search = r#"{"type":"web_search_call","id":"ws_1","status":"completed"}"#;
    let reference = r#"{"id":"msg_9"}"#;
    check(
        &format!("{THOUGHT},{search},{reference},{last}"),
        9,
        &format!(
            r#"{search},{reference},{{"type":"custom_tool_call","input":"x","call_id":"c" }}"#
        ),
        &["input[0]", "input[3].id"],
    );
}

#[test]
fn what_stands_behind_the_crossing_stays() {
    let own = format!("{THOUGHT},{CALL}");
    check(
        &format!("{USER},{THOUGHT},{CALL},{OUTPUT},{own}"),
        4,
        &format!("{USER},{BARE_CALL},{OUTPUT},{own}"),
        &["input[1]", "input[2].id"],
    );
}

#[test]
fn nothing_is_taken_where_there_is_nothing() {
    for body in [
        r#"{"input":"reasoning"}"#.to_owned(),
        format!(r#"{{"input":[{USER},{CALL},{OUTPUT}]}}"#),
        r#"{"input":[{"type":"item_reference","id":"rs_1"},{"id":"rs_2"}, 3, null]}"#.to_owned(),
        r#"{"input":{"type":"reasoning"}}"#.to_owned(),
        "no JSON".to_owned(),
    ] {
        assert!(without(body.as_bytes(), 9).is_none(), "{body}");
    }
    let own = format!(r#"{{"input":[{USER},{THOUGHT},{CALL}]}}"#);
    assert!(without(own.as_bytes(), 1).is_none());
}

proptest! {
    #[test]
    fn what_is_left_is_what_a_tree_would_leave(
        items in prop::collection::vec(0_usize..6, 0..9),
        below in 0_u32..10,
    ) {
        let kinds = [USER, THOUGHT, TOLD, CALL, OUTPUT, SAID];
        let kinds = kinds.map(|text| serde_json::from_str::<Value>(text).unwrap());
        let items: Vec<Value> = items.iter().map(|at| kinds[*at].clone()).collect();
        let body = json!({"input": items}).to_string();
        let mut is_bare = false;
        let mut left = Vec::new();
        for (at, mut item) in items.into_iter().enumerate() {
            if item["type"] == "reasoning" {
                is_bare = at < below as usize;
                if is_bare {
                    continue;
                }
            } else if item["role"] == "user" || item["type"] == "function_call_output" {
                is_bare = false;
            } else if is_bare {
                item.as_object_mut().unwrap().remove("id");
            }
            left.push(item);
        }
        let wanted = json!({"input": left});
        let got = without(body.as_bytes(), below).map_or(body.clone().into(), |got| got.body);
        prop_assert_eq!(serde_json::from_slice::<Value>(&got).unwrap(), wanted);
    }
}
