//! One weight matrix in Q8_0 and its product with rows of activations, on the calling thread
//! alone. It must not know a layer.
//!
//! The dot products are candle's own kernels. Its `QMatMul` is not used: it spreads every product
//! over a process-wide pool whose threads spin between products, and only the process's
//! environment can size that pool.

use candle_core::quantized::GgmlType as _;
use candle_core::quantized::k_quants::BlockQ8_0;

use crate::fault::FileFault;
use crate::header::{BLOCK, Header};

/// Rows of activations that stay in the first-level cache while a weight row is used on them.
const TILE: usize = 32;

/// Holds a weight matrix.
pub(crate) struct Matrix {
    rows: usize,
    blocks_per_row: usize,
    blocks: Vec<BlockQ8_0>,
}

/// Holds rows of activations, quantised once for all matrices that are applied to them.
pub(crate) struct Quantised {
    blocks_per_row: usize,
    /// Sums to the activations: each term holds what the one before it rounded away.
    terms: Vec<Vec<BlockQ8_0>>,
}

impl Quantised {
    /// Quantises rows of `width` numbers, a multiple of the block length, to as many terms.
    pub(crate) fn rows(numbers: &[f32], width: usize, terms: usize) -> Self {
        let mut blocks = vec![BlockQ8_0::zeros(); numbers.len() / BLOCK];
        BlockQ8_0::from_float(numbers, &mut blocks);
        let mut quantised = Self {
            blocks_per_row: width / BLOCK,
            terms: Vec::with_capacity(terms),
        };
        if terms > 1 {
            let mut rest = vec![0.0; numbers.len()];
            BlockQ8_0::to_float(&blocks, &mut rest);
            for (rest, number) in rest.iter_mut().zip(numbers) {
                *rest = number - *rest;
            }
            quantised.terms = Self::rows(&rest, width, terms - 1).terms;
        }
        quantised.terms.push(blocks);
        quantised
    }
}

impl Matrix {
    /// Reads a matrix from a model file.
    pub(crate) fn load(
        header: &Header,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<Self, FileFault> {
        Ok(Self {
            rows,
            blocks_per_row: columns / BLOCK,
            blocks: header.blocks(name, rows, columns)?,
        })
    }

    /// Multiplies rows of activations with the matrix.
    pub(crate) fn times(&self, input: &Quantised) -> Vec<f32> {
        debug_assert_eq!(self.blocks_per_row, input.blocks_per_row);
        let width = self.blocks_per_row;
        let columns = width * BLOCK;
        let numbers = input.terms.first().map_or(0, Vec::len) / width * self.rows;
        let mut product = vec![0.0; numbers];
        for term in &input.terms {
            let tiles = term.chunks(TILE * width);
            for (tile, out) in tiles.zip(product.chunks_mut(TILE * self.rows)) {
                for (at, weights) in self.blocks.chunks_exact(width).enumerate() {
                    let column = out.iter_mut().skip(at).step_by(self.rows);
                    for (row, cell) in tile.chunks_exact(width).zip(column) {
                        *cell += BlockQ8_0::vec_dot(columns, weights, row);
                    }
                }
            }
        }
        product
    }

    /// Writes one row of the matrix as numbers; false where there is no such row.
    pub(crate) fn copy_row(&self, row: usize, into: &mut [f32]) -> bool {
        let from = row * self.blocks_per_row;
        let Some(blocks) = self.blocks.get(from..from + self.blocks_per_row) else {
            return false;
        };
        BlockQ8_0::to_float(blocks, into);
        true
    }
}
