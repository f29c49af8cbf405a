//! One engine replayed request by request: continuous batching with chunked prefill, a step at a
//! time, and the fit of a step's rates to a run that was measured. It must not know the run that it
//! predicts, and it is deterministic.

use std::collections::VecDeque;

use crate::accelerators::Accelerator;
use crate::collectives::all_reduce_measured;
use crate::least_squares::Rows;
use crate::model::{Model, Sums};
use crate::precision::Precision;
use crate::units::Bytes;

/// Holds one request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// When it arrives, in seconds.
    pub arrival: f64,
    /// Its tokens.
    pub input: f64,
    /// The tokens of its answer.
    pub output: f64,
}

/// Holds when a request was served, in seconds after its arrival.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Served {
    /// Its first token.
    pub first: f64,
    /// Its last.
    pub last: f64,
}

/// Describes an engine and what it runs on.
#[derive(Clone, Debug)]
pub struct Engine<'f> {
    /// The model, in sixteen bits.
    pub model: &'f Model,
    /// The accelerator.
    pub accelerator: &'f Accelerator,
    /// Tensor parallelism.
    pub tensor: f64,
    /// Most sequences of a step.
    pub most_sequences: usize,
    /// Most tokens of a step.
    pub most_tokens: f64,
}

/// Names the rates of a step, as `Rates` orders them.
pub const RATES: [&str; 8] = [
    "weights",
    "compute",
    "cache",
    "layers",
    "host",
    "sequences",
    "attention",
    "links",
];

/// Holds the logarithm of how much longer each part takes than its bare formula.
pub type Rates = [f64; RATES.len()];

/// Holds the means that a replay is judged by, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// Time to the first token.
    pub first: f64,
    /// Time of a token after it.
    pub step: f64,
    /// Time to the last token.
    pub latency: f64,
}

/// The time of starting one layer's kernels, before it is fitted.
const LAYER: f64 = 1e-5;
/// The engine's own time in a step, and for each sequence of it, before they are fitted.
const HOST: f64 = 1e-3;
const SEQUENCE: f64 = 1e-5;
/// How sharply the longer of reading weights and computing rules a step: a maximum, rounded where
/// the two are alike.
const SHARPNESS: i32 = 4;
/// Bytes of a value.
const WIDTH: f64 = 2.0;

/// Holds a request that is being served.
struct Running {
    at: usize,
    left: f64,
    made: f64,
}

/// Sums up what a step does.
#[derive(Default)]
struct Step {
    tokens: f64,
    sequences: f64,
    /// Sequences that decode, and the lengths of their caches together.
    decoding: f64,
    cached: f64,
    /// Tokens that are prefilled, and what each of them sees, together.
    prefilled: f64,
    seen: f64,
}

/// Puts what was measured of an accelerator's own kernels in the place of what an engine's steps on
/// others let expect.
#[must_use]
pub fn expected_on(part: &Accelerator, mut rates: Rates) -> Rates {
    let Some(kernels) = part.kernels else {
        return rates;
    };
    let measured = [
        ("weights", kernels.weights),
        ("compute", kernels.compute),
        ("cache", kernels.cache),
        ("attention", kernels.attention),
    ];
    for (rate, name) in rates.iter_mut().zip(RATES) {
        let found = measured.iter().find(|(measured, _)| *measured == name);
        *rate = found.map_or(*rate, |(_, times)| times.ln());
    }
    rates
}

/// Replays requests, in the order of their arrival.
#[must_use]
pub fn replay(requests: &[Request], engine: &Engine<'_>, rates: &Rates) -> Vec<Served> {
    let sums = engine.model.sums();
    let scales = rates.map(f64::exp);
    let mut served = vec![
        Served {
            first: 0.0,
            last: 0.0
        };
        requests.len()
    ];
    let mut waiting: VecDeque<usize> = (0..requests.len()).collect();
    let mut running: Vec<Running> = Vec::new();
    let mut now = 0.0_f64;
    while !(waiting.is_empty() && running.is_empty()) {
        if running.is_empty()
            && let Some(next) = waiting.front()
        {
            now = now.max(requests[*next].arrival);
        }
        let mut chunks = vec![0.0; running.len()];
        let step = schedule(
            requests,
            engine,
            now,
            (&mut waiting, &mut running, &mut chunks),
        );
        now += duration(&step, engine, &sums, &scales);
        advance(requests, now, &mut running, &chunks, &mut served);
    }
    served
}

type Queues<'q> = (
    &'q mut VecDeque<usize>,
    &'q mut Vec<Running>,
    &'q mut Vec<f64>,
);

/// Plans a step: a token of each sequence that decodes, then prefill within what is left.
fn schedule(
    requests: &[Request],
    engine: &Engine<'_>,
    now: f64,
    (waiting, running, chunks): Queues<'_>,
) -> Step {
    let mut step = Step::default();
    for one in running.iter().filter(|one| one.left <= 0.0) {
        step.tokens += 1.0;
        step.decoding += 1.0;
        step.cached += requests[one.at].input + one.made;
    }
    // Limits below one would serve nothing, for ever.
    let mut budget = engine.most_tokens.max(1.0) - step.tokens;
    for (one, chunk) in running
        .iter()
        .zip(chunks.iter_mut())
        .filter(|(one, _)| one.left > 0.0)
    {
        *chunk = one.left.min(budget).max(0.0);
        budget -= *chunk;
        step.add_prefill(requests[one.at].input - one.left, *chunk);
    }
    while budget > 0.0 && running.len() < engine.most_sequences.max(1) {
        let has_come = |at: &usize| requests[*at].arrival <= now;
        let Some(at) = waiting.front().copied().filter(has_come) else {
            break;
        };
        waiting.pop_front();
        // Even an empty input takes the step that makes the first token.
        let left = requests[at].input.max(1.0);
        let chunk = left.min(budget);
        budget -= chunk;
        step.add_prefill(0.0, chunk);
        running.push(Running {
            at,
            left,
            made: 0.0,
        });
        chunks.push(chunk);
    }
    step.sequences = running.len() as f64;
    step
}

impl Step {
    fn add_prefill(&mut self, before: f64, chunk: f64) {
        self.tokens += chunk;
        self.prefilled += chunk;
        // A position of the chunk sees what was before it and, on average, half of the chunk.
        self.seen += chunk * (before + chunk / 2.0);
    }
}

fn duration(step: &Step, engine: &Engine<'_>, sums: &Sums, scales: &Rates) -> f64 {
    let (model, part, tensor) = (engine.model, engine.accelerator, engine.tensor);
    let [
        weights,
        compute,
        cache,
        layers,
        host,
        sequences,
        attention,
        links,
    ] = *scales;
    let bandwidth = part.bandwidth();
    let always = sums.attention + sums.feed;
    let read = model.experts_read(step.tokens) + always + sums.head;
    let read = (Bytes::new(read * WIDTH / tensor) / bandwidth).get() * weights;
    let seen = step.seen / step.prefilled.max(1.0);
    let peak = part.peak(Precision::Bf16).get() * tensor;
    let work = 2.0 * (always + sums.visited) * step.tokens / peak * compute;
    let attended = step.prefilled * model.attention_work_at_once(seen) / peak * attention;
    let length = step.cached / step.decoding.max(1.0);
    let values = step.decoding * model.cached_among(length, tensor);
    let cached = (Bytes::new(values * WIDTH) / bandwidth).get() * cache;
    let size = Bytes::new(step.tokens * model.hidden * WIDTH);
    let reduced = all_reduce_measured(part, size, tensor).get() * 2.0 * sums.layers * links;
    let ruling = (read.powi(SHARPNESS) + work.powi(SHARPNESS)).powf(1.0 / f64::from(SHARPNESS));
    let own = HOST * host + SEQUENCE * sequences * step.sequences + LAYER * layers * sums.layers;
    ruling + attended + cached + reduced + own
}

fn advance(
    requests: &[Request],
    now: f64,
    running: &mut Vec<Running>,
    chunks: &[f64],
    served: &mut [Served],
) {
    for (one, chunk) in running.iter_mut().zip(chunks) {
        let request = requests[one.at];
        if one.left > 0.0 {
            one.left -= chunk;
            if one.left <= 0.0 {
                one.made = 1.0;
                served[one.at].first = now - request.arrival;
            }
        } else {
            one.made += 1.0;
        }
        if one.left <= 0.0 && one.made >= request.output {
            served[one.at].last = now - request.arrival;
        }
    }
    running.retain(|one| one.left > 0.0 || one.made < requests[one.at].output);
}

/// Sums up how requests were served.
#[must_use]
pub fn means(requests: &[Request], served: &[Served]) -> Means {
    let count = requests.len().max(1) as f64;
    let mean = |of: &dyn Fn(&Request, &Served) -> f64| {
        requests
            .iter()
            .zip(served)
            .map(|(request, served)| of(request, served))
            .sum::<f64>()
            / count
    };
    Means {
        first: mean(&|_, served| served.first),
        step: mean(&|request, served| {
            (served.last - served.first) / (request.output - 1.0).max(1.0)
        }),
        latency: mean(&|_, served| served.last),
    }
}

/// How far each rate may lie from what is expected of it, as a standard deviation of its
/// logarithm, in the order of `RATES`: kernels within a step differ by 15 to 25 % from kernels that
/// are measured alone; what a layer, a step and a sequence cost the host, up to twofold between
/// machines.
const FREEDOM: Rates = [0.15, 0.25, 0.25, 0.5, 0.7, 0.7, 0.25, 0.25];
/// How near a fit should come to the measured means, as a standard deviation.
const NEARNESS: f64 = 0.02;
/// The change of a rate by which its effect is found.
const NUDGE: f64 = 0.05;
/// Steps of a fit.
const STEPS: usize = 8;

/// Fits the rates of an engine to a measured run, from what is expected of them.
#[must_use]
pub fn fit(
    requests: &[Request],
    engine: &Engine<'_>,
    measured: &[Served],
    expected: &Rates,
) -> Rates {
    let aim = logs(&means(requests, measured));
    let reached = |rates: &Rates| logs(&means(requests, &replay(requests, engine, rates)));
    let penalties = FREEDOM.map(|one| one.powi(-2));
    let columns: Vec<Vec<usize>> = aim.iter().map(|_| (0..RATES.len()).collect()).collect();
    let mut rates = *expected;
    for _ in 0..STEPS {
        let own = reached(&rates);
        let mut entries = vec![vec![0.0; RATES.len()]; aim.len()];
        for rate in 0..RATES.len() {
            let mut nudged = rates;
            nudged[rate] += NUDGE;
            for (row, (after, before)) in reached(&nudged).iter().zip(&own).enumerate() {
                entries[row][rate] = (after - before) / NUDGE;
            }
        }
        let weight = NEARNESS.powi(-2);
        let slope: Vec<f64> = (0..RATES.len())
            .map(|rate| {
                let errors = aim.iter().zip(&own).zip(&entries);
                let pulled = errors.map(|((aim, own), entry)| weight * (aim - own) * entry[rate]);
                pulled.sum::<f64>() - penalties[rate] * (rates[rate] - expected[rate])
            })
            .collect();
        let weights = vec![weight; aim.len()];
        let rows = Rows {
            columns: &columns,
            entries,
            weights,
            penalties: &penalties,
        };
        let step = rows.solve(&slope, &[0.0; RATES.len()], &rows.diagonal());
        for (rate, step) in rates.iter_mut().zip(step) {
            *rate += step.clamp(-0.5, 0.5);
        }
    }
    rates
}

fn logs(of: &Means) -> [f64; 3] {
    [of.first.ln(), of.step.ln(), of.latency.ln()]
}

#[cfg(test)]
mod tests;
