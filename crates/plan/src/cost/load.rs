//! What is asked for: kinds of requests with their tokens, how many of each, and when. It must not
//! know a price.

use domain::{Date, Timestamp, Tokens};
use serde::Serialize;

const MS_PER_HOUR: i64 = 3_600_000;
/// The hours of a day.
pub const HOURS: usize = 24;
/// Most days that are looked at.
pub const MOST_DAYS: u32 = 3_660;

/// Says how a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// By itself, answered at once.
    Plain,
    /// In a batch, answered some time later.
    Batch,
}

/// Holds requests that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The tokens of one.
    pub tokens: Tokens,
    /// How many there are.
    pub count: u64,
    /// How they are sent.
    pub sent: Sent,
    /// The hour of the day, UTC, in which they are answered; none for any of the load's hours.
    pub hour: Option<u8>,
}

/// Holds a load: requests, and how often all of them come in a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The requests.
    pub requests: Vec<Request>,
    /// The stretch in which all of them come, in milliseconds.
    pub span_ms: u64,
    /// Hours of the day, UTC, in which requests are answered that name none.
    pub hours: [bool; HOURS],
}

/// Describes requests that are all alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Described {
    /// How many a day.
    pub per_day: u64,
    /// Input tokens of each, cached ones included.
    pub input: u64,
    /// Output tokens of each, reasoning included.
    pub output: u64,
    /// Share of the input that is read from the prompt cache.
    pub cached_share: f64,
    /// Share of the input that is written to it.
    pub write_share: f64,
    /// Whether it is written to be kept for an hour.
    pub kept: Kept,
    /// Share of the requests that are sent in batches.
    pub batch_share: f64,
}

/// Says how long a cache is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kept {
    /// As long as usual, a few minutes.
    #[default]
    Minutes,
    /// An hour.
    Hour,
}

/// Says why a description is none.
#[derive(Debug, thiserror::Error)]
pub enum LoadFault {
    /// A share is not from 0 to 1.
    #[error("the {name} share is {share}; it goes from 0 to 1")]
    Share {
        /// Which.
        name: &'static str,
        /// What was given.
        share: f64,
    },
    /// More is cached and written than is read.
    #[error("the cached share and the written share come to {0}, more than all of the input")]
    Cached(f64),
}

impl Described {
    /// Makes the load: a day of plain requests and of batches.
    ///
    /// # Errors
    /// Fails when a share is out of bounds.
    pub fn load(&self, hours: [bool; HOURS]) -> Result<Load, LoadFault> {
        let shares = [
            ("cached", self.cached_share),
            ("written", self.write_share),
            ("batch", self.batch_share),
        ];
        for (name, share) in shares {
            if !(0.0..=1.0).contains(&share) {
                return Err(LoadFault::Share { name, share });
            }
        }
        let both = self.cached_share + self.write_share;
        if both > 1.0 + 1e-9 {
            return Err(LoadFault::Cached(both));
        }
        let cached = part(self.input, self.cached_share);
        let cache_write = part(self.input, self.write_share).min(self.input - cached);
        let tokens = Tokens {
            input: self.input,
            cached,
            cache_write,
            cache_write_1h: if self.kept == Kept::Hour {
                cache_write
            } else {
                0
            },
            output: self.output,
            reasoning: 0,
        };
        let batch = part(self.per_day, self.batch_share);
        let kinds = [(self.per_day - batch, Sent::Plain), (batch, Sent::Batch)];
        let requests = kinds.into_iter().filter(|(count, _)| *count > 0);
        let requests = requests.map(|(count, sent)| Request {
            tokens,
            count,
            sent,
            hour: None,
        });
        Ok(Load {
            requests: requests.collect(),
            span_ms: 24 * MS_PER_HOUR.unsigned_abs(),
            hours,
        })
    }
}

/// Takes a share of a whole number, rounded to the nearest.
fn part(whole: u64, share: f64) -> u64 {
    ((whole as f64 * share).round() as u64).min(whole)
}

impl Load {
    /// Counts the requests.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.requests.iter().map(|request| request.count).sum()
    }

    /// Sums the tokens.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        let mut sum = Tokens::default();
        for request in &self.requests {
            add(&mut sum, request.tokens, request.count);
        }
        sum
    }

    /// Keeps the load without what it finds in a cache: what was read there is written to it.
    #[must_use]
    pub fn with_a_cold_cache(&self) -> Self {
        let cold = |request: &Request| {
            let tokens = request.tokens;
            Request {
                tokens: Tokens {
                    cached: 0,
                    cache_write: tokens.cache_write + tokens.cached,
                    ..tokens
                },
                ..*request
            }
        };
        Self {
            requests: self.requests.iter().map(cold).collect(),
            ..self.clone()
        }
    }
}

/// Holds a stretch of days over which prices are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day, UTC.
    pub from: Date,
    /// How many days.
    pub days: u32,
}

impl Window {
    /// Lists the starts of its hours, with the hour of the day.
    pub fn hours(&self) -> impl Iterator<Item = (usize, Timestamp)> {
        let start = self.from.start();
        (0..self.days).flat_map(move |day| {
            let day = start.plus_days(day);
            let hours = (0..HOURS).zip(0_i64..);
            hours.map(move |(hour, ms)| (hour, Timestamp(day.0 + ms * MS_PER_HOUR)))
        })
    }
}

/// Adds the tokens of so many requests that are alike.
pub(super) fn add(sum: &mut Tokens, one: Tokens, count: u64) {
    sum.input += one.input * count;
    sum.cached += one.cached * count;
    sum.cache_write += one.cache_write * count;
    sum.cache_write_1h += one.cache_write_1h * count;
    sum.output += one.output * count;
    sum.reasoning += one.reasoning * count;
}
