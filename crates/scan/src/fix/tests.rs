//! Fixes of calls, applied: the name in the spelling that stood there, what is refused left out,
//! and what must not be edited.

use super::Mend;
use crate::edit::apply;
use crate::finding::{Finding, Safety};
use crate::judge::Judge;
use crate::role::Role;
use crate::samples::{day, facts, site};
use crate::site::{Certainty, Site};
use crate::target::Target;

fn judged(text: &str, site: Site, target: Option<[&str; 2]>, mend: Mend) -> Finding {
    let facts = facts();
    let judge = Judge {
        facts,
        day: day("2026-11-27"),
        target: target.map(|[platform, id]| Target::new(platform, id)),
        mend: Some(mend),
    };
    judge.findings(text, vec![site]).remove(0)
}

/// Mends a call; gives the text that comes, behind `?` where it is a suggestion.
fn mended(text: &str, site: Site, target: Option<[&str; 2]>, mend: Mend) -> String {
    let Some(fix) = judged(text, site, target, mend).fix else {
        return "none".to_owned();
    };
    let mark = match fix.safety {
        Safety::Safe => "",
        Safety::Suggest => "? ",
    };
    format!("{mark}{}", apply(text, &fix.edits).unwrap())
}

fn check(text: &str, written: &str, target: [&str; 2], expected: &str) {
    let found = mended(text, site(text, written), Some(target), Mend::Model);
    assert_eq!(found, expected, "{text}");
}

#[test]
fn the_name_alone_is_written_anew_where_nothing_is_refused() {
    check(
        "c.messages.create(model=\"claude-sonnet-4-20250514\", max_tokens=9)",
        "claude-sonnet-4-20250514",
        ["anthropic", "claude-sonnet-4-6"],
        "c.messages.create(model=\"claude-sonnet-4-6\", max_tokens=9)",
    );
}

#[test]
fn what_the_target_refuses_is_left_out_and_only_suggested() {
    check(
        "c.messages.create(model=\"claude-opus-4-6\", temperature=0.2, top_p=0.9)",
        "claude-opus-4-6",
        ["anthropic", "claude-opus-4-8"],
        "? c.messages.create(model=\"claude-opus-4-8\")",
    );
    check(
        "c.messages.create(\n    model=\"claude-opus-4-6\",\n    temperature=t,\n    tools=T,\n)",
        "claude-opus-4-6",
        ["anthropic", "claude-opus-4-8"],
        "? c.messages.create(\n    model=\"claude-opus-4-8\",\n    tools=T,\n)",
    );
    check(
        "c.chat.completions.create(model=\"gpt-4o\", max_tokens=9)",
        "gpt-4o",
        ["openai", "gpt-5"],
        "? c.chat.completions.create(model=\"gpt-5\", max_completion_tokens=9)",
    );
    // Of two that are refused together one goes.
    check(
        "c.messages.create(model=\"claude-opus-4-6\", temperature=0.2, top_p=0.9)",
        "claude-opus-4-6",
        ["anthropic", "claude-sonnet-4-5"],
        "? c.messages.create(model=\"claude-sonnet-4-5\", temperature=0.2)",
    );
}

#[test]
fn what_no_edit_mends_is_named() {
    let text = "c.messages.create(model=\"claude-opus-4-5\", messages=[{\"role\": \"assistant\"}])";
    let found = judged(
        text,
        site(text, "claude-opus-4-5"),
        Some(["anthropic", "claude-opus-4-6"]),
        Mend::Model,
    );
    let fix = found.fix.unwrap();
    assert_eq!(fix.safety, Safety::Suggest);
    assert!(
        fix.says.ends_with("left to you: claude-prefill"),
        "{}",
        fix.says
    );
    assert_eq!(fix.edits.len(), 1);
}

#[test]
fn a_platform_stays_and_so_does_what_stands_before_the_id() {
    let text = "invoke(modelId=\"us.anthropic.claude-sonnet-4-20250514-v1:0\")";
    let old = site(text, "us.anthropic.claude-sonnet-4-20250514-v1:0");
    let target = Some(["anthropic", "claude-sonnet-4-5"]);
    assert_eq!(
        mended(text, old, target, Mend::Model),
        "invoke(modelId=\"us.anthropic.claude-sonnet-4-5-20250929-v1:0\")"
    );
    let text = "completion(model=\"openrouter/anthropic/claude-opus-4.6\")";
    let mut old = site(text, "openrouter/anthropic/claude-opus-4.6");
    old.model.id = "anthropic/claude-opus-4.6".to_owned();
    old.model.platform = Some("openrouter".to_owned());
    let target = Some(["anthropic", "claude-opus-5"]);
    assert_eq!(
        mended(text, old, target, Mend::Model),
        "completion(model=\"openrouter/anthropic/claude-opus-5\")"
    );
    // Another vendor is not reached by a name.
    let text = "c.messages.create(model=\"claude-opus-4-6\")";
    let found = judged(
        text,
        site(text, "claude-opus-4-6"),
        Some(["openai", "gpt-5"]),
        Mend::Model,
    );
    assert_eq!(found.fix, None);
    assert_eq!(found.unknown.len(), 1, "{:?}", found.unknown);
}

#[test]
fn a_tier_takes_the_place_of_a_name_where_its_client_can_reach_the_gateway() {
    let tier = || Mend::Tier("opus".to_owned());
    let text = "init_chat_model(model=\"anthropic:claude-opus-4-6\")";
    let mut old = site(text, "anthropic:claude-opus-4-6");
    old.model.id = "claude-opus-4-6".to_owned();
    old.model.platform = Some("anthropic".to_owned());
    let target = Some(["anthropic", "claude-opus-4-8"]);
    let expected = "init_chat_model(model=\"anthropic:opus\")";
    assert_eq!(mended(text, old.clone(), target, tier()), expected);
    // Without a target the tier serves what is named today.
    assert_eq!(mended(text, old, None, tier()), expected);
    let text = "invoke(modelId=\"us.anthropic.claude-sonnet-4-20250514-v1:0\")";
    let old = site(text, "us.anthropic.claude-sonnet-4-20250514-v1:0");
    assert_eq!(mended(text, old, None, tier()), "none");
    let text = "c.messages.create(model=\"claude-opus-4-6\", temperature=0.2)";
    let old = site(text, "claude-opus-4-6");
    assert_eq!(
        mended(text, old, target, tier()),
        "? c.messages.create(model=\"opus\")"
    );
}

#[test]
fn without_a_target_a_name_goes_where_its_vendor_says() {
    let text = "c.messages.create(model=\"claude-opus-4-20250514\")";
    let old = site(text, "claude-opus-4-20250514");
    let found = mended(text, old, None, Mend::Model);
    assert_eq!(found, "c.messages.create(model=\"claude-opus-4-8\")");
    let text = "c.messages.create(model=\"claude-opus-5\")";
    assert_eq!(
        mended(text, site(text, "claude-opus-5"), None, Mend::Model),
        "none"
    );
}

#[test]
fn only_places_that_ask_for_a_model_are_mended_unseen() {
    let text = "f(model=\"claude-opus-4-6\")";
    let of = |role: Role, confidence: Certainty| {
        let mut old = site(text, "claude-opus-4-6");
        (old.role, old.confidence) = (role, confidence);
        mended(
            text,
            old,
            Some(["anthropic", "claude-opus-4-8"]),
            Mend::Model,
        )
    };
    let new = "f(model=\"claude-opus-4-8\")";
    for role in Role::ALL {
        let expected = match role {
            Role::AllowList | Role::Catalogue | Role::Comment => "none".to_owned(),
            Role::TestFixture | Role::Documentation | Role::Notebook => format!("? {new}"),
            _ => new.to_owned(),
        };
        assert_eq!(of(role, Certainty::High), expected, "{role}");
    }
    assert_eq!(of(Role::LiveCall, Certainty::Medium), format!("? {new}"));
}

#[test]
fn a_file_that_changed_since_or_a_list_is_not_edited() {
    let text = "f(model=\"claude-opus-4-6\")";
    let target = Some(["anthropic", "claude-opus-4-8"]);
    let old = site(text, "claude-opus-4-6");
    assert_eq!(
        mended(
            "f(model=\"claude-opus-4-5\")",
            old.clone(),
            target,
            Mend::Model
        ),
        "none"
    );
    let mut list = old;
    list.names = 3;
    assert_eq!(mended(text, list, target, Mend::Model), "none");
}

#[test]
fn a_model_that_nobody_knows_is_suggested_at_most() {
    let text = "f(model=\"claude-opus-4-6\")";
    let old = site(text, "claude-opus-4-6");
    let target = Some(["anthropic", "claude-of-tomorrow"]);
    let found = mended(text, old, target, Mend::Model);
    assert_eq!(found, "? f(model=\"claude-of-tomorrow\")");
}
