//! Lines of traces as arrivals: Azure's table, Mooncake's JSON lines, and a table of our own in
//! nanoseconds. It must not read a file, nor take a broken line for another.

use std::fmt::Write as _;

use domain::Date;
use serde::Deserialize;

use super::arrivals::Arrival;
use super::clock::{LATEST, NANOSECOND, Picos, SECOND};

/// Reads lines in the form that the first of them shows, one after another.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    form: Option<Form>,
    line: u64,
    /// When the first arrived, by the trace's own time, and the last since then.
    start: Option<i128>,
    last: Picos,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Azure,
    Mooncake,
    Own,
}

/// The first line of Azure's tables.
const AZURE: &str = "TIMESTAMP,ContextTokens,GeneratedTokens";
/// The first line of our own.
pub const OWN: &str = "arrived_ns,input_tokens,output_tokens";
/// Tokens of a block in Mooncake's traces.
pub const MOONCAKE_BLOCK: u32 = 512;
/// Most bytes of a line: a request of ten million tokens in Mooncake's form.
pub const MOST_LINE: usize = 1 << 20;

/// Says what is wrong with a line, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct TraceFault {
    line: u64,
    what: String,
}

#[derive(Deserialize)]
struct Mooncake {
    timestamp: u64,
    input_length: u64,
    output_length: u64,
    #[serde(default)]
    hash_ids: Vec<u64>,
}

impl Reader {
    /// Reads the next line; none where it holds no request, as the first of a table.
    ///
    /// # Errors
    /// Fails when the line is broken, naming it and the field.
    pub fn read(&mut self, line: &str) -> Result<Option<Arrival>, TraceFault> {
        self.line += 1;
        let line = line.trim_end_matches(['\r', '\n']);
        let form = match self.form {
            Some(form) => form,
            None => {
                let form = self.form_of(line)?;
                self.form = Some(form);
                if form != Form::Mooncake {
                    return Ok(None);
                }
                form
            }
        };
        if line.trim().is_empty() {
            return Ok(None);
        }
        let (at, mut arrival) = match form {
            Form::Azure => self.cells(line, AZURE, azure_time)?,
            Form::Own => self.cells(line, OWN, |cell| cell.parse().ok())?,
            Form::Mooncake => self.mooncake(line)?,
        };
        arrival.at = self.since_start(at)?;
        Ok(Some(arrival))
    }

    fn form_of(&self, line: &str) -> Result<Form, TraceFault> {
        let line = line.trim_start_matches('\u{feff}');
        let names: Vec<&str> = line.split(',').map(unquoted).collect();
        match line {
            _ if names.join(",") == AZURE => Ok(Form::Azure),
            _ if names.join(",") == OWN => Ok(Form::Own),
            json if json.starts_with('{') => Ok(Form::Mooncake),
            other => {
                let shown: String = other.chars().take(60).collect();
                Err(self.fault(format!(
                    "`{shown}` begins no trace; a table begins with `{AZURE}` or `{OWN}`, and \
                     Mooncake's lines are JSON objects"
                )))
            }
        }
    }

    /// Reads a line of a table: a time, tokens, tokens.
    fn cells(
        &self,
        line: &str,
        head: &str,
        time: impl Fn(&str) -> Option<i128>,
    ) -> Result<(i128, Arrival), TraceFault> {
        let mut names = head.split(',');
        let mut cells = line.split(',').map(unquoted);
        let mut next = || (names.next().unwrap_or_default(), cells.next());
        let (name, cell) = next();
        let at = cell.and_then(&time);
        let at = at.ok_or_else(|| self.field(name, cell, "a time"))?;
        let mut tokens = || {
            let (name, cell) = next();
            let count = cell.and_then(|cell| cell.parse().ok());
            count.ok_or_else(|| self.field(name, cell, "a whole number of tokens"))
        };
        let (input, output) = (tokens()?, tokens()?);
        if let Some(more) = cells.next() {
            return Err(self.fault(format!("`{more}` is one cell too many; there are three")));
        }
        Ok((
            at,
            Arrival {
                at: 0,
                input,
                output,
                ids: Vec::new(),
            },
        ))
    }

    fn mooncake(&self, line: &str) -> Result<(i128, Arrival), TraceFault> {
        let read: Mooncake = serde_json::from_str(line)
            .map_err(|error| self.fault(format!("no request in Mooncake's form: {error}")))?;
        let tokens = |name: &str, count: u64| {
            let found = u32::try_from(count);
            found.map_err(|_| self.fault(format!("`{name}` is {count}, more than four billion")))
        };
        let input = tokens("input_length", read.input_length)?;
        let output = tokens("output_length", read.output_length)?;
        let expected = input.div_ceil(MOONCAKE_BLOCK) as usize;
        if !read.hash_ids.is_empty() && read.hash_ids.len() != expected {
            return Err(self.fault(format!(
                "`hash_ids` holds {} ids; {input} tokens are {expected} blocks of {MOONCAKE_BLOCK}",
                read.hash_ids.len()
            )));
        }
        let at = i128::from(read.timestamp) * 1_000_000;
        Ok((
            at,
            Arrival {
                at: 0,
                input,
                output,
                ids: read.hash_ids,
            },
        ))
    }

    /// Brings a trace's own time, in nanoseconds, to the time since its first request.
    fn since_start(&mut self, at: i128) -> Result<Picos, TraceFault> {
        let start = *self.start.get_or_insert(at);
        let since = u64::try_from(at - start)
            .ok()
            .and_then(|at| at.checked_mul(NANOSECOND));
        let Some(since) = since.filter(|since| *since >= self.last) else {
            let what = "the request is earlier than one before it; sort the trace by time";
            return Err(self.fault(what.to_owned()));
        };
        if since > LATEST {
            let days = LATEST / SECOND / 86_400;
            return Err(self.fault(format!("the trace is longer than {days} days; split it")));
        }
        self.last = since;
        Ok(since)
    }

    fn field(&self, name: &str, cell: Option<&str>, wanted: &str) -> TraceFault {
        match cell {
            None => self.fault(format!("`{name}` is missing")),
            Some(cell) => self.fault(format!("`{name}` is `{cell}`, not {wanted}")),
        }
    }

    fn fault(&self, what: String) -> TraceFault {
        TraceFault {
            line: self.line,
            what,
        }
    }
}

/// Takes the quotes of spreadsheets off a cell; no cell of these tables holds a comma.
fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    let inner = cell
        .strip_prefix('"')
        .and_then(|cell| cell.strip_suffix('"'));
    inner.unwrap_or(cell)
}

/// Reads `2023-11-16 18:17:03.9799600` as nanoseconds.
fn azure_time(cell: &str) -> Option<i128> {
    let (date, time) = cell.split_once(' ')?;
    let mut parts = time.split(':');
    let mut next = |below: u32| {
        let number: u32 = parts.next()?.parse().ok()?;
        (number < below).then_some(i128::from(number))
    };
    let (hours, minutes) = (next(24)?, next(60)?);
    let last = time.rsplit(':').next()?;
    let (whole, fraction) = last.split_once('.').unwrap_or((last, "0"));
    let seconds: u32 = whole.parse().ok().filter(|seconds| *seconds < 60)?;
    let is_digits = fraction.len() <= 9 && fraction.bytes().all(|one| one.is_ascii_digit());
    if !is_digits || time.split(':').count() != 3 {
        return None;
    }
    let nanoseconds: i128 = format!("{fraction:0<9}").parse().ok()?;
    let midnight = i128::from(midnight_ms(date)?) * 1_000_000;
    let seconds = (hours * 60 + minutes) * 60 + i128::from(seconds);
    Some(midnight + seconds * 1_000_000_000 + nanoseconds)
}

fn midnight_ms(date: &str) -> Option<i64> {
    let date: Date = date.parse().ok()?;
    Some(date.start().0)
}

/// Writes an arrival as a line of our own table, so that a run can be replayed.
pub fn write(arrival: &Arrival, into: &mut String) {
    let Arrival {
        at, input, output, ..
    } = arrival;
    // Writing to a string does not fail.
    let _ = writeln!(into, "{},{input},{output}", at / NANOSECOND);
}
