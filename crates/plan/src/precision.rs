//! The number formats of weights and caches. It must not know which accelerator computes in which.

use serde::{Deserialize, Serialize};

/// Names a number format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Sixteen bits.
    Bf16,
    /// Eight bits.
    Fp8,
    /// Four bits with a scale for each block.
    Fp4,
}

impl Precision {
    /// Tells the bytes of a weight: four bits with an eight-bit scale for each 16 are 0.5625.
    #[must_use]
    pub const fn weight_bytes(self) -> f64 {
        match self {
            Self::Bf16 => 2.0,
            Self::Fp8 => 1.0,
            Self::Fp4 => 0.5625,
        }
    }

    /// Tells the bytes of a cached value: caches are kept in eight bits where the weights are.
    #[must_use]
    pub const fn cache_bytes(self) -> f64 {
        match self {
            Self::Bf16 => 2.0,
            Self::Fp8 | Self::Fp4 => 1.0,
        }
    }

    /// Tells its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bf16 => "bf16",
            Self::Fp8 => "fp8",
            Self::Fp4 => "fp4",
        }
    }

    /// Reads a name; kinds of one width are one precision here.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "bf16" | "fp16" | "float16" | "bfloat16" => Some(Self::Bf16),
            "fp8" | "fp8_block" | "fp8_static" | "fp8_e4m3" | "mxfp8" | "int8" | "w8a8" => {
                Some(Self::Fp8)
            }
            "fp4" | "nvfp4" | "mxfp4" | "int4" | "w4a16" | "awq" | "gptq" => Some(Self::Fp4),
            _ => None,
        }
    }
}
