//! Sites against targets, by the rows that ship: what is news, what stands already, what nobody
//! knows.

use super::judge;
use crate::finding::Break;
use crate::samples::{facts, named, site};
use crate::site::{Certainty, Site};
use crate::target::Target;

fn ids(breaks: &[Break]) -> String {
    let ids: Vec<String> = breaks
        .iter()
        .map(|one| {
            let seen = if one.seen { "" } else { "~" };
            format!("{seen}{}", one.rule)
        })
        .collect();
    ids.join(" ")
}

/// Judges a call against a target; what is not seen at the site stands behind `~`.
fn check(site: &Site, target: Option<[&str; 2]>, expected: [&str; 2]) {
    let facts = facts();
    let target = target.map(|[platform, id]| Target::new(platform, id));
    let verdict = judge(facts, site, target.as_ref());
    let found = [ids(&verdict.breaks), ids(&verdict.standing)];
    assert_eq!(found, expected, "{} {target:?}", site.excerpt);
    assert_eq!(verdict.unknown, Vec::<String>::new());
}

#[test]
fn sampling_is_refused_from_4_7_on_and_not_before() {
    let call = site(
        "c.messages.create(model=\"claude-sonnet-4-5\", temperature=0.2)",
        "claude-sonnet-4-5",
    );
    check(&call, Some(["anthropic", "claude-sonnet-4-6"]), ["", ""]);
    check(
        &call,
        Some(["anthropic", "claude-opus-4-7"]),
        ["claude-sampling ~claude-tokenizer", ""],
    );
}

#[test]
fn the_same_model_on_another_platform_is_another_verdict() {
    let call = site(
        "c.messages.create(model=\"claude-opus-4-6\", temperature=0.2)",
        "claude-opus-4-6",
    );
    check(
        &call,
        Some(["anthropic", "claude-opus-5"]),
        [
            "claude-sampling ~claude-thinking-by-default ~claude-tokenizer",
            "",
        ],
    );
    check(
        &call,
        Some(["openrouter", "anthropic/claude-opus-5"]),
        ["claude-sampling-openrouter", ""],
    );
}

#[test]
fn what_the_model_of_today_refuses_already_is_no_news() {
    let call = site(
        "c.messages.create(model=\"claude-opus-5\", temperature=0.2, \
         tool_choice={\"type\": \"any\"})",
        "claude-opus-5",
    );
    check(
        &call,
        Some(["anthropic", "claude-opus-5-5"]),
        [
            "claude-forced-tool ~effort-default",
            "claude-sampling-newest",
        ],
    );
    // Without a target it is what breaks today, and nothing that any request has to expect.
    check(&call, None, ["claude-sampling", ""]);
}

#[test]
fn a_word_on_effort_decides_where_the_rules_say_so() {
    let call = |effort: &str| {
        let text = format!("c.chat.completions.create(model=\"gpt-4o\", temperature=0.2{effort})");
        site(&text, "gpt-4o")
    };
    let target = Some(["openai", "gpt-5.1"]);
    // The default of 5.1 is none, which takes a temperature.
    check(&call(""), target, ["", ""]);
    check(
        &call(", reasoning_effort=\"low\""),
        target,
        ["gpt-5-1-sampling", ""],
    );
    let facts = facts();
    let unsure = judge(facts, &call(""), Some(&Target::new("openai", "gpt-5.4")));
    let found = unsure
        .breaks
        .iter()
        .find(|one| one.rule == "gpt-5-1-sampling")
        .unwrap();
    assert_eq!(found.certainty, Certainty::Low);
}

#[test]
fn efforts_and_limits_of_the_rows_are_rules_as_well() {
    let call = site(
        "c.messages.create(model=\"claude-opus-5\", max_tokens=100000, \
         output_config={\"effort\": \"xhigh\"})",
        "claude-opus-5",
    );
    check(
        &call,
        Some(["anthropic", "claude-haiku-4-5"]),
        ["most-output-tokens effort-words ~context-tokens", ""],
    );
}

#[test]
fn a_value_that_is_not_written_is_told_as_one() {
    let facts = facts();
    let call = site(
        "c.messages.create(model=\"claude-opus-4-6\",\n  temperature=t)",
        "claude-opus-4-6",
    );
    let target = Target::new("anthropic", "claude-opus-4-8");
    let verdict = judge(facts, &call, Some(&target));
    let found = verdict
        .breaks
        .iter()
        .find(|one| one.rule == "claude-sampling")
        .unwrap();
    assert_eq!(found.certainty, Certainty::Medium);
    assert_eq!((found.seen, found.line), (true, Some(2)));
    assert_eq!(
        found.because,
        "`temperature` is set on line 2, to what is not written there"
    );
    assert!(!found.sources.is_empty());
}

#[test]
fn a_rule_of_one_api_needs_to_know_the_api() {
    let facts = facts();
    let verdict = |text: &str| {
        let target = Target::new("openai", "gpt-5");
        judge(facts, &site(text, "gpt-4o"), Some(&target)).breaks
    };
    let find = |breaks: &[Break]| {
        let found = breaks
            .iter()
            .find(|one| one.rule == "gpt-reasoning-max-tokens");
        found.map(|one| one.certainty)
    };
    let chat = verdict("c.chat.completions.create(model=\"gpt-4o\", max_tokens=9)");
    let body = verdict("body(model=\"gpt-4o\", max_tokens=9)");
    let responses = verdict("c.responses.create(model=\"gpt-4o\", max_tokens=9)");
    assert_eq!(find(&chat), Some(Certainty::High));
    assert_eq!(find(&body), Some(Certainty::Medium));
    assert_eq!(find(&responses), None);
}

#[test]
fn what_nobody_knows_is_said_and_never_nothing() {
    let facts = facts();
    let call = named("claude-opus-5");
    let odd = Target::new("anthropic", "claude-of-tomorrow");
    let verdict = judge(facts, &call, Some(&odd));
    assert!(
        verdict.breaks.is_empty() && verdict.unknown.len() == 1,
        "{verdict:?}"
    );
    let verdict = judge(facts, &named("claude-of-yesterday"), None);
    assert!(
        verdict.breaks.is_empty() && verdict.unknown.len() == 1,
        "{verdict:?}"
    );
    // What the target refuses is known all the same.
    let mut unheard = site(
        "f(model=\"claude-of-yesterday\", prefill=1, top_p=0.3)",
        "claude-of-yesterday",
    );
    unheard.model.platform = Some("anthropic".to_owned());
    let target = Target::new("anthropic", "claude-opus-5");
    let verdict = judge(facts, &unheard, Some(&target));
    assert!(ids(&verdict.breaks).contains("claude-sampling-nucleus"));
    assert_eq!(verdict.unknown.len(), 1);
}

/// Each rule's own examples as sites: a scanner says of them what the rule does.
#[test]
fn every_rule_is_told_of_its_example_and_not_of_its_counter() {
    let facts = facts();
    for rule in facts
        .rules()
        .iter()
        .filter(|rule| rule.api_version.is_none())
    {
        for (example, is_told) in [(&rule.example, true), (&rule.counter, false)] {
            let mut site = named("model-of-yesterday");
            site.model.platform = Some(example.platform.clone());
            site.dialect = match example.uses.dialect.as_deref() {
                Some("openai-chat") => Some("openai-chat"),
                Some(_) => Some("openai-responses"),
                None => None,
            };
            let used = example.uses.used.iter().map(|used| crate::site::Parameter {
                feature: used.feature,
                value: used.value.clone(),
                line: 1,
                span: site.span,
            });
            site.parameters = used.collect();
            let target = Target::new(&example.platform, &example.id);
            let verdict = judge(facts, &site, Some(&target));
            let found = verdict.breaks.iter().find(|one| one.rule == rule.id);
            assert_eq!(found.is_some(), is_told, "{} {is_told}", rule.id);
            let effect = found.map_or(rule.effect.as_str(), |one| one.effect);
            assert_eq!(effect, rule.effect.as_str());
        }
    }
}
