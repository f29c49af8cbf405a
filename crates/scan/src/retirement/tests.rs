//! Days left, earliest days that are none, platforms with days of their own, and replacements.

use super::retirement;
use crate::samples::{day, facts, named};
use crate::site::Named;

/// Asks for `platform id` on a day: the last day, the days left, the earliest day, the replacement.
fn check(platform: Option<&str>, id: &str, on: &str, expected: Option<[&str; 4]>) {
    let facts = facts();
    let model = Named {
        platform: platform.map(str::to_owned),
        ..named(id).model
    };
    let found = retirement(facts, &model, day(on));
    let text = |found: Option<String>| found.unwrap_or_else(|| "-".to_owned());
    let found = found.map(|one| {
        [
            text(one.retires_on.map(|day| day.to_string())),
            text(one.days_left.map(|days| days.to_string())),
            text(one.not_before.map(|day| day.to_string())),
            text(one.replacement),
        ]
    });
    let expected = expected.map(|one| one.map(str::to_owned));
    assert_eq!(found, expected, "{platform:?} {id}");
}

#[test]
fn days_are_counted_from_the_day_that_is_given() {
    let gone = |left| Some(["2026-06-15", left, "-", "claude-sonnet-4-6"]);
    check(None, "claude-sonnet-4-20250514", "2026-06-01", gone("14"));
    check(None, "claude-sonnet-4-20250514", "2026-06-15", gone("0"));
    check(None, "claude-sonnet-4-20250514", "2026-11-27", gone("-165"));
}

#[test]
fn a_day_bears_its_sources_and_what_others_say() {
    let model = named("claude-sonnet-4-5").model;
    let found = retirement(facts(), &model, day("2026-11-27")).unwrap();
    assert_eq!((found.days_left, found.confidence), (Some(3), "documented"));
    assert!(
        found.sources.len() > 1 && found.disputed.is_some(),
        "{found:?}"
    );
    assert_eq!(found.replacement.as_deref(), Some("claude-sonnet-5-5"));
}

#[test]
fn an_earliest_day_is_no_retirement() {
    check(
        None,
        "claude-opus-4-5",
        "2026-11-27",
        Some(["-", "-", "2026-11-24", "-"]),
    );
}

#[test]
fn a_platform_has_days_of_its_own_or_none() {
    check(
        Some("vertex"),
        "claude-3-5-haiku@20241022",
        "2026-07-01",
        Some(["2026-07-05", "4", "-", "claude-haiku-4-5@20251001"]),
    );
    check(
        Some("azure"),
        "gpt-4o",
        "2026-09-30",
        Some(["2027-04-14", "196", "-", "gpt-5.1"]),
    );
    check(
        Some("openai"),
        "gpt-4o",
        "2026-09-30",
        Some(["2027-01-14", "106", "-", "gpt-6-luna"]),
    );
    check(Some("openrouter"), "openai/gpt-4o", "2026-09-30", None);
    check(Some("anthropic"), "claude-of-tomorrow", "2026-09-30", None);
}

#[test]
fn a_replacement_that_is_gone_is_followed_and_spelled_as_the_old_name() {
    // o3-mini leads to o4-mini on Azure, which goes on the same day; from there the vendor's
    // own word leads on.
    check(
        Some("azure"),
        "o3-mini",
        "2026-10-10",
        Some(["2026-11-19", "40", "-", "o4-mini"]),
    );
    check(
        Some("azure"),
        "o3-mini",
        "2026-11-27",
        Some(["2026-11-19", "-8", "-", "gpt-5.6-terra"]),
    );
    check(
        Some("bedrock"),
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        "2026-10-01",
        Some(["2026-10-14", "13", "-", "us.anthropic.claude-sonnet-4-6"]),
    );
}
