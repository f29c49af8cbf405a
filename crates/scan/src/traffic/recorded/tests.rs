//! Rows of features and what they say, as a table: rows of today, and rows of before, which noted
//! less.

use domain::{Facts, Feature};

use super::{Recorded, SAMPLING};

fn read(features: &str) -> Recorded {
    Recorded::read(features, "anthropic-messages").unwrap()
}

fn used(recorded: &Recorded) -> Vec<String> {
    let used = recorded.uses.used.iter();
    let used = used.map(|one| match &one.value {
        Some(value) => format!("{} {value}", one.feature),
        None => one.feature.to_string(),
    });
    used.collect()
}

#[test]
fn a_row_says_what_its_request_used_and_with_which_values_as_far_as_it_notes_them() {
    for (features, expected) in [
        (r#"{"form":2,"messages":3,"stream":true}"#, &[][..]),
        (
            r#"{"form":2,"tools":2,"images":1,"thoughts":4,"prefill":true,"forced_tool":true}"#,
            &[
                "tools",
                "images",
                "thinking_history",
                "forced_tool",
                "prefill",
            ],
        ),
        (
            concat!(
                r#"{"form":2,"sampling":"temperature top_p top_k","#,
                r#""usual":"temperature","unusual":"top_p top_k"}"#
            ),
            &["temperature 1", "top_p other", "top_k other"],
        ),
        (
            r#"{"form":2,"thinking_form":"budget","thinking_budget":2048,"effort":"high"}"#,
            &["thinking_budget", "effort high"],
        ),
        (
            r#"{"form":2,"tool_types":"computer_20251124 other","effort":"other"}"#,
            &["tool_type computer_20251124", "tool_type", "effort"],
        ),
        // A row of before does not say which value it was, nor which thinking.
        (r#"{"sampling":"temperature"}"#, &["temperature"]),
        (
            r#"{"thinking":true,"thinking_budget":1}"#,
            &["thinking_budget"],
        ),
        (r#"{"thinking":true}"#, &[]),
    ] {
        assert_eq!(used(&read(features)), expected, "{features}");
    }
}

#[test]
fn what_a_row_does_not_note_is_open() {
    let open = |features: &str, feature| read(features).open.contains(&feature);
    let (new, old) = (r#"{"form":2,"tools":1}"#, r#"{"tools":1}"#);
    for (feature, is_open_now) in [
        (Feature::ZeroRetention, true),
        (Feature::Beta, true),
        (Feature::Effort, false),
        (Feature::MidSystem, false),
        (Feature::ThinkingHistory, false),
        (Feature::ToolType, false),
        (Feature::ThinkingDisabled, false),
    ] {
        assert_eq!(open(new, feature), is_open_now, "{feature}");
        assert!(open(old, feature), "{feature}");
    }
    assert!(!open(new, Feature::StrictSchema));
    assert!(open(
        r#"{"form":2,"structured_output":true}"#,
        Feature::StrictSchema
    ));
    assert!(open(
        r#"{"form":2,"documents":1}"#,
        Feature::AssistantDocument
    ));
    assert!(open(
        r#"{"form":2,"thinking_form":"other"}"#,
        Feature::ThinkingDisabled
    ));
    assert!(open(r#"{"thinking":true}"#, Feature::ThinkingAdaptive));
}

#[test]
fn what_is_no_row_is_not_read() {
    for features in ["", "[]", "{", r#"{"too_long":true}"#] {
        assert_eq!(Recorded::read(features, "openai-chat"), None, "{features}");
    }
}

/// What stands for an unusual value is no value that a rule could name.
#[test]
fn no_rule_asks_for_one_value_of_a_parameter_of_which_only_the_usual_is_noted() {
    let facts = Facts::shipped().unwrap();
    for rule in facts.rules() {
        let settings = rule.with.iter().chain(&rule.unless);
        let named = settings.filter(|setting| !setting.values.is_empty());
        let mut named: Vec<_> = named.map(|setting| setting.feature).collect();
        if !rule.only.is_empty() {
            named.extend(&rule.features);
        }
        let is_noted = |feature: &&Feature| SAMPLING.iter().any(|(_, one, _)| one == *feature);
        assert_eq!(named.iter().find(is_noted), None, "{}", rule.id);
    }
}

/// Of the exceptions that rules make, each usual value is the one that is noted as such.
#[test]
fn the_usual_values_are_those_that_rules_except() {
    let facts = Facts::shipped().unwrap();
    for rule in facts.rules() {
        let own = rule.features.iter();
        let own = own.filter_map(|feature| SAMPLING.iter().find(|(_, one, _)| one == feature));
        let values: Vec<_> = own.filter_map(|(_, _, usual)| *usual).collect();
        for except in rule.except.iter().filter(|_| !values.is_empty()) {
            assert!(values.contains(&except.as_str()), "{}: {except}", rule.id);
        }
    }
}
