//! The parts of the time to a first token at a closed-loop load: the own prefill, the wait behind
//! others', the step that is under way, the handover. It must not know a fitted number.

use crate::deployment::{Deployment, Pool};
use crate::step::{prefill_of, step_parts};
use crate::units::{Bytes, BytesPerSecond};

/// Names the parts of the time to a first token.
pub const FIRST_PARTS: [&str; 11] = [
    "host",
    "compute",
    "layers",
    "weights",
    "queue",
    "wave",
    "step",
    "admission",
    "handover",
    "overload",
    "tokens",
];

/// Holds one time for each part of the time to a first token.
pub type FirstParts = [f64; FIRST_PARTS.len()];

/// The engine's own time for a request, before it is fitted.
const HOST: f64 = 1e-2;
/// The time of starting one layer's kernels, before it is fitted.
const LAYER: f64 = 1e-5;
/// The time of admitting one request, before it is fitted.
const ADMISSION: f64 = 1e-3;
/// The engine's own time for each token of a request, before it is fitted: text is read into tokens
/// and blocks of cache are found for them.
const TOKEN: f64 = 1e-5;
/// The handover of a cache between pools: its own time, before it is fitted, and its bandwidth.
const HANDOVER: f64 = 1e-2;
const HANDOVER_RATE: f64 = 50e9;
/// How much longer than by its formula prefill takes beside what steps do beside theirs, before it
/// is fitted.
const SLOWED: f64 = 2.0;
/// By what power of the work the workers grow. With both, the logarithm of the number is off by
/// 0.28 (root of the mean square) on the 127 calibration rows that tell it; with one worker always,
/// by 0.80.
const BUSIER: f64 = 0.7;

/// Works out the parts of the time to a first token.
#[must_use]
pub fn first_parts(of: &Deployment<'_>) -> FirstParts {
    let sums = of.model.sums();
    let (_, prefill) = of.pools();
    let work = prefill_of(of, &sums, prefill.layout);
    let own = work.busy();
    let others = (of.concurrency - 1.0).max(0.0);
    let step = step_under_way(of);
    let round = round_of(of, step, sums.layers);
    let workers = prefilling_workers(of, prefill, own, round) * prefill.layout.data;
    let each = own / workers;
    let handover = if of.is_together() {
        0.0
    } else {
        let cache = of.model.cached(of.input) * of.precision.cache_bytes();
        HANDOVER + (Bytes::new(cache) / BytesPerSecond::new(HANDOVER_RATE)).get()
    };
    [
        HOST,
        own,
        sums.layers * LAYER,
        work.weights.get(),
        others * each,
        others.sqrt() * own,
        step,
        of.concurrency / workers * ADMISSION,
        handover,
        // Where prefill cannot keep up, a request waits for what decoding does not use of a round.
        (SLOWED * of.concurrency * each - round).max(0.0),
        of.input * TOKEN,
    ]
}

/// Tells how many accelerators a deployment takes in all.
#[must_use]
pub fn accelerators(of: &Deployment<'_>) -> f64 {
    let (decode, prefill) = of.pools();
    let decoding = decode.layout.accelerators() * of.decoding_workers();
    if of.is_together() {
        return decoding;
    }
    let sums = of.model.sums();
    let own = prefill_of(of, &sums, prefill.layout).busy();
    let round = round_of(of, step_under_way(of), sums.layers);
    decoding + prefill.layout.accelerators() * prefilling_workers(of, prefill, own, round)
}

/// Tells how many workers prefill: as many as are told, else as many as keep up with what decoding
/// asks for, larger pools being kept busier.
fn prefilling_workers(of: &Deployment<'_>, pool: Pool, own: f64, round: f64) -> f64 {
    let asked = SLOWED * of.concurrency * own / pool.layout.data / round;
    pool.workers.unwrap_or_else(|| asked.max(1.0).powf(BUSIER))
}

/// What the steps of one answer take before fitting.
fn round_of(of: &Deployment<'_>, step: f64, layers: f64) -> f64 {
    of.output * (step + 2.0 * layers * LAYER)
}

/// What a decode step takes before fitting: reading weights and cache, starting layers.
fn step_under_way(of: &Deployment<'_>) -> f64 {
    let [weights, _, cache, layers, ..] = step_parts(of);
    weights + cache + layers
}
