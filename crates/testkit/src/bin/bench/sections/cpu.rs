//! Processor time per request of both targets. It must not know how a target is built.

use std::time::Duration;

use testkit::{Crew, Gauge, Program};

use crate::asked::Kind;
use crate::bed::{Bench, CONCURRENCY, Home, PAYLOAD_BYTES, Runner};
use crate::fault::BenchError;
use crate::report::{Figure, Table};
use crate::section::{Section, micros};

/// How often a target's threads are read, so that the time of one that ends is not lost.
const SAMPLE_EVERY: Duration = Duration::from_millis(200);

/// Declares the section.
pub const SECTION: Section = section(&SMALL, |bench| measure(bench, &SMALL));
/// Declares the section of a middling body.
pub const SECTION_20K: Section = section(&MIDDLE, |bench| measure(bench, &MIDDLE));
/// Declares the section of a large body.
pub const SECTION_94K: Section = section(&LARGE, |bench| measure(bench, &LARGE));
/// Declares the section of streams whose pieces come as fast as they can.
pub const SECTION_FULL: Section = section(&FULL, |bench| measure(bench, &FULL));
/// Declares the section of streams whose pieces come one by one.
pub const SECTION_PACED: Section = section(&PACED, |bench| measure(bench, &PACED));
/// Declares the section of a translated body.
pub const SECTION_CROSS: Section = section(&CROSS, |bench| measure(bench, &CROSS));

/// Says what is asked for, and how often.
struct Scene {
    name: &'static str,
    about: &'static str,
    title: &'static str,
    kind: Kind,
    /// Bytes of text in the request.
    text: usize,
    connections: usize,
    /// One round has this part of the requests that the options say.
    share: u32,
    /// The greatest ratio to the bare proxy that is aimed at; none is set for some.
    aim: Option<f64>,
}

const SMALL: Scene = Scene {
    name: "cpu",
    about: "processor time per request",
    title: "Processor time per request",
    kind: Kind::Canned,
    text: PAYLOAD_BYTES,
    connections: CONCURRENCY,
    share: 1,
    aim: Some(1.25),
};
const MIDDLE: Scene = Scene {
    name: "cpu-20k",
    about: "processor time per request of 20 KB",
    title: "Processor time per request of 20 KB",
    text: 20_000,
    share: 2,
    aim: None,
    ..SMALL
};
const LARGE: Scene = Scene {
    name: "cpu-94k",
    about: "processor time per request of 94 KB",
    title: "Processor time per request of 94 KB",
    text: 94_000,
    connections: 16,
    share: 4,
    aim: Some(1.5),
    ..SMALL
};
const FULL: Scene = Scene {
    name: "stream-saturated",
    about: "processor time per stream whose pieces do not wait",
    title: "Processor time per saturated stream",
    kind: Kind::Saturated,
    share: 10,
    aim: Some(0.7),
    ..SMALL
};
const PACED: Scene = Scene {
    name: "stream-paced",
    about: "processor time per stream with a pause before each piece",
    title: "Processor time per paced stream",
    kind: Kind::Paced,
    share: 20,
    aim: Some(1.15),
    ..SMALL
};
const CROSS: Scene = Scene {
    name: "cpu-cross",
    about: "processor time per request of 20 KB into another dialect",
    title: "Processor time per translated request of 20 KB",
    kind: Kind::Translated,
    text: 20_000,
    share: 2,
    aim: Some(6.0),
    ..SMALL
};

const fn section(
    scene: &'static Scene,
    measure: fn(&mut Bench) -> Result<Table, BenchError>,
) -> Section {
    Section {
        name: scene.name,
        about: scene.about,
        measure,
    }
}

struct Target {
    name: &'static str,
    // Held so that the program lives as long as its gauge.
    _program: Program,
    crew: Crew,
    gauge: Gauge,
    home: Option<Home>,
    sent: u64,
}

fn measure(bench: &mut Bench, scene: &Scene) -> Result<Table, BenchError> {
    let home = bench.make_home()?;
    let gate = home.serve(Runner::Native)?;
    let bare = bench.start_bare(Runner::Native)?;
    let asked = (scene.kind, scene.text);
    let mut bare = target(bench, scene, bare, bench.direct(asked), None)?;
    let request = home.ask(asked);
    let mut gate = target(bench, scene, gate, request, Some(home))?;
    let requests = (bench.options.requests / scene.share).max(1);
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
    let ratio = Figure::of_rounds("ratio, round by round", "×", &ratios);
    Ok(Table {
        name: scene.name,
        title: scene.title,
        how: how(scene, bench.options.rounds, requests),
        figures: vec![
            Figure::of_rounds("bare proxy, CPU per request", "µs", &bare_us),
            Figure::of_rounds("Tiergate, CPU per request", "µs", &gate_us),
            match scene.aim {
                Some(aim) => ratio.at_most(aim),
                None => ratio,
            },
        ],
    })
}

fn how(scene: &Scene, rounds: u32, requests: u32) -> String {
    let answer = scene.kind.about();
    format!(
        "{rounds} rounds of {requests} requests each, {} bytes of text in the request, {answer}, \
         over {} keep-alive connections, the two targets in turn. User and system time of all \
         threads from the scheduler's own count; the gateway's runs until `tiergate usage` shows \
         the last request stored.",
        scene.text, scene.connections
    )
}

fn target(
    bench: &Bench,
    scene: &Scene,
    program: Program,
    request: bytes::Bytes,
    home: Option<Home>,
) -> Result<Target, BenchError> {
    let name = if home.is_some() {
        "the gateway"
    } else {
        "the bare proxy"
    };
    let connecting = Crew::connect(program.address, scene.connections, request);
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
