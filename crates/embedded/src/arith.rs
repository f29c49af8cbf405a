//! The small arithmetic between matrix products: norms, activation, softmax, dot products. It
//! must not know a model.

/// Numbers summed side by side, so that the compiler may use vector registers without changing
/// the order of any one sum.
const LANES: usize = 8;

/// Multiplies two vectors to one number.
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let (left, left_rest) = left.as_chunks::<LANES>();
    let (right, right_rest) = right.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (left, right) in left.iter().zip(right) {
        for ((sum, left), right) in sums.iter_mut().zip(left).zip(right) {
            *sum += left * right;
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(l, r)| l * r).sum();
    sums.iter().sum::<f32>() + rest
}

/// Adds a multiple of one vector to another.
pub(crate) fn add_scaled(into: &mut [f32], from: &[f32], scale: f32) {
    for (into, from) in into.iter_mut().zip(from) {
        *into += from * scale;
    }
}

/// Adds one vector to each row of another.
pub(crate) fn add_to_rows(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        add_scaled(row, bias, 1.0);
    }
}

/// Scales each row to unit root mean square, then by the weights.
pub(crate) fn rms_norm(rows: &[f32], weights: &[f32], epsilon: f32) -> Vec<f32> {
    let mut out = Vec::with_capacity(rows.len());
    for row in rows.chunks_exact(weights.len()) {
        let mean = dot(row, row) / row.len() as f32;
        let scale = (mean + epsilon).sqrt().recip();
        out.extend(
            row.iter()
                .zip(weights)
                .map(|(x, weight)| x * scale * weight),
        );
    }
    out
}

/// Applies SiLU to the gate and multiplies it by the other branch, in place.
pub(crate) fn gate(gate: &mut [f32], up: &[f32]) {
    for (gate, up) in gate.iter_mut().zip(up) {
        *gate = *gate / (1.0 + (-*gate).exp()) * up;
    }
}

/// Turns scores to shares that sum to one, in place.
pub(crate) fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    for score in scores.iter_mut() {
        *score /= sum;
    }
}
