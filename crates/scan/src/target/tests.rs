//! One model on several platforms, and spellings that stay what they were.

use super::{Target, spell};
use crate::samples::facts;

#[test]
fn a_target_is_found_by_its_id_and_named_elsewhere_where_it_is_served() {
    let facts = facts();
    let target = Target::find(facts, "claude-opus-5").unwrap();
    assert_eq!(target.platform, "anthropic");
    let on = |platform: &str| target.on(facts, platform).map(|target| target.id);
    assert_eq!(on("bedrock").as_deref(), Some("anthropic.claude-opus-5"));
    assert_eq!(on("openrouter").as_deref(), Some("anthropic/claude-opus-5"));
    assert_eq!(on("openai"), None);
    assert_eq!(Target::find(facts, "claude-of-tomorrow"), None);
}

fn check(old: &str, name: &str, platform: &str, expected: Option<(&str, bool)>) {
    let facts = facts();
    let fact = facts.models().iter().find(|row| row.name == name).unwrap();
    let found = spell(fact, platform, old);
    let found = found.as_ref().map(|one| (one.id.as_str(), one.is_sure));
    assert_eq!(found, expected, "{old} {name}");
}

#[test]
fn a_spelling_keeps_its_region_and_its_day() {
    let sonnet = "Claude Sonnet 4.5";
    check(
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        sonnet,
        "bedrock",
        Some(("us.anthropic.claude-sonnet-4-5-20250929-v1:0", true)),
    );
    check(
        "anthropic.claude-sonnet-4-20250514-v1:0",
        sonnet,
        "bedrock",
        Some(("anthropic.claude-sonnet-4-5-20250929-v1:0", true)),
    );
    // Whether a region has a profile for it, no row says.
    check(
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        "Claude Opus 5",
        "bedrock",
        Some(("anthropic.claude-opus-5", false)),
    );
    check(
        "claude-sonnet-4@20250514",
        sonnet,
        "vertex",
        Some(("claude-sonnet-4-5@20250929", true)),
    );
    check(
        "claude-sonnet-4-20250514",
        sonnet,
        "anthropic",
        Some(("claude-sonnet-4-5-20250929", true)),
    );
    check(
        "claude-sonnet-4-0",
        sonnet,
        "anthropic",
        Some(("claude-sonnet-4-5", true)),
    );
    check("claude-sonnet-4-0", sonnet, "openai", None);
}
