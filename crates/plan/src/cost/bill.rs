//! What a load costs by an offer over a stretch of days: input, cached, written and output apart.
//! It must not round before the end, nor stay silent about a request that does not fit.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{TokenPrices, Tokens};
use serde::Serialize;

use crate::cost::load::{HOURS, Load, Request, Sent, Window, add};
use crate::cost::offer::{NoPrice, Offer, Tariff};

const MS_PER_DAY: i128 = 86_400_000;
/// Stands for requests that name no hour.
const ANY_HOUR: usize = HOURS;

/// Holds money by what it is for, in pico-USD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Input that is neither cached nor written.
    pub input: i128,
    /// Input read from a cache.
    pub cached: i128,
    /// Input written to a cache.
    pub written: i128,
    /// Output.
    pub output: i128,
}

/// Holds what a load costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    /// What all of it costs once, on average over the window.
    pub once: Parts,
    /// How many requests the load has.
    pub requests: u64,
    /// The stretch in which they come, in milliseconds.
    pub span_ms: u64,
    /// How many of them are longer than the model's context; none where that is not known.
    pub overflows: Option<u64>,
    /// The tokens, as this model counts them.
    pub tokens: Tokens,
    /// By whose word, each that holds within the window.
    pub bases: Vec<Arc<str>>,
}

impl Parts {
    /// Tells the sum.
    #[must_use]
    pub fn total(&self) -> i128 {
        self.input + self.cached + self.written + self.output
    }

    fn map(self, by: impl Fn(i128) -> i128) -> Self {
        Self {
            input: by(self.input),
            cached: by(self.cached),
            written: by(self.written),
            output: by(self.output),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            cached: self.cached + other.cached,
            written: self.written + other.written,
            output: self.output + other.output,
        }
    }
}

impl Bill {
    /// Tells what a day costs, in USD, if the load goes on all day as it is.
    #[must_use]
    pub fn usd_per_day(&self) -> f64 {
        self.per_day(self.once.total())
    }

    /// Tells what one request costs on average, in USD.
    #[must_use]
    pub fn usd_per_request(&self) -> f64 {
        usd(self.once.total()) / (self.requests as f64).max(1.0)
    }

    /// Scales pico-USD of the load to USD a day.
    #[must_use]
    pub fn per_day(&self, picos: i128) -> f64 {
        usd(picos * MS_PER_DAY / i128::from(self.span_ms.max(1)))
    }
}

/// Shows pico-USD as USD.
#[must_use]
pub fn usd(picos: i128) -> f64 {
    picos as f64 / 1e12
}

/// Works out what a load costs, where a model makes so many tokens, in percent, of what was
/// counted.
///
/// # Errors
/// Fails when no price is known for a day of the window, or for batches that the load has.
pub fn bill(
    load: &Load,
    offer: &Offer,
    window: Window,
    token_percent: u64,
) -> Result<Bill, NoPrice> {
    let tariffs = tariffs(offer, window)?;
    let mut sums: BTreeMap<(usize, Sent), Vec<Parts>> = BTreeMap::new();
    let mut tokens = Tokens::default();
    let mut overflows = 0;
    for request in &load.requests {
        let one = scaled(request.tokens, token_percent);
        let is_long = |most: u64| one.input.saturating_add(one.output) > most;
        if offer.context_tokens.is_some_and(is_long) {
            overflows += request.count;
        }
        add(&mut tokens, one, request.count);
        let hour = request.hour.map_or(ANY_HOUR, usize::from);
        let sums = sums.entry((hour, request.sent));
        let sums = sums.or_insert_with(|| vec![Parts::default(); tariffs.len()]);
        let count = i128::from(request.count);
        for (sum, (tariff, _)) in sums.iter_mut().zip(&tariffs) {
            *sum = sum.plus(parts(&tariff.prices, one).map(|picos| picos * count));
        }
    }
    let mut once = Parts::default();
    for ((hour, sent), sums) in sums {
        let weights = tariffs.iter().map(|(_, hours)| weight(hours, hour, load));
        let weights: Vec<i128> = weights.collect();
        let whole = weights.iter().sum::<i128>().max(1);
        for ((sum, (tariff, _)), weight) in sums.iter().zip(&tariffs).zip(weights) {
            if weight > 0 {
                let percent = i128::from(sent_percent(tariff, sent, offer)?);
                let share = |picos: i128| picos * weight * percent / (whole * 100);
                once = once.plus(sum.map(share).map(|picos| offer.with_percents(picos)));
            }
        }
    }
    Ok(Bill {
        once,
        requests: load.count(),
        span_ms: load.span_ms,
        overflows: offer.context_tokens.map(|_| overflows),
        tokens,
        bases: bases(&tariffs),
    })
}

/// Counts, for each tariff of the window, the hours of the day at which it holds.
fn tariffs(offer: &Offer, window: Window) -> Result<Vec<(Tariff, [u32; HOURS])>, NoPrice> {
    let mut found: Vec<(Tariff, [u32; HOURS])> = Vec::new();
    for (hour, at) in window.hours() {
        let tariff = offer.tariff(at)?;
        let place = match found.iter().position(|(known, _)| *known == tariff) {
            Some(place) => place,
            None => {
                found.push((tariff, [0; HOURS]));
                found.len() - 1
            }
        };
        found[place].1[hour] += 1;
    }
    Ok(found)
}

fn weight(hours: &[u32; HOURS], hour: usize, load: &Load) -> i128 {
    let of_load = hours.iter().zip(load.hours).filter(|(_, is_used)| *is_used);
    let any = || of_load.map(|(count, _)| i128::from(*count)).sum();
    hours.get(hour).map_or_else(any, |count| i128::from(*count))
}

fn sent_percent(tariff: &Tariff, sent: Sent, offer: &Offer) -> Result<u64, NoPrice> {
    match sent {
        Sent::Plain => Ok(100),
        Sent::Batch => tariff.batch_percent.ok_or_else(|| NoPrice::Term {
            term: "batch",
            model: offer.name.clone(),
            platform: offer.platform.clone(),
        }),
    }
}

/// Tells what each part of one request costs; together it is what the accounts say.
#[must_use]
pub fn parts(prices: &TokenPrices, tokens: Tokens) -> Parts {
    let of = |tokens: Tokens| i128::from(prices.cost(tokens).0);
    // A long input changes every price of its request, so a part is what the cost falls by when its
    // tokens are free, at the same length of input.
    let whole = of(tokens);
    let without_output = of(Tokens {
        output: 0,
        ..tokens
    });
    let special = tokens
        .cached
        .saturating_add(tokens.cache_write)
        .min(tokens.input);
    let plain = tokens.input - special;
    let all_plain = of(Tokens {
        cached: 0,
        cache_write: 0,
        cache_write_1h: 0,
        output: 0,
        ..tokens
    });
    let input = if tokens.input == 0 {
        0
    } else {
        all_plain / i128::from(tokens.input) * i128::from(plain)
    };
    let unwritten = of(Tokens {
        cache_write: 0,
        cache_write_1h: 0,
        output: 0,
        ..tokens
    });
    let price = if tokens.input == 0 {
        0
    } else {
        all_plain / i128::from(tokens.input)
    };
    let cached = unwritten - price * i128::from(tokens.input - tokens.cached.min(tokens.input));
    Parts {
        input,
        cached,
        written: without_output - input - cached,
        output: whole - without_output,
    }
}

/// Scales tokens by whole percents, each class rounded to the nearest; cached and written tokens
/// stay parts of the input.
#[must_use]
pub fn scaled(tokens: Tokens, percent: u64) -> Tokens {
    if percent == 100 {
        return tokens;
    }
    let scale = |count: u64| count.saturating_mul(percent).saturating_add(50) / 100;
    let (cached, cache_write) = (scale(tokens.cached), scale(tokens.cache_write));
    Tokens {
        input: scale(tokens.input).max(cached.saturating_add(cache_write)),
        cached,
        cache_write,
        cache_write_1h: scale(tokens.cache_write_1h).min(cache_write),
        output: scale(tokens.output),
        reasoning: scale(tokens.reasoning),
    }
}

fn bases(tariffs: &[(Tariff, [u32; HOURS])]) -> Vec<Arc<str>> {
    let mut bases: Vec<Arc<str>> = Vec::new();
    for (tariff, _) in tariffs {
        if !bases.contains(&tariff.basis) {
            bases.push(Arc::clone(&tariff.basis));
        }
    }
    bases
}

/// Makes one load of one request, for a question about it alone.
#[must_use]
pub fn one(tokens: Tokens, sent: Sent) -> Load {
    Load {
        requests: vec![Request {
            tokens,
            count: 1,
            sent,
            hour: None,
        }],
        span_ms: MS_PER_DAY.unsigned_abs() as u64,
        hours: [true; HOURS],
    }
}
