//! Time from the start of the process to its first answer. It must not know how one is built.

use std::time::Instant;

use testkit::Crew;

use crate::bed::{Bench, Runner};
use crate::fault::BenchError;
use crate::report::{Figure, Table};
use crate::section::{Section, millis};

const STARTS: u32 = 10;

/// Declares the section.
pub const SECTION: Section = Section {
    name: "start",
    about: "start to first answer",
    measure,
};

fn measure(bench: &mut Bench) -> Result<Table, BenchError> {
    let home = bench.make_home()?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let gate = home.serve(Runner::Native)?;
        let answered = bench.runtime.block_on(async {
            let mut crew = Crew::connect(gate.address, 1, home.request()).await?;
            crew.drive(1).await
        });
        answered.map_err(|error| BenchError::Load("the gateway", error))?;
        times.push(millis(started.elapsed()));
        gate.stop()?;
    }
    Ok(Table {
        name: SECTION.name,
        title: "Start to first answer",
        how: format!(
            "{STARTS} starts of `tiergate serve` on an existing data directory: from before the \
             process is made until a whole answer of the fake provider has come through it."
        ),
        figures: vec![Figure::of_rounds("start to first answer", "ms", &times).at_most(100.0)],
    })
}
