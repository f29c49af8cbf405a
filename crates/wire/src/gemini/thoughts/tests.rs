//! Thoughts taken out: what goes, what stays byte for byte, and what is told.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::without;
use crate::gemini::seal::PLACEHOLDER;

const USER: &str = r#"{"role":"user","parts":[{"text":"a"}]}"#;
const THOUGHT: &str = r#"{ "text":"hm", "thought" : true }"#;
const ALONE: &str = r#"{"text":"","thoughtSignature":"c2ln"}"#;
const TEXT: &str = r#"{"text":"t" , "thought_signature":"c2ln"}"#;
const BARE_TEXT: &str = r#"{"text":"t"}"#;
const CALL: &str = r#"{ "thoughtSignature" : "c2ln", "functionCall":{"name":"f","args":{}}}"#;
const BARE_CALL: &str = r#"{ "functionCall":{"name":"f","args":{}}}"#;
const RESULT: &str = r#"{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}"#;

fn answer(parts: &str) -> String {
    format!(r#"{{ "role":"model" , "parts": [{parts}] }}"#)
}

fn open_call() -> String {
    CALL.replace("c2ln", PLACEHOLDER)
}

fn check(contents: &str, below: u32, wanted: &str, paths: &[&str]) {
    let body = |contents: &str| format!(r#"{{ "x":1.0, "contents" : [{contents}] , "y":[] }}"#);
    let stripped = without(body(contents).as_bytes(), below).unwrap();
    assert_eq!(std::str::from_utf8(&stripped.body), Ok(&*body(wanted)));
    let told: Vec<_> = stripped.losses.iter().map(|loss| &*loss.path).collect();
    assert_eq!(told, paths);
}

#[test]
fn thoughts_and_signatures_go_and_every_other_byte_stays() {
    check(
        &format!(
            "{USER}, {},{USER}",
            answer(&format!("{THOUGHT} ,{TEXT}, {ALONE}"))
        ),
        9,
        &format!("{USER}, {},{USER}", answer(BARE_TEXT)),
        &[
            "contents[1].parts[0]",
            "contents[1].parts[1].thoughtSignature",
            "contents[1].parts[2]",
        ],
    );
}

#[test]
fn the_first_call_of_a_turn_gets_the_signature_that_any_model_takes() {
    let open = open_call();
    check(
        &format!("{},{RESULT}", answer(&format!("{THOUGHT},{CALL}, {CALL}"))),
        9,
        &format!("{},{RESULT}", answer(&format!("{open}, {BARE_CALL}"))),
        &[
            "contents[0].parts[0]",
            "contents[0].parts[1].thoughtSignature",
            "contents[0].parts[2].thoughtSignature",
        ],
    );
    // A streamed answer may be kept as a content a chunk; the next turn has a first call again.
    check(
        &format!(
            "{},{},{RESULT},{}",
            answer(CALL),
            answer(CALL),
            answer(CALL)
        ),
        9,
        &format!(
            "{},{},{RESULT},{}",
            answer(&open),
            answer(BARE_CALL),
            answer(&open)
        ),
        &[
            "contents[0].parts[0].thoughtSignature",
            "contents[1].parts[0].thoughtSignature",
            "contents[3].parts[0].thoughtSignature",
        ],
    );
}

#[test]
fn a_content_of_nothing_but_thoughts_goes_whole() {
    check(
        &format!("{USER},{} , {USER}", answer(&format!("{THOUGHT},{ALONE}"))),
        9,
        &format!("{USER},{USER}"),
        &["contents[1]"],
    );
}

#[test]
fn what_stands_behind_the_crossing_stays() {
    let own = answer(&format!("{THOUGHT},{CALL}"));
    check(
        &format!("{},{RESULT},{own}", answer(CALL)),
        1,
        &format!("{},{RESULT},{own}", answer(&open_call())),
        &["contents[0].parts[0].thoughtSignature"],
    );
}

#[test]
fn nothing_is_taken_where_there_is_nothing() {
    let user = USER.replace(r#"{"text":"a"}"#, ALONE);
    for contents in [
        String::new(),
        user,
        answer(&format!("{BARE_CALL},{BARE_TEXT}, 3")),
        answer(&format!("{},{BARE_CALL}", open_call())),
        r#"{"role":"model"}, null"#.to_owned(),
    ] {
        let body = format!(r#"{{"contents":[{contents}]}}"#);
        assert!(without(body.as_bytes(), 9).is_none(), "{body}");
    }
    for body in [r#"{"contents":{"thought":true}}"#, "no JSON"] {
        assert!(without(body.as_bytes(), 9).is_none(), "{body}");
    }
}

proptest! {
    #[test]
    fn what_is_left_is_what_a_tree_would_leave(
        turns in prop::collection::vec(
            (any::<bool>(), prop::collection::vec(0_usize..6, 1..5)),
            0..6,
        ),
        below in 0_u32..7,
    ) {
        let kinds = [THOUGHT, ALONE, TEXT, CALL, BARE_CALL, BARE_TEXT];
        let kinds = kinds.map(|text| serde_json::from_str::<Value>(text).unwrap());
        let turns: Vec<Value> = turns.iter().map(|(is_answer, parts)| {
            let parts: Vec<_> = parts.iter().map(|at| kinds[*at].clone()).collect();
            let role = if *is_answer { "model" } else { "user" };
            json!({"role": role, "parts": parts})
        }).collect();
        let body = json!({"contents": turns}).to_string();
        let mut has_call = false;
        let left: Vec<Value> = turns.iter().enumerate().filter_map(|(at, turn)| {
            has_call &= turn["role"] == "model";
            let mut turn = turn.clone();
            let is_foreign = turn["role"] == "model" && at < below as usize;
            let parts = turn["parts"].as_array_mut().unwrap();
            parts.retain_mut(|part| {
                let is_first = !part["functionCall"].is_null()
                    && !std::mem::replace(&mut has_call, true);
                if !is_foreign {
                    return true;
                }
                let fields = part.as_object_mut().unwrap();
                let old = fields.remove("thought_signature");
                let sealed = fields.remove("thoughtSignature").or(old).is_some();
                if sealed && is_first {
                    fields.insert("thoughtSignature".to_owned(), json!(PLACEHOLDER));
                }
                part["thought"] != true && !(sealed && part["text"] == "")
            });
            (!parts.is_empty()).then_some(turn)
        }).collect();
        let wanted = json!({"contents": left});
        let got = without(body.as_bytes(), below).map_or(body.clone().into(), |got| got.body);
        prop_assert_eq!(serde_json::from_slice::<Value>(&got).unwrap(), wanted);
    }
}
