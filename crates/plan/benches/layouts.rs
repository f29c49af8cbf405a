//! The time of a whole search for layouts, in milliseconds: all accelerators with a price, both
//! engines, three precisions, both ways of serving. `cargo bench -p plan --bench layouts`.

// A bench answers on standard output, and its numbers are small.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use plan::accelerators::{Accelerator, Accelerators};
use plan::assumptions::Assumptions;
use plan::layouts::{Aim, Load, Pools, Question, Terms, Traffic, search};
use plan::models::{Models, sketch};
use plan::precision::Precision;
use plan::serving::Estimator;
use plan::units::Seconds;

const ROUNDS: usize = 7;
/// The design's aim, in milliseconds.
const AIM: f64 = 1e3;

fn main() {
    let models = Models::shipped().unwrap();
    let known = Accelerators::shipped().unwrap();
    let estimator = Estimator::shipped().unwrap();
    let assumptions = Assumptions::shipped().unwrap();
    let has_price = |part: &&Accelerator| Terms::of(part, &assumptions).is_ok();
    let parts: Vec<&Accelerator> = known.all().iter().filter(has_price).collect();
    let dense = models.find("Llama-3.1-70B").unwrap();
    let sparse = models.find("DeepSeek-V3").unwrap();
    let sketched = sketch::read("10T, 0.8T active, 128 experts").unwrap();
    for model in [dense, sparse, &sketched] {
        for load in [Load::Full, Load::Flight(512.0), Load::Rate(20.0)] {
            let question = Question {
                model,
                accelerators: &parts,
                engines: &["vllm", "sglang"],
                precisions: &[Precision::Bf16, Precision::Fp8, Precision::Fp4],
                pools: Pools::Either,
                traffic: Traffic {
                    input: 4096.0,
                    output: 1024.0,
                    cached: 0.0,
                    load,
                },
                aim: Aim {
                    first: Some(Seconds::new(5.0)),
                    step: Some(Seconds::from_ms(50.0)),
                },
                only: None,
                assumptions: &assumptions,
            };
            let mut found = None;
            let mut rounds: Vec<f64> = (0..ROUNDS)
                .map(|_| {
                    let started = Instant::now();
                    found = Some(black_box(search(&question, &estimator, 10).unwrap()));
                    started.elapsed().as_secs_f64() * 1e3
                })
                .collect();
            rounds.sort_by(f64::total_cmp);
            let (least, median, most) = (rounds[0], rounds[ROUNDS / 2], rounds[ROUNDS - 1]);
            let word = if median < AIM { "met" } else { "missed" };
            let verdicts = found.unwrap().verdicts;
            let tried: usize = verdicts.iter().map(|one| one.tried).sum();
            let fit: usize = verdicts.iter().map(|one| one.fit).sum();
            println!(
                "search {} {load:?}: {median:.0} ms [{least:.0} – {most:.0}] ≤ {AIM:.0} ({word}), \
                 {tried} shapes, {fit} units",
                model.name
            );
        }
    }
}
