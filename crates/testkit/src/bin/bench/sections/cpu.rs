//! Processor time per request of both targets. It must not know how a target is built.

use std::time::Duration;

use testkit::{Crew, Gauge};

use crate::bed::{Bench, CONCURRENCY, Home, PAYLOAD_BYTES, Runner};
use crate::fault::BenchError;
use crate::program::Program;
use crate::report::{Figure, Table};
use crate::section::{Section, micros};

/// How often a target's threads are read, so that the time of one that ends is not lost.
const SAMPLE_EVERY: Duration = Duration::from_millis(200);

/// Declares the section.
pub const SECTION: Section = Section {
    name: "cpu",
    about: "processor time per request",
    measure,
};

struct Target {
    name: &'static str,
    // Held so that the program lives as long as its gauge.
    _program: Program,
    crew: Crew,
    gauge: Gauge,
    home: Option<Home>,
    sent: u64,
}

fn measure(bench: &mut Bench) -> Result<Table, BenchError> {
    let home = bench.make_home()?;
    let gate = home.serve(Runner::Native)?;
    let bare = bench.start_bare(Runner::Native)?;
    let request = bench.direct_request();
    let mut bare = target(bench, "the bare proxy", bare, request, None)?;
    let request = home.request();
    let mut gate = target(bench, "the gateway", gate, request, Some(home))?;
    let requests = bench.options.requests;
    for warm in [&mut bare, &mut gate] {
        round(bench, warm, requests.min(2_000))?;
    }
    let (mut bare_us, mut gate_us, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..bench.options.rounds {
        // Who goes first changes from round to round, so that neither has the warmer machine.
        let (bare_one, gate_one) = if at % 2 == 0 {
            let bare_one = round(bench, &mut bare, requests)?;
            (bare_one, round(bench, &mut gate, requests)?)
        } else {
            let gate_one = round(bench, &mut gate, requests)?;
            (round(bench, &mut bare, requests)?, gate_one)
        };
        eprintln!("  round {at}: bare {bare_one:.1} µs, gateway {gate_one:.1} µs");
        bare_us.push(bare_one);
        gate_us.push(gate_one);
        ratios.push(gate_one / bare_one);
    }
    Ok(Table {
        name: SECTION.name,
        title: "Processor time per request",
        how: format!(
            "{} rounds of {requests} requests each, {PAYLOAD_BYTES} bytes of text in the request \
             and a {PAYLOAD_BYTES}-byte answer, over {CONCURRENCY} keep-alive connections, the two \
             targets in turn. User and system time of all threads from the scheduler's own count; \
             the gateway's runs until `tiergate usage` shows the last request stored.",
            bench.options.rounds
        ),
        figures: vec![
            Figure::of_rounds("bare proxy, CPU per request", "µs", &bare_us),
            Figure::of_rounds("Tiergate, CPU per request", "µs", &gate_us),
            Figure::of_rounds("ratio, round by round", "×", &ratios).at_most(1.25),
        ],
    })
}

fn target(
    bench: &Bench,
    name: &'static str,
    program: Program,
    request: bytes::Bytes,
    home: Option<Home>,
) -> Result<Target, BenchError> {
    let connecting = Crew::connect(program.address, CONCURRENCY, request);
    let crew = bench.runtime.block_on(connecting);
    Ok(Target {
        name,
        crew: crew.map_err(|error| BenchError::Load(name, error))?,
        gauge: Gauge::of(program.id()),
        _program: program,
        home,
        sent: 0,
    })
}

/// Drives one round and tells the processor time per request in microseconds.
fn round(bench: &Bench, target: &mut Target, requests: u32) -> Result<f64, BenchError> {
    let before = target.gauge.cpu()?;
    bench.runtime.block_on(drive(target, requests))?;
    target.sent += u64::from(requests);
    if let Some(home) = &target.home {
        home.await_rows(target.sent)?;
    }
    let spent = target.gauge.cpu()?.saturating_sub(before);
    Ok(micros(spent) / f64::from(requests))
}

async fn drive(target: &mut Target, requests: u32) -> Result<(), BenchError> {
    let driving = target.crew.drive(requests as usize);
    tokio::pin!(driving);
    let mut every = tokio::time::interval(SAMPLE_EVERY);
    loop {
        tokio::select! {
            driven = &mut driving => {
                return driven.map(drop).map_err(|error| BenchError::Load(target.name, error));
            }
            _ = every.tick() => target.gauge.cpu().map(drop)?,
        }
    }
}
