//! Money in integers: prices in micro-USD per million tokens, sums in pico-USD. It must not round:
//! one micro-USD per million tokens is exactly one pico-USD a token.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

/// Holds a sum in pico-USD (10⁻¹² US dollars).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PicoUsd(pub i64);

impl Add for PicoUsd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for PicoUsd {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self(0), Add::add)
    }
}

impl fmt::Display for PicoUsd {
    /// Writes US dollars, rounded once, half away from zero, to a millionth.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let micros = (magnitude + 500_000) / 1_000_000;
        let sign = if self.0 < 0 && micros > 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

/// Counts the tokens of one answer. `input` is everything read, cached parts included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// All input tokens, cached and cache-written ones included.
    pub input: u64,
    /// Input tokens read from a prompt cache; a part of `input`.
    pub cached: u64,
    /// Input tokens written to a prompt cache; a part of `input`.
    pub cache_write: u64,
    /// All output tokens, reasoning included.
    pub output: u64,
    /// Output tokens spent on reasoning; a part of `output`.
    pub reasoning: u64,
}

/// Lists a model's prices in micro-USD per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPrices {
    /// Uncached input.
    pub input_usd_micros: u64,
    /// Output, reasoning included.
    pub output_usd_micros: u64,
    /// Input read from a prompt cache; the input price where absent.
    #[serde(default)]
    pub cached_usd_micros: Option<u64>,
    /// Input written to a prompt cache; the input price where absent.
    #[serde(default)]
    pub cache_write_usd_micros: Option<u64>,
}

impl TokenPrices {
    /// Computes what the tokens cost: each part times its own price, no part counted twice.
    #[must_use]
    pub fn cost(&self, tokens: Tokens) -> PicoUsd {
        let special = tokens.cached.saturating_add(tokens.cache_write);
        let parts = [
            (tokens.input.saturating_sub(special), self.input_usd_micros),
            (
                tokens.cached,
                self.cached_usd_micros.unwrap_or(self.input_usd_micros),
            ),
            (
                tokens.cache_write,
                self.cache_write_usd_micros.unwrap_or(self.input_usd_micros),
            ),
            (tokens.output, self.output_usd_micros),
        ];
        let sum = parts
            .iter()
            .map(|(count, price)| count.saturating_mul(*price))
            .fold(0_u64, u64::saturating_add);
        PicoUsd(i64::try_from(sum).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests;
