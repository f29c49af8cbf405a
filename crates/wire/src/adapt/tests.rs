//! Changes of requests as a table: body and restrictions in, body and paths out. Every byte outside
//! a change stays, nothing is changed twice, and the canonical form is changed as the bytes are.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::{
    NoThinking, Parameter, Refused, Restrictions, ToolEffort, When, adapt_body, adapt_request,
};
use crate::dialect::Dialect;
use crate::dialects::{CHAT, MESSAGES, dialect};
use crate::fault::BadRequest;

fn speak(name: &str) -> &'static dyn Dialect {
    dialect(name).unwrap()
}

fn adapt(
    name: &str,
    body: &str,
    restrictions: &Restrictions,
) -> Result<(String, Vec<String>), BadRequest> {
    let speaks = speak(name);
    let bytes = Bytes::copy_from_slice(body.as_bytes());
    let features = speaks.peek(&bytes, None).unwrap().features;
    let words = speaks.words().unwrap();
    let (adapted, changes) = adapt_body(words, &bytes, &features, restrictions)?;
    assert!(changes.iter().all(|change| !change.why.is_empty()));
    let paths = changes.into_iter().map(|change| change.path).collect();
    Ok((String::from_utf8(adapted.to_vec()).unwrap(), paths))
}

fn check(name: &str, body: &str, restrictions: &Restrictions, expected: &str, paths: &[&str]) {
    let (adapted, changes) = adapt(name, body, restrictions).unwrap();
    assert_eq!(adapted, expected, "{body}");
    assert_eq!(changes, paths, "{body}");
    let (again, none) = adapt(name, &adapted, restrictions).unwrap();
    assert_eq!((again, none), (adapted, vec![]), "{body}");
}

fn refused(parameter: Parameter, except: &[&str], when: When) -> Refused {
    Refused {
        parameter,
        except: except.iter().map(|&one| one.to_owned()).collect(),
        when,
    }
}

fn words(list: &[&str]) -> Option<Vec<String>> {
    Some(list.iter().map(|&word| word.to_owned()).collect())
}

/// A model that refuses temperature, top_p and top_k unless temperature is 1.
fn no_sampling() -> Restrictions {
    Restrictions {
        refused: vec![
            refused(Parameter::Temperature, &["1"], When::Always),
            refused(Parameter::TopP, &[], When::Always),
            refused(Parameter::TopK, &[], When::Always),
        ],
        ..Restrictions::default()
    }
}

/// A model that always thinks, as it sees fit, by five efforts.
fn always_thinks() -> Restrictions {
    Restrictions {
        thinking_budget: true,
        no_thinking: Some(NoThinking::Omitted),
        efforts: words(&["low", "medium", "high", "xhigh", "max"]),
        default_effort: Some("medium".to_owned()),
        ..Restrictions::default()
    }
}

#[test]
fn parameters_are_left_out_with_their_comma() {
    let none = no_sampling();
    for (body, expected, paths) in [
        (
            r#"{"model":"m","temperature":0.2,"messages":[],"max_tokens":9}"#,
            r#"{"model":"m","messages":[],"max_tokens":9}"#,
            &["temperature"][..],
        ),
        (
            r#"{"temperature":0.2,"top_k":4,"model":"m","messages":[],"max_tokens":9}"#,
            r#"{"model":"m","messages":[],"max_tokens":9}"#,
            &["temperature", "top_k"],
        ),
        (
            "{ \"top_p\" : 1 ,\n  \"model\": \"m\",\n  \"messages\": [],\n  \
             \"max_tokens\": 9,\n  \"temperature\": 0\n}",
            "{ \n  \"model\": \"m\",\n  \"messages\": [],\n  \"max_tokens\": 9\n}",
            &["temperature", "top_p"],
        ),
        (
            r#"{"model":"m","temperature":1.0,"messages":[],"max_tokens":9}"#,
            r#"{"model":"m","temperature":1.0,"messages":[],"max_tokens":9}"#,
            &[],
        ),
        (
            r#"{"model":"m","x":{"temperature":0.2},"messages":[{"temperature":3}],"max_tokens":9}"#,
            r#"{"model":"m","x":{"temperature":0.2},"messages":[{"temperature":3}],"max_tokens":9}"#,
            &[],
        ),
    ] {
        check(MESSAGES, body, &none, expected, paths);
    }
}

#[test]
fn of_temperature_and_top_p_the_first_is_kept() {
    let one = Restrictions {
        one_of_temperature_and_top_p: true,
        ..Restrictions::default()
    };
    check(
        MESSAGES,
        r#"{"model":"m","top_p":0.9,"temperature":0.5,"messages":[],"max_tokens":9}"#,
        &one,
        r#"{"model":"m","temperature":0.5,"messages":[],"max_tokens":9}"#,
        &["top_p"],
    );
    let alone = r#"{"model":"m","top_p":0.9,"messages":[],"max_tokens":9}"#;
    check(MESSAGES, alone, &one, alone, &[]);
}

#[test]
fn a_forced_tool_becomes_a_free_one() {
    let free = Restrictions {
        forced_tool: vec![When::Always],
        ..Restrictions::default()
    };
    for (name, body, expected, paths) in [
        (
            MESSAGES,
            r#"{"model":"m","tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"messages":[],"max_tokens":9}"#,
            r#"{"model":"m","tool_choice":{"type":"auto","disable_parallel_tool_use":true},"messages":[],"max_tokens":9}"#,
            &["tool_choice"][..],
        ),
        (
            MESSAGES,
            r#"{"model":"m","tool_choice":{"type":"none"},"messages":[],"max_tokens":9}"#,
            r#"{"model":"m","tool_choice":{"type":"none"},"messages":[],"max_tokens":9}"#,
            &[],
        ),
        (
            CHAT,
            r#"{"model":"m","messages":[],"tool_choice":"required"}"#,
            r#"{"model":"m","messages":[],"tool_choice":"auto"}"#,
            &["tool_choice"],
        ),
        (
            CHAT,
            r#"{"model":"m","messages":[],"tool_choice":{"function":{"name":"f"},"type":"function"}}"#,
            r#"{"model":"m","messages":[],"tool_choice":"auto"}"#,
            &["tool_choice"],
        ),
        (
            CHAT,
            r#"{"model":"m","messages":[],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto"}}}"#,
            r#"{"model":"m","messages":[],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto"}}}"#,
            &[],
        ),
    ] {
        check(name, body, &free, expected, paths);
    }
}

fn without_thinking(rule: NoThinking) -> Restrictions {
    Restrictions {
        no_thinking: Some(rule),
        ..Restrictions::default()
    }
}

#[test]
fn thinking_takes_the_form_that_the_model_has() {
    let always = always_thinks();
    let between = without_thinking(NoThinking::Word("between_tools".to_owned()));
    let high = vec!["xhigh".to_owned(), "max".to_owned()];
    let capped = without_thinking(NoThinking::NotAt(high, "high".to_owned()));
    let budgeted = Restrictions {
        thinking_adaptive: true,
        efforts: words(&[]),
        ..Restrictions::default()
    };
    for (restrictions, thinking, rest, expected, paths) in [
        (
            &always,
            r#""thinking":{"type":"enabled","budget_tokens":8000,"display":"omitted"},"#,
            "",
            r#""output_config":{"effort":"medium"},"model":"m","thinking":{"type":"adaptive","display":"omitted"},"#,
            &["thinking", "output_config.effort"][..],
        ),
        (
            &always,
            r#""thinking":{"budget_tokens":8000,"type":"enabled"},"#,
            r#","output_config":{"effort":"xhigh"}"#,
            r#""model":"m","thinking":{"type":"adaptive"},"#,
            &["thinking"],
        ),
        (
            &always,
            r#""thinking":{"type":"disabled"},"#,
            r#","output_config":{"format":null}"#,
            r#""model":"m","#,
            &["thinking", "output_config.effort"],
        ),
        (
            &between,
            r#""thinking":{"type":"disabled"},"#,
            "",
            r#""model":"m","thinking":{"type":"between_tools"},"#,
            &["thinking"],
        ),
        (
            &capped,
            r#""thinking":{"type":"disabled"},"#,
            r#","output_config":{"effort":"max"}"#,
            r#""model":"m","thinking":{"type":"disabled"},"#,
            &["output_config.effort"],
        ),
        (
            &budgeted,
            r#""thinking":{"type":"adaptive"},"#,
            r#","output_config":{"effort":"medium"}"#,
            r#""model":"m","thinking":{"budget_tokens":8191,"type":"enabled"},"#,
            &["thinking", "output_config.effort"],
        ),
    ] {
        let tail = |rest: &str| format!(r#""messages":[],"max_tokens":8192{rest}}}"#);
        let body = format!(r#"{{"model":"m",{thinking}{}"#, tail(rest));
        let after = match (rest, paths.last()) {
            (r#","output_config":{"format":null}"#, _) => {
                r#","output_config":{"effort":"low","format":null}"#
            }
            (r#","output_config":{"effort":"max"}"#, _) => r#","output_config":{"effort":"high"}"#,
            (r#","output_config":{"effort":"medium"}"#, _) => r#","output_config":{}"#,
            (rest, _) => rest,
        };
        let expected = format!("{{{expected}{}", tail(after));
        check(MESSAGES, &body, restrictions, &expected, paths);
    }
}

#[test]
fn a_budget_without_room_is_no_thinking() {
    let budgeted = Restrictions {
        thinking_adaptive: true,
        ..Restrictions::default()
    };
    check(
        MESSAGES,
        r#"{"thinking":{"type":"adaptive"},"model":"m","messages":[],"max_tokens":1024}"#,
        &budgeted,
        r#"{"model":"m","messages":[],"max_tokens":1024}"#,
        &["thinking"],
    );
}

#[test]
fn a_word_of_effort_becomes_the_nearest() {
    let cases = [
        (&["none", "low", "high"][..], "minimal", Some("low")),
        (&["low", "medium", "high"], "xhigh", Some("high")),
        (&["low", "medium", "high"], "none", Some("low")),
        (&["low", "high", "max"], "medium", Some("low")),
        (&["medium", "high"], "low", Some("medium")),
        (&["low", "high"], "high", Some("high")),
        (&["low", "high"], "unheard", Some("unheard")),
        (&[], "high", None),
    ];
    for (taken, asked, expected) in cases {
        let restrictions = Restrictions {
            efforts: words(taken),
            ..Restrictions::default()
        };
        let body = format!(r#"{{"model":"m","messages":[],"reasoning_effort":"{asked}"}}"#);
        let after = expected.map_or(String::new(), |word| {
            format!(r#","reasoning_effort":"{word}""#)
        });
        let paths: &[&str] = match expected {
            Some(word) if word == asked => &[],
            _ => &["reasoning_effort"],
        };
        let expected = format!(r#"{{"model":"m","messages":[]{after}}}"#);
        check(CHAT, &body, &restrictions, &expected, paths);
    }
}

#[test]
fn sampling_depends_on_the_effort_that_is_said_or_not() {
    let unless_none = |default: Option<&str>| Restrictions {
        refused: vec![refused(
            Parameter::Temperature,
            &["1"],
            When::EffortOtherThan("none".to_owned()),
        )],
        default_effort: default.map(str::to_owned),
        ..Restrictions::default()
    };
    for (default, effort, is_dropped) in [
        (Some("medium"), "", true),
        (Some("none"), "", false),
        (None, "", false),
        (None, r#","reasoning_effort":"low""#, true),
        (Some("medium"), r#","reasoning_effort":"none""#, false),
    ] {
        let rest = format!(r#""messages":[]{effort}}}"#);
        let body = format!(r#"{{"model":"m","temperature":0.5,{rest}"#);
        let left_out = format!(r#"{{"model":"m",{rest}"#);
        let (expected, paths): (&str, &[&str]) = if is_dropped {
            (&left_out, &["temperature"])
        } else {
            (&body, &[])
        };
        check(CHAT, &body, &unless_none(default), expected, paths);
    }
}

#[test]
fn tools_and_effort_are_taken_together_only_as_the_api_says() {
    let tools = r#""tools":[{"type":"function","function":{"name":"f"}}]"#;
    let none = || "none".to_owned();
    let with = |rule| Restrictions {
        tool_effort: Some(rule),
        ..Restrictions::default()
    };
    let head = format!(r#"{{"model":"m","messages":[],{tools}"#);
    let low = format!(r#"{head},"reasoning_effort":"low"}}"#);
    let at_none = format!(r#"{head},"reasoning_effort":"none"}}"#);
    let unsaid = format!("{head}}}");
    let effort = &["reasoning_effort"][..];
    check(
        CHAT,
        &low,
        &with(ToolEffort::Said(none())),
        &at_none,
        effort,
    );
    check(CHAT, &unsaid, &with(ToolEffort::Said(none())), &unsaid, &[]);
    let put_in = format!(
        r#"{{"reasoning_effort":"none",{}"#,
        unsaid.strip_prefix('{').unwrap()
    );
    check(
        CHAT,
        &unsaid,
        &with(ToolEffort::MustSay(none())),
        &put_in,
        effort,
    );
    let fault = adapt(CHAT, &unsaid, &with(ToolEffort::NoTools)).unwrap_err();
    assert_eq!(fault.field.as_deref(), Some("tools"));
    let toolless = r#"{"model":"m","messages":[],"reasoning_effort":"low"}"#;
    check(CHAT, toolless, &with(ToolEffort::NoTools), toolless, &[]);
}

#[test]
fn the_most_tokens_are_renamed_and_lowered() {
    let restrictions = Restrictions {
        older_max_tokens: true,
        max_output_tokens: Some(100),
        ..Restrictions::default()
    };
    for (body, expected, paths) in [
        (
            r#"{"model":"m","messages":[], "max_tokens" : 50}"#,
            r#"{"model":"m","messages":[], "max_completion_tokens" : 50}"#,
            &["max_tokens"][..],
        ),
        (
            r#"{"model":"m","messages":[],"max_tokens":50,"max_completion_tokens":60}"#,
            r#"{"model":"m","messages":[],"max_completion_tokens":60}"#,
            &["max_tokens"],
        ),
        (
            r#"{"model":"m","messages":[],"max_tokens":500}"#,
            r#"{"model":"m","messages":[],"max_completion_tokens":100}"#,
            &["max_tokens", "max_completion_tokens"],
        ),
        (
            r#"{"model":"m","messages":[],"max_completion_tokens":100}"#,
            r#"{"model":"m","messages":[],"max_completion_tokens":100}"#,
            &[],
        ),
    ] {
        check(CHAT, body, &restrictions, expected, paths);
    }
}

#[test]
fn a_begun_answer_is_refused_by_its_field() {
    let restrictions = Restrictions {
        prefill: true,
        ..Restrictions::default()
    };
    let begun = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"{"}]}"#;
    let fault = adapt(MESSAGES, begun, &restrictions).unwrap_err();
    assert_eq!(fault.field.as_deref(), Some("messages"));
    assert!(fault.message.contains("end with a user turn"), "{fault}");
    let ended = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}]}"#;
    check(MESSAGES, ended, &restrictions, ended, &[]);
}

#[test]
fn a_strict_schema_is_closed_or_refused_by_its_path() {
    let closed = Restrictions {
        closed_schemas: true,
        ..Restrictions::default()
    };
    let body = |schema: &str, strict: &str| {
        format!(
            r#"{{"model":"m","messages":[],"response_format":{{"type":"json_schema","json_schema":{{"name":"n","schema":{schema}{strict}}}}}}}"#
        )
    };
    let path = "response_format.json_schema.schema";
    let strict = r#","strict":true"#;
    let open = r##"{"type":"object","properties":{"type":{"type":["object","null"]},"b":{"items":{"$ref":"#/$defs/x"}}},"$defs":{"x":{"anyOf":[{"properties":{}},{}]}}}"##;
    let shut = r##"{"additionalProperties":false,"type":"object","properties":{"type":{"additionalProperties":false,"type":["object","null"]},"b":{"items":{"$ref":"#/$defs/x"}}},"$defs":{"x":{"anyOf":[{"additionalProperties":false,"properties":{}},{}]}}}"##;
    check(
        CHAT,
        &body(open, strict),
        &closed,
        &body(shut, strict),
        &[path],
    );
    check(CHAT, &body(open, ""), &closed, &body(open, ""), &[]);
    let map = r#"{"type":"object","additionalProperties":false,"properties":{"a":{"type":"object","additionalProperties":{"type":"string"}}}}"#;
    let fault = adapt(CHAT, &body(map, strict), &closed).unwrap_err();
    let field = format!("{path}.properties.a.additionalProperties");
    assert_eq!(fault.field, Some(field));
}

#[test]
fn nothing_is_changed_for_a_model_that_takes_everything() {
    let body = r#"{"model":"m", "temperature":0.3,"top_p":1,"thinking":{"type":"enabled","budget_tokens":1},"messages":[],"max_tokens":9}"#;
    check(MESSAGES, body, &Restrictions::default(), body, &[]);
}

/// Requests whose canonical form holds all that is asked for, in both dialects.
const REQUESTS: [(&str, &str); 6] = [
    (
        MESSAGES,
        r#"{"model":"m","temperature":0.5,"top_p":0.8,"top_k":3,"max_tokens":900,"messages":[{"role":"user","content":"a"}]}"#,
    ),
    (
        MESSAGES,
        r#"{"model":"m","thinking":{"type":"enabled","budget_tokens":5000},"tool_choice":{"type":"any"},"tools":[{"name":"f","input_schema":{"type":"object"}}],"max_tokens":9000,"messages":[{"role":"user","content":"a"}]}"#,
    ),
    (
        MESSAGES,
        r#"{"model":"m","thinking":{"type":"disabled"},"output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}},"max_tokens":9000,"messages":[{"role":"user","content":"a"}]}"#,
    ),
    (
        MESSAGES,
        r#"{"model":"m","thinking":{"type":"adaptive"},"max_tokens":9000,"messages":[{"role":"user","content":"a"}]}"#,
    ),
    (
        CHAT,
        r#"{"model":"m","temperature":0.5,"presence_penalty":1,"seed":4,"reasoning_effort":"minimal","max_completion_tokens":900,"messages":[{"role":"user","content":"a"}]}"#,
    ),
    (
        CHAT,
        r#"{"model":"m","reasoning_effort":"xhigh","tool_choice":"required","tools":[{"type":"function","function":{"name":"f"}}],"messages":[{"role":"user","content":"a"}]}"#,
    ),
];

#[test]
fn the_canonical_form_is_changed_as_the_bytes_are() {
    let rows = [
        no_sampling(),
        always_thinks(),
        Restrictions {
            thinking_adaptive: true,
            forced_tool: vec![When::ThinkingBudget],
            efforts: words(&[]),
            one_of_temperature_and_top_p: true,
            ..Restrictions::default()
        },
        Restrictions {
            forced_tool: vec![When::Always],
            max_output_tokens: Some(500),
            tool_effort: Some(ToolEffort::MustSay("none".to_owned())),
            efforts: words(&["none", "low", "medium", "high"]),
            closed_schemas: true,
            ..Restrictions::default()
        },
    ];
    for (name, body) in REQUESTS {
        let speaks = speak(name);
        for restrictions in &rows {
            let (bytes, paths) = adapt(name, body, restrictions).unwrap();
            let from_bytes = speaks.decode_request(bytes.as_bytes(), None).unwrap();
            let mut request = speaks.decode_request(body.as_bytes(), None).unwrap();
            let changes = adapt_request(&mut request.value, restrictions, speaks.words()).unwrap();
            assert_eq!(request.value, from_bytes.value, "{body} {restrictions:?}");
            let named: Vec<_> = changes.into_iter().map(|change| change.path).collect();
            assert_eq!(named, paths, "{body}");
        }
    }
}

/// Gives the top-level fields of a body with their values as they are spelled.
fn fields(body: &str) -> BTreeMap<String, String> {
    let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(body).unwrap();
    let text = |(key, value): (String, Box<RawValue>)| (key, value.get().to_owned());
    fields.into_iter().map(text).collect()
}

proptest! {
    #[test]
    fn every_other_byte_stays(
        others in proptest::collection::btree_map(
            "[a-z_]{3,9}x",
            concat!(
                r#"(0|-1\.50e2|12345678901234567890|"[ -!#-\[\]-~]{0,6}"|"#,
                r#"\{ "temperature" : 1 \}|\[ \]|null)"#,
            ),
            0..6,
        ),
        space in "[ \n]{0,3}",
        place in 0_usize..8,
        second in 0_usize..8,
    ) {
        let mut parts: Vec<String> = vec![
            r#""model":"m""#.to_owned(),
            r#""messages":[]"#.to_owned(),
            r#""max_tokens":9"#.to_owned(),
        ];
        parts.extend(others.iter().map(|(key, value)| format!("\"{key}\"{space}:{space}{value}")));
        parts.insert(place.min(parts.len()), r#""temperature":0.25"#.to_owned());
        parts.insert(second.min(parts.len()), r#""top_k" : 7"#.to_owned());
        let body = format!("{{{space}{}{space}}}", parts.join(&format!("{space},{space}")));
        let (adapted, paths) = adapt(MESSAGES, &body, &no_sampling()).unwrap();
        let mut expected = fields(&body);
        expected.remove("temperature");
        expected.remove("top_k");
        prop_assert_eq!(fields(&adapted), expected);
        prop_assert_eq!(paths, ["temperature", "top_k"]);
        // What is left is a subsequence: nothing was moved or written anew.
        let mut rest = body.bytes();
        prop_assert!(adapted.bytes().all(|byte| rest.any(|one| one == byte)));
    }
}
