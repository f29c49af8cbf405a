//! Times of collectives between accelerators: latency plus traffic over a link. It must not know
//! which layer needs one.

use crate::accelerators::Accelerator;
use crate::units::{Bytes, BytesPerSecond, Seconds};

/// Tells the time of a ring all-reduce: `2(n−1)/n·S/bw + 2(n−1)·α`.
#[must_use]
pub fn all_reduce_ring(size: Bytes, among: f64, rate: BytesPerSecond, latency: Seconds) -> Seconds {
    if among <= 1.0 {
        return Seconds::ZERO;
    }
    size * (2.0 * (among - 1.0) / among) / rate + latency * (2.0 * (among - 1.0))
}

/// Tells the time of an all-reduce in which each reads all others' parts at once, for small sizes.
#[must_use]
pub fn all_reduce_at_once(
    size: Bytes,
    among: f64,
    rate: BytesPerSecond,
    latency: Seconds,
) -> Seconds {
    if among <= 1.0 {
        return Seconds::ZERO;
    }
    size * (among - 1.0) / rate + latency
}

/// Tells the time of the faster all-reduce.
#[must_use]
pub fn all_reduce(size: Bytes, among: f64, rate: BytesPerSecond, latency: Seconds) -> Seconds {
    let ring = all_reduce_ring(size, among, rate, latency);
    let at_once = all_reduce_at_once(size, among, rate, latency);
    if ring < at_once { ring } else { at_once }
}

/// Tells the time of an all-reduce from measured rates where the accelerator has them, else by the
/// faster way over its links.
#[must_use]
pub fn all_reduce_measured(part: &Accelerator, size: Bytes, among: f64) -> Seconds {
    if among <= 1.0 {
        return Seconds::ZERO;
    }
    match part.all_reduce_rate(size) {
        Some((rate, latency)) => size * (2.0 * (among - 1.0) / among) / rate + latency,
        None => all_reduce(size, among, part.link(among), USUAL_LATENCY),
    }
}

/// The latency of an all-reduce where none was measured.
const USUAL_LATENCY: Seconds = Seconds::new(1e-5);

/// Describes what each token sends to experts and gets back.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// Tokens of one accelerator.
    pub tokens: f64,
    /// Experts that each goes to, the shared one where it travels too.
    pub visited: f64,
    /// Width of a token.
    pub hidden: f64,
    /// The share that goes beyond the own accelerator or node.
    pub away: f64,
}

/// Bytes of a value on its way to the experts, in eight bits, and back, in sixteen.
const THERE_AND_BACK: f64 = 1.0 + 2.0;

/// Tells the traffic of one exchange, there and back.
#[must_use]
pub fn exchanged(of: Exchange) -> Bytes {
    Bytes::new(of.tokens * of.visited * of.hidden * THERE_AND_BACK * of.away)
}

/// Tells the least time of a token where only the exchange with experts counts: two of them in
/// flight over each layer, as in the limits of the ISCA 2025 paper on DeepSeek-V3 (4.3).
#[must_use]
pub fn exchange_limit(of: Exchange, layers: f64, rate: BytesPerSecond) -> Seconds {
    exchanged(of) / rate * (2.0 * layers)
}

/// Tells the share of a pipeline's time that is idle: `(p−1)/(m+p−1)`.
#[must_use]
pub fn bubble(stages: f64, microbatches: f64) -> f64 {
    (stages - 1.0) / (microbatches + stages - 1.0)
}

/// Tells what of a transfer shows when a part of it hides behind computation.
#[must_use]
pub fn exposed(transfer: Seconds, computation: Seconds, overlap: f64) -> Seconds {
    let hidden = computation * overlap.clamp(0.0, 1.0);
    (transfer - hidden).max(Seconds::ZERO)
}

#[cfg(test)]
mod tests;
