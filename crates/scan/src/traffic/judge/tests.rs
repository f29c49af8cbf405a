//! What single requests set off at real models of the facts: each rule's own example and counter
//! among them, as if they had been recorded.

use domain::{Facts, Feature};

use super::{Lodging, Sure, What, verdicts};
use crate::traffic::Recorded;
use crate::traffic::told;

fn facts() -> Facts {
    Facts::shipped().unwrap()
}

fn sure(model: (&str, &str), features: &str, rule: &str) -> Option<Sure> {
    sure_in("anthropic-messages", model, features, rule)
}

fn sure_in(dialect: &str, model: (&str, &str), features: &str, rule: &str) -> Option<Sure> {
    let facts = facts();
    let model = Lodging::of(&facts, model.0, model.1);
    let found = verdicts(&model, &facts, &Recorded::read(features, dialect).unwrap());
    let found = found.iter().find(|one| one.what.id() == rule);
    found.map(|one| one.sure)
}

const OPUS: (&str, &str) = ("anthropic", "claude-opus-5-5");

#[test]
fn what_is_noted_is_sure_and_what_is_not_is_said_to_be_unknown() {
    let prefill = r#"{"form":2,"prefill":true}"#;
    assert_eq!(
        sure(OPUS, prefill, "claude-prefill-newest"),
        Some(Sure::Yes)
    );
    assert_eq!(sure(OPUS, r#"{"form":2}"#, "claude-prefill-newest"), None);
    let rule = "claude-sampling-newest";
    let unusual = r#"{"form":2,"sampling":"temperature","unusual":"temperature"}"#;
    assert_eq!(sure(OPUS, unusual, rule), Some(Sure::Yes));
    let usual = r#"{"form":2,"sampling":"temperature","usual":"temperature"}"#;
    assert_eq!(sure(OPUS, usual, rule), None);
    // A row of before does not say which value it was.
    let before = r#"{"sampling":"temperature"}"#;
    assert_eq!(sure(OPUS, before, rule), Some(Sure::Perhaps));
    // Whether an organisation keeps nothing stands in no request.
    let fable = ("anthropic", "claude-fable-5");
    let retention = sure(fable, r#"{"form":2}"#, "claude-zero-retention");
    assert_eq!(retention, Some(Sure::Untold));
    // The version of the API is asked for in a header, which is not noted either.
    let version = "anthropic-version-sampling";
    assert_eq!(sure(OPUS, unusual, version), Some(Sure::Untold));
    assert_eq!(sure(OPUS, r#"{"form":2}"#, version), None);
}

#[test]
fn two_things_at_once_are_judged_of_one_request() {
    let haiku = ("anthropic", "claude-haiku-4-5");
    let rule = "claude-temperature-with-top-p";
    let both = r#"{"form":2,"sampling":"temperature top_p","unusual":"temperature top_p"}"#;
    assert_eq!(sure(haiku, both, rule), Some(Sure::Yes));
    let one = r#"{"form":2,"sampling":"top_p","unusual":"top_p"}"#;
    assert_eq!(sure(haiku, one, rule), None);
}

#[test]
fn what_is_left_unsaid_is_told_apart_from_what_was_not_noted() {
    let rule = "claude-thinking-by-default";
    let opus = ("anthropic", "claude-opus-5");
    assert_eq!(sure(opus, r#"{"form":2}"#, rule), Some(Sure::Yes));
    let disabled = r#"{"form":2,"thinking_form":"disabled"}"#;
    assert_eq!(sure(opus, disabled, rule), None);
    assert_eq!(sure(opus, "{}", rule), Some(Sure::Perhaps));
}

#[test]
fn the_same_model_on_another_platform_takes_other_things() {
    let unusual = r#"{"form":2,"sampling":"temperature","unusual":"temperature"}"#;
    let own = ("anthropic", "claude-opus-4-7");
    assert_eq!(sure(own, unusual, "claude-sampling"), Some(Sure::Yes));
    let router = ("openrouter", "anthropic/claude-opus-4.7");
    assert_eq!(sure(router, unusual, "claude-sampling"), None);
    let silent = sure(router, unusual, "claude-sampling-openrouter");
    assert_eq!(silent, Some(Sure::Yes));
}

#[test]
fn a_field_of_another_dialect_does_not_arrive() {
    let facts = facts();
    let rule = "gpt-reasoning-max-tokens";
    let recorded = Recorded::read(r#"{"form":2,"older_max_tokens":true}"#, "openai-chat");
    let recorded = recorded.unwrap();
    let has = |dialect: Option<&str>| {
        let mut model = Lodging::of(&facts, "openai", "gpt-5");
        model.dialect = dialect.map(str::to_owned);
        let found = verdicts(&model, &facts, &recorded);
        found.iter().any(|one| one.what.id() == rule)
    };
    assert!(has(None));
    assert!(has(Some("openai-chat")));
    assert!(!has(Some("openai-responses")));
}

#[test]
fn a_word_of_effort_that_the_model_does_not_know_is_an_error() {
    let features = |word: &str| format!(r#"{{"form":2,"effort":"{word}"}}"#);
    let has = |word: &str| {
        sure(
            ("anthropic", "claude-opus-4-7"),
            &features(word),
            "effort-words",
        )
    };
    assert_eq!(has("minimal"), Some(Sure::Yes));
    assert_eq!(has("high"), None);
    // A word that was not kept is not taken for a wrong one.
    assert_eq!(has("other"), None);
}

#[test]
fn more_tokens_than_the_model_gives_are_an_error() {
    let facts = facts();
    let model = Lodging::of(&facts, "anthropic", "claude-haiku-4-5");
    let has = |most: &str| {
        let uses = [("max_tokens", Some(most))].into_iter();
        let recorded = Recorded::whole(uses, std::iter::empty());
        let found = verdicts(&model, &facts, &recorded);
        found
            .iter()
            .any(|one| one.what.id() == "most-output-tokens")
    };
    assert!(has("64001") && !has("64000"));
}

/// Each rule's example and counter, asked as rows that note all of it.
#[test]
fn the_examples_of_all_rules_are_judged_as_the_facts_say() {
    let facts = facts();
    for rule in facts.rules() {
        for (example, is_set_off) in [(&rule.example, true), (&rule.counter, false)] {
            let mut model = Lodging::of(&facts, &example.platform, &example.id);
            model.dialect.clone_from(&example.uses.dialect);
            let recorded = Recorded {
                uses: example.uses.clone(),
                ..Recorded::default()
            };
            let found = verdicts(&model, &facts, &recorded);
            let found = found.iter().any(|one| one.what.id() == rule.id);
            assert_eq!(found, is_set_off, "{}: {example:?}", rule.id);
        }
    }
}

#[test]
fn a_break_is_told_with_its_source_and_why() {
    let facts = facts();
    let model = Lodging::of(&facts, OPUS.0, OPUS.1);
    let features = r#"{"form":2,"prefill":true,"effort":"minimal"}"#;
    let recorded = Recorded::read(features, "anthropic-messages").unwrap();
    for verdict in verdicts(&model, &facts, &recorded) {
        let told = told(&model, &facts, &verdict);
        assert!(
            !told.says.is_empty() && !told.because.is_empty(),
            "{told:?}"
        );
        assert!(!told.sources.is_empty(), "{told:?}");
        match &verdict.what {
            What::Rule(rule) if rule.features == [Feature::Prefill] => {
                assert_eq!(told.because, "it sets prefill");
                assert!(told.seen);
            }
            What::Effort => assert!(told.says.contains("low"), "{}", told.says),
            _ => {}
        }
    }
}
