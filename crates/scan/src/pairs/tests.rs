//! One object in the spellings of the languages, and texts that break off.

use proptest::prelude::*;

use super::{elements, flatten, last_group};

fn check(value: &str, expected: &[(&str, &str)]) {
    let found = flatten("t", value);
    let found: Vec<_> = found
        .iter()
        .skip(1)
        .map(|one| (one.name.as_str(), one.value))
        .collect();
    assert_eq!(found, expected, "{value}");
}

#[test]
fn one_object_is_read_in_every_spelling() {
    let json = [("t.type", "\"enabled\""), ("t.budget_tokens", "2048")];
    check(r#"{"type": "enabled", "budget_tokens": 2048}"#, &json);
    check(r#"dict(type="enabled", budget_tokens=2048)"#, &json);
    check(
        r#"json!({"type": "enabled", "budget_tokens": 2048,})"#,
        &json,
    );
    check(
        r#"map[string]any{"type": "enabled", "budget_tokens": 2048}"#,
        &json,
    );
    check(
        "{ type: 'a', budgetTokens: x }",
        &[("t.type", "'a'"), ("t.budgetTokens", "x")],
    );
    check(
        "&anthropic.Thinking{Type: anthropic.F(\"enabled\"), BudgetTokens: 2048}",
        &[
            ("t.Type", "anthropic.F(\"enabled\")"),
            ("t.BudgetTokens", "2048"),
        ],
    );
    check(
        "ThinkingConfigEnabled.builder().budgetTokens(2048).build()",
        &[("t.budgetTokens", "2048")],
    );
}

#[test]
fn names_within_names_and_lists_are_joined() {
    check(
        r#"{"a": {"b": [{"c": 1}, {"c": "2, }"}]}}"#,
        &[
            ("t.a", r#"{"b": [{"c": 1}, {"c": "2, }"}]}"#),
            ("t.a.b", r#"[{"c": 1}, {"c": "2, }"}]"#),
            ("t.a.b.c", "1"),
            ("t.a.b.c", r#""2, }""#),
        ],
    );
    check("a::B { c: D::E }", &[("t.c", "D::E")]);
    check("f(a == b, c => 1)", &[("t.c", "1")]);
    check("plain", &[]);
}

#[test]
fn a_comma_in_a_string_or_in_brackets_parts_nothing() {
    assert_eq!(
        elements(r#" "a,b", f(c, d), [e,] , "#),
        ["\"a,b\"", "f(c, d)", "[e,]"]
    );
    assert_eq!(last_group("f(a)(b)"), Some("b"));
    assert_eq!(last_group("f(a).b"), None);
}

proptest! {
    #[test]
    fn any_text_is_read_to_an_end(text in ".{0,200}", depth in 0_usize..40) {
        flatten("t", &text);
        let nested = format!("{}{text}{}", "{a: [(".repeat(depth), ")]}".repeat(depth));
        prop_assert!(flatten("t", &nested).len() <= super::MAX_PAIRS);
    }
}
