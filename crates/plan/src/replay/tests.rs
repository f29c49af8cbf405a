//! The replay and its fit, and two measured runs that predict each other. They must not choose a
//! rate by the run that is predicted.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Engine, Means, RATES, Request, Served, expected_on, fit, means, replay};
use crate::accelerators::Accelerators;
use crate::models::Models;
use crate::serving::Estimator;

struct Facts {
    models: Models,
    accelerators: Accelerators,
}

impl Facts {
    fn new() -> Self {
        Self {
            models: Models::shipped().expect("models"),
            accelerators: Accelerators::shipped().expect("accelerators"),
        }
    }

    fn engine(&self, model: &str, tensor: f64) -> Engine<'_> {
        Engine {
            model: self.models.find(model).expect(model),
            accelerator: self.accelerators.find("RTX-PRO-6000").expect("known"),
            tensor,
            most_sequences: 128,
            most_tokens: 2048.0,
        }
    }
}

fn burst(count: usize) -> Vec<Request> {
    let of = |at: usize| Request {
        arrival: at as f64 * 0.1,
        input: 500.0,
        output: 40.0,
    };
    (0..count).map(of).collect()
}

#[test]
fn every_request_is_served_once_and_in_time() {
    let facts = Facts::new();
    let requests = burst(200);
    let served = replay(
        &requests,
        &facts.engine("Llama-3.1-8B", 1.0),
        &[0.0; RATES.len()],
    );
    assert!(
        served
            .iter()
            .all(|one| one.first > 0.0 && one.last > one.first)
    );
}

#[test]
fn the_same_requests_are_served_alike() {
    let facts = Facts::new();
    let engine = facts.engine("Qwen3-32B", 2.0);
    let (one, two) = (burst(50), burst(50));
    assert_eq!(
        replay(&one, &engine, &[0.1; RATES.len()]),
        replay(&two, &engine, &[0.1; RATES.len()])
    );
}

#[test]
fn a_fit_finds_the_means_of_a_run_that_the_model_made() {
    let facts = Facts::new();
    let engine = facts.engine("Llama-3.1-8B", 1.0);
    let requests = burst(120);
    let made = replay(
        &requests,
        &engine,
        &[0.3, 0.2, 0.1, 0.5, 0.2, 0.1, 0.2, 0.0],
    );
    let rates = fit(&requests, &engine, &made, &[0.0; RATES.len()]);
    let found = means(&requests, &replay(&requests, &engine, &rates));
    let aim = means(&requests, &made);
    assert!(
        (found.step / aim.step - 1.0).abs() < 0.02,
        "{found:?} for {aim:?}"
    );
    assert!(
        (found.latency / aim.latency - 1.0).abs() < 0.02,
        "{found:?} for {aim:?}"
    );
}

/// Reads a measured run from the folder beside the checkout: a line a request, in seconds.
fn run(name: &str) -> Option<(Vec<Request>, Vec<Served>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/traces");
    let path = folder.join(format!("vllm_observed_rtxpro6000_{name}.jsonl"));
    let Ok(text) = fs::read_to_string(path) else {
        let is_ci = std::env::var_os("CI").is_some();
        assert!(!is_ci, "the measured run {name} is missing");
        return None;
    };
    let of = |line: &str| -> Value { serde_json::from_str(line).expect("a line of a run") };
    let mut lines: Vec<Value> = text.lines().map(of).collect();
    let seconds = |line: &Value, field: &str| line[field].as_f64().expect("a number");
    let queued = |line: &Value| seconds(line, "queued_ts");
    lines.sort_by(|one, other| queued(one).total_cmp(&queued(other)));
    let start = queued(&lines[0]);
    let pairs = lines.iter().map(|line| {
        let request = Request {
            arrival: queued(line) - start,
            input: seconds(line, "input_toks"),
            output: seconds(line, "output_toks"),
        };
        let after = |field: &str| seconds(line, field) - queued(line);
        let (first, last) = (after("first_token_ts"), after("last_token_ts"));
        (request, Served { first, last })
    });
    Some(pairs.unzip())
}

fn errors(found: &Means, aim: &Means) -> [f64; 3] {
    [
        found.first / aim.first,
        found.step / aim.step,
        found.latency / aim.latency,
    ]
    .map(|ratio| (ratio - 1.0).abs())
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "what was reached, and every skip, is told on the test's output"
)]
fn a_run_is_predicted_by_rates_fitted_to_the_other() {
    let (Some(small), Some(large)) = (run("llama31-8b_tp1"), run("qwen3-32b_tp2")) else {
        println!("skipped: 1 test of two measured runs (no shared folder beside the checkout)");
        return;
    };
    let facts = Facts::new();
    let estimator = Estimator::shipped().expect("the estimator");
    let engines = [
        facts.engine("Llama-3.1-8B", 1.0),
        facts.engine("Qwen3-32B", 2.0),
    ];
    let runs = [(&small, &engines[0]), (&large, &engines[1])];
    for (fitted, asked) in [(0, 1), (1, 0)] {
        let ((requests, measured), engine) = runs[fitted];
        let expected = expected_on(engine.accelerator, estimator.expected_rates("vllm"));
        let rates = fit(requests, engine, measured, &expected);
        let ((requests, measured), engine) = runs[asked];
        let found = means(requests, &replay(requests, engine, &rates));
        let reached = errors(&found, &means(requests, measured));
        println!("{fitted} predicts {asked}: first, step, latency off by {reached:?}");
        let [first, step, latency] = reached;
        assert!(step <= 0.10, "{fitted} for {asked}: step off by {step}");
        assert!(
            latency <= 0.10,
            "{fitted} for {asked}: latency off by {latency}"
        );
        assert!(
            first <= 0.25,
            "{fitted} for {asked}: first token off by {first}"
        );
    }
}

#[test]
fn an_engine_without_room_serves_one_after_the_other() {
    let facts = Facts::new();
    let narrow = Engine {
        most_sequences: 0,
        most_tokens: 0.0,
        ..facts.engine("Llama-3.1-8B", 1.0)
    };
    let requests = [Request {
        arrival: 0.0,
        input: 0.0,
        output: 2.0,
    }; 2];
    let served = replay(&requests, &narrow, &[0.0; RATES.len()]);
    assert!(served[0].last < served[1].first, "{served:?}");
    assert!(
        served[0].first > 0.0 && served[0].first < served[0].last,
        "{served:?}"
    );
}

#[test]
fn kernels_that_were_measured_stand_before_other_accelerators() {
    let facts = Facts::new();
    let part = facts.accelerators.find("RTX-PRO-6000").expect("known");
    let rates = expected_on(part, [0.5; RATES.len()]);
    let kernels = part.kernels.expect("measured kernels");
    assert_eq!(rates[0], kernels.weights.ln());
    assert_eq!(rates[4], 0.5, "the host's time is the engine's");
    let other = facts.accelerators.find("H100").expect("known");
    assert_eq!(expected_on(other, [0.5; RATES.len()]), [0.5; RATES.len()]);
}
