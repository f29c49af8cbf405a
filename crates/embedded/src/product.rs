//! The product of Q8_0 weights with single-precision activations, on the widest vectors that the
//! machine has. It must not know a file, a layer or a thread.
//!
//! Activations are never rounded, and weights are widened without loss: a half-precision scale
//! times a byte has 19 bits, and single precision keeps 24. Which instructions there are is asked
//! while the program runs, since one binary is for old machines too. candle's own product rounds
//! activations to bytes, and its instructions are chosen when it is compiled.

use std::array;

use pulp::{Arch, Simd, WithSimd};

use crate::header::BLOCK;

/// Rows of weights that are multiplied side by side: their sums do not wait for each other, and
/// each number of the activations is fetched once for all of them.
pub(crate) const ROWS: usize = 4;
/// Rows of activations that are multiplied at a time. The sums of 3 by 4 products, 3 activations
/// and 1 weight fill the 16 vector registers of x86-64.
pub(crate) const TILE: usize = 3;

/// Holds one block each of neighbouring rows of weights, so that a product reads its weights from
/// the first byte to the last: for one row of activations, memory is what takes the time.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    pub(crate) scales: [f32; ROWS],
    pub(crate) weights: [[i8; BLOCK]; ROWS],
}

/// Holds the numbers of one block of each of several rows.
type Wide<const COUNT: usize> = [[f32; BLOCK]; COUNT];

impl Band {
    /// Holds zeros.
    pub(crate) const ZERO: Self = Self {
        scales: [0.0; ROWS],
        weights: [[0; BLOCK]; ROWS],
    };

    /// Widens the weights to the numbers that they stand for.
    #[inline(always)]
    pub(crate) fn widen(&self) -> Wide<ROWS> {
        let mut wide = [[0.0; BLOCK]; ROWS];
        for ((wide, weights), scale) in wide.iter_mut().zip(&self.weights).zip(self.scales) {
            for (number, weight) in wide.iter_mut().zip(weights) {
                *number = f32::from(*weight) * scale;
            }
        }
        wide
    }
}

/// Holds one product: `out` gets, for each row of `input`, its products with all rows of weights.
/// The bands of the first [`ROWS`] rows come first, block after block; rows that fill up the last
/// bands have no place in `out`.
pub(crate) struct Product<'a> {
    pub(crate) bands: &'a [Band],
    pub(crate) blocks_per_row: usize,
    pub(crate) input: &'a [f32],
    pub(crate) out: &'a mut [f32],
}

impl Product<'_> {
    /// Computes the product.
    pub(crate) fn compute(self) {
        Arch::new().dispatch(self);
    }

    #[inline(always)]
    fn of_one_row<S: Simd>(self, simd: S) {
        let (input, _) = self.input.as_chunks::<BLOCK>();
        let rows = self.bands.chunks_exact(self.blocks_per_row);
        for (bands, out) in rows.zip(self.out.chunks_mut(ROWS)) {
            let mut sums = [[simd.splat_f32s(0.0); ROWS]; 1];
            for (band, input) in bands.iter().zip(input) {
                add_products(simd, &mut sums, &band.widen(), &[*input]);
            }
            let [sums] = sums;
            give(simd, sums, out);
        }
    }

    #[inline(always)]
    fn of_rows<S: Simd>(self, simd: S, inputs: usize) {
        let tiles = tiles(self.input, self.blocks_per_row);
        let outputs = self.out.len() / inputs;
        let mut wide = vec![[[0.0; BLOCK]; ROWS]; self.blocks_per_row];
        let rows = self.bands.chunks_exact(self.blocks_per_row);
        for (at, bands) in rows.enumerate() {
            // Widened once, the weights serve every row of activations.
            for (wide, band) in wide.iter_mut().zip(bands) {
                *wide = band.widen();
            }
            let outs = self.out.chunks_mut(TILE * outputs);
            for (tile, outs) in tiles.chunks_exact(self.blocks_per_row).zip(outs) {
                let mut sums = [[simd.splat_f32s(0.0); ROWS]; TILE];
                for (wide, input) in wide.iter().zip(tile) {
                    add_products(simd, &mut sums, wide, input);
                }
                for (sums, out) in sums.into_iter().zip(outs.chunks_mut(outputs)) {
                    give(simd, sums, out.get_mut(at * ROWS..).unwrap_or_default());
                }
            }
        }
    }
}

// INVARIANT: each sum is made in the same order for any number of rows, so that a remembered
// prefix changes no answer; held by `a_row_gives_the_same_alone_and_among_others`.
impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.input.len() / BLOCK / self.blocks_per_row.max(1) {
            0 => (),
            1 => self.of_one_row(simd),
            inputs => self.of_rows(simd, inputs),
        }
    }
}

/// Puts the blocks of [`TILE`] rows side by side, as a product reads them; zeros fill up the last
/// tile.
fn tiles(input: &[f32], blocks_per_row: usize) -> Vec<Wide<TILE>> {
    let (blocks, _) = input.as_chunks::<BLOCK>();
    let mut tiles = Vec::new();
    for rows in blocks.chunks(TILE * blocks_per_row) {
        let block = |at: usize| rows.get(at).copied().unwrap_or([0.0; BLOCK]);
        let side_by_side = |at| array::from_fn(|row| block(row * blocks_per_row + at));
        tiles.extend((0..blocks_per_row).map(side_by_side));
    }
    tiles
}

/// Adds the products of one block of all rows of weights with all rows of activations.
#[inline(always)]
fn add_products<S: Simd, const COUNT: usize>(
    simd: S,
    sums: &mut [[S::f32s; ROWS]; COUNT],
    weights: &Wide<ROWS>,
    inputs: &Wide<COUNT>,
) {
    let weights = weights.each_ref().map(|row| S::as_simd_f32s(row).0);
    let inputs = inputs.each_ref().map(|row| S::as_simd_f32s(row).0);
    for at in 0..BLOCK / S::F32_LANES {
        let inputs = inputs.map(|row| row[at]);
        for (row, weights) in weights.iter().enumerate() {
            let weight = weights[at];
            for (sums, input) in sums.iter_mut().zip(inputs) {
                sums[row] = simd.mul_add_e_f32s(weight, input, sums[row]);
            }
        }
    }
}

/// Sums the lanes of each sum.
#[inline(always)]
fn give<S: Simd>(simd: S, sums: [S::f32s; ROWS], out: &mut [f32]) {
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = simd.reduce_sum_f32s(sum);
    }
}

#[cfg(test)]
mod tests;
