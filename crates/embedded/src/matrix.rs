//! One weight matrix in Q8_0 and its product with rows of activations, on the calling thread
//! alone. It must not know a layer.
//!
//! candle's `QMatMul` is not used: it rounds activations to bytes, and it spreads every product
//! over a process-wide pool whose threads spin between products, and only the process's
//! environment can size that pool.

use crate::fault::FileFault;
use crate::header::{BLOCK, Header, Stored, half_to_single};
use crate::product::{Band, Product, ROWS};

/// Holds a weight matrix.
pub(crate) struct Matrix {
    rows: usize,
    blocks_per_row: usize,
    bands: Vec<Band>,
}

impl Matrix {
    /// Reads a matrix from a model file.
    pub(crate) fn load(
        header: &Header,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<Self, FileFault> {
        let blocks_per_row = columns / BLOCK;
        let mut bands = Vec::with_capacity(rows.div_ceil(ROWS) * blocks_per_row);
        header.read_blocks(name, (rows, columns), ROWS, |blocks| {
            for group in blocks.chunks(ROWS * blocks_per_row) {
                bands.extend((0..blocks_per_row).map(|at| band(group, blocks_per_row, at)));
            }
        })?;
        Ok(Self {
            rows,
            blocks_per_row,
            bands,
        })
    }

    /// Multiplies rows of activations with the matrix.
    pub(crate) fn times(&self, input: &[f32]) -> Vec<f32> {
        let columns = self.blocks_per_row * BLOCK;
        debug_assert!(input.len().is_multiple_of(columns));
        let mut out = vec![0.0; input.len() / columns * self.rows];
        let product = Product {
            bands: &self.bands,
            blocks_per_row: self.blocks_per_row,
            input,
            out: &mut out,
        };
        product.compute();
        out
    }

    /// Writes one row of the matrix as numbers; false where there is no such row.
    pub(crate) fn copy_row(&self, row: usize, into: &mut [f32]) -> bool {
        if row >= self.rows {
            return false;
        }
        let bands = self.bands.iter().skip(row / ROWS * self.blocks_per_row);
        let (blocks, _) = into.as_chunks_mut::<BLOCK>();
        for (band, block) in bands.zip(blocks.iter_mut().take(self.blocks_per_row)) {
            let rows = band.widen();
            block.copy_from_slice(&rows[row % ROWS]);
        }
        true
    }
}

/// Joins one block each of up to [`ROWS`] rows; rows that are not there are zeros.
fn band(rows: &[Stored], blocks_per_row: usize, at: usize) -> Band {
    let mut band = Band::ZERO;
    let places = band.scales.iter_mut().zip(&mut band.weights);
    let blocks = rows.iter().skip(at).step_by(blocks_per_row);
    for ((scale, weights), [low, high, bytes @ ..]) in places.zip(blocks) {
        *scale = half_to_single(u16::from_le_bytes([*low, *high]));
        *weights = bytes.map(u8::cast_signed);
    }
    band
}

#[cfg(test)]
mod tests;
