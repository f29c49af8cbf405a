//! Values as languages and SDKs write them.

use super::Literal::{Open, Unset};
use super::{Literal, is_empty_group, read};

fn plain(text: &str) -> Literal {
    Literal::Plain(text.to_owned())
}

fn word(text: &str) -> Literal {
    Literal::Word(text.to_owned())
}

#[test]
fn a_value_says_what_is_written_and_no_more() {
    for (text, expected) in [
        ("0.2", plain("0.2")),
        ("-1", plain("-1")),
        ("1_000", plain("1000")),
        ("0.7f", plain("0.7")),
        ("0.7_f32", plain("0.7")),
        ("True", plain("true")),
        ("false", plain("false")),
        ("openai.Float(0.7)", plain("0.7")),
        ("Some(0.5)", plain("0.5")),
        ("new Double(1)", plain("1")),
        ("\"high\"", word("high")),
        ("high", word("high")),
        ("ReasoningEffort::Low", word("low")),
        ("shared.ReasoningEffortLow", word("reasoningeffortlow")),
        ("ReasoningEffort.NONE", word("none")),
        ("none", word("none")),
        ("\"computer_20251124\"", word("computer_20251124")),
        ("None", Unset),
        ("null", Unset),
        ("nil", Unset),
        ("undefined", Unset),
        ("openai.NOT_GIVEN", Unset),
        ("Option::None", Unset),
        ("get(\"temperature\")", Open),
        ("max(0, t)", Open),
        ("a + b", Open),
        ("x if y else z", Open),
        ("f(g(1))", Open),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    // A lone identifier may be a word or a variable: who reads it knows the words.
    assert_eq!(read("temp"), word("temp"));
}

#[test]
fn empty_brackets_hold_nothing() {
    for text in ["[]", "{ }", "", "list()"] {
        assert!(is_empty_group(text), "{text}");
    }
    assert!(!is_empty_group("[a]"));
}
