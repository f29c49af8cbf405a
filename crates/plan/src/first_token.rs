//! The parts of the time to a first token at a closed-loop load: the own prefill, the wait behind
//! others', the step that is under way, the handover. It must not know a fitted number.

use crate::deployment::Deployment;
use crate::step::{prefill_of, step_parts};
use crate::units::{Bytes, BytesPerSecond};

/// Names the parts of the time to a first token.
pub const FIRST_PARTS: [&str; 10] = [
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
];

/// Holds one time for each part of the time to a first token.
pub type FirstParts = [f64; FIRST_PARTS.len()];

/// The engine's own time for a request, before it is fitted.
const HOST: f64 = 1e-2;
/// The time of starting one layer's kernels, before it is fitted.
const LAYER: f64 = 1e-5;
/// The time of admitting one request, before it is fitted.
const ADMISSION: f64 = 1e-3;
/// The handover of a cache between pools: its own time, before it is fitted, and its bandwidth.
const HANDOVER: f64 = 0.1;
const HANDOVER_RATE: f64 = 50e9;

/// Works out the parts of the time to a first token.
#[must_use]
pub fn first_parts(of: &Deployment<'_>) -> FirstParts {
    let sums = of.model.sums();
    let (_, prefill) = of.pools();
    let work = prefill_of(of, &sums, prefill.layout);
    let own = work.compute.get() + 0.5 * work.traffic.get();
    let workers = prefill.workers_for(of.concurrency) * prefill.layout.data;
    let others = (of.concurrency - 1.0).max(0.0);
    let each = own / workers;
    let step = step_under_way(of);
    let handover = if of.is_together() {
        0.0
    } else {
        let cache = of.model.cached(of.input) * of.precision.cache_bytes();
        HANDOVER + (Bytes::new(cache) / BytesPerSecond::new(HANDOVER_RATE)).get()
    };
    // Where prefill cannot keep up, a request waits for what decoding does not use of a round.
    let round = of.output * (step + 2.0 * sums.layers * LAYER);
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
        (2.0 * of.concurrency * each - round).max(0.0),
    ]
}

/// What a decode step takes before fitting: reading weights and cache, starting layers.
fn step_under_way(of: &Deployment<'_>) -> f64 {
    let [weights, _, cache, layers, ..] = step_parts(of);
    weights + cache + layers
}
