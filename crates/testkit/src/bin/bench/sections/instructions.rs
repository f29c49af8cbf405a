//! User instructions per request by callgrind. It must not know how a target is built.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use bytes::Bytes;
use testkit::{Crew, Program};

use crate::bed::{Bench, CONCURRENCY, Runner};
use crate::fault::BenchError;
use crate::report::{Figure, Table};
use crate::section::Section;

/// The two numbers of requests whose difference leaves out start and stop.
const FEWER: u32 = 1_000;
const MORE: u32 = 2_000;

/// Declares the section.
pub const SECTION: Section = Section {
    name: "instructions",
    about: "user instructions per request, by callgrind",
    measure,
};

fn measure(bench: &mut Bench) -> Result<Table, BenchError> {
    if !has_valgrind() {
        return Ok(table(
            "Not measured: valgrind is not installed.".to_owned(),
            vec![],
        ));
    }
    let bare = per_request(count_bare(bench, FEWER)?, count_bare(bench, MORE)?);
    eprintln!("  bare proxy: {bare:.0}");
    let gate = per_request(count_gate(bench, FEWER)?, count_gate(bench, MORE)?);
    let how = format!(
        "Callgrind's count for {MORE} requests less that for {FEWER}, divided by the difference; \
         {CONCURRENCY} keep-alive connections, answers of 1 KB, the release build."
    );
    let figures = vec![
        Figure::single("bare proxy, user instructions per request", "", bare),
        Figure::single("Tiergate, user instructions per request", "", gate).at_most(75_000.0),
        Figure::single("ratio", "×", gate / bare),
    ];
    Ok(table(how, figures))
}

fn table(how: String, figures: Vec<Figure>) -> Table {
    Table {
        name: SECTION.name,
        title: "User instructions per request",
        how,
        figures,
    }
}

fn has_valgrind() -> bool {
    let mut command = Command::new("valgrind");
    let quiet = command.arg("--version").stdout(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn per_request(fewer: u64, more: u64) -> f64 {
    more.saturating_sub(fewer) as f64 / f64::from(MORE - FEWER)
}

fn count_bare(bench: &mut Bench, requests: u32) -> Result<u64, BenchError> {
    let counts = bench.directory()?.join("callgrind.out");
    let program = bench.start_bare(Runner::Callgrind(&counts))?;
    let request = bench.direct_request();
    count(
        bench,
        "the bare proxy",
        (program, request, requests),
        &counts,
    )
}

fn count_gate(bench: &mut Bench, requests: u32) -> Result<u64, BenchError> {
    let counts = bench.directory()?.join("callgrind.out");
    let home = bench.make_home()?;
    let program = home.serve(Runner::Callgrind(&counts))?;
    let request = home.request();
    let counted = count(bench, "the gateway", (program, request, requests), &counts)?;
    home.await_rows(u64::from(requests))?;
    Ok(counted)
}

/// Drives the program, ends it in good order and reads what callgrind counted.
fn count(
    bench: &Bench,
    name: &'static str,
    (program, request, requests): (Program, Bytes, u32),
    counts: &Path,
) -> Result<u64, BenchError> {
    let driven = bench.runtime.block_on(async {
        let mut crew = Crew::connect(program.address, CONCURRENCY, request).await?;
        crew.drive(requests as usize).await
    });
    driven.map_err(|error| BenchError::Load(name, error))?;
    program.stop()?;
    let text = fs::read_to_string(counts).map_err(|e| BenchError::File(counts.into(), e))?;
    let total = text.lines().find_map(|line| {
        let rest = line
            .strip_prefix("totals:")
            .or(line.strip_prefix("summary:"))?;
        rest.split_whitespace().next()?.parse().ok()
    });
    total.ok_or_else(|| BenchError::Unexpected {
        program: "callgrind".to_owned(),
        words: "no totals in its file".to_owned(),
    })
}
