//! The time of one decision among 1,000 callers, 200 models and 50 releases, in nanoseconds: the
//! median of rounds, with the least and the greatest. `cargo bench -p domain`.

// A bench answers on standard output, and its numbers are small.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "../tests/scale/mod.rs"]
mod scale;

use std::hint::black_box;
use std::time::Instant;

use domain::decide;
use scale::{CALLERS, MODELS, Organisation, RELEASES};

const ROUNDS: usize = 31;
const DECISIONS: usize = 20_000;
/// The design's aim, in nanoseconds.
const AIM: f64 = 2_000.0;

fn main() {
    let organisation = Organisation::new();
    let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(&organisation)).collect();
    rounds.sort_by(f64::total_cmp);
    let (least, median, greatest) = (rounds[0], rounds[ROUNDS / 2], rounds[ROUNDS - 1]);
    let word = if median < AIM { "met" } else { "missed" };
    println!(
        "decide, {CALLERS} callers, {MODELS} models, {RELEASES} releases: {median:.0} ns \
         [{least:.0} – {greatest:.0}] ≤ {AIM:.0} ({word})"
    );
}

/// Times a round of decisions and tells the time of one.
fn round(organisation: &Organisation) -> f64 {
    let asks: Vec<_> = (0..DECISIONS)
        .map(|number| organisation.ask(number))
        .collect();
    let started = Instant::now();
    for ask in &asks {
        let decided = decide(&organisation.policy, &organisation.status, black_box(ask));
        black_box(decided.is_ok());
    }
    started.elapsed().as_secs_f64() * 1e9 / DECISIONS as f64
}
