//! Rates in and out agree, and what has room does not wait. They must not read a measured row.

use std::sync::LazyLock;

use super::*;
use crate::accelerators::Accelerators;
use crate::deployment::{Layout, Serving};
use crate::models::Models;
use crate::precision::Precision;
use crate::serving::Estimator;

static MODELS: LazyLock<Models> = LazyLock::new(|| Models::shipped().expect("models"));
static PARTS: LazyLock<Accelerators> = LazyLock::new(|| Accelerators::shipped().expect("parts"));

/// Describes Llama 3.1 70B in eight bits on one H200, which its weights half fill.
fn deployment(engine: &'static str, concurrency: f64) -> Deployment<'static> {
    Deployment {
        model: MODELS.find("Llama-3.1-70B").expect("known"),
        accelerator: PARTS.find("H200").expect("known"),
        engine,
        version: None,
        precision: Precision::Fp8,
        serving: Serving::Together(Layout::tensor(1.0)),
        concurrency,
        input: 1024.0,
        output: 8192.0,
        cached: 0.0,
        speculation: None,
    }
}

fn waiting(engine: &'static str, concurrency: f64) -> Waiting {
    Waiting::of(&deployment(engine, concurrency))
}

#[test]
fn all_that_are_in_flight_pass_at_the_rate_of_those_that_are_served() {
    let of = waiting("vllm", 256.0);
    assert!(of.is_any() && of.served() > 16.0, "{of:?}");
    let (first, steps) = (Seconds::new(0.5), Seconds::new(200.0));
    let whole = of.added(first, steps) + steps;
    let (entering, leaving) = (
        of.flight() / whole.get(),
        of.served() / (first + steps).get(),
    );
    assert!(
        (entering / leaving - 1.0).abs() < 1e-12,
        "{entering} {leaving}"
    );
}

#[test]
fn what_has_room_does_not_wait() {
    let of = waiting("vllm", 8.0);
    assert!(!of.is_any());
    let first = Seconds::new(0.5);
    assert_eq!(of.added(first, Seconds::new(200.0)), first);
    let asked = deployment("vllm", 8.0);
    let estimate = Estimator::shipped().expect("estimator").estimate(&asked);
    let waited = of.estimated(estimate.clone(), asked.output);
    assert_eq!(waited.first, estimate.first);
}

#[test]
fn the_interval_of_what_waits_holds_a_fifth_less_room() {
    let (of, tight) = (waiting("vllm", 256.0), waiting("vllm", 256.0 * KNOWN));
    let asked = deployment("vllm", of.served());
    let served = Estimator::shipped().expect("estimator").estimate(&asked);
    let waited = of.estimated(served.clone(), asked.output);
    let (soon, late) = waited.first.interval;
    assert!(soon < waited.first.time && waited.first.time < late);
    // A fifth more in flight for the same room is as a fifth less room.
    let steps = served.step.interval.1 * (asked.output - 1.0);
    let most = tight.added(served.first.interval.1, steps);
    assert!(
        (late.get() / most.get() - 1.0).abs() < 1e-9,
        "{late:?} {most:?}"
    );
    assert_eq!(waited.step, served.step);
}

#[test]
fn an_engine_that_keeps_room_for_all_of_an_answer_serves_fewer() {
    let (grows, keeps) = (waiting("vllm", 4_096.0), waiting("trtllm", 4_096.0));
    assert!(keeps.served() < grows.served());
}
