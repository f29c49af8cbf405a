//! Tests of the walk over JSON: it takes what serde's reader takes, nothing else, and the spans
//! are right.

use proptest::prelude::*;

use crate::json::cursor::{Cursor, MAX_DEPTH};
use crate::json::fields::Value;
use crate::json::write::quote;

fn is_valid(text: &[u8]) -> bool {
    let walk = || {
        let mut cursor = Cursor::new(text)?;
        cursor.skip()?;
        cursor.end()
    };
    walk().is_ok()
}

#[test]
fn valid_and_invalid_values_are_told_apart() {
    for text in [
        "0",
        "-0.0e-1",
        "[]",
        "{}",
        "[1,{\"a\":[null,true,false]}]",
        "\"\\u00e9\\n\"",
    ] {
        assert!(is_valid(text.as_bytes()), "{text}");
    }
    for text in [
        "",
        "01",
        "1.",
        "-",
        "1e",
        "+1",
        ".5",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "[1 2]",
        "nul",
        "\"\u{1}\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"",
        "{\"a\"}",
        "1 2",
        "[",
        "{",
        "\"\\",
        "\"\\u1",
    ] {
        assert!(!is_valid(text.as_bytes()), "{text}");
    }
    assert!(!is_valid(b"\"\xff\""));
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: u32| {
        let (open, close) = ("[".repeat(depth as usize), "]".repeat(depth as usize));
        open + &close
    };
    assert!(is_valid(nested(MAX_DEPTH).as_bytes()));
    assert!(!is_valid(nested(MAX_DEPTH + 1).as_bytes()));
    assert!(!is_valid("[".repeat(1_000_000).as_bytes()));
}

#[test]
fn a_fault_names_line_and_column() {
    let fault = Value::parse(b"{\n \"a\": 01}").unwrap_err();
    assert!(fault.message.contains("line 2 column 7"), "{fault}");
}

#[test]
fn a_key_twice_is_refused_however_it_is_written() {
    let value = Value::parse(br#"{"x":{"a":1,"\u0061":2}}"#).unwrap();
    let inner = value.fields().unwrap().take("x").unwrap();
    let fault = inner.fields().unwrap_err();
    assert_eq!(fault.field.as_deref(), Some("x.a"));
}

proptest! {
    #[test]
    fn it_takes_what_serde_takes(text in r#"[\[\]{}:,"0-9eE.+\- \\nutrlfas\n]{0,24}"#) {
        // Half a surrogate pair is the one thing that only reading a string finds.
        let serde = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
        prop_assert_eq!(is_valid(text.as_bytes()), serde, "{}", text);
    }

    #[test]
    fn strings_come_back(text in any::<String>(), padding in 0usize..9) {
        let mut out = vec![b' '; padding];
        quote(&text, &mut out);
        let written = String::from_utf8(out).unwrap();
        prop_assert_eq!(&serde_json::from_str::<String>(&written).unwrap(), &text);
        prop_assert_eq!(&*Cursor::over(&written).string().unwrap(), text.as_str());
    }
}
