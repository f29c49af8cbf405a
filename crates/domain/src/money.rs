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

impl PicoUsd {
    /// Tells it in US dollars, for statistics; money itself is never computed in these.
    #[must_use]
    pub fn in_usd(self) -> f64 {
        self.0 as f64 / 1e12
    }
}

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
    /// Input tokens written to be kept for an hour; a part of `cache_write`.
    // Left out where it is nothing, so that evidence from before it bears the same bytes.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub cache_write_1h: u64,
    /// All output tokens, reasoning included.
    pub output: u64,
    /// Output tokens spent on reasoning; a part of `output`.
    pub reasoning: u64,
}

/// Lists what a million tokens of each class cost, in micro-USD.
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
    /// Input written to a prompt cache for an hour; the price of any write where absent.
    #[serde(default)]
    pub cache_write_1h_usd_micros: Option<u64>,
    /// What a request with a long input costs instead, all of it.
    #[serde(default)]
    pub long_context: Option<LongContext>,
}

/// Lists the prices of a request whose input is longer than a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongContext {
    /// The longest input, cached parts included, that still costs the usual price.
    pub above_input_tokens: u64,
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
    /// Input written to a prompt cache for an hour; the price of any write where absent.
    #[serde(default)]
    pub cache_write_1h_usd_micros: Option<u64>,
}

impl TokenPrices {
    /// Computes what the tokens cost: each part times its own price, no part counted twice.
    /// Nothing is rounded here, as one micro-USD a million tokens is one pico-USD a token.
    #[must_use]
    pub fn cost(&self, tokens: Tokens) -> PicoUsd {
        let prices = self.for_input(tokens.input);
        let write = prices.cache_write_usd_micros;
        let write = write.unwrap_or(prices.input_usd_micros);
        let hour = tokens.cache_write_1h.min(tokens.cache_write);
        let special = tokens.cached.saturating_add(tokens.cache_write);
        let parts = [
            (
                tokens.input.saturating_sub(special),
                prices.input_usd_micros,
            ),
            (
                tokens.cached,
                prices.cached_usd_micros.unwrap_or(prices.input_usd_micros),
            ),
            (tokens.cache_write - hour, write),
            (hour, prices.cache_write_1h_usd_micros.unwrap_or(write)),
            (tokens.output, prices.output_usd_micros),
        ];
        let sum = parts
            .iter()
            .map(|(count, price)| count.saturating_mul(*price))
            .fold(0_u64, u64::saturating_add);
        PicoUsd(i64::try_from(sum).unwrap_or(i64::MAX))
    }

    /// Chooses the prices for an input of that length: a long one changes the price of the whole
    /// request, not of its tail.
    fn for_input(&self, input: u64) -> Self {
        match self.long_context {
            Some(long) if input > long.above_input_tokens => Self {
                input_usd_micros: long.input_usd_micros,
                output_usd_micros: long.output_usd_micros,
                cached_usd_micros: long.cached_usd_micros,
                cache_write_usd_micros: long.cache_write_usd_micros,
                cache_write_1h_usd_micros: long.cache_write_1h_usd_micros,
                long_context: None,
            },
            _ => *self,
        }
    }

    /// Multiplies every price by whole percents. Prices of the facts divide by a hundred; one that
    /// does not is rounded down here, once, before anything is multiplied by a count.
    pub(crate) fn at_percent(&self, percent: u64) -> Self {
        let scale = |price: u64| price.saturating_mul(percent) / 100;
        let maybe = |price: Option<u64>| price.map(scale);
        Self {
            input_usd_micros: scale(self.input_usd_micros),
            output_usd_micros: scale(self.output_usd_micros),
            cached_usd_micros: maybe(self.cached_usd_micros),
            cache_write_usd_micros: maybe(self.cache_write_usd_micros),
            cache_write_1h_usd_micros: maybe(self.cache_write_1h_usd_micros),
            long_context: self.long_context.map(|long| LongContext {
                above_input_tokens: long.above_input_tokens,
                input_usd_micros: scale(long.input_usd_micros),
                output_usd_micros: scale(long.output_usd_micros),
                cached_usd_micros: maybe(long.cached_usd_micros),
                cache_write_usd_micros: maybe(long.cache_write_usd_micros),
                cache_write_1h_usd_micros: maybe(long.cache_write_1h_usd_micros),
            }),
        }
    }
}

// The shape that serde asks for.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_nothing(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests;
