//! What a GGUF file says of itself: architecture, sizes and entries, each checked before use. It
//! must not know what the weights are used for.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use candle_core::Device;
use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::{GgmlDType, QTensor};

use crate::fault::FileFault;

/// The metadata entry that names the file a conversion was made from.
pub(crate) const SOURCE_ENTRY: &str = "tiergate.source_sha256";
/// The metadata entry that holds the digest of all converted tensors and other entries.
pub(crate) const CONTENT_ENTRY: &str = "tiergate.content_sha256";

/// Weights that share one scale.
pub(crate) const BLOCK: usize = 32;
/// Bytes of one stored Q8_0 block.
const BLOCK_BYTES: usize = 2 + BLOCK;
/// One stored Q8_0 block: a half-precision scale and 32 signed bytes.
pub(crate) type Stored = [u8; BLOCK_BYTES];

/// Blocks read at a time, so that loading never holds a tensor twice.
const BLOCKS_AT_A_TIME: usize = 16 * 1024;

/// The architectures that the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Llama and its kin; rotary pairs are neighbours.
    Llama,
    /// Qwen 2 and 2.5; rotary pairs are half a head apart, and projections have a bias.
    Qwen2,
}

impl Architecture {
    /// Shows the name as GGUF files spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
        }
    }
}

/// Holds an open model file and what its head says.
pub(crate) struct Header {
    pub(crate) architecture: Architecture,
    pub(crate) content: Content,
    /// Shared by the threads that load one file; each turns what it read outside the lock.
    reader: Mutex<BufReader<File>>,
}

impl Header {
    /// Opens a file and reads its head.
    pub(crate) fn open(path: &Path) -> Result<Self, FileFault> {
        let file = File::open(path).map_err(|error| FileFault::io(path, error))?;
        let mut reader = BufReader::new(file);
        let content = Content::read(&mut reader).map_err(FileFault::Format)?;
        let architecture = match text(&content.metadata, "general.architecture")? {
            "llama" => Architecture::Llama,
            "qwen2" => Architecture::Qwen2,
            other => return Err(FileFault::Architecture(other.to_owned())),
        };
        Ok(Self {
            architecture,
            content,
            reader: Mutex::new(reader),
        })
    }

    /// Reads a text entry.
    pub(crate) fn text(&self, name: &str) -> Result<&str, FileFault> {
        text(&self.content.metadata, name)
    }

    /// Reads a whole number of the architecture's own entries.
    pub(crate) fn size(&self, name: &str) -> Result<usize, FileFault> {
        let name = self.own(name);
        self.whole(&name).ok_or(FileFault::Entry(name))
    }

    /// Reads a whole number where there is one.
    pub(crate) fn whole(&self, name: &str) -> Option<usize> {
        let value = self.content.metadata.get(name)?;
        let number = match value {
            Value::I32(number) => u64::try_from(*number).ok()?,
            Value::I64(number) => u64::try_from(*number).ok()?,
            other => other.to_u64().ok()?,
        };
        usize::try_from(number).ok()
    }

    /// Reads a number of the architecture's own entries where there is one.
    pub(crate) fn number(&self, name: &str) -> Option<f32> {
        self.content.metadata.get(&self.own(name))?.to_f32().ok()
    }

    /// Reads a list of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>, FileFault> {
        let missing = || FileFault::Entry(name.to_owned());
        let list = self.content.metadata.get(name).ok_or_else(missing)?;
        let list = list.to_vec().map_err(|_| missing())?;
        list.iter()
            .map(|value| match value {
                Value::String(text) => Ok(text.as_str()),
                _ => Err(missing()),
            })
            .collect()
    }

    /// Names one of the architecture's own entries.
    pub(crate) fn own(&self, name: &str) -> String {
        format!("{}.{name}", self.architecture.as_str())
    }

    /// Tells whether there is such a tensor.
    pub(crate) fn has_tensor(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    /// Reads a tensor of any form.
    pub(crate) fn tensor(&self, name: &str) -> candle_core::Result<QTensor> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        self.content.tensor(&mut *reader, name, &Device::Cpu)
    }

    /// Reads a vector of full-precision numbers.
    pub(crate) fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, FileFault> {
        let bad = || FileFault::Tensor(name.to_owned());
        let place = self.content.tensor_infos.get(name).ok_or_else(bad)?;
        if place.ggml_dtype != GgmlDType::F32 || place.shape.elem_count() != length {
            return Err(bad());
        }
        let mut bytes = vec![0_u8; length * size_of::<f32>()];
        self.read_at(self.content.tensor_data_offset + place.offset, &mut bytes)
            .map_err(|_| bad())?;
        let (numbers, _) = bytes.as_chunks::<4>();
        Ok(numbers
            .iter()
            .map(|word| f32::from_le_bytes(*word))
            .collect())
    }

    /// Reads a matrix of Q8_0 blocks, row by row, in pieces of a multiple of `group` rows; the
    /// last may have fewer.
    pub(crate) fn read_blocks(
        &self,
        name: &str,
        (rows, columns): (usize, usize),
        group: usize,
        mut take: impl FnMut(&[Stored]),
    ) -> Result<(), FileFault> {
        let bad = || FileFault::Tensor(name.to_owned());
        let place = self.content.tensor_infos.get(name).ok_or_else(bad)?;
        let has_shape = place.shape.dims() == [rows, columns] && columns.is_multiple_of(BLOCK);
        if place.ggml_dtype != GgmlDType::Q8_0 || !has_shape || columns == 0 {
            return Err(bad());
        }
        let group = columns / BLOCK * group;
        let at_a_time = (BLOCKS_AT_A_TIME / group).max(1) * group;
        let mut at = self.content.tensor_data_offset + place.offset;
        let mut left = columns / BLOCK * rows;
        let mut blocks = vec![[0; BLOCK_BYTES]; at_a_time.min(left)];
        while left > 0 {
            blocks.truncate(left);
            let part = blocks.as_flattened_mut();
            self.read_at(at, part).map_err(|_| bad())?;
            at += part.len() as u64;
            left -= blocks.len();
            take(&blocks);
        }
        Ok(())
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> std::io::Result<()> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(into)
    }
}

/// Widens a half-precision number to single precision; exact.
pub(crate) fn half_to_single(half: u16) -> f32 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = u32::from(half >> 10 & 0x1f);
    let fraction = u32::from(half & 0x3ff);
    let magnitude = match exponent {
        // Below the smallest normal number the fraction counts in steps of 2^-24.
        0 => fraction as f32 * f32::from_bits(0x3380_0000),
        31 => f32::from_bits(0x7f80_0000 | fraction << 13),
        _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),
    };
    sign * magnitude
}

fn text<'a>(metadata: &'a HashMap<String, Value>, name: &str) -> Result<&'a str, FileFault> {
    match metadata.get(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(FileFault::Entry(name.to_owned())),
    }
}
