//! What fits where: weights and caches of serving, model states and activations of training. It
//! must not know how long anything takes.

use crate::deployment::{Deployment, Layout};
use crate::units::Bytes;

/// The share of an accelerator's memory that engines give to weights and caches.
pub const USABLE: f64 = 0.9;

/// Names a stage of dividing model states among data-parallel ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharding {
    /// Each rank keeps all.
    None,
    /// Optimiser states are divided.
    Optimiser,
    /// Gradients, too.
    Gradients,
    /// Parameters, too.
    Parameters,
}

/// Bytes a parameter of sixteen-bit weights, and of their gradients.
const HALF: f64 = 2.0;
/// Bytes a parameter of Adam in mixed precision: weights, momentum and variance in single
/// precision.
const OPTIMISER: f64 = 12.0;

/// Tells the model states of one rank in mixed-precision Adam: 16 bytes a parameter, undivided.
#[must_use]
pub fn states(parameters: f64, ranks: f64, sharding: Sharding) -> Bytes {
    let among = |is_divided: bool| if is_divided { ranks } else { 1.0 };
    let optimiser = OPTIMISER / among(sharding != Sharding::None);
    let has_gradients = matches!(sharding, Sharding::Gradients | Sharding::Parameters);
    let gradients = HALF / among(has_gradients);
    let weights = HALF / among(sharding == Sharding::Parameters);
    Bytes::new(parameters * (optimiser + gradients + weights))
}

/// Tells a layer's activations without recomputation: `s·b·h·(34 + 5·a·s/h)`.
#[must_use]
pub fn activations(length: f64, batch: f64, hidden: f64, heads: f64) -> Bytes {
    Bytes::new(length * batch * hidden * (34.0 + 5.0 * heads * length / hidden))
}

/// Tells a layer's activations under tensor and sequence parallelism with attention recomputed.
#[must_use]
pub fn activations_selective(length: f64, batch: f64, hidden: f64, tensor: f64) -> Bytes {
    Bytes::new(34.0 * length * batch * hidden / tensor)
}

/// Tells the weights of one accelerator of a layout.
#[must_use]
pub fn weights(of: &Deployment<'_>, layout: Layout) -> Bytes {
    let sums = of.model.sums();
    let (experts, rest) = of.formats();
    let embeddings = if of.model.is_tied { 1.0 } else { 2.0 } * sums.head * HALF;
    let always = ((sums.attention + sums.feed) * rest + embeddings) / layout.tensor;
    Bytes::new(always + sums.experts * experts / layout.accelerators())
}

/// Tells how many sequences one replica's caches hold at once; none where the weights do not fit.
#[must_use]
pub fn sequences(of: &Deployment<'_>, layout: Layout) -> Option<f64> {
    let left = of.accelerator.memory().get() * USABLE - weights(of, layout).get();
    if left <= 0.0 {
        return None;
    }
    // Sequences are of all ages, so on average half of the answer is cached.
    let each = cache(of, layout, of.middle()).get();
    Some((left / each).floor() * layout.data)
}

/// Tells the cache of one sequence of a length on one accelerator.
#[must_use]
pub fn cache(of: &Deployment<'_>, layout: Layout, length: f64) -> Bytes {
    let values = of.model.cached_among(length, layout.tensor);
    Bytes::new(values * of.precision.cache_bytes())
}

/// The share of what weights leave that engines keep from caches where a tenth of all memory would
/// be more: whoever serves so large a model gives the caches more. Chosen by the calibration rows
/// that wait: on 14 of 17 caches have from 0.67 to 0.94 of what weights leave.
const KEPT: f64 = 0.2;
/// The same of TensorRT-LLM, which divides what is free once weights are there
/// (`free_gpu_memory_fraction`); on its 8 such rows caches have from 0.89 to 0.99 of it.
const KEPT_OF_FREE: f64 = 0.05;

/// Tells how many requests the caches of all decoding workers hold; none where nobody tells how
/// many workers there are, or the weights would not fit as described: somebody made room.
#[must_use]
pub fn held(of: &Deployment<'_>) -> Option<f64> {
    let (decode, _) = of.pools();
    let (layout, workers) = (decode.layout, decode.workers?);
    let memory = of.accelerator.memory().get();
    let left = memory - weights(of, layout).get();
    if left <= 0.0 {
        return None;
    }
    // TensorRT-LLM takes a request in when there is room for all of its answer (its scheduler's
    // default, `GUARANTEED_NO_EVICT`), others when there is room for what it has come to.
    let (length, kept) = if of.engine == "trtllm" {
        (of.input + of.output, KEPT_OF_FREE * left)
    } else {
        let usual = (1.0 - USABLE) * memory;
        (of.middle(), usual.min(KEPT * left))
    };
    let each = cache(of, layout, length).get();
    Some((left - kept) / each * layout.data * workers)
}

/// Finds the least tensor parallelism, a power of two, under which the weights leave a third of the
/// usable memory to caches.
#[must_use]
pub fn least_tensor(of: &Deployment<'_>) -> f64 {
    let room = of.accelerator.memory().get() * USABLE * 2.0 / 3.0;
    let degrees = (0..=10).map(|power| f64::from(1_u32 << power));
    let mut fitting = degrees.filter(|degree| weights(of, Layout::tensor(*degree)).get() <= room);
    fitting.next().unwrap_or(f64::from(of.accelerator.domain))
}
