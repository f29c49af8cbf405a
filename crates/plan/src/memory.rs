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
    let each = of.model.cached_among(of.middle(), layout.tensor) * of.precision.cache_bytes();
    Some((left / each).floor() * layout.data)
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
