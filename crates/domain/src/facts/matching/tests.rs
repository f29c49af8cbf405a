//! Each rule by its own examples, and what is left open where a request is seen in part.

use crate::facts::{Example, Facts, Feature, Rule, SetOff, Used, Uses};

fn facts() -> Facts {
    Facts::shipped().unwrap()
}

/// Asks a model's rules, as a gateway and a scanner do, what one of them says of a request.
fn says(facts: &Facts, rule: &Rule, example: &Example) -> SetOff {
    let takes = facts.takes(&example.platform, &example.id);
    let found = takes.set_off(&example.uses);
    let mut found = found.iter().filter(|(one, _)| one.id == rule.id);
    found.next().map_or(SetOff::No, |(_, cause)| cause.set_off)
}

#[test]
fn every_rule_is_set_off_by_its_example_and_not_by_its_counter() {
    let facts = facts();
    for rule in facts.rules() {
        let id = rule.id.as_str();
        for example in [&rule.example, &rule.counter] {
            let is_known = facts.known(&example.platform, &example.id).is_some();
            assert!(is_known, "{id}: {} {}", example.platform, example.id);
        }
        assert_eq!(says(&facts, rule, &rule.example), SetOff::Yes, "{id}");
        assert_eq!(says(&facts, rule, &rule.counter), SetOff::No, "{id}");
        assert_ne!(rule.example, rule.counter, "{id}");
    }
}

/// A counter on a platform where no rule holds would say nothing of the rule.
#[test]
fn a_counter_keeps_what_the_rule_is_about_or_changes_that_alone() {
    let facts = facts();
    for rule in facts.rules() {
        let (one, other) = (&rule.example, &rule.counter);
        let is_same_model = one.platform == other.platform && one.id == other.id;
        let is_same_request = one.uses.used == other.uses.used;
        assert!(is_same_model || is_same_request, "{}", rule.id);
    }
}

fn uses(texts: &[&str]) -> Uses {
    Uses {
        used: texts.iter().map(|text| text.parse().unwrap()).collect(),
        ..Uses::default()
    }
}

/// A rule, a platform with an id, what is used, and how far that sets it off.
type Case = (
    &'static str,
    [&'static str; 2],
    &'static [&'static str],
    SetOff,
);

const CASES: [Case; 14] = [
    // A value that nobody wrote down may be the default.
    (
        "claude-sampling",
        ["anthropic", "claude-opus-5"],
        &["temperature"],
        SetOff::Perhaps,
    ),
    (
        "claude-sampling-nucleus",
        ["anthropic", "claude-opus-5"],
        &["top_p"],
        SetOff::Yes,
    ),
    // Numbers compare by value, words by spelling.
    (
        "claude-sampling",
        ["anthropic", "claude-opus-5"],
        &["temperature 1.00"],
        SetOff::No,
    ),
    (
        "claude-computer-tool",
        ["anthropic", "claude-opus-5-5"],
        &["tool_type"],
        SetOff::Perhaps,
    ),
    // One of two that only together are refused.
    (
        "claude-temperature-with-top-p",
        ["anthropic", "claude-haiku-4-5"],
        &["top_p 0.9"],
        SetOff::No,
    ),
    // An effort that is unsaid is the model's default where that is known, else it is open.
    (
        "gpt-5-1-sampling",
        ["openai", "gpt-5.1"],
        &["temperature 0.2"],
        SetOff::No,
    ),
    (
        "gpt-5-1-sampling",
        ["openai", "gpt-5.6-sol"],
        &["temperature 0.2"],
        SetOff::Yes,
    ),
    (
        "gpt-5-1-sampling",
        ["openai", "gpt-5.4"],
        &["temperature 0.2"],
        SetOff::Perhaps,
    ),
    (
        "gpt-5-1-sampling",
        ["openai", "gpt-5.4"],
        &["temperature 0.2", "effort"],
        SetOff::Perhaps,
    ),
    // A circumstance whose value is not known.
    (
        "claude-thinking-disabled-high-effort",
        ["anthropic", "claude-opus-5"],
        &["thinking_disabled", "effort"],
        SetOff::Perhaps,
    ),
    (
        "claude-thinking-disabled-high-effort",
        ["anthropic", "claude-opus-5"],
        &["thinking_disabled"],
        SetOff::No,
    ),
    // A dialect that is not known.
    (
        "gpt-tools-with-effort",
        ["openai", "gpt-5.4"],
        &["tools", "effort high"],
        SetOff::Perhaps,
    ),
    // Other values of the same feature.
    (
        "claude-beta-headers",
        ["anthropic", "claude-opus-4-5"],
        &["beta a", "beta output-128k-2025-02-19"],
        SetOff::Yes,
    ),
    // Unsaid on the model's own API; another platform has no such rule.
    (
        "claude-thinking-by-default",
        ["openrouter", "anthropic/claude-opus-5"],
        &[],
        SetOff::No,
    ),
];

#[test]
fn what_is_not_seen_leaves_a_rule_open() {
    let facts = facts();
    for (id, [platform, model], used, expected) in CASES {
        let rule = facts.rules().iter().find(|rule| rule.id == id).unwrap();
        let example = Example {
            platform: platform.to_owned(),
            id: model.to_owned(),
            uses: uses(used),
        };
        assert_eq!(says(&facts, rule, &example), expected, "{id} {used:?}");
    }
}

#[test]
fn a_cause_names_what_is_used_and_none_where_nothing_is_said() {
    let facts = facts();
    let takes = facts.takes("anthropic", "claude-opus-5");
    let used = uses(&[
        "tools",
        "temperature 0.2",
        "thinking_disabled",
        "effort max",
    ]);
    let found = takes.set_off(&used);
    let by = |id: &str| {
        let mut found = found.iter().filter(|(rule, _)| rule.id == id);
        found.next().map(|(_, cause)| cause.by.clone())
    };
    assert_eq!(by("claude-sampling"), Some(vec![1]));
    assert_eq!(by("claude-thinking-disabled-high-effort"), Some(vec![2, 3]));
    assert_eq!(by("claude-tokenizer"), Some(vec![]));
    assert_eq!(by("claude-thinking-by-default"), None);
}

#[test]
fn a_feature_is_read_by_its_word() {
    let used: Used = "service_tier priority".parse().unwrap();
    assert_eq!(used.feature, Feature::ServiceTier);
    assert_eq!(used.value.as_deref(), Some("priority"));
    assert_eq!("prefill".parse::<Used>().unwrap().value, None);
    let fault = "temprature 0.2".parse::<Used>().unwrap_err();
    assert!(fault.to_string().contains("temprature"), "{fault}");
}
