//! The step-time function: the parts of an engine's step, each a time that grows with what causes
//! it and falls with what speeds it. It must not know a fitted number.

use crate::collectives::{Exchange, exchanged};
use crate::deployment::{Deployment, Layout};
use crate::model::Sums;
use crate::precision::Precision;
use crate::units::{Bytes, Flops, FlopsPerSecond, Seconds};

/// Names the parts of a decode step.
pub const STEP_PARTS: [&str; 9] = [
    "weights",
    "compute",
    "cache",
    "layers",
    "host",
    "sequences",
    "sync",
    "traffic",
    "prefill",
];

/// Holds one time for each part of a decode step.
pub type StepParts = [f64; STEP_PARTS.len()];

/// The time of starting one layer's kernels, before it is fitted.
const LAYER: f64 = 1e-5;
/// The engine's own time in a step, before it is fitted.
const HOST: f64 = 1e-3;
/// The engine's own time for a sequence of a step, before it is fitted.
const SEQUENCE: f64 = 1e-5;
/// The latency of one collective, before it is fitted.
const LATENCY: f64 = 1e-5;
/// Weight of the attention's products beside the reading of its cache: both go on at once.
const ATTENTION_SHARE: f64 = 0.5;
/// The share of prefill's traffic that its products do not hide.
const EXPOSED: f64 = 0.5;

/// Holds what prefill of one request costs a worker.
#[derive(Clone, Copy, Debug)]
pub struct Prefill {
    /// The products.
    pub compute: Seconds,
    /// The traffic between accelerators.
    pub traffic: Seconds,
    /// One reading of all weights.
    pub weights: Seconds,
}

impl Prefill {
    /// Tells how long it holds a worker: half of its traffic hides behind its products.
    #[must_use]
    pub fn busy(&self) -> f64 {
        self.compute.get() + EXPOSED * self.traffic.get()
    }
}

/// Works out the parts of a decode step.
#[must_use]
pub fn step_parts(of: &Deployment<'_>) -> StepParts {
    let sums = of.model.sums();
    let (decode, prefill) = of.pools();
    let layout = decode.layout;
    let batch = of.batch();
    // A step with speculation verifies what was guessed along with the next token.
    let (tokens, kept) = of
        .speculation
        .map_or((1.0, 1.0), |spec| (spec.guessed + 1.0, spec.kept));
    let each = (batch / layout.data).max(1.0);
    let prefilled = if of.is_together() {
        let work = prefill_of(of, &sums, prefill.layout);
        let share = batch / of.output / prefill.layout.data;
        work.busy() * share
    } else {
        0.0
    };
    let step = [
        weights_read(of, &sums, layout, batch * tokens).get(),
        compute(of, &sums, layout, batch * tokens).get(),
        cache_read(of, layout, each, tokens).get(),
        sums.layers * LAYER,
        HOST,
        each * SEQUENCE,
        sync(&sums, layout),
        traffic(of, &sums, layout, each * tokens).get(),
    ];
    let [
        weights,
        compute,
        cache,
        layers,
        host,
        sequences,
        sync,
        traffic,
    ] = step.map(|part| part / kept);
    // Prefill between the steps is paid for each token that comes out, whatever a step yields.
    [
        weights, compute, cache, layers, host, sequences, sync, traffic, prefilled,
    ]
}

fn weights_read(of: &Deployment<'_>, sums: &Sums, layout: Layout, tokens: f64) -> Seconds {
    let (experts, rest) = of.formats();
    let always = (sums.attention + sums.feed) * rest + sums.head * 2.0;
    let visited = of.model.experts_read(tokens) * experts;
    let bytes = Bytes::new(always / layout.tensor + visited / layout.accelerators());
    bytes / of.accelerator.bandwidth()
}

/// Tells the peaks of products: in the format of the weights, in sixteen bits, and of what stays
/// in sixteen bits where a model is published in fewer.
fn peaks(of: &Deployment<'_>) -> (FlopsPerSecond, FlopsPerSecond, FlopsPerSecond) {
    let peak = of.accelerator.peak(of.precision);
    let sixteen = of.accelerator.peak(Precision::Bf16);
    let rest = if of.model.native.is_some() {
        sixteen
    } else {
        peak
    };
    (peak, sixteen, rest)
}

fn compute(of: &Deployment<'_>, sums: &Sums, layout: Layout, tokens: f64) -> Seconds {
    let (peak, sixteen, rest) = peaks(of);
    let each = tokens / layout.data / layout.tensor;
    let always = Flops::new(2.0 * (sums.attention + sums.feed) * each) / rest;
    let head = Flops::new(2.0 * sums.head * each) / sixteen;
    let experts = Flops::new(2.0 * sums.visited * tokens / layout.accelerators()) / peak;
    always + head + experts
}

fn cache_read(of: &Deployment<'_>, layout: Layout, each: f64, tokens: f64) -> Seconds {
    let middle = of.middle();
    let values = of.model.cached_among(middle, layout.tensor);
    let read = Bytes::new(each * values * of.precision.cache_bytes()) / of.accelerator.bandwidth();
    let work = each * tokens * of.model.attention_work(middle) / layout.tensor;
    let products = Flops::new(work) / of.accelerator.peak(Precision::Bf16);
    read + products * ATTENTION_SHARE
}

fn sync(sums: &Sums, layout: Layout) -> f64 {
    let is_divided = layout.tensor > 1.0;
    let reduces = if is_divided {
        2.0 * sums.layers * (layout.tensor.log2() + 1.0)
    } else {
        0.0
    };
    let is_exchanged = layout.data > 1.0 && layout.expert > 1.0;
    let exchanges = if is_exchanged {
        2.0 * sums.expert_layers
    } else {
        0.0
    };
    (reduces + exchanges) * LATENCY
}

fn traffic(of: &Deployment<'_>, sums: &Sums, layout: Layout, tokens: f64) -> Seconds {
    let among = layout.accelerators();
    let rate = of.accelerator.link(among);
    let tensor = layout.tensor;
    // Two all-reduces a layer, in sixteen bits.
    let size = 2.0 * sums.layers * tokens * of.model.hidden * 2.0;
    let reduced = Bytes::new(size * 2.0 * (tensor - 1.0) / tensor) / rate;
    let Some(visited) = of.model.visited_experts().filter(|_| layout.data > 1.0) else {
        return reduced;
    };
    let exchange = Exchange {
        tokens: tokens * sums.expert_layers,
        visited: visited.min(among),
        hidden: of.model.hidden,
        away: (among - 1.0) / among,
    };
    reduced + exchanged(exchange) / rate
}

/// Works out what prefill of one request costs a worker of a layout.
#[must_use]
pub fn prefill_of(of: &Deployment<'_>, sums: &Sums, layout: Layout) -> Prefill {
    let new = (of.input * (1.0 - of.cached)).max(1.0);
    let (peak, sixteen, rest) = peaks(of);
    let always = Flops::new(2.0 * new * (sums.attention + sums.feed)) / rest;
    let experts = Flops::new(2.0 * new * sums.visited) / peak;
    // New positions see what was cached and, on average, half of themselves.
    let seen = of.input - new / 2.0;
    let attention = Flops::new(new * of.model.attention_work_at_once(seen)) / sixteen;
    let (expert_bytes, bytes) = of.formats();
    let read = (sums.attention + sums.feed) * bytes / layout.tensor
        + sums.experts * expert_bytes / layout.accelerators();
    Prefill {
        compute: (always + experts + attention) / layout.tensor,
        traffic: traffic(of, sums, layout, new),
        weights: Bytes::new(read) / of.accelerator.bandwidth(),
    }
}
