//! A loaded matrix holds what the file holds.

use candle_core::Device;

use super::Matrix;
use crate::fault::FileFault;
use crate::header::Header;
use crate::tests::models;

#[test]
fn loaded_rows_are_the_stored_ones() {
    let directory = tempfile::tempdir().unwrap();
    let (_, path) = models(directory.path(), "tiny", "qwen2");
    let header = Header::open(&path).unwrap();
    // The rows of the second do not fill its last band.
    for name in ["blk.1.ffn_down.weight", "token_embd.weight"] {
        let stored = header.tensor(name).unwrap();
        let stored = stored.dequantize(&Device::Cpu).unwrap();
        let stored = stored.to_vec2::<f32>().unwrap();
        let (rows, columns) = (stored.len(), stored[0].len());
        let matrix = Matrix::load(&header, name, rows, columns).unwrap();
        let mut row = vec![f32::NAN; columns];
        for (at, stored) in stored.iter().enumerate() {
            assert!(matrix.copy_row(at, &mut row));
            assert_eq!(row, *stored, "{name}, row {at}");
        }
        assert!(!matrix.copy_row(rows, &mut row));
        let unit: Vec<f32> = (0..columns).map(|at| f32::from(at == 1)).collect();
        let second: Vec<f32> = stored.iter().map(|row| row[1]).collect();
        assert_eq!(matrix.times(&unit), second, "{name}");
    }
}

#[test]
fn a_matrix_of_another_shape_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (_, path) = models(directory.path(), "tiny", "llama");
    let header = Header::open(&path).unwrap();
    for (rows, columns) in [(96, 64), (64, 64), (32, 192), (0, 96), (64, 0)] {
        let loaded = Matrix::load(&header, "blk.1.ffn_down.weight", rows, columns);
        assert!(
            matches!(loaded, Err(FileFault::Tensor(_))),
            "{rows} by {columns}"
        );
    }
}
