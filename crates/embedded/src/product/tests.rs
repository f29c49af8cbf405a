//! The product is that of the numbers, whatever the sizes and the instructions.

use pulp::{Scalar, Simd};

use super::{BLOCK, Band, Product, ROWS, TILE};

const BLOCKS_PER_ROW: usize = 3;
const COLUMNS: usize = BLOCKS_PER_ROW * BLOCK;
/// What single precision may lose, as a share of the sum of all magnitudes.
const ROUNDING: f64 = 1e-6;

/// Makes bands whose bytes take every value, the least one too.
fn bands(count: usize) -> Vec<Band> {
    let mut number = 0_u8;
    let mut bands = vec![Band::ZERO; count * BLOCKS_PER_ROW];
    for (at, band) in bands.iter_mut().enumerate() {
        for (row, scale) in band.scales.iter_mut().enumerate() {
            *scale = 0.25 + (at * ROWS + row) as f32 / 1024.0;
        }
        for weight in band.weights.as_flattened_mut() {
            number = number.wrapping_add(91);
            *weight = number.cast_signed();
        }
    }
    bands
}

fn activations(rows: usize) -> Vec<f32> {
    let number = |at: usize| ((at * 37 % 101) as f32 - 50.0) / 7.0;
    (0..rows * COLUMNS).map(number).collect()
}

/// Tells one number of a product and the sum of its magnitudes, in double precision.
fn expected(bands: &[Band], input: &[f32], row: usize) -> (f64, f64) {
    let bands = &bands[row / ROWS * BLOCKS_PER_ROW..];
    let mut sums = (0.0, 0.0);
    for (at, number) in input.iter().enumerate() {
        let band = &bands[at / BLOCK];
        let weight = f64::from(band.weights[row % ROWS][at % BLOCK]);
        let product = weight * f64::from(band.scales[row % ROWS]) * f64::from(*number);
        sums = (sums.0 + product, sums.1 + product.abs());
    }
    sums
}

fn product(bands: &[Band], rows: usize, input: &[f32], run: impl Fn(Product)) -> Vec<f32> {
    let mut out = vec![f32::NAN; input.len() / COLUMNS * rows];
    run(Product {
        bands,
        blocks_per_row: BLOCKS_PER_ROW,
        input,
        out: &mut out,
    });
    out
}

fn check(run: impl Fn(Product)) {
    for rows in 1..=2 * ROWS + 1 {
        let bands = bands(rows.div_ceil(ROWS));
        for inputs in 0..=2 * TILE + 1 {
            let input = activations(inputs);
            let out = product(&bands, rows, &input, &run);
            let each = input.chunks(COLUMNS).zip(out.chunks(rows));
            for (at, (input, out)) in each.enumerate() {
                for (row, number) in out.iter().enumerate() {
                    let (sum, magnitude) = expected(&bands, input, row);
                    let error = (f64::from(*number) - sum).abs();
                    let place = format!("{rows} rows, {inputs} inputs: {row} of {at}");
                    assert!(error <= magnitude * ROUNDING, "{place}: {number} for {sum}");
                }
            }
        }
    }
}

#[test]
fn a_product_is_that_of_the_numbers() {
    check(|product| product.compute());
}

#[test]
fn a_machine_without_vectors_computes_the_same_product() {
    check(|product| Scalar.vectorize(product));
}

#[test]
fn a_row_gives_the_same_alone_and_among_others() {
    let rows = ROWS + 1;
    let bands = bands(2);
    let input = activations(2 * TILE + 1);
    let together = product(&bands, rows, &input, |product| product.compute());
    let alone = input.chunks(COLUMNS);
    let apart = alone.flat_map(|row| product(&bands, rows, row, |product| product.compute()));
    assert_eq!(together, apart.collect::<Vec<_>>());
}
