//! The time of one estimate, in microseconds: the median of rounds, with the least and the
//! greatest. `cargo bench -p plan`.

// A bench answers on standard output, and its numbers are small.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use plan::accelerators::Accelerators;
use plan::deployment::{Deployment, Layout, Serving};
use plan::models::Models;
use plan::precision::Precision;
use plan::serving::Estimator;

const ROUNDS: usize = 31;
const ESTIMATES: usize = 2_000;
/// The design's aim, in microseconds.
const AIM: f64 = 100.0;

fn main() {
    let models = Models::shipped().unwrap();
    let accelerators = Accelerators::shipped().unwrap();
    let estimator = Estimator::shipped().unwrap();
    let of = Deployment {
        model: models.find("DeepSeek-V3").unwrap(),
        accelerator: accelerators.find("B200").unwrap(),
        engine: "sglang",
        version: None,
        precision: Precision::Fp8,
        serving: Serving::Together(Layout {
            tensor: 1.0,
            data: 8.0,
            expert: 8.0,
        }),
        concurrency: 256.0,
        input: 1024.0,
        output: 1024.0,
        cached: 0.0,
        speculation: None,
    };
    let round = |_| {
        let started = Instant::now();
        for _ in 0..ESTIMATES {
            black_box(estimator.estimate(black_box(&of)));
        }
        started.elapsed().as_secs_f64() * 1e6 / ESTIMATES as f64
    };
    let mut rounds: Vec<f64> = (0..ROUNDS).map(round).collect();
    rounds.sort_by(f64::total_cmp);
    let (least, median, greatest) = (rounds[0], rounds[ROUNDS / 2], rounds[ROUNDS - 1]);
    let word = if median < AIM { "met" } else { "missed" };
    println!("estimate: {median:.1} µs [{least:.1} – {greatest:.1}] ≤ {AIM:.0} ({word})");
}
