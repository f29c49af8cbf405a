//! Fits to times that were made by a known correction. They must not read a measured row.

use super::{Measured, facts};
use crate::accelerators::Accelerators;
use crate::deployment::{Deployment, Layout, Serving};
use crate::first_token::first_parts;
use crate::models::Models;
use crate::precision::Precision;
use crate::serving::Estimator;
use crate::step::step_parts;
use crate::waiting::Waiting;

/// How much longer everything takes than the bare parts.
const LONGER: f64 = 1.5;

#[test]
fn a_fit_finds_the_times_of_points_that_it_has_not_seen() {
    let (models, parts) = (
        Models::shipped().expect("models"),
        Accelerators::shipped().expect("accelerators"),
    );
    let of = |concurrency: f64, input: f64| Deployment {
        model: models.find("Llama-3.1-8B").expect("known"),
        accelerator: parts.find("H100").expect("known"),
        engine: "vllm",
        version: None,
        precision: Precision::Bf16,
        serving: Serving::Together(Layout::tensor(1.0)),
        concurrency,
        input,
        output: 512.0,
        cached: 0.0,
        speculation: None,
    };
    let loads = (0..48_u32).map(|at| {
        let (load, length) = (f64::from(1 + at * 5), f64::from(256 + 64 * (at % 7)));
        of(load, length)
    });
    let loads: Vec<Deployment<'_>> = loads.collect();
    let measured = loads.iter().enumerate().map(|(at, of)| {
        let step: f64 = step_parts(of).iter().sum();
        let first: f64 = first_parts(of).iter().sum();
        let times = [step * LONGER, first * LONGER];
        Measured::new(&at.to_string(), of, Waiting::none(of.concurrency), times)
    });
    let facts = facts(&measured.collect::<Vec<_>>(), "made", "2026-11-27");
    let estimator = Estimator::new(&facts);
    for of in &loads {
        assert!(estimator.has_measured(of), "its point is noted");
        let found = estimator.held_out(of).step.time.get();
        let made: f64 = step_parts(of).iter().sum::<f64>() * LONGER;
        assert!(
            (found / made - 1.0).abs() < 0.1,
            "{found} for {made} at {of:?}"
        );
    }
    assert!(!estimator.has_measured(&of(7.0, 99.0)));
}
