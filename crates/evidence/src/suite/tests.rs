//! Bytes in, a suite or one fault out.

use serde_json::json;

use super::{Suite, SuiteFault, digest_of};
use crate::case::Role;

const CASE: &str = r#"{"id": "a", "input": "2 + 2?", "expect": 4, "scorer": "numeric"}"#;

fn fault(text: &str) -> SuiteFault {
    Suite::parse(text.as_bytes()).unwrap_err()
}

#[test]
fn defaults_of_the_heading_hold_where_a_case_says_nothing() {
    let text = [
        r#"{"suite": 1, "about": "Two.", "defaults": {"system": "Be brief.", "scorer": "exact",
            "options": {"ignore_case": true}, "max_tokens": 9}}"#
            .replace('\n', ""),
        r#"{"id": "a", "input": "A?", "expect": "x"}"#.to_owned(),
        String::new(),
        r#"{"id": "b", "input": [{"role": "user", "content": "B?"}], "expect": 1,
            "scorer": "numeric", "system": "S", "max_tokens": 3, "cluster": "c"}"#
            .replace('\n', ""),
        r#"{"id": "c", "input": "C?", "expect": "x", "options": {"ignore_case": false}}"#.into(),
    ]
    .join("\n");
    let suite = Suite::parse(text.as_bytes()).unwrap();
    assert_eq!(suite.about, "Two.");
    let [a, b, c] = suite.cases.as_slice() else {
        panic!("{suite:?}")
    };
    assert_eq!(
        (a.scorer, a.cluster.as_str(), a.max_tokens),
        ("exact", "a", Some(9))
    );
    assert_eq!(a.options["ignore_case"], json!(true));
    assert_eq!(
        (b.scorer, b.cluster.as_str(), b.max_tokens),
        ("numeric", "c", Some(3))
    );
    assert!(b.options.is_empty());
    assert_eq!(c.options["ignore_case"], json!(false));
    let said: Vec<_> = b
        .messages()
        .into_iter()
        .map(|one| (one.role, one.content))
        .collect();
    let expected = [
        (Role::System, "S".to_owned()),
        (Role::User, "B?".to_owned()),
    ];
    assert_eq!(said, expected);
}

#[test]
fn the_digest_is_that_of_the_bytes() {
    let suite = Suite::parse(CASE.as_bytes()).unwrap();
    assert_eq!(suite.digest, digest_of(CASE.as_bytes()));
    let edited = format!("{CASE}\n");
    assert_ne!(
        Suite::parse(edited.as_bytes()).unwrap().digest,
        suite.digest
    );
    assert_eq!(
        digest_of(b"abc"),
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

fn check(text: &str, line: usize, field: Option<&str>, word: &str) {
    let found = fault(text);
    assert_eq!(
        (found.line, found.field.as_deref()),
        (line, field),
        "{found}"
    );
    assert!(
        found.to_string().contains(word),
        "{word:?} is not in: {found}"
    );
    assert!(!found.mend.is_empty());
}

#[test]
fn a_fault_names_line_and_field_and_how_to_mend_it() {
    for (text, line, field, word) in [
        (String::new(), 0, None, "no case"),
        (r#"{"suite": 1}"#.to_owned(), 0, None, "no case"),
        (r#"{"suite": 2}"#.to_owned(), 1, Some("suite"), "format 2"),
        (
            r#"{"suite": 1, "default": {}}"#.to_owned(),
            1,
            None,
            "`default`",
        ),
        (
            r#"{"suite": 1, "defaults": {"scorer": "x"}}"#.to_owned(),
            1,
            Some("scorer"),
            "`x`",
        ),
        (
            r#"{"suite": 1, "defaults": {"options": {"x": 1}}}"#.to_owned(),
            1,
            Some("defaults.options"),
            "`x`",
        ),
        (format!("{CASE}\nnot json"), 2, None, "column"),
        (format!("{CASE}\n\n{CASE}"), 3, Some("id"), "twice"),
        (
            format!("{CASE}\n{{\"suite\": 1}}"),
            2,
            None,
            "unknown field `suite`",
        ),
        (CASE.replace("\"id\"", "\"name\""), 1, None, "`name`"),
        (
            CASE.replace("\"expect\"", "\"id\""),
            1,
            None,
            "duplicate field `id`",
        ),
        (
            CASE.replace(", \"scorer\": \"numeric\"", ""),
            1,
            Some("scorer"),
            "no scorer",
        ),
        (
            CASE.replace("\"expect\": 4, ", ""),
            1,
            None,
            "missing field `expect`",
        ),
    ] {
        check(&text, line, field, word);
    }
}

#[test]
fn a_fault_in_a_field_names_the_field() {
    let case = |field: &str, value: &str| {
        let mut case: serde_json::Value = serde_json::from_str(CASE).unwrap();
        case[field] = serde_json::from_str(value).unwrap();
        format!("{CASE}\n{case}").replacen("\"a\"", "\"z\"", 1)
    };
    for (text, line, field, word) in [
        (case("scorer", "\"oracle\""), 2, Some("scorer"), "`oracle`"),
        (case("expect", "\"four\""), 2, Some("expect"), "number"),
        (
            case("options", "{\"pick\": 1}"),
            2,
            Some("options"),
            "`pick`",
        ),
        (case("id", "\" \""), 2, Some("id"), "1 bytes"),
        (
            case("cluster", &format!("\"{}\"", "c".repeat(129))),
            2,
            Some("cluster"),
            "129",
        ),
        (case("max_tokens", "0"), 2, Some("max_tokens"), "0"),
        (
            case("max_tokens", "4294967297"),
            2,
            Some("max_tokens"),
            "4294967297",
        ),
        (case("input", "\"\""), 2, Some("input"), "empty"),
        (case("input", "7"), 2, Some("input"), "neither"),
        (case("input", "[]"), 2, Some("input"), "no message"),
        (
            case("input", r#"[{"role": "system", "content": ""}]"#),
            2,
            Some("input"),
            "system",
        ),
        (
            case("input", r#"[{"role": "assistant", "content": ""}]"#),
            2,
            Some("input"),
            "last",
        ),
        (
            case("input", r#"[{"role": "tool", "content": ""}]"#),
            2,
            Some("input"),
            "`tool`",
        ),
    ] {
        check(&text, line, field, word);
    }
}

#[test]
fn what_is_not_text_or_too_much_is_refused() {
    let found = Suite::parse(&[CASE.as_bytes(), b"\n\xff"].concat()).unwrap_err();
    assert_eq!(
        (found.line, found.what.as_str()),
        (2, "the text is not UTF-8")
    );
    let long = CASE.replace("2 + 2?", &"x".repeat(super::MOST_LINE_BYTES));
    assert!(fault(&long).what.contains("bytes"));
    assert_eq!(fault(&" ".repeat(super::MOST_BYTES + 1)).line, 0);
    let deep = CASE.replace("\"2 + 2?\"", &"[".repeat(10_000));
    assert_eq!(fault(&deep).line, 1);
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,200}") {
        let _ = Suite::parse(text.as_bytes());
    }
}
