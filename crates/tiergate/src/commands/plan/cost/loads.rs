//! Where a load comes from: flags, a trace, or what the store has of callers; and over which days,
//! hours and conditions it is priced. It must not price it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use domain::{Date, MS_PER_DAY, Timestamp};
use plan::cost::assumptions::Assumptions;
use plan::cost::load::{Described, HOURS, Kept, Load, MOST_DAYS, Request, Sent, Window};
use plan::cost::offer::{Conditions, Mode};
use plan::cost::terms::Region;
use plan::cost::trace::{self, Cache, MOST_TOKENS, Traced};
use store::{Access, AskedRow};

use crate::commands::scan::Span;
use crate::environment;
use crate::exit::Fault;
use crate::home::{self, Home};
use crate::input::{self, Mends};
use crate::options::Common;

/// Most bytes of a trace.
const MOST_BYTES: u64 = 1 << 31;
const MS_PER_HOUR: i64 = 3_600_000;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Most requests of a day: beyond it sums of tokens were no longer exact.
const MOST_A_DAY: u64 = 1_000_000_000;

/// Options that describe a load.
#[derive(Args, Clone, Debug)]
pub struct LoadOptions {
    /// Requests a day
    #[arg(long, default_value_t = 10_000, conflicts_with_all = ["trace", "usage"])]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=MOST_A_DAY))]
    requests: u64,
    /// Input tokens of a request, cached ones included
    #[arg(long, default_value_t = 4_000, conflicts_with_all = ["trace", "usage"])]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=MOST_TOKENS))]
    input: u64,
    /// Output tokens of a request, reasoning included
    #[arg(long, default_value_t = 500, conflicts_with_all = ["trace", "usage"])]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=MOST_TOKENS))]
    output: u64,
    /// Share of the input that is read from a prompt cache
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    #[arg(conflicts_with_all = ["trace", "usage"])]
    cached: f64,
    /// Share of the input that is written to a prompt cache
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    #[arg(conflicts_with_all = ["trace", "usage"])]
    written: f64,
    /// What is written is kept for an hour, at that price
    #[arg(long)]
    kept_an_hour: bool,
    /// Share of the requests that are sent in batches
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    #[arg(conflicts_with_all = ["trace", "usage"])]
    batch: f64,
    /// Hours of the day, UTC, in which requests are answered, such as 8-18 or 22-6
    #[arg(long, default_value = "0-24")]
    hours: Hours,
    /// A trace: CSV with TIMESTAMP, ContextTokens and GeneratedTokens, or lines of JSON with
    /// timestamp, input_length, output_length and hash_ids
    #[arg(long, value_name = "FILE", conflicts_with = "usage")]
    trace: Option<PathBuf>,
    /// What the store has of callers' requests
    #[arg(long)]
    usage: bool,
    /// How far back usage is read: a number and m, h, d or w
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "30d",
        requires = "usage"
    )]
    since: Span,
    /// Only this caller's requests
    #[arg(long, value_name = "NAME", requires = "usage")]
    caller: Option<String>,
}

/// Options that say when and under which conditions requests are answered.
#[derive(Args, Clone, Debug)]
pub struct Conditioned {
    /// The first day, UTC [default: today]
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Over how many days prices are averaged
    #[arg(long, default_value_t = 30, value_parser = days_range())]
    days: u32,
    /// Requests are kept to one region
    #[arg(long)]
    regional: bool,
    /// Requests are served in the vendor's fast mode
    #[arg(long)]
    fast: bool,
    /// A price by hand, in USD a million tokens of input, output, cached and written input:
    /// MODEL=IN/OUT, MODEL=IN/OUT/CACHED or MODEL=IN/OUT/CACHED/WRITTEN; may be repeated
    #[arg(long = "price", value_name = "MODEL=PRICES")]
    pub prices: Vec<String>,
}

fn days_range() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(MOST_DAYS))
}

/// Is a span of hours of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours([bool; HOURS]);

/// Says that a text is no span of hours.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no span of hours; write the first and the one after the last, such as 8-18")]
pub struct NotHours(String);

impl FromStr for Hours {
    type Err = NotHours;

    fn from_str(text: &str) -> Result<Self, NotHours> {
        let fault = || NotHours(text.to_owned());
        let (from, until) = text.split_once('-').ok_or_else(fault)?;
        let hour = |text: &str| {
            let hour = text.trim().parse::<usize>().ok();
            hour.filter(|hour| *hour <= HOURS).ok_or_else(fault)
        };
        let (from, until) = (hour(from)?, hour(until)?);
        if from == until || from == HOURS {
            return Err(fault());
        }
        let is_in = |hour: usize| {
            if from < until {
                (from..until).contains(&hour)
            } else {
                hour >= from || hour < until
            }
        };
        Ok(Self(std::array::from_fn(is_in)))
    }
}

/// Holds the requests of one caller that one model answered.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// The caller.
    pub caller: String,
    /// The model that answered, as the configuration names it; none where it is not known.
    pub model: Option<String>,
    /// What was asked.
    pub load: Load,
    /// Milliseconds to the first token, of requests that have it.
    pub first_ms: Vec<u32>,
    /// Milliseconds to the end.
    pub total_ms: Vec<u32>,
    /// The most requests of one minute.
    pub peak_requests: u64,
    /// The most tokens of one minute.
    pub peak_tokens: u64,
}

impl Conditioned {
    /// Tells the days over which prices are averaged.
    pub fn window(&self) -> Fallible<Window> {
        let today = environment::now().date();
        Ok(Window {
            from: self.from.unwrap_or(today),
            days: self.days,
        })
    }

    /// Tells the conditions.
    pub fn conditions(&self) -> Conditions {
        Conditions {
            region: if self.regional {
                Region::One
            } else {
                Region::Anywhere
            },
            mode: if self.fast { Mode::Fast } else { Mode::Usual },
        }
    }
}

impl LoadOptions {
    /// Makes one load of all that was described, with words for what it is.
    pub fn load(&self, assumptions: &Assumptions, common: &Common) -> Fallible<(Load, String)> {
        if !self.usage && self.trace.is_none() {
            let described = Described {
                per_day: self.requests,
                input: self.input,
                output: self.output,
                cached_share: self.cached,
                write_share: self.written,
                kept: if self.kept_an_hour {
                    Kept::Hour
                } else {
                    Kept::Minutes
                },
                batch_share: self.batch,
            };
            return Ok((
                described.load(self.hours.0)?,
                "A day of a described load".to_owned(),
            ));
        }
        let (all, about) = self.traffic(assumptions, common, &mut |_| {})?;
        let span_ms = all.iter().map(|one| one.load.span_ms).max().unwrap_or(1);
        let requests = all.into_iter().flat_map(|one| one.load.requests);
        let load = Load {
            requests: requests.collect(),
            span_ms,
            hours: self.hours.0,
        };
        Ok((load, about))
    }

    /// Tells whether traffic was recorded rather than described.
    pub fn is_recorded(&self) -> bool {
        self.usage || self.trace.is_some()
    }

    /// Reads recorded traffic, caller by caller and model by model. Each row of the store that is
    /// part of it is shown as well, once.
    pub fn traffic(
        &self,
        assumptions: &Assumptions,
        common: &Common,
        show: &mut dyn FnMut(&AskedRow),
    ) -> Fallible<(Vec<Traffic>, String)> {
        if self.usage {
            return self.of_store(common, show);
        }
        let Some(path) = &self.trace else {
            let what = "there is no traffic to read";
            return Err(Fault::new(what, "give --usage, or a file with --trace").into());
        };
        let traced = self.traced(path, assumptions)?;
        let span_ms = trace::span_ms(&traced);
        let request = |one: &Traced| self.request(one.tokens, None);
        let at_and_tokens = traced
            .iter()
            .map(|one| (one.at_ms, one.tokens.input + one.tokens.output));
        let (peak_requests, peak_tokens) = peaks(at_and_tokens);
        let traffic = Traffic {
            caller: "trace".to_owned(),
            model: None,
            load: Load {
                requests: traced.iter().map(request).collect(),
                span_ms,
                hours: self.hours.0,
            },
            first_ms: Vec::new(),
            total_ms: Vec::new(),
            peak_requests,
            peak_tokens,
        };
        let about = format!("{}, {:.0} minutes", path.display(), span_ms as f64 / 6e4);
        Ok((vec![traffic], about))
    }

    fn traced(&self, path: &Path, assumptions: &Assumptions) -> Fallible<Vec<Traced>> {
        let shown = path.display();
        let mends = Mends {
            large: "split the file",
            unread: "name a trace with --trace",
        };
        let text = input::text(path, MOST_BYTES, mends)?;
        let cache = Cache {
            block_tokens: assumptions.value("block-tokens")?.round() as u64,
            kept_ms: (assumptions.value("cache-minutes")? * 6e4).round() as i64,
        };
        trace::read(&text, cache).map_err(|error| {
            let what = format!("{shown} is no trace");
            let mend = "give a CSV table with TIMESTAMP, ContextTokens and GeneratedTokens, or \
                        lines of JSON with timestamp, input_length, output_length and hash_ids";
            Fault::because(error, what, mend).into()
        })
    }

    fn request(&self, tokens: domain::Tokens, hour: Option<u8>) -> Request {
        let hour_kept = if self.kept_an_hour {
            tokens.cache_write
        } else {
            tokens.cache_write_1h
        };
        Request {
            tokens: domain::Tokens {
                cache_write_1h: hour_kept,
                ..tokens
            },
            count: 1,
            sent: Sent::Plain,
            hour,
        }
    }

    fn of_store(
        &self,
        common: &Common,
        show: &mut dyn FnMut(&AskedRow),
    ) -> Fallible<(Vec<Traffic>, String)> {
        let settings = home::settings(common);
        let store = Home::of(common).store(settings.as_ref(), Access::Read)?;
        let now = environment::now();
        let since = self.since.before(now);
        let mut all: BTreeMap<(String, Option<String>), Heard> = BTreeMap::new();
        let mut first = now;
        for asked in store.asked_rows(since)? {
            let asked = asked?;
            let row = &asked.row;
            let is_wanted = self
                .caller
                .as_ref()
                .is_none_or(|name| *name == row.caller.name);
            if !is_wanted || row.tokens.input + row.tokens.output == 0 {
                continue;
            }
            show(&asked);
            first = first.min(row.at());
            let model = row.model.as_ref().map(ToString::to_string);
            let heard = all.entry((row.caller.name.clone(), model)).or_default();
            heard
                .requests
                .push(self.request(row.tokens, Some(hour(row.ended_at()))));
            heard
                .minutes
                .push((row.at().0, row.tokens.input + row.tokens.output));
            heard.first_ms.extend(row.first_token_ms);
            heard.total_ms.push(row.total_ms);
        }
        if all.is_empty() {
            let what = "the store has no request of a caller that used tokens in that time";
            let mend = "look further back with --since, leave --caller out, or give a --trace";
            return Err(Fault::new(what, mend).into());
        }
        // Less than a day is not taken for a whole one: it is scaled by what was seen.
        let span_ms = now.ms_since(first).max(1).unsigned_abs();
        let about = about(span_ms);
        let hours = self.hours.0;
        let traffic = all
            .into_iter()
            .map(|(key, heard)| heard.traffic(key, (span_ms, hours)));
        Ok((traffic.collect(), about))
    }
}

/// Says how long a stretch of usage is, and that less than a day of it is scaled to one.
fn about(span_ms: u64) -> String {
    let seconds = span_ms as f64 / 1e3;
    let (count, unit) = match seconds {
        seconds if seconds >= 86_400.0 => {
            return format!("Usage of {:.2} days", seconds / 86_400.0);
        }
        seconds if seconds >= 3_600.0 => (seconds / 3_600.0, "hours"),
        seconds if seconds >= 60.0 => (seconds / 60.0, "minutes"),
        seconds => (seconds, "seconds"),
    };
    format!("Usage of {count:.1} {unit}, taken to go on so all day")
}

#[derive(Default)]
struct Heard {
    requests: Vec<Request>,
    minutes: Vec<(i64, u64)>,
    first_ms: Vec<u32>,
    total_ms: Vec<u32>,
}

impl Heard {
    fn traffic(
        self,
        (caller, model): (String, Option<String>),
        (span_ms, hours): (u64, [bool; HOURS]),
    ) -> Traffic {
        let (peak_requests, peak_tokens) = peaks(self.minutes.into_iter());
        Traffic {
            caller,
            model,
            load: Load {
                requests: self.requests,
                span_ms,
                hours,
            },
            first_ms: self.first_ms,
            total_ms: self.total_ms,
            peak_requests,
            peak_tokens,
        }
    }
}

/// Finds the most requests and the most tokens of one minute of the clock.
fn peaks(at_and_tokens: impl Iterator<Item = (i64, u64)>) -> (u64, u64) {
    let mut minutes: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    for (at, tokens) in at_and_tokens {
        let minute = minutes.entry(at.div_euclid(60_000)).or_default();
        minute.0 += 1;
        minute.1 += tokens;
    }
    let requests = minutes.values().map(|minute| minute.0).max();
    let tokens = minutes.values().map(|minute| minute.1).max();
    (requests.unwrap_or_default(), tokens.unwrap_or_default())
}

fn hour(at: Timestamp) -> u8 {
    let hour = at.0.rem_euclid(MS_PER_DAY) / MS_PER_HOUR;
    u8::try_from(hour).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> Vec<usize> {
        let hours = text.parse::<Hours>().unwrap().0;
        (0..HOURS).filter(|hour| hours[*hour]).collect()
    }

    #[test]
    fn a_span_of_hours_may_go_over_midnight() {
        assert_eq!(hours("8-11"), [8, 9, 10]);
        assert_eq!(hours("22-2"), [0, 1, 22, 23]);
        assert_eq!(hours("0-24").len(), 24);
        for text in ["8", "8-8", "24-3", "8-25", "a-b", "-1-3"] {
            assert!(text.parse::<Hours>().is_err(), "{text}");
        }
    }

    #[test]
    fn usage_of_less_than_a_day_is_said_to_be_scaled() {
        let day = MS_PER_DAY.unsigned_abs();
        assert_eq!(about(3 * day / 2), "Usage of 1.50 days");
        for (span_ms, what) in [
            (day / 2, "12.0 hours"),
            (90_000, "1.5 minutes"),
            (1_500, "1.5 s"),
        ] {
            let said = about(span_ms);
            assert!(said.contains(what) && said.ends_with("all day"), "{said}");
        }
    }

    #[test]
    fn the_fullest_minute_is_found() {
        let rows = [(0, 10), (59_999, 20), (60_000, 25), (-1, 7)];
        assert_eq!(peaks(rows.into_iter()), (2, 30));
    }
}
