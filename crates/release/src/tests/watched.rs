//! What other rollout tools get wrong, each as a test of the gates that judge live traffic: no
//! gap in the evidence is a pass. It must not know how a criterion is computed.

use std::collections::BTreeMap;

use domain::{Condition, GateSpec, PersonName, PicoUsd, Timestamp};
use serde_json::json;

use super::{NOW, World, spec, watch_of};
use crate::dossier::{Dossier, Incident};
use crate::gates::{Acts, acts, check, check_standing, judge};
use crate::next_move::Refused;
use crate::stats::sequential::UnitValue;
use crate::verdict::{Judgement, Verdict};
use crate::watch::{Ended, Observation, Reported, Watch, WatchedArm};
use crate::way::standing;
use Judgement::{Fail, Inconclusive, Pass};
use WatchedArm::{Candidate, Incumbent};

const DAY: i64 = 86_400_000;

/// Watches one stage whose clock goes on by two minutes a conversation, so that each closes.
struct Seen {
    watch: Watch,
    now: Timestamp,
    conversation: u64,
}

impl Seen {
    fn of(standing: &[GateSpec], share: u64, attempt: u32) -> Self {
        Self {
            watch: watch_of(standing, share, attempt),
            now: NOW,
            conversation: 0,
        }
    }

    fn one(one: &GateSpec) -> Self {
        Self::of(std::slice::from_ref(one), 50, 1)
    }

    fn observation(&mut self, arm: WatchedArm, outcome: Ended) -> Observation {
        self.conversation += 1;
        self.now.0 += 120_000;
        Observation {
            arm,
            conversation: self.conversation,
            begun: true,
            at: self.now,
            outcome,
            schema_invalid: None,
            tool_call_invalid: None,
            cost: Some(PicoUsd(1_000_000_000)),
            first_token_ms: Some(200),
            total_ms: 900,
        }
    }

    fn saw(mut self, count: u32, arm: WatchedArm, outcome: Ended) -> Self {
        for _ in 0..count {
            let one = self.observation(arm, outcome);
            self.watch.observe(&one);
        }
        self.later(120_000)
    }

    fn saw_both(mut self, count: u32, ours: Ended, theirs: Ended) -> Self {
        for _ in 0..count {
            self = self.saw(1, Incumbent, theirs).saw(1, Candidate, ours);
        }
        self
    }

    fn later(mut self, ms: i64) -> Self {
        self.now.0 += ms;
        self.watch.advance(self.now);
        self
    }

    fn verdict(&self, one: &GateSpec) -> Verdict {
        judged(one, Some(&self.watch), &[], self.now)
    }

    fn says(&self, one: &GateSpec) -> Judgement {
        self.verdict(one).verdict
    }
}

fn judged(
    one: &GateSpec,
    watch: Option<&Watch>,
    incidents: &[Incident],
    now: Timestamp,
) -> Verdict {
    let mut world = World::new();
    world.plan.stages[1].standing = vec![one.clone()];
    let mut status = standing(&world.status, &world.plan, NOW);
    status.conditions.push(Condition::Held {
        by: "lead".into(),
        reason: "waits for an approval".to_owned(),
        at: NOW,
    });
    let models = BTreeMap::new();
    let requester = PersonName::new("lead");
    let dossier = Dossier {
        plan: &world.plan,
        status: &status,
        runs: &world.runs,
        never_brought: &world.never_brought,
        approvals: &world.approvals,
        waivers: &world.waivers,
        required: &world.required,
        requester: &requester,
        people: &world.people,
        suites: &world.suites,
        models: &models,
        watch,
        incidents,
        now,
    };
    judge(one, &dossier)
}

fn refusals(bound: &str, value: f64) -> GateSpec {
    spec("canary", json!({ "metric": "refusal_rate", bound: value }))
}

fn watched_gates() -> Vec<GateSpec> {
    vec![
        refusals("at_most", 0.1),
        refusals("max_increase", 0.1),
        spec("sample_ratio_mismatch", json!({})),
        spec("budget", json!({ "usd": 100 })),
        spec("incident_free", json!({ "days": 7 })),
    ]
}

#[test]
fn no_traffic_is_said_and_is_no_pass() {
    for one in watched_gates() {
        let unwatched = judged(&one, None, &[], NOW);
        assert_eq!(unwatched.verdict, Inconclusive, "{}", one.gate);
        let nothing = Seen::of(&watched_gates(), 50, 1).later(30 * DAY);
        assert_eq!(nothing.says(&one), Inconclusive, "{}", one.gate);
    }
}

#[test]
fn an_inconclusive_canary_blocks_the_promotion() {
    let mut world = World::new();
    world.plan.stages[0].gates = vec![refusals("at_most", 0.1)];
    let refused = world.promote("lead");
    assert!(matches!(refused, Err(Refused::Gates { .. })), "{refused:?}");
}

#[test]
fn a_watch_that_ended_early_is_inconclusive() {
    for outcome in [Ended::Success, Ended::Refusal] {
        let one = refusals("at_most", 0.1);
        let seen = Seen::one(&one).saw(29, Candidate, outcome);
        assert_eq!(seen.says(&one), Inconclusive);
    }
}

#[test]
fn the_thirtieth_conversation_decides_not_the_thirty_first() {
    let one = refusals("at_most", 0.1);
    let seen = Seen::one(&one).saw(29, Candidate, Ended::Refusal);
    assert_eq!(seen.says(&one), Inconclusive);
    assert_eq!(seen.saw(1, Candidate, Ended::Refusal).says(&one), Fail);
}

#[test]
fn a_conversation_counts_when_it_has_been_quiet_and_not_before() {
    let one = refusals("at_most", 0.1);
    let mut seen = Seen::one(&one).saw(29, Candidate, Ended::Refusal);
    let last = seen.observation(Candidate, Ended::Refusal);
    seen.watch.observe(&last);
    seen.watch.advance(Timestamp(seen.now.0 + 59_999));
    assert_eq!(seen.says(&one), Inconclusive);
    seen.watch.advance(Timestamp(seen.now.0 + 60_000));
    assert_eq!(seen.says(&one), Fail);
}

#[test]
fn an_arm_without_data_is_no_pass() {
    let one = refusals("max_increase", 0.1);
    for arm in [Candidate, Incumbent] {
        let mut seen = Seen::one(&one);
        // So few that the split itself is not in doubt yet.
        seen = seen.saw(8, arm, Ended::Success);
        assert_eq!(seen.says(&one), Inconclusive);
    }
    let tools = json!({ "metric": "tool_call_invalid_rate", "at_most": 0.1 });
    let tools = spec("canary", tools);
    let seen = Seen::one(&tools).saw_both(200, Ended::Success, Ended::Success);
    assert_eq!(seen.says(&tools), Inconclusive, "no call was checked");
}

#[test]
fn arms_that_are_the_same_show_no_improvement() {
    let one = refusals("max_increase", 0.0);
    let seen = Seen::one(&one).saw_both(300, Ended::Success, Ended::Success);
    assert_eq!(seen.says(&one), Inconclusive);
}

#[test]
fn a_candidate_as_good_as_the_incumbent_passes_within_a_margin() {
    let one = refusals("max_increase", 0.1);
    let seen = Seen::one(&one).saw_both(100, Ended::Success, Ended::Success);
    assert_eq!(seen.says(&one), Pass);
    let alone = refusals("at_most", 0.1);
    let seen = Seen::one(&alone).saw_both(100, Ended::Success, Ended::Success);
    assert_eq!(seen.says(&alone), Pass);
}

#[test]
fn everybody_on_the_candidate_holds_and_shows_nothing() {
    let one = refusals("max_increase", 0.1);
    let ratio = spec("sample_ratio_mismatch", json!({}));
    let seen = Seen::one(&one).saw(200, Candidate, Ended::Refusal);
    assert_eq!(seen.says(&ratio), Fail);
    assert_eq!(acts(&ratio), Some(Acts::Hold));
    assert_eq!(seen.says(&one), Inconclusive);
    let even = Seen::one(&one).saw_both(200, Ended::Success, Ended::Success);
    assert_eq!(even.says(&ratio), Pass);
}

#[test]
fn against_a_fixed_bound_a_skewed_split_still_fails_but_never_passes() {
    let one = refusals("at_most", 0.1);
    let good = Seen::one(&one).saw(200, Candidate, Ended::Success);
    let verdict = good.verdict(&one);
    assert_eq!(verdict.verdict, Inconclusive);
    assert!(verdict.reason.contains("the split is not"), "{verdict:?}");
    let bad = Seen::one(&one).saw(200, Candidate, Ended::Refusal);
    assert_eq!(bad.says(&one), Fail);
}

#[test]
fn what_failed_while_a_release_is_held_stays_failed() {
    let one = refusals("max_increase", 0.1);
    let seen = Seen::one(&one).saw_both(60, Ended::Refusal, Ended::Success);
    assert_eq!(seen.says(&one), Fail);
    let seen = seen.saw_both(500, Ended::Success, Ended::Success);
    assert_eq!(seen.says(&one), Fail);
}

#[test]
fn a_blip_takes_nobody_out() {
    let one = refusals("at_most", 0.1);
    let seen = Seen::one(&one)
        .saw(60, Candidate, Ended::Success)
        .saw(5, Candidate, Ended::Refusal);
    assert_ne!(seen.says(&one), Fail);
}

#[test]
fn an_outage_of_both_arms_is_not_the_candidates() {
    let errors = json!({ "metric": "error_rate", "max_increase": 0.05 });
    let one = spec("canary", errors);
    let seen = Seen::one(&one)
        .saw_both(100, Ended::Success, Ended::Success)
        .saw_both(100, Ended::Error, Ended::Error);
    assert_ne!(seen.says(&one), Fail);
}

#[test]
fn entering_again_until_it_passes_raises_the_bar() {
    let one = refusals("at_most", 0.1);
    let at = |attempt| {
        Seen::of(std::slice::from_ref(&one), 50, attempt).saw_both(
            70,
            Ended::Success,
            Ended::Success,
        )
    };
    assert_eq!(at(1).says(&one), Pass);
    assert_eq!(at(20).says(&one), Inconclusive);
}

#[test]
fn an_interval_holds_its_own_estimate() {
    for every in [2, 3, 7, 50] {
        let one = refusals("max_increase", 0.1);
        let mut seen = Seen::one(&one);
        for turn in 1..200 {
            let is_bad = turn > 60 && turn % every == 0;
            let ours = if is_bad {
                Ended::Refusal
            } else {
                Ended::Success
            };
            seen = seen.saw_both(1, ours, Ended::Success);
            let found = seen.watch.criterion(&one).unwrap().reading();
            let (interval, estimate) = (found.interval, found.estimate.unwrap());
            if !(interval.lower <= estimate && estimate <= interval.upper) {
                assert_ne!(seen.says(&one), Pass, "{found:?}");
            }
        }
    }
}

#[test]
fn conversations_older_than_the_watch_do_not_count() {
    let one = refusals("at_most", 0.1);
    let mut seen = Seen::one(&one);
    for _ in 0..100 {
        let older = seen.observation(Candidate, Ended::Refusal);
        let older = Observation {
            begun: false,
            ..older
        };
        seen.watch.observe(&older);
    }
    let verdict = seen.later(DAY).verdict(&one);
    assert_eq!(verdict.verdict, Inconclusive);
    assert!(verdict.reason.contains("no conversation"), "{verdict:?}");
}

#[test]
fn what_another_model_answered_says_nothing_of_the_candidate() {
    let (refused, fell_back) = (
        refusals("at_most", 0.1),
        spec(
            "canary",
            json!({ "metric": "fallback_rate", "at_most": 0.1 }),
        ),
    );
    let both = [refused.clone(), fell_back.clone()];
    let seen = Seen::of(&both, 50, 1).saw_both(100, Ended::Fallback, Ended::Success);
    assert_eq!(seen.says(&refused), Inconclusive);
    assert_eq!(seen.says(&fell_back), Fail);
}

#[test]
fn with_nothing_beside_the_candidate_a_difference_is_inconclusive() {
    let beside = refusals("max_increase", 0.1);
    let seen = Seen::of(std::slice::from_ref(&beside), 100, 1).saw(100, Candidate, Ended::Success);
    let verdict = seen.verdict(&beside);
    assert_eq!(verdict.verdict, Inconclusive);
    assert!(verdict.reason.contains("nothing is beside"), "{verdict:?}");
}

#[test]
fn unequal_reports_are_inconclusive() {
    let outcome = json!({ "metric": "outcome", "max_decrease": 0.1 });
    let one = spec("canary", outcome);
    let mut seen = Seen::one(&one);
    for turn in 0..200 {
        for arm in [Incumbent, Candidate] {
            let answered = seen.observation(arm, Ended::Success);
            seen.watch.observe(&answered);
            if arm == Incumbent || turn % 2 == 0 {
                seen.watch.report(&Reported {
                    arm,
                    conversation: answered.conversation,
                    at: answered.at,
                    value: UnitValue::new(1.0).unwrap(),
                });
            }
        }
    }
    let verdict = seen.later(DAY).verdict(&one);
    assert_eq!(verdict.verdict, Inconclusive);
    assert!(verdict.reason.contains("report both alike"), "{verdict:?}");
}

#[test]
fn a_budget_is_spent_to_the_last_and_not_beyond() {
    // Each request costs a thousandth of a dollar.
    let one = spec("budget", json!({ "usd": 0.03 }));
    let seen = Seen::one(&one).saw(30, Candidate, Ended::Success);
    assert_eq!(seen.says(&one), Pass);
    assert_eq!(seen.saw(1, Candidate, Ended::Success).says(&one), Fail);
    let mut seen = Seen::one(&one);
    let unpriced = seen.observation(Candidate, Ended::Success);
    let unpriced = Observation {
        cost: None,
        ..unpriced
    };
    seen.watch.observe(&unpriced);
    assert_eq!(seen.says(&one), Inconclusive);
}

#[test]
fn dearer_answers_fail_and_answers_without_a_price_say_nothing() {
    let one = spec("canary", json!({ "metric": "cost", "max_increase": 0.2 }));
    let seen = |factor: i64, is_priced: bool| {
        let mut seen = Seen::one(&one);
        for turn in 0..300 {
            for (arm, factor) in [(Incumbent, 10), (Candidate, factor)] {
                let answered = seen.observation(arm, Ended::Success);
                let cost = PicoUsd((90 + turn % 20) * factor);
                let cost = (is_priced || turn > 0).then_some(cost);
                seen.watch.observe(&Observation { cost, ..answered });
            }
        }
        seen.later(DAY)
    };
    assert_eq!(seen(20, true).says(&one), Fail);
    assert_eq!(seen(10, true).says(&one), Pass);
    assert_eq!(seen(10, false).says(&one), Inconclusive);
}

#[test]
fn only_what_can_stand_may_stand() {
    assert!(check_standing(&refusals("at_most", 0.1)).is_ok());
    let approval = spec("approval", json!({ "roles": ["security"] }));
    assert!(check(&approval).is_ok());
    assert!(check_standing(&approval).is_err());
}

#[test]
fn a_criterion_has_one_bound_that_fits_its_metric() {
    for (params, is_right) in [
        (
            json!({ "metric": "refusal_rate", "max_increase": 0.1 }),
            true,
        ),
        (
            json!({ "metric": "success_rate", "max_decrease": 0.1 }),
            true,
        ),
        (
            json!({ "metric": "latency_ms", "at_most": 5000, "quantile": 0.9 }),
            true,
        ),
        (json!({ "metric": "cost", "at_most": 0.25 }), true),
        (json!({ "metric": "refusal_rate" }), false),
        (
            json!({ "metric": "refusal_rate", "max_decrease": 0.1 }),
            false,
        ),
        (
            json!({ "metric": "success_rate", "max_increase": 0.1 }),
            false,
        ),
        (
            json!({ "metric": "refusal_rate", "at_most": 0.1, "max_increase": 0.1 }),
            false,
        ),
        (json!({ "metric": "refusal_rate", "at_most": 3 }), false),
        (json!({ "metric": "refusals", "at_most": 0.1 }), false),
    ] {
        let one = spec("canary", params);
        assert_eq!(check(&one).is_ok(), is_right, "{one:?}");
    }
}

#[test]
fn a_replay_is_judged_by_pairs_as_an_eval_is() {
    for (candidate, expected) in [(95, Pass), (60, Fail)] {
        let mut world = World::new().evaluated(candidate, 95, 100);
        let params = json!({ "suite": "basics", "margin": 0.05 });
        world.plan.stages[0].gates = vec![
            spec("replay_paired", params.clone()),
            spec("eval_noninferior", params),
            spec("approval", json!({ "roles": ["security"] })),
        ];
        let found: Vec<Judgement> = world
            .judgements("lead")
            .into_iter()
            .map(|one| one.1)
            .collect();
        assert_eq!(found, [expected, expected, Inconclusive]);
    }
}
