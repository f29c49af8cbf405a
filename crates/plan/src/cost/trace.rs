//! Traffic out of a trace: a CSV table with TIMESTAMP, ContextTokens and GeneratedTokens, or lines
//! of JSON with timestamp (ms), input_length, output_length and the ids of the input's blocks. What
//! a cache would have held is worked out from the ids. It must not read a file.

use std::collections::HashMap;

use domain::{Timestamp, Tokens};
use serde::Deserialize;

/// Most requests of a trace.
pub const MOST_REQUESTS: usize = 10_000_000;
/// Most tokens of a request: sums over the most requests of a trace then stay exact.
pub const MOST_TOKENS: u64 = u32::MAX as u64;
/// What a count of tokens is.
const COUNT: &str = "a whole number of tokens of at most four billion";
/// The latest time of a trace, in milliseconds; beyond it stands a slip.
const MOST_MS: f64 = 1e15;

/// Holds one request of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traced {
    /// When it came, in milliseconds since the first.
    pub at_ms: i64,
    /// Its tokens. Of a trace that says nothing of blocks nothing is cached.
    pub tokens: Tokens,
}

/// Says how blocks are cached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cache {
    /// Tokens of a block.
    pub block_tokens: u64,
    /// How long a block is kept after it was last read, in milliseconds.
    pub kept_ms: i64,
}

/// Says why a file is no trace.
#[derive(Debug, thiserror::Error)]
pub enum TraceFault {
    /// The table lacks a column.
    #[error("the table has no column `{0}`")]
    Column(&'static str),
    /// A line of the table does not read.
    #[error("line {line} of the table cannot be read")]
    Table {
        /// Which.
        line: usize,
        /// Why.
        source: csv::Error,
    },
    /// A line of JSON does not read.
    #[error("line {line} is no request")]
    Json {
        /// Which.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// A cell is not what its column holds.
    #[error("line {line}: `{value}` is not {expected}")]
    Cell {
        /// Which.
        line: usize,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// There are fewer than two requests, so that no rate is known.
    #[error("the trace has {0} requests; two are the least of which a rate is known")]
    Few(usize),
    /// They all came at one time, so that no rate is known.
    #[error("all {0} requests of the trace came at one time; two times are the least")]
    Still(usize),
    /// There are too many.
    #[error("the trace has more than {MOST_REQUESTS} requests; split it")]
    Many,
}

/// Reads a trace of either form, in the order of time.
///
/// # Errors
/// Fails when a line is not what it should be, or there are too few or too many.
pub fn read(file: &str, cache: Cache) -> Result<Vec<Traced>, TraceFault> {
    // Programs for spreadsheets write a mark before the first byte.
    let file = file.trim_start_matches('\u{feff}');
    let is_json = file.trim_start().starts_with('{');
    let mut traced = if is_json {
        lines(file, cache)?
    } else {
        table(file)?
    };
    if traced.len() > MOST_REQUESTS {
        return Err(TraceFault::Many);
    }
    if traced.len() < 2 {
        return Err(TraceFault::Few(traced.len()));
    }
    traced.sort_by_key(|one| one.at_ms);
    let first = traced.first().map_or(0, |one| one.at_ms);
    if traced.iter().all(|one| one.at_ms == first) {
        return Err(TraceFault::Still(traced.len()));
    }
    for one in &mut traced {
        one.at_ms -= first;
    }
    Ok(traced)
}

/// Tells the stretch that a trace covers, in milliseconds: to its last request, and on as long as
/// there is on average between two.
#[must_use]
pub fn span_ms(traced: &[Traced]) -> u64 {
    let last = traced.iter().map(|one| one.at_ms).max().unwrap_or_default();
    let last = last.unsigned_abs();
    let gaps = (traced.len() as u64).saturating_sub(1).max(1);
    (last + last / gaps).max(1)
}

fn table(file: &str) -> Result<Vec<Traced>, TraceFault> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let wrong = |line: usize| move |source| TraceFault::Table { line, source };
    let heads = reader.headers().map_err(wrong(1))?.clone();
    let place = |name: &'static str| {
        let found = heads.iter().position(|head| head.trim() == name);
        found.ok_or(TraceFault::Column(name))
    };
    let (at, input, output) = (
        place("TIMESTAMP")?,
        place("ContextTokens")?,
        place("GeneratedTokens")?,
    );
    let rows = reader.records().zip(2..).map(|(record, line)| {
        let record = record.map_err(wrong(line))?;
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let fault = |value: &str, expected: &'static str| TraceFault::Cell {
            line,
            value: value.to_owned(),
            expected,
        };
        let count = |text: &str| {
            let count = text.parse::<u64>().ok();
            let count = count.filter(|count| *count <= MOST_TOKENS);
            count.ok_or_else(|| fault(text, COUNT))
        };
        // The table has a space where a time has a `T`, and no zone: it is UTC.
        let time = format!("{}Z", cell(at).replacen(' ', "T", 1));
        let time: Timestamp = time
            .parse()
            .map_err(|_| fault(cell(at), "a time such as 2023-11-16 18:17:03.9799600"))?;
        Ok(Traced {
            at_ms: time.0,
            tokens: Tokens {
                input: count(cell(input))?,
                output: count(cell(output))?,
                ..Tokens::default()
            },
        })
    });
    rows.collect()
}

#[derive(Deserialize)]
struct Line {
    timestamp: f64,
    input_length: u64,
    output_length: u64,
    #[serde(default)]
    hash_ids: Vec<u64>,
}

fn lines(file: &str, cache: Cache) -> Result<Vec<Traced>, TraceFault> {
    let mut lines = Vec::new();
    for (line, text) in (1..).zip(file.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let wrong = |source| TraceFault::Json { line, source };
        lines.push(within(serde_json::from_str(text).map_err(wrong)?, line)?);
        if lines.len() > MOST_REQUESTS {
            return Err(TraceFault::Many);
        }
    }
    lines.sort_by(|one, two| one.timestamp.total_cmp(&two.timestamp));
    let mut read: HashMap<u64, i64> = HashMap::new();
    Ok(lines
        .iter()
        .map(|line| traced(line, cache, &mut read))
        .collect())
}

/// Checks that a line counts what can be summed.
fn within(read: Line, line: usize) -> Result<Line, TraceFault> {
    let fault = |value: String, expected: &'static str| {
        Err(TraceFault::Cell {
            line,
            value,
            expected,
        })
    };
    if read.timestamp.abs() > MOST_MS {
        let value = format!("{:e}", read.timestamp);
        return fault(value, "a time in milliseconds within 30,000 years");
    }
    match [read.input_length, read.output_length]
        .iter()
        .find(|count| **count > MOST_TOKENS)
    {
        Some(count) => fault(count.to_string(), COUNT),
        None => Ok(read),
    }
}

/// Finds the longest front of a request's blocks that the cache holds, and writes the rest.
fn traced(line: &Line, cache: Cache, read: &mut HashMap<u64, i64>) -> Traced {
    let at_ms = line.timestamp.round() as i64;
    let is_held = |id: &&u64| {
        let last = read.get(*id);
        last.is_some_and(|last| at_ms - last <= cache.kept_ms)
    };
    let held = line.hash_ids.iter().take_while(is_held).count() as u64;
    for id in &line.hash_ids {
        read.insert(*id, at_ms);
    }
    let blocks = line.hash_ids.len() as u64;
    let cached = (held * cache.block_tokens).min(line.input_length);
    // Only whole blocks are kept; the last one is seldom full.
    let whole = line.input_length / cache.block_tokens.max(1);
    let kept = (whole.min(blocks) * cache.block_tokens).min(line.input_length);
    Traced {
        at_ms,
        tokens: Tokens {
            input: line.input_length,
            cached,
            cache_write: kept.saturating_sub(cached),
            output: line.output_length,
            ..Tokens::default()
        },
    }
}
