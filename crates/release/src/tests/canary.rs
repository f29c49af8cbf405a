//! Simulated releases, looked at after every conversation: how often a canary errs, and how soon
//! it catches what is wrong. It must not know how a criterion is computed.

use domain::{GateSpec, PicoUsd, Share, Timestamp};
use serde_json::json;

use super::draws::Draws;
use super::{NOW, spec, watch_of};
use crate::stats::normal_quantile;
use crate::stats::sequential::UnitValue;
use crate::watch::{
    Assumed, Bound, Ended, Observation, Reported, Watch, WatchedArm, conversations_needed,
};

const ALPHA: f64 = 0.05;
const SECOND: i64 = 1000;

/// Says how the conversations of one arm turn out.
#[derive(Clone, Copy)]
struct Behaviour {
    refusal: f64,
    error: f64,
    tool_invalid: f64,
    bad_outcome: f64,
    slowness: f64,
}

const USUAL: Behaviour = Behaviour {
    refusal: 0.05,
    error: 0.03,
    tool_invalid: 0.05,
    bad_outcome: 0.2,
    slowness: 1.0,
};

/// Makes traffic of which a share goes to the candidate.
struct Traffic {
    draws: Draws,
    share: f64,
    candidate: Behaviour,
    now: Timestamp,
    conversation: u64,
}

impl Traffic {
    fn new(seed: u64, share: u64, candidate: Behaviour) -> Self {
        Self {
            draws: Draws::new(seed.wrapping_mul(0x5851_F42D_4C95_7F2D)),
            share: share as f64 / 100.0,
            candidate,
            now: Timestamp(NOW.0 + 1000 * SECOND),
            conversation: 0,
        }
    }

    /// Lets one conversation happen, one to three requests that all turn out alike, so that they
    /// are worth one.
    fn converse(&mut self, watch: &mut Watch) {
        self.conversation += 1;
        self.now.0 += 30 * SECOND;
        let is_candidate = self.draws.is_hit(self.share);
        let (arm, how) = if is_candidate {
            (WatchedArm::Candidate, self.candidate)
        } else {
            (WatchedArm::Incumbent, USUAL)
        };
        let outcome = match self.draws.uniform() {
            drawn if drawn < how.refusal => Ended::Refusal,
            drawn if drawn < how.refusal + how.error => Ended::Error,
            _ => Ended::Success,
        };
        let tool_call_invalid = Some(self.draws.is_hit(how.tool_invalid));
        let total_ms = (800.0 * how.slowness * (0.5 * self.draws.normal()).exp()) as u32;
        let requests = 1 + (3.0 * self.draws.uniform()) as i64;
        let good = f64::from(u8::from(!self.draws.is_hit(how.bad_outcome)));
        for request in 0..requests {
            watch.observe(&Observation {
                arm,
                conversation: self.conversation,
                begun: request == 0,
                at: Timestamp(self.now.0 + request * SECOND),
                outcome,
                schema_invalid: None,
                tool_call_invalid,
                cost: Some(PicoUsd(1_000_000_000 + i64::from(total_ms) * 1_000_000)),
                first_token_ms: Some(total_ms / 4),
                total_ms,
            });
        }
        watch.report(&Reported {
            arm,
            conversation: self.conversation,
            at: Timestamp(self.now.0 + requests * SECOND),
            value: UnitValue::new(good).unwrap(),
        });
    }
}

fn watched(standing: &[GateSpec], share: u64) -> Watch {
    watch_of(standing, share, 1)
}

fn reading(watch: &Watch, one: &GateSpec) -> crate::watch::Reading {
    watch.criterion(one).unwrap().reading()
}

fn canary(metric: &str, bound: &str, value: f64) -> GateSpec {
    spec("canary", json!({ "metric": metric, bound: value }))
}

fn is_at_most_alpha(found: u32, runs: u64) {
    let share = f64::from(found) / runs as f64;
    let error = (ALPHA * (1.0 - ALPHA) / runs as f64).sqrt();
    assert!(share <= ALPHA + 3.0 * error, "{share} of the releases err");
}

#[test]
fn a_candidate_like_the_incumbent_is_seldom_taken_out() {
    let criteria = [
        canary("success_rate", "max_decrease", 0.0),
        canary("refusal_rate", "max_increase", 0.0),
        canary("error_rate", "max_increase", 0.0),
        canary("tool_call_invalid_rate", "max_increase", 0.0),
        canary("outcome", "max_decrease", 0.0),
        canary("latency_ms", "max_increase", 0.0),
        canary("first_token_ms", "max_increase", 0.0),
        canary("cost", "max_increase", 0.0),
    ];
    let mut taken_out = 0;
    for seed in 0..1000 {
        let share = [5, 25, 50, 75][seed as usize % 4];
        let mut watch = watched(&criteria, share);
        let mut traffic = Traffic::new(seed, share, USUAL);
        (0..500).for_each(|_| traffic.converse(&mut watch));
        let harmed = |one: &GateSpec| reading(&watch, one).is_harmful;
        taken_out += u32::from(criteria.iter().any(harmed));
    }
    is_at_most_alpha(taken_out, 1000);
}

#[test]
fn a_candidate_exactly_at_the_margin_is_seldom_let_through() {
    let margin = 0.05;
    let at_margin = Behaviour {
        refusal: USUAL.refusal + margin,
        tool_invalid: USUAL.tool_invalid + margin,
        bad_outcome: USUAL.bad_outcome + margin,
        slowness: 1.2,
        ..USUAL
    };
    let criteria = [
        canary("refusal_rate", "max_increase", margin),
        canary("tool_call_invalid_rate", "max_increase", margin),
        canary("outcome", "max_decrease", margin),
        canary("latency_ms", "max_increase", 0.2),
    ];
    let mut let_through = [0; 4];
    let mut taken_out = 0;
    for seed in 0..1000 {
        let share = [5, 25, 50, 75][seed as usize % 4];
        let mut watch = watched(&criteria, share);
        let mut traffic = Traffic::new(seed, share, at_margin);
        let mut passed = [false; 4];
        for _ in 0..500 {
            traffic.converse(&mut watch);
            for (ever, one) in passed.iter_mut().zip(&criteria) {
                *ever |= reading(&watch, one).is_safe;
            }
        }
        for (count, ever) in let_through.iter_mut().zip(passed) {
            *count += u32::from(ever);
        }
        let harmed = |one: &GateSpec| reading(&watch, one).is_harmful;
        taken_out += u32::from(criteria.iter().any(harmed));
    }
    let_through
        .iter()
        .for_each(|found| is_at_most_alpha(*found, 1000));
    is_at_most_alpha(taken_out, 1000);
}

/// Checks one injected regression at every share: it is caught within the bound that is printed
/// beforehand in at least 80 % of 200 runs, and that bound is at most three times what a test at
/// one fixed look takes.
fn is_caught(one: &GateSpec, assumed: &Assumed, candidate: Behaviour) {
    for share in [1, 5, 25, 50] {
        let percent = Share::percent(share).unwrap();
        let needed = conversations_needed(assumed, percent).unwrap();
        let fixed = fixed_conversations_needed(assumed, percent).unwrap();
        let most = needed as u64;
        let caught = (0..200).filter(|seed| {
            let mut watch = watched(std::slice::from_ref(one), share);
            let mut traffic = Traffic::new(seed + 77, share, candidate);
            loop {
                traffic.converse(&mut watch);
                let found = reading(&watch, one);
                if found.is_harmful && found.counted[0] <= most {
                    return true;
                }
                if found.counted[0] >= most {
                    return false;
                }
            }
        });
        let caught = caught.count();
        let told = format!("{caught} of 200 at {share} %, bound {needed}, fixed {fixed:.1}");
        assert!(caught >= 160, "{told}");
        assert!(needed <= 3.0 * fixed, "{told}");
    }
}

fn assumed(base: f64, regression: f64, most: f64) -> Assumed {
    Assumed {
        base,
        candidate: base + regression,
        bound: Bound::Worse(most),
        alpha: ALPHA,
    }
}

#[test]
fn worse_answers_with_plain_successes_are_caught_within_the_bound() {
    let assumed = assumed(USUAL.bad_outcome, 0.25, 0.02);
    let candidate = Behaviour {
        bad_outcome: USUAL.bad_outcome + 0.25,
        ..USUAL
    };
    is_caught(
        &canary("outcome", "max_decrease", 0.02),
        &assumed,
        candidate,
    );
}

#[test]
fn more_refusals_are_caught_within_the_bound() {
    // An error is no answer that could have been a refusal; these two rates are of all requests.
    let assumed = assumed(USUAL.refusal, 0.2, 0.02);
    let candidate = Behaviour {
        refusal: USUAL.refusal + 0.2,
        ..USUAL
    };
    is_caught(
        &canary("refusal_rate", "max_increase", 0.02),
        &assumed,
        candidate,
    );
}

#[test]
fn more_wrong_tool_arguments_are_caught_within_the_bound() {
    let assumed = assumed(USUAL.tool_invalid, 0.2, 0.0);
    let candidate = Behaviour {
        tool_invalid: USUAL.tool_invalid + 0.2,
        ..USUAL
    };
    let one = canary("tool_call_invalid_rate", "max_increase", 0.0);
    is_caught(&one, &assumed, candidate);
}

#[test]
fn slower_answers_are_caught_within_the_bound() {
    // Times are lognormal with σ = ½: of the candidate's, half as long again, the part above 1.1
    // times the incumbent's 95 % quantile is 1 − Φ(1.645 + 2 ln 1.1 − 2 ln 1.5) = .153.
    let assumed = assumed(0.05, 0.103, 0.0);
    let candidate = Behaviour {
        slowness: 1.5,
        ..USUAL
    };
    is_caught(
        &canary("latency_ms", "max_increase", 0.1),
        &assumed,
        candidate,
    );
}

#[test]
fn the_bound_stays_within_three_times_a_test_at_one_look() {
    for (base, regression, most) in [
        (0.2, 0.1, 0.02),
        (0.2, 0.1, 0.0),
        (0.05, 0.1, 0.0),
        (0.05, 0.05, 0.0),
        (0.02, 0.03, 0.0),
        (0.02, 0.08, 0.01),
        (0.3, 0.05, 0.0),
        (0.3, 0.03, 0.0),
        (0.1, 0.1, 0.02),
        (0.01, 0.01, 0.0),
    ] {
        for (share, criteria) in [(1, 1.0), (5, 5.0), (25, 4.0), (50, 1.0)] {
            let assumed = Assumed {
                alpha: ALPHA / criteria,
                ..assumed(base, regression, most)
            };
            let share = Share::percent(share).unwrap();
            let needed = conversations_needed(&assumed, share).unwrap();
            let ratio = needed / fixed_conversations_needed(&assumed, share).unwrap();
            assert!(
                (1.0..=3.0).contains(&ratio),
                "{assumed:?} {share:?}: {ratio}"
            );
        }
    }
}

#[test]
fn no_bound_is_printed_that_cannot_be_kept() {
    let within = assumed(0.1, 0.05, 0.05);
    assert_eq!(
        conversations_needed(&within, Share::percent(50).unwrap()),
        None
    );
    assert_eq!(
        conversations_needed(&assumed(0.1, 0.3, 0.05), Share::ALL),
        None
    );
}

/// Computes how many of the candidate's conversations a test of a number fixed beforehand takes
/// to see the same with 80 % probability at the same error rate (two proportions, normal limit).
fn fixed_conversations_needed(assumed: &Assumed, share: Share) -> Option<f64> {
    let of = |rate: f64| rate * (1.0 - rate);
    let (effect, theirs) = match assumed.bound {
        Bound::Absolute(most) => (assumed.candidate - most, 0.0),
        Bound::Worse(most) => {
            let percent = f64::from(share.as_percent());
            let beside = (100.0 - percent) / percent;
            let effect = assumed.candidate - assumed.base - most;
            (effect, of(assumed.base) / beside)
        }
    };
    let variance = of(assumed.candidate) + theirs;
    let z = normal_quantile(1.0 - assumed.alpha) + normal_quantile(0.8);
    (effect > 0.0).then(|| z * z * variance / (effect * effect))
}
