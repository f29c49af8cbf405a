//! The work and the prices of a swap, with what is unknown named.

use super::{Effort, switching_cost};
use crate::finding::Finding;
use crate::fix::Mend;
use crate::judge::Judge;
use crate::samples::{day, facts, site};
use crate::target::Target;

fn findings(calls: &[(&str, &str)], target: &Target) -> Vec<Finding> {
    let facts = facts();
    let judge = Judge {
        facts,
        day: day("2026-11-27"),
        target: Some(target.clone()),
        mend: Some(Mend::Model),
    };
    let found = calls.iter().map(|(written, rest)| {
        let text = format!("c.messages.create(model=\"{written}\"{rest})");
        judge.findings(&text, vec![site(&text, written)]).remove(0)
    });
    found.collect()
}

#[test]
fn places_are_weighed_by_what_is_to_do() {
    let target = Target::new("anthropic", "claude-opus-5");
    let calls = [
        ("claude-opus-4-6", ""),
        ("claude-opus-4-6", ", temperature=0.2, top_k=5"),
        ("claude-opus-4-5", ", messages=[{\"role\": \"assistant\"}]"),
        ("claude-of-yesterday", ""),
    ];
    let found = findings(&calls, &target);
    let efforts: Vec<_> = found.iter().map(|one| Effort::of(one).unwrap()).collect();
    assert_eq!(
        efforts,
        [
            Effort::Name,
            Effort::Parameters,
            Effort::Rework,
            Effort::Look
        ]
    );
    let cost = switching_cost(facts(), &found, &target, day("2026-11-27").start());
    assert_eq!(
        cost.arithmetic,
        "1 × 1 name + 1 × 2 look + 1 × 3 parameters + 1 × 8 rework = 14"
    );
    assert_eq!(cost.points, 14);
}

/// Whether a patch is asked for says nothing of how much there is to do.
#[test]
fn work_is_the_same_without_a_patch() {
    let text = "c.messages.create(model=\"claude-opus-4-6\", temperature=0.2)";
    let judge = Judge {
        facts: facts(),
        day: day("2026-11-27"),
        target: Some(Target::new("anthropic", "claude-opus-5")),
        mend: None,
    };
    let found = judge.findings(text, vec![site(text, "claude-opus-4-6")]);
    assert_eq!(Effort::of(&found[0]), Some(Effort::Parameters));
}

#[test]
fn a_price_counts_the_tokens_that_the_same_text_has() {
    let target = Target::new("anthropic", "claude-opus-5");
    let calls = [("claude-sonnet-4-6", ""), ("claude-of-yesterday", "")];
    let found = findings(&calls, &target);
    let cost = switching_cost(facts(), &found, &target, day("2026-11-27").start());
    let sonnet = cost
        .prices
        .iter()
        .find(|one| one.model == "Claude Sonnet 4.6")
        .unwrap();
    assert_eq!(sonnet.input_usd_micros, Some([3_000_000, 5_000_000]));
    assert_eq!(
        (sonnet.token_percent, sonnet.input_percent),
        (Some(130), Some(216))
    );
    assert_eq!(
        sonnet.arithmetic,
        "input 5 USD, was 3 USD a million tokens × 130 % tokens = 216 %; \
         output 25 USD, was 15 USD a million tokens × 130 % tokens = 216 %"
    );
    let unknown = cost
        .prices
        .iter()
        .find(|one| one.model == "claude-of-yesterday")
        .unwrap();
    assert_eq!(unknown.arithmetic, "a list price is unknown");
    assert_eq!(
        (unknown.input_usd_micros, unknown.token_percent),
        (None, None)
    );
}

#[test]
fn a_tokenizer_that_nobody_knows_leaves_the_price_of_a_text_open() {
    let target = Target::new("anthropic", "claude-opus-5-5");
    let found = findings(&[("claude-opus-5", "")], &target);
    let cost = switching_cost(facts(), &found, &target, day("2026-11-27").start());
    assert_eq!(
        cost.prices[0].input_usd_micros,
        Some([5_000_000, 4_000_000])
    );
    assert_eq!(cost.prices[0].input_percent, None);
    assert!(cost.prices[0].arithmetic.ends_with("is unknown"));
    let nothing = switching_cost(facts(), &[], &target, day("2026-11-27").start());
    assert_eq!(nothing.arithmetic, "nothing to do = 0");
}
