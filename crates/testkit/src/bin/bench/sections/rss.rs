//! Resident memory of both targets, idle and after load. It must not know how one is built.

use std::thread;
use std::time::Duration;

use bytes::Bytes;
use testkit::{Crew, Gauge, Program};

use crate::bed::{Bench, CONCURRENCY, Runner};
use crate::fault::BenchError;
use crate::report::{Figure, Table};
use crate::section::Section;

/// How long a target is left alone before it counts as idle.
const SETTLE: Duration = Duration::from_secs(3);
const MEGABYTE: f64 = 1_000_000.0;

/// Declares the section.
pub const SECTION: Section = Section {
    name: "rss",
    about: "resident memory, idle and after load",
    measure,
};

fn measure(bench: &mut Bench) -> Result<Table, BenchError> {
    let bare = bench.start_bare(Runner::Native)?;
    let home = bench.make_home()?;
    let gate = home.serve(Runner::Native)?;
    thread::sleep(SETTLE);
    let (bare_idle, _) = resident(&bare)?;
    let (gate_idle, gate_anonymous) = resident(&gate)?;
    load(bench, &bare, bench.direct_request())?;
    load(bench, &gate, home.request())?;
    thread::sleep(SETTLE);
    Ok(Table {
        name: SECTION.name,
        title: "Resident memory",
        how: format!(
            "VmRSS {} s after the start without a request, and as long after {} requests over \
             {CONCURRENCY} connections; no embedded model loaded. 1 MB is 1,000,000 bytes.",
            SETTLE.as_secs(),
            bench.options.requests
        ),
        figures: vec![
            Figure::single("bare proxy, idle", "MB", bare_idle),
            Figure::single("Tiergate, idle", "MB", gate_idle).at_most(15.0),
            Figure::single("Tiergate, idle, not backed by a file", "MB", gate_anonymous),
            Figure::single("bare proxy, after load", "MB", resident(&bare)?.0),
            Figure::single("Tiergate, after load", "MB", resident(&gate)?.0),
        ],
    })
}

fn resident(program: &Program) -> Result<(f64, f64), BenchError> {
    let memory = Gauge::of(program.id()).memory()?;
    let megabytes = |bytes: u64| bytes as f64 / MEGABYTE;
    Ok((
        megabytes(memory.resident_bytes),
        megabytes(memory.anonymous_bytes),
    ))
}

fn load(bench: &Bench, program: &Program, request: Bytes) -> Result<(), BenchError> {
    let driven = bench.runtime.block_on(async {
        let mut crew = Crew::connect(program.address, CONCURRENCY, request).await?;
        crew.drive(bench.options.requests as usize).await
    });
    driven
        .map(drop)
        .map_err(|error| BenchError::Load("a target", error))
}
