//! Thoughts taken out: what goes, what stays byte for byte, and what is told.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::without;

const THOUGHT: &str = r#"{"type":"thinking","thinking":"hm","signature":"s1"}"#;
const SIGNED: &str = r#"{ "signature" : "s2", "thinking":"", "type" : "thinking" }"#;
const REDACTED: &str = r#"{"type":"redacted_thinking","data":"xx"}"#;
const CALL: &str = r#"{"type":"tool_use","id":"t","name":"f","input":{"type":"thinking"}}"#;
const RESULT: &str = r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}"#;

fn check(body: &str, below: u32, wanted: &str, paths: &[&str]) {
    let stripped = without(body.as_bytes(), below).unwrap();
    assert_eq!(std::str::from_utf8(&stripped.body), Ok(wanted));
    let told: Vec<_> = stripped.losses.iter().map(|loss| &*loss.path).collect();
    assert_eq!(told, paths);
}

#[test]
fn every_kind_of_thought_goes_and_every_other_byte_stays() {
    let body = |parts: &str| {
        format!(
            r#"{{ "x":1.0, "messages" : [ {{"role":"user","content":"a"}},
                {{"content":[ {parts} ],"role":"assistant"}} ], "y":[] }}"#
        )
    };
    let text = r#"{"type":"text","text":"t"}"#;
    check(
        &body(&format!("{THOUGHT} , {SIGNED},{REDACTED} ,{text}")),
        9,
        &body(text),
        &[
            "messages[1].content[0]",
            "messages[1].content[1]",
            "messages[1].content[2]",
        ],
    );
    check(
        &body(&format!("{text}, {THOUGHT}")),
        9,
        &body(text),
        &["messages[1].content[1]"],
    );
    check(
        &body(&format!("{THOUGHT}, {text}, {REDACTED}, {CALL}")),
        9,
        &body(&format!("{text}, {CALL}")),
        &["messages[1].content[0]", "messages[1].content[2]"],
    );
}

#[test]
fn an_answer_of_nothing_but_thoughts_goes_whole() {
    let user = r#"{"role":"user","content":"a"}"#;
    let answer = format!(r#"{{"role":"assistant","content":[{THOUGHT},{REDACTED}]}}"#);
    check(
        &format!(r#"{{"messages":[{user}, {answer}, {user}]}}"#),
        9,
        &format!(r#"{{"messages":[{user}, {user}]}}"#),
        &["messages[1]"],
    );
    check(
        &format!(r#"{{"messages":[{user}, {answer}]}}"#),
        9,
        &format!(r#"{{"messages":[{user}]}}"#),
        &["messages[1]"],
    );
}

#[test]
fn what_stands_behind_the_crossing_stays() {
    let answer = |part: &str| format!(r#"{{"role":"assistant","content":[{part},{CALL}]}}"#);
    let body = |first: &str| format!(r#"{{"messages":[{first},{RESULT},{}]}}"#, answer(SIGNED));
    let bare = format!(r#"{{"role":"assistant","content":[{CALL}]}}"#);
    check(
        &body(&answer(THOUGHT)),
        1,
        &body(&bare),
        &["messages[0].content[0]"],
    );
    assert!(without(body(&bare).as_bytes(), 1).is_none());
}

#[test]
fn a_pending_call_turns_manual_thinking_off_and_no_other() {
    let body = |thinking: &str, parts: &str, after: &str| {
        format!(
            r#"{{"thinking": {thinking} ,
                "messages":[{{"role":"assistant","content":[{parts}]}},{after}]}}"#
        )
    };
    let manual = r#"{"budget_tokens":1024,"type":"enabled"}"#;
    let parts = format!("{THOUGHT},{CALL}");
    check(
        &body(manual, &parts, RESULT),
        9,
        &body(r#"{"type":"disabled"}"#, CALL, RESULT),
        &["messages[0].content[0]", "thinking"],
    );
    for thinking in [r#"{"type":"adaptive"}"#, r#"{"type":"disabled"}"#, "null"] {
        check(
            &body(thinking, &parts, RESULT),
            9,
            &body(thinking, CALL, RESULT),
            &["messages[0].content[0]"],
        );
    }
    // Its own thoughts behind the crossing are enough.
    let own = format!(r#"{{"role":"assistant","content":[{SIGNED},{CALL}]}},{RESULT}"#);
    let behind = format!("{RESULT},{own}");
    check(
        &body(manual, &parts, &behind),
        1,
        &body(manual, CALL, &behind),
        &["messages[0].content[0]"],
    );
}

#[test]
fn nothing_is_taken_where_there_is_nothing() {
    for body in [
        r#"{"messages":[]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"thinking"}]}]}"#,
        r#"{"messages":[{"role":"assistant","content":"thinking"}]}"#,
        r#"{"messages":{"type":"thinking"}}"#,
        "no JSON",
    ] {
        assert!(without(body.as_bytes(), 9).is_none(), "{body}");
    }
}

proptest! {
    #[test]
    fn what_is_left_is_what_a_tree_would_leave(
        turns in prop::collection::vec(
            (any::<bool>(), prop::collection::vec(0_usize..5, 1..5)),
            0..6,
        ),
        below in 0_u32..7,
    ) {
        let kinds = [THOUGHT, SIGNED, REDACTED, CALL, r#"{"type":"text","text":"t"}"#];
        let kinds = kinds.map(|text| serde_json::from_str::<Value>(text).unwrap());
        let turns: Vec<Value> = turns.iter().map(|(is_answer, parts)| {
            let parts: Vec<_> = parts.iter().map(|at| kinds[*at].clone()).collect();
            let role = if *is_answer { "assistant" } else { "user" };
            json!({"role": role, "content": parts})
        }).collect();
        let body = json!({"messages": turns}).to_string();
        let left: Vec<Value> = turns.iter().enumerate().filter_map(|(at, turn)| {
            let mut turn = turn.clone();
            if turn["role"] == "assistant" && at < below as usize {
                let parts = turn["content"].as_array_mut().unwrap();
                parts.retain(|part| !part["type"].as_str().unwrap().contains("thinking"));
                if parts.is_empty() {
                    return None;
                }
            }
            Some(turn)
        }).collect();
        let wanted = json!({"messages": left});
        let got = without(body.as_bytes(), below).map_or(body.clone().into(), |got| got.body);
        prop_assert_eq!(serde_json::from_slice::<Value>(&got).unwrap(), wanted);
    }
}
