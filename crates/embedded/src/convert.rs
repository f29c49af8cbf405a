//! Any llama or qwen2 GGUF to the one form that the engine runs fast: matrices as Q8_0, vectors
//! in full precision, everything else kept. It must not know where a file came from, nor where it
//! is kept.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write as _};
use std::path::Path;

use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use sha2::{Digest as _, Sha256};

use crate::fault::FileFault;
use crate::header::{Architecture, BLOCK, CONTENT_ENTRY, Header, SOURCE_ENTRY};

/// What `general.file_type` says of a file whose matrices are Q8_0.
const FILE_TYPE_Q8_0: u32 = 7;
/// Bytes read at a time while hashing.
const PIECE_BYTES: usize = 1 << 20;

/// Describes a converted model file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// SHA-256 of the file that it was made from, in hex; what a model's digest names.
    pub source_sha256: String,
    /// SHA-256 over all converted tensors and metadata, in hex.
    pub content_sha256: String,
    /// The architecture.
    pub architecture: Architecture,
    /// Bytes on disk.
    pub bytes: u64,
}

/// Tells how far a conversion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Tensors that are through.
    pub done: usize,
    /// Tensors in all.
    pub total: usize,
}

/// Converts the GGUF file at `source` and writes the result to `target`, which the caller moves
/// into place: every matrix is dequantised and quantised again to Q8_0, vectors become full
/// precision, metadata stays and gains the source file's SHA-256.
///
/// # Errors
/// Fails where a file cannot be read or written, and where the source is no llama or qwen2 GGUF.
pub fn convert(
    source: &Path,
    target: &Path,
    mut progress: impl FnMut(Progress),
) -> Result<Converted, FileFault> {
    let source_sha256 = sha256_of(source)?;
    let header = Header::open(source)?;
    let mut names: Vec<String> = header.content.tensor_infos.keys().cloned().collect();
    names.sort();
    let total = names.len();
    let mut digest = Sha256::new();
    let mut tensors = Vec::with_capacity(total);
    for (at, name) in names.iter().enumerate() {
        progress(Progress { done: at, total });
        let tensor = requantised(&header, name).map_err(FileFault::Format)?;
        digest.update(name.as_bytes());
        digest.update(tensor.data().map_err(FileFault::Format)?);
        tensors.push((name.as_str(), tensor));
    }
    let mut entries = header.content.metadata.clone();
    // The writer aligns to the default, whatever the source asked for.
    entries.remove("general.alignment");
    let text = |text: &str| Value::String(text.to_owned());
    entries.insert(SOURCE_ENTRY.to_owned(), text(&source_sha256));
    entries.insert("general.file_type".to_owned(), Value::U32(FILE_TYPE_Q8_0));
    add_entries(&mut digest, &entries);
    let content_sha256 = hex(&digest.finalize());
    entries.insert(CONTENT_ENTRY.to_owned(), text(&content_sha256));
    let mut entries: Vec<_> = entries.iter().map(|(k, v)| (k.as_str(), v)).collect();
    entries.sort_by_key(|(name, _)| *name);

    let wrong = |error| FileFault::io(target, error);
    let mut file = BufWriter::new(File::create(target).map_err(wrong)?);
    let tensors: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| (*name, tensor))
        .collect();
    gguf_file::write(&mut file, &entries, &tensors).map_err(FileFault::Format)?;
    file.flush().map_err(wrong)?;
    let file = file
        .into_inner()
        .map_err(|error| wrong(error.into_error()))?;
    file.sync_all().map_err(wrong)?;
    progress(Progress { done: total, total });
    Ok(Converted {
        source_sha256,
        content_sha256,
        architecture: header.architecture,
        bytes: file.metadata().map_err(wrong)?.len(),
    })
}

/// Reads what a converted file says of itself, without its weights.
///
/// # Errors
/// Fails where the file cannot be read or was not made by [`convert`].
pub fn describe(path: &Path) -> Result<Converted, FileFault> {
    let header = Header::open(path)?;
    let said = |name| header.text(name).map_err(|_| FileFault::NotConverted);
    Ok(Converted {
        source_sha256: said(SOURCE_ENTRY)?.to_owned(),
        content_sha256: said(CONTENT_ENTRY)?.to_owned(),
        architecture: header.architecture,
        bytes: std::fs::metadata(path)
            .map_err(|error| FileFault::io(path, error))?
            .len(),
    })
}

/// Reads a converted file whole and checks every weight and entry against the digest in it.
///
/// # Errors
/// Fails where the file cannot be read, was not made by [`convert`], or has changed since.
pub fn verify(path: &Path) -> Result<Converted, FileFault> {
    let described = describe(path)?;
    let header = Header::open(path)?;
    let mut names: Vec<String> = header.content.tensor_infos.keys().cloned().collect();
    names.sort();
    let mut digest = Sha256::new();
    for name in &names {
        let tensor = header.tensor(name).map_err(FileFault::Format)?;
        digest.update(name.as_bytes());
        digest.update(tensor.data().map_err(FileFault::Format)?);
    }
    add_entries(&mut digest, &header.content.metadata);
    if hex(&digest.finalize()) != described.content_sha256 {
        return Err(FileFault::Changed);
    }
    Ok(described)
}

/// Adds every metadata entry but the digest itself, in the order of their names.
fn add_entries(digest: &mut Sha256, entries: &HashMap<String, Value>) {
    let mut entries: Vec<_> = entries
        .iter()
        .filter(|(name, _)| *name != CONTENT_ENTRY)
        .collect();
    entries.sort_by_key(|(name, _)| *name);
    for (name, value) in entries {
        digest.update(format!("{name}={value:?};"));
    }
}

fn requantised(header: &Header, name: &str) -> candle_core::Result<QTensor> {
    let tensor = header.tensor(name)?;
    let plain = tensor.dequantize(&Device::Cpu)?;
    let is_matrix = plain.rank() >= 2 && plain.dims().last().is_some_and(|k| k % BLOCK == 0);
    let form = if is_matrix {
        GgmlDType::Q8_0
    } else {
        GgmlDType::F32
    };
    QTensor::quantize(&plain, form)
}

fn sha256_of(path: &Path) -> Result<String, FileFault> {
    let wrong = |error| FileFault::io(path, error);
    let mut file = File::open(path).map_err(wrong)?;
    let mut digest = Sha256::new();
    let mut piece = vec![0_u8; PIECE_BYTES];
    loop {
        let count = file.read(&mut piece).map_err(wrong)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
            return Ok(hex(&digest.finalize()));
        };
        digest.update(read);
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
