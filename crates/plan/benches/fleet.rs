//! The speed of the fleet simulation on one core, by processor time: events and requests a second
//! at Azure-like lengths, memory over ten times the trace, and a 10T fleet.
//! `cargo bench -p plan --bench fleet`.

// A bench answers on standard output, and its numbers are small.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::convert::Infallible;
use std::fs;
use std::time::{Duration, Instant};

use domain::Balance;
use plan::accelerators::Accelerators;
use plan::deployment::{Deployment, Layout, Serving};
use plan::fleet::arrivals::{Fitted, Moments};
use plan::fleet::costs::{Costs, blocks};
use plan::fleet::faults::Faults;
use plan::fleet::front::Rules;
use plan::fleet::limits::{Limits, Pace};
use plan::fleet::report::Report;
use plan::fleet::simulation::{Setup, simulate};
use plan::model::Model;
use plan::models::{Models, sketch};
use plan::precision::Precision;
use plan::serving::Estimator;

/// The moments of Azure's conversation trace of 2023, as `plan fleet --fit` reads them.
const AZURE: Moments = Moments {
    rate: 5.53,
    burstiness: 1.09,
    input: 1_154.7,
    input_variation: 0.96,
    output: 211.1,
    output_variation: 0.77,
};
const ROUNDS: usize = 5;
/// The design's aims.
const EVENTS: f64 = 1e6;
const REQUESTS: f64 = 1e5;

/// Is a fleet with its load.
struct Case<'c> {
    model: &'c Model,
    on: &'c str,
    layout: Layout,
    replicas: u32,
    rate: f64,
    requests: u64,
    faults: Vec<Faults>,
}

fn main() {
    let models = Models::shipped().unwrap();
    let llama = models.find("Llama-3.1-70B").unwrap();
    let azure = |requests| Case {
        model: llama,
        on: "H200",
        layout: Layout::tensor(4.0),
        replicas: 16,
        rate: 160.0,
        requests,
        faults: Vec::new(),
    };
    tell("azure", &azure(300_000), ROUNDS);
    let before = resident();
    tell("azure, ten times as long", &azure(3_000_000), 1);
    println!(
        "resident: {before} KB before, {} KB after ten times the trace",
        resident()
    );
    let model = sketch::read("10T, 0.8T active, 256 experts").unwrap();
    let large = Case {
        model: &model,
        on: "GB300",
        layout: Layout::tensor(72.0),
        replicas: 416,
        rate: 2_000.0,
        requests: 1_000_000,
        faults: vec![Faults {
            between: 1e5,
            mend: 1_800.0,
            together: 1,
        }],
    };
    tell("10T on 29,952 accelerators", &large, 1);
}

fn tell(name: &str, case: &Case<'_>, rounds: usize) {
    let mut found: Vec<(f64, Report)> = (0..rounds).map(|_| run(case)).collect();
    found.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let (took, report) = &found[rounds / 2];
    let events = report.events as f64 / took;
    let requests = report.requests.arrived as f64 / took;
    let word = |is_met| if is_met { "met" } else { "missed" };
    println!(
        "{name}: {:.2} million events/s ({}), {requests:.0} requests/s ({}), {took:.2} s for \
         {:.0} s simulated, {:.1} million steps",
        events / 1e6,
        word(events >= EVENTS),
        word(requests >= REQUESTS),
        report.seconds,
        report.steps as f64 / 1e6,
    );
    println!(
        "  utilisation {:.2}, first token p50 {:.3} s, token p50 {:.4} s, {} at once, {} finished, \
         {} retried, {} interrupted",
        report.utilisation,
        report.ttft.p50,
        report.tpot.p50,
        report.most_under_way,
        report.requests.finished,
        report.retried,
        report.interrupted,
    );
}

fn run(case: &Case<'_>) -> (f64, Report) {
    let accelerators = Accelerators::shipped().unwrap();
    let estimator = Estimator::shipped().unwrap();
    let of = Deployment {
        model: case.model,
        accelerator: accelerators.find(case.on).unwrap(),
        engine: "vllm",
        version: None,
        precision: Precision::Fp8,
        serving: Serving::Together(case.layout),
        concurrency: 64.0,
        input: AZURE.input,
        output: AZURE.output,
        cached: 0.0,
        speculation: None,
    };
    let limits = Limits {
        most_sequences: 256,
        most_tokens: 8192,
        blocks: blocks(&of).unwrap(),
        context: 131_072,
        id_tokens: None,
    };
    let costs = Costs::of(&of, &estimator, limits.most_sequences);
    let rules = Rules {
        balance: Balance::TwoChoices,
        most_in_flight: u32::MAX,
        most_waiting: usize::MAX,
        rest: Duration::from_secs(5),
    };
    let setup = Setup {
        costs: &costs,
        limits,
        pace: Pace::Jump,
        replicas: case.replicas,
        rules,
        faults: case.faults.clone(),
        scaling: None,
        apart: None,
        price: None,
        seed: 1,
    };
    let moments = Moments {
        rate: case.rate,
        ..AZURE
    };
    let arrivals = Fitted::new(moments, case.requests, 1).map(Ok::<_, Infallible>);
    let before = processor();
    let began = Instant::now();
    let Ok(report) = simulate(&setup, arrivals);
    let wall = began.elapsed().as_secs_f64();
    let took = before
        .zip(processor())
        .map(|(before, after)| after - before);
    (took.unwrap_or(wall), report)
}

/// Tells this thread's processor time in seconds, so that a busy machine counts only what the
/// simulation takes; none where the system does not say.
fn processor() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// Tells the resident memory of this process in KB; nought where the system does not say.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    number.unwrap_or_default()
}
