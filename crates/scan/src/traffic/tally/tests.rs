//! Rows made by hand, two callers with different habits, and what is counted of them.

use std::collections::BTreeMap;

use domain::{Facts, Timestamp, Tokens};

use super::{Lineup, TrafficTally};
use crate::traffic::{Comes, Ending, Habit, Heard, Heat, Lodging, Traffic};

const DAY: i64 = 86_400_000;
const NOW: i64 = 1_795_478_400_000;

const PLAIN: &str = r#"{"form":2,"messages":1}"#;
const WARM: &str = r#"{"form":2,"messages":1,"sampling":"temperature","unusual":"temperature"}"#;
const BEGUN: &str = r#"{"form":2,"messages":2,"prefill":true}"#;

fn lineup(facts: &Facts, target: Option<&str>) -> Lineup {
    let served = |id: &str| Lodging::of(facts, "anthropic", id);
    Lineup {
        target: target.map(|id| (id.to_owned(), served(id))),
        models: BTreeMap::from([
            ("old".to_owned(), served("claude-opus-4-6")),
            ("newer".to_owned(), served("claude-opus-4-8")),
        ]),
        dialects: vec!["anthropic-messages".to_owned()],
        adapting: vec!["haiku".to_owned()],
    }
}

fn row<'r>(caller: &'r str, features: &'r str) -> Heard<'r> {
    Heard {
        at: Timestamp(NOW),
        caller,
        requested: "opus",
        tier: Some("opus"),
        model: Some("old"),
        dialect: "anthropic-messages",
        conversation: Some(1),
        features: Some(features),
        ..Heard::default()
    }
}

fn counted(target: Option<&str>, rows: &[Heard<'_>]) -> Traffic {
    let facts = Facts::shipped().unwrap();
    let lineup = lineup(&facts, target);
    let mut tally = TrafficTally::new(&facts, lineup, Timestamp(NOW - DAY));
    rows.iter().for_each(|row| tally.hear(row));
    tally.finish()
}

fn habit<'h>(habits: &'h [Habit], rule: &str) -> &'h Habit {
    let found = habits.iter().find(|one| one.what.rule == rule);
    found.unwrap_or_else(|| panic!("no {rule}: {habits:#?}"))
}

#[test]
fn callers_are_told_apart_by_what_they_send() {
    let later = Heard {
        at: Timestamp(NOW + 5_000),
        ..row("triage", WARM)
    };
    let rows = [
        row("triage", WARM),
        row("triage", BEGUN),
        later,
        row("triage", PLAIN),
        row("search", PLAIN),
    ];
    let traffic = counted(Some("claude-opus-5-5"), &rows);
    assert_eq!((traffic.requests, traffic.conversations), (5, 1));
    assert!(traffic.breaks());
    let [triage, search] = traffic.callers.as_slice() else {
        panic!("{traffic:#?}");
    };
    assert_eq!(
        (triage.caller.as_str(), triage.verdict),
        ("triage", Comes::Breaks)
    );
    assert_eq!(
        (triage.requests, triage.breaking, triage.may_break),
        (4, 2, 0)
    );
    let warm = habit(&triage.breaks, "claude-sampling-newest");
    assert_eq!((warm.requests, warm.sure), (2, 2));
    assert!((warm.share_percent - 50.0).abs() < 1e-9);
    assert_eq!(warm.last_seen, Timestamp(NOW + 5_000).to_string());
    // Opus 4.6 refuses a prefill as well: that is no news.
    assert_eq!(habit(&triage.standing, "claude-prefill-newest").requests, 1);
    assert_eq!(search.verdict, Comes::Changes);
    assert!(search.breaks.is_empty(), "{:#?}", search.breaks);
    assert_eq!(
        habit(&search.expected, "claude-thinking-always").requests,
        1
    );
}

#[test]
fn a_value_that_was_not_recorded_makes_a_perhaps_and_a_header_an_unknown() {
    let before = r#"{"messages":1,"sampling":"temperature"}"#;
    let traffic = counted(Some("claude-opus-5-5"), &[row("triage", before)]);
    let [caller] = traffic.callers.as_slice() else {
        panic!("{traffic:#?}");
    };
    assert_eq!(caller.verdict, Comes::MayBreak);
    assert_eq!((caller.breaking, caller.may_break), (0, 1));
    let perhaps = habit(&caller.breaks, "claude-sampling-newest");
    assert_eq!((perhaps.requests, perhaps.sure), (1, 0));
    let retention = counted(Some("claude-fable-5"), &[row("triage", PLAIN)]);
    let unknown = &retention.callers[0].unknown;
    let unknown = habit(unknown, "claude-zero-retention");
    assert!(unknown.what.because.contains("zero_retention"));
    assert!(
        retention
            .not_recorded
            .contains(&"zero_retention".to_owned())
    );
}

/// A later request of which more is known takes the place of one of which nothing was.
#[test]
fn requests_that_tell_nothing_are_not_counted_among_those_that_do() {
    let before = r#"{"messages":1}"#;
    let now = r#"{"form":2,"messages":1,"thoughts":1}"#;
    let rows = [row("a", before), row("a", before), row("a", now)];
    let traffic = counted(Some("claude-opus-5-5"), &rows);
    let caller = &traffic.callers[0];
    let bound = habit(&caller.breaks, "claude-thinking-bound");
    assert_eq!((bound.requests, bound.sure), (1, 1));
    assert!(
        !caller
            .unknown
            .iter()
            .any(|one| one.what.rule == "claude-thinking-bound")
    );
}

#[test]
fn more_tokens_than_the_context_holds_break_as_the_target_would_count_them() {
    let long = |model, input| Heard {
        model: Some(model),
        tokens: Tokens {
            input,
            output: 1_000,
            ..Tokens::default()
        },
        ..row("reader", PLAIN)
    };
    let target = Some("claude-haiku-4-5");
    let has = |row: Heard<'_>| {
        let traffic = counted(target, &[row]);
        let breaks = &traffic.callers[0].breaks;
        let found = breaks.iter().find(|one| one.what.rule == "context-tokens");
        found.map(|one| one.sure)
    };
    assert_eq!(has(long("old", 150_000)), None);
    // The same cut of text: what was counted is what will be.
    assert_eq!(has(long("old", 250_000)), Some(1));
    // The target makes up to a quarter fewer tokens of it, so it is not sure before that.
    assert_eq!(has(long("newer", 205_000)), Some(0));
    assert_eq!(has(long("newer", 350_000)), Some(1));
    // Nobody knows what cut it.
    assert_eq!(has(long("gone", 250_000)), Some(0));
}

#[test]
fn what_a_tier_adapts_is_told() {
    let adapted = Heard {
        tier: Some("haiku"),
        ..row("a", WARM)
    };
    let traffic = counted(Some("claude-opus-5-5"), &[adapted, row("a", WARM)]);
    let caller = &traffic.callers[0];
    assert_eq!((caller.breaking, caller.adapted), (2, 1));
}

#[test]
fn what_is_not_judged_is_counted() {
    let denied = Heard {
        ending: Ending::Denied,
        ..row("a", PLAIN)
    };
    let embedded = Heard {
        dialect: "openai-embeddings",
        ..row("a", PLAIN)
    };
    let mute = Heard {
        features: None,
        ..row("a", PLAIN)
    };
    let traffic = counted(None, &[denied, embedded, mute]);
    assert_eq!((traffic.denied, traffic.other, traffic.unread), (1, 1, 1));
    assert_eq!((traffic.requests, traffic.callers.len()), (0, 0));
}

#[test]
fn without_a_target_each_request_is_held_against_the_model_that_served_it() {
    let hot = Heard {
        model: Some("newer"),
        ..row("a", WARM)
    };
    let gone = Heard {
        model: Some("gone"),
        ..row("b", WARM)
    };
    let traffic = counted(None, &[row("a", WARM), hot, gone]);
    let [a, b] = traffic.callers.as_slice() else {
        panic!("{traffic:#?}");
    };
    assert_eq!(habit(&a.breaks, "claude-sampling").requests, 1);
    assert_eq!((b.verdict, b.unplaced), (Comes::Unknown, 1));
}

#[test]
fn nothing_is_said_to_be_fine_of_a_model_that_nobody_knows() {
    let traffic = counted(Some("claude-someday"), &[row("a", WARM)]);
    assert!(!traffic.target.as_ref().is_some_and(|held| held.is_known));
    assert_eq!(traffic.callers[0].verdict, Comes::Unknown);
    let known = counted(Some("claude-opus-4-6"), &[row("a", PLAIN)]);
    assert_eq!(known.callers[0].verdict, Comes::NoKnownBreak);
}

#[test]
fn a_place_is_hot_cold_or_unseen_for_its_own_caller() {
    let named = |requested, at| Heard {
        requested,
        at: Timestamp(at),
        ..row("shop", PLAIN)
    };
    let rows = [
        named("claude-opus-4-6", NOW),
        named("claude-opus-4-6", NOW - 9 * DAY),
        named("gpt-4o", NOW - 9 * DAY),
    ];
    let traffic = counted(None, &rows);
    let lately = Timestamp(NOW - 7 * DAY);
    let heat = |caller, spelling| {
        let found = traffic.of_site(caller, &[spelling], lately);
        (found.heat, found.requests)
    };
    assert_eq!(heat("shop", "Claude-Opus-4-6"), (Heat::Hot, 2));
    assert_eq!(heat("shop", "gpt-4o"), (Heat::Cold, 1));
    assert_eq!(heat("shop", "o3"), (Heat::Unseen, 0));
    assert_eq!(heat("other", "gpt-4o"), (Heat::Unseen, 0));
    let either = traffic.of_site("shop", &["openai/gpt-4o", "gpt-4o"], lately);
    assert_eq!(either.heat, Heat::Cold);
}

#[test]
fn names_that_callers_make_up_do_not_grow_without_end() {
    let names: Vec<_> = (0..1_500)
        .map(|number| format!("made-up-{number}"))
        .collect();
    let rows = names.iter().map(|name| Heard {
        requested: name,
        ..row("a", PLAIN)
    });
    let rows: Vec<_> = rows.collect();
    let traffic = counted(None, &rows);
    let asks = &traffic.callers[0].asks;
    assert_eq!(asks.len(), 1_001);
    assert_eq!(
        (asks[0].name.as_str(), asks[0].requests),
        ("(other names)", 500)
    );
}
