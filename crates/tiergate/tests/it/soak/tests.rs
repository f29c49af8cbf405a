//! Forged logs: the soak's judge finds each fault that it is there for, and nothing where there
//! is none. It must not start a gateway.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::history::{History, Kind};
use super::judge::{Answered, Asked, CANDIDATE, INCUMBENT, Lost, Seen, TIER, judge, missing};
use super::place::{CALLERS, EVALUATOR};

/// A life told in milliseconds: opened at 10, everybody in the north cut at 20, rolled back at 30;
/// each command is sent one earlier.
struct Told {
    start: Instant,
    history: History,
}

const NORTH: Kind = CALLERS[0];
const SOUTH: Kind = CALLERS[1];
const NOWHERE: Kind = CALLERS[2];
const SELLER: Kind = CALLERS[3];
const ANYBODY: Kind = CALLERS[4];

fn promote(generation: u64, stage: &str, share: u64) -> Value {
    json!({
        "kind": "promote", "planned_from": generation - 1,
        "to": { "stage": stage, "share": share },
    })
}

fn suspend(generation: u64, scope: &Value) -> Value {
    let suspend = json!({ "scope": scope });
    json!({ "kind": "suspend", "planned_from": generation - 1, "suspend": suspend })
}

impl Told {
    fn begin() -> Self {
        let start = Instant::now();
        let history = History::begin(start);
        let mut told = Self { start, history };
        told.moved(&promote(1, "early_access", 100), 10);
        told.moved(
            &suspend(2, &json!({ "attributes": { "region": "north" } })),
            20,
        );
        let back = json!({
            "kind": "roll_back", "planned_from": 2, "to": { "stage": "sealed", "share": 0 },
        });
        told.moved(&back, 30);
        told
    }

    fn moved(&mut self, made: &Value, known: u64) {
        let times = (self.at(known - 1), self.at(known));
        self.history.add(made, times);
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    /// Judges one request of a caller that was sent, and seen by a model, at these times.
    fn found(&self, who: Kind, (sent, seen): (u64, u64), model: &str) -> Vec<String> {
        let name = if who.is_evaluator {
            "release/next/candidate"
        } else {
            TIER
        };
        let named = if model == CANDIDATE { "next" } else { "old" };
        let asked = self.asked(who, name, sent, Some((200, Some(named), seen + 1)));
        judge(&[asked], &[self.seen(seen, model)], &self.history, None)
    }

    fn asked(
        &self,
        who: Kind,
        name: &'static str,
        sent: u64,
        answer: Option<(u16, Option<&str>, u64)>,
    ) -> Asked {
        let answer = answer.map(|(status, model, at)| Answered {
            at: self.at(at),
            status,
            model: model.map(str::to_owned),
            decision: None,
        });
        let (mark, sent) = ("m".to_owned(), self.at(sent));
        Asked {
            who,
            name,
            mark,
            sent,
            answer,
        }
    }

    fn seen(&self, at: u64, model: &str) -> Seen {
        Seen {
            mark: "m".to_owned(),
            model: model.to_owned(),
            at: self.at(at),
        }
    }
}

#[test]
fn a_candidate_that_a_status_gives_is_allowed_and_before_and_after_it_is_not() {
    let told = Told::begin();
    let check = |who, times, is_fine| {
        let found = told.found(who, times, CANDIDATE);
        assert_eq!(found.is_empty(), is_fine, "{times:?}: {found:?}");
    };
    check(SOUTH, (3, 5), false);
    check(SOUTH, (12, 14), true);
    check(SOUTH, (31, 33), false);
    check(NORTH, (12, 14), true);
    check(NORTH, (22, 24), false);
    // Whose region nobody knows is cut with the north.
    check(NOWHERE, (22, 24), false);
    check(SOUTH, (22, 24), true);
    check(SELLER, (12, 14), false);
    check(ANYBODY, (12, 14), false);
    check(EVALUATOR, (3, 5), true);
    check(EVALUATOR, (22, 24), true);
}

#[test]
fn a_move_under_way_counts_either_way_and_only_then() {
    let told = Told::begin();
    for model in [CANDIDATE, INCUMBENT] {
        // Sent before the acknowledgement, seen after the command.
        for times in [(5, 9), (9, 11), (25, 29), (29, 45)] {
            let found = told.found(SOUTH, times, model);
            assert!(found.is_empty(), "{model} {times:?}: {found:?}");
        }
    }
    // Seen before the command that would have allowed it.
    assert!(!told.found(SOUTH, (5, 8), CANDIDATE).is_empty());
}

#[test]
fn an_incumbent_where_the_candidate_was_due_is_found() {
    let told = Told::begin();
    let found = told.found(SOUTH, (12, 14), INCUMBENT);
    assert!(found[0].starts_with("withheld"), "{found:?}");
    assert!(told.found(NORTH, (22, 24), INCUMBENT).is_empty());
    // A command that went back and left no trace may have been in force until the kill.
    let asked = || told.asked(SOUTH, TIER, 12, Some((200, Some("old"), 15)));
    for (sent, is_fine) in [(13, true), (15, false)] {
        let lost = Some(Lost {
            sent: told.at(sent),
        });
        let seen = [told.seen(14, INCUMBENT)];
        let found = judge(&[asked()], &seen, &told.history, lost);
        assert_eq!(found.is_empty(), is_fine, "{found:?}");
    }
}

#[test]
fn a_share_holds_the_conversations_of_its_buckets_and_no_others() {
    let start = Instant::now();
    let mut history = History::begin(start);
    history.add(&promote(1, "early_access", 100), (start, start));
    history.add(&promote(2, "general", 25), (start, start));
    let standing = history.standing();
    let count = |who: &Kind| {
        let marks = (0..1_000).map(|number| format!("0-0-{number}"));
        marks.filter(|mark| standing.gives(who, mark)).count()
    };
    assert!((200..300).contains(&count(&SELLER)), "{}", count(&SELLER));
    assert_eq!(count(&ANYBODY), 0);
}

#[test]
fn what_does_not_join_or_is_no_answer_is_found() {
    let told = Told::begin();
    let history = &told.history;
    let none = judge(&[], &[told.seen(12, INCUMBENT)], history, None);
    assert!(none[0].starts_with("nobody asked"), "{none:?}");
    let check = |name, (status, model), seen: &[Seen], is_fine| {
        let asked = told.asked(SOUTH, name, 12, Some((status, model, 16)));
        let found = judge(&[asked], seen, history, None);
        assert_eq!(found.is_empty(), is_fine, "{name} {status}: {found:?}");
    };
    check(TIER, (200, Some("next")), &[told.seen(14, CANDIDATE)], true);
    // The header names another model than the one that was asked, or nobody was.
    check(TIER, (200, Some("old")), &[told.seen(14, CANDIDATE)], false);
    check(TIER, (200, Some("next")), &[], false);
    let twice = [told.seen(13, CANDIDATE), told.seen(14, CANDIDATE)];
    check(TIER, (200, Some("next")), &twice, false);
    check(TIER, (503, None), &[], false);
    check(TIER, (404, None), &[], false);
    // By its own name the candidate is there for whom the tier gives it.
    check("next", (404, None), &[], false);
    check(
        "next",
        (200, Some("next")),
        &[told.seen(14, CANDIDATE)],
        true,
    );
    let unanswered = told.asked(SOUTH, TIER, 12, None);
    assert!(judge(&[unanswered], &[], history, None).is_empty());
    let sealed = told.asked(SOUTH, "next", 3, Some((404, None, 5)));
    assert!(judge(&[sealed], &[], history, None).is_empty());
}

#[test]
fn only_a_suspension_of_the_caller_takes_an_answer_back() {
    let told = Told::begin();
    let check = |who, (sent, answered), seen: &[Seen], is_fine| {
        let asked = told.asked(who, TIER, sent, Some((403, None, answered)));
        let found = judge(&[asked], seen, &told.history, None);
        assert_eq!(found.is_empty(), is_fine, "{sent} {answered}: {found:?}");
    };
    check(NORTH, (15, 23), &[told.seen(16, CANDIDATE)], true);
    check(NORTH, (15, 17), &[told.seen(16, CANDIDATE)], false);
    check(SOUTH, (15, 23), &[told.seen(16, CANDIDATE)], false);
    // Nothing is taken back that the candidate does not answer, and nothing by a roll back.
    check(NORTH, (15, 23), &[], false);
    check(SOUTH, (27, 33), &[told.seen(28, CANDIDATE)], false);
}

#[test]
fn a_suspension_of_everybody_cuts_evaluation_keys_too_until_it_is_restored() {
    let mut told = Told::begin();
    told.moved(&suspend(4, &json!({})), 40);
    assert!(!told.found(EVALUATOR, (42, 44), CANDIDATE).is_empty());
    let restore = json!({
        "kind": "restore", "planned_from": 4, "restore": { "suspension": 4 },
    });
    told.moved(&restore, 50);
    assert!(told.found(EVALUATOR, (52, 54), CANDIDATE).is_empty());
}

#[test]
fn what_was_acknowledged_and_is_gone_is_named() {
    let acknowledged = [promote(1, "general", 25), promote(2, "general", 50)];
    let ledger = [promote(1, "general", 25)];
    let lost: Vec<String> = missing(&acknowledged, |made| ledger.contains(made)).collect();
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].starts_with("acknowledged and lost"), "{lost:?}");
}
