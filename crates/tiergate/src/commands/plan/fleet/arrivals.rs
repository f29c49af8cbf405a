//! Where requests come from: a trace that is streamed, or a stream fitted to one or to moments. It
//! must not keep a trace in memory.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use plan::fleet::arrivals::{Arrival, Fitted, Moments, Seen};
use plan::fleet::clock::{LATEST, NANOSECOND};
use plan::fleet::trace::{self, MOST_LINE, OWN, Reader, TraceFault};

use crate::exit::Fault;
use crate::progress::Bar;

#[derive(Args)]
pub(super) struct ArrivalsAsked {
    /// The trace: Azure's table, Mooncake's JSON lines, or a table of
    /// arrived_ns,input_tokens,output_tokens
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fit", "rate"])]
    trace: Option<PathBuf>,
    /// Play the trace so many times as fast
    #[arg(long, default_value_t = 1.0, value_parser = positive, requires = "trace")]
    speed: f64,
    /// Play the trace so many times in a row
    #[arg(long, default_value_t = 1, requires = "trace")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    repeat: u32,
    /// Draw arrivals with the moments of this trace: gamma gaps, log-normal lengths
    #[arg(long, value_name = "FILE")]
    fit: Option<PathBuf>,
    /// Requests a second that are drawn [default: that of --fit, else 1]
    #[arg(long, value_parser = positive)]
    rate: Option<f64>,
    /// Coefficient of variation of the gaps: 1 is Poisson [default: that of --fit, else 1]
    #[arg(long, conflicts_with = "trace", value_parser = variation)]
    burstiness: Option<f64>,
    /// Mean tokens of a request that is drawn [default: that of --fit, else 1024]
    #[arg(long, conflicts_with = "trace", value_name = "TOKENS", value_parser = positive)]
    isl: Option<f64>,
    /// Their coefficient of variation [default: that of --fit, else 1]
    #[arg(long, conflicts_with = "trace", value_name = "SHARE", value_parser = variation)]
    isl_variation: Option<f64>,
    /// Mean tokens of an answer that is drawn [default: that of --fit, else 256]
    #[arg(long, conflicts_with = "trace", value_name = "TOKENS", value_parser = positive)]
    osl: Option<f64>,
    /// Their coefficient of variation [default: that of --fit, else 1]
    #[arg(long, conflicts_with = "trace", value_name = "SHARE", value_parser = variation)]
    osl_variation: Option<f64>,
    /// How many requests are drawn
    #[arg(long, default_value_t = 10_000, conflicts_with = "trace")]
    requests: u64,
    /// Write the arrivals as a trace that can be played again
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// How long a simulation goes on without a word of its progress.
const SILENT: Duration = Duration::from_secs(1);
/// How many arrivals pass between two looks at the time.
const LOOK: u64 = 1 << 14;

/// Says why an arrival cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("{0} cannot be read")]
    Read(String, #[source] std::io::Error),
    #[error("{0} cannot be written")]
    Write(String, #[source] std::io::Error),
    #[error("{0}, {1}")]
    Line(String, TraceFault),
    #[error("{0}, line {1}: it is longer than a mebibyte, or not text")]
    NoLine(String, u64),
    #[error("{0}, played {1} times, is longer than 106 days")]
    Long(String, u32),
}

impl Broken {
    /// Tells how to mend it.
    pub(super) fn tell(self) -> Fault {
        let mend = match &self {
            Self::Read(..) => "name a trace that can be read",
            Self::Write(..) => "name a place that can be written with --write",
            Self::Line(..) | Self::NoLine(..) => {
                "correct that line; docs/plan-fleet.md shows the forms of traces"
            }
            Self::Long(..) => "play it fewer times with --repeat, or faster with --speed",
        };
        Fault::new(told(&self), mend)
    }
}

fn told(error: &Broken) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Holds where arrivals come from.
pub(super) struct Traffic<'a> {
    asked: &'a ArrivalsAsked,
    moments: Moments,
    seed: u64,
}

impl ArrivalsAsked {
    /// Looks at what was asked for: a trace is read once for its moments.
    pub(super) fn traffic(&self, seed: u64) -> Result<Traffic<'_>, Fault> {
        let file = self.trace.as_ref().or(self.fit.as_ref());
        let found = file.map(|path| moments_of(path)).transpose()?;
        let drawn = |asked: Option<f64>, of: fn(&Moments) -> f64, usual: f64| {
            asked.or(found.as_ref().map(of)).unwrap_or(usual)
        };
        let moments = Moments {
            rate: drawn(self.rate, |of| of.rate, 1.0),
            burstiness: drawn(self.burstiness, |of| of.burstiness, 1.0),
            input: drawn(self.isl, |of| of.input, 1024.0),
            input_variation: drawn(self.isl_variation, |of| of.input_variation, 1.0),
            output: drawn(self.osl, |of| of.output, 256.0),
            output_variation: drawn(self.osl_variation, |of| of.output_variation, 1.0),
        };
        let rate = moments.rate * self.speed;
        Ok(Traffic {
            asked: self,
            moments: Moments { rate, ..moments },
            seed,
        })
    }
}

type Arrivals<'a> = Box<dyn Iterator<Item = Result<Arrival, Broken>> + 'a>;

impl Traffic<'_> {
    /// Tells the moments of what arrives.
    pub(super) const fn moments(&self) -> Moments {
        self.moments
    }

    /// Opens the stream of arrivals, with its progress shown after a second.
    pub(super) fn arrivals(&self) -> Result<Arrivals<'_>, Fault> {
        let (source, total): (Arrivals<'_>, u64) = match &self.asked.trace {
            Some(path) => {
                let rounds = Rounds::new(path, self.asked)?;
                let total = rounds.total;
                (Box::new(rounds), total)
            }
            None => {
                let count = self.asked.requests;
                let drawn = Fitted::new(self.moments, count, self.seed);
                (Box::new(drawn.map(Ok)), count)
            }
        };
        let watched = Watched {
            source,
            total,
            passed: 0,
            began: Instant::now(),
            bar: None,
        };
        match &self.asked.write {
            None => Ok(Box::new(watched)),
            Some(path) => Ok(Box::new(Written::new(path, watched).map_err(Broken::tell)?)),
        }
    }
}

/// Reads a trace's moments without keeping it.
fn moments_of(path: &Path) -> Result<Moments, Fault> {
    let mut seen = Seen::default();
    for arrival in Lines::open(path).map_err(Broken::tell)? {
        seen.add(&arrival.map_err(Broken::tell)?);
    }
    seen.moments().ok_or_else(|| {
        let what = format!("{} holds {} requests", path.display(), seen.count());
        Fault::new(
            what,
            "name a trace with two requests at least, at different times",
        )
    })
}

/// Reads the arrivals of a file, line by line.
struct Lines {
    name: String,
    file: BufReader<File>,
    reader: Reader,
    line: Vec<u8>,
    lines: u64,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, Broken> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Broken::Read(name.clone(), error))?;
        Ok(Self {
            name,
            file: BufReader::with_capacity(1 << 16, file),
            reader: Reader::default(),
            line: Vec::new(),
            lines: 0,
        })
    }

    /// Reads one line; none at the end.
    fn line(&mut self) -> Result<Option<&str>, Broken> {
        self.line.clear();
        self.lines += 1;
        let most = MOST_LINE as u64 + 1;
        let read = self
            .file
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut self.line);
        let read = read.map_err(|error| Broken::Read(self.name.clone(), error))?;
        if read == 0 {
            return Ok(None);
        }
        let no_line = || Broken::NoLine(self.name.clone(), self.lines);
        if read > MOST_LINE {
            return Err(no_line());
        }
        std::str::from_utf8(&self.line)
            .map(Some)
            .map_err(|_| no_line())
    }
}

impl Iterator for Lines {
    type Item = Result<Arrival, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut reader = std::mem::take(&mut self.reader);
            let read = match self.line() {
                Err(error) => return Some(Err(error)),
                Ok(None) => return None,
                Ok(Some(line)) => reader.read(line),
            };
            self.reader = reader;
            match read {
                Ok(None) => {}
                Ok(Some(arrival)) => return Some(Ok(arrival)),
                Err(fault) => return Some(Err(Broken::Line(self.name.clone(), fault))),
            }
        }
    }
}

/// Plays a trace several times, faster or slower.
struct Rounds<'a> {
    path: &'a Path,
    asked: &'a ArrivalsAsked,
    lines: Lines,
    left: u32,
    /// When this round began, when the last arrival came, how many came in this round.
    start: u64,
    last: u64,
    count: u64,
    total: u64,
}

impl<'a> Rounds<'a> {
    fn new(path: &'a Path, asked: &'a ArrivalsAsked) -> Result<Self, Fault> {
        let size = fs::metadata(path).map_or(0, |found| found.len());
        let lines = Lines::open(path).map_err(Broken::tell)?;
        // Lines are about as long as each other; the bar need not be exact.
        let mut sample = vec![0; 1 << 16];
        let read = File::open(path).and_then(|mut file| file.read(&mut sample));
        let read = read.unwrap_or_default();
        let ends = sample[..read]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            .max(1);
        let total = size * ends as u64 / read.max(1) as u64 * u64::from(asked.repeat);
        Ok(Self {
            path,
            asked,
            lines,
            left: asked.repeat - 1,
            start: 0,
            last: 0,
            count: 0,
            total,
        })
    }

    /// Begins the next round a mean gap after the last arrival.
    fn again(&mut self) -> Result<(), Broken> {
        self.left -= 1;
        let gap = (self.last - self.start) / (self.count - 1).max(1);
        self.start = self.last + gap;
        self.count = 0;
        self.lines = Lines::open(self.path)?;
        Ok(())
    }
}

impl Iterator for Rounds<'_> {
    type Item = Result<Arrival, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.lines.next() {
                Some(Ok(arrival)) => {
                    self.count += 1;
                    // Whole nanoseconds, as in every trace.
                    let since = (arrival.at as f64 / self.asked.speed) as u64;
                    let at = self.start.saturating_add(since / NANOSECOND * NANOSECOND);
                    if at > LATEST {
                        let name = self.path.display().to_string();
                        return Some(Err(Broken::Long(name, self.asked.repeat)));
                    }
                    self.last = at;
                    return Some(Ok(Arrival { at, ..arrival }));
                }
                None if self.left > 0 && self.count > 0 => {
                    if let Err(error) = self.again() {
                        return Some(Err(error));
                    }
                }
                other => return other,
            }
        }
    }
}

/// Shows how far a simulation is.
struct Watched<'a> {
    source: Arrivals<'a>,
    total: u64,
    passed: u64,
    began: Instant,
    bar: Option<Bar>,
}

impl Iterator for Watched<'_> {
    type Item = Result<Arrival, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.source.next();
        self.passed += 1;
        if self.passed.is_multiple_of(LOOK) {
            if self.bar.is_none() && self.began.elapsed() > SILENT {
                self.bar = Some(Bar::of_steps("requests"));
            }
            if let Some(bar) = &self.bar {
                bar.step(self.passed, self.total.max(self.passed));
            }
        }
        if next.is_none()
            && let Some(bar) = self.bar.take()
        {
            bar.done();
        }
        next
    }
}

/// Writes what passes as a trace.
struct Written<'a> {
    name: String,
    source: Watched<'a>,
    file: BufWriter<File>,
    line: String,
}

impl<'a> Written<'a> {
    fn new(path: &Path, source: Watched<'a>) -> Result<Self, Broken> {
        let name = path.display().to_string();
        let opened = File::create(path).and_then(|file| {
            let mut file = BufWriter::new(file);
            writeln!(file, "{OWN}")?;
            Ok(file)
        });
        let file = opened.map_err(|error| Broken::Write(name.clone(), error))?;
        Ok(Self {
            name,
            source,
            file,
            line: String::new(),
        })
    }
}

impl Iterator for Written<'_> {
    type Item = Result<Arrival, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.source.next();
        self.line.clear();
        if let Some(Ok(arrival)) = &next {
            trace::write(arrival, &mut self.line);
        }
        let written = match next {
            None => self.file.flush(),
            Some(_) => self.file.write_all(self.line.as_bytes()),
        };
        match written {
            Ok(()) => next,
            Err(error) => Some(Err(Broken::Write(self.name.clone(), error))),
        }
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (1e-6..=1e9).contains(&value) {
        return Ok(value);
    }
    Err(format!("`{text}` is not above 0 and at most 1e9"))
}

fn variation(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (0.0..=100.0).contains(&value) {
        return Ok(value);
    }
    Err(format!("`{text}` is not from 0 to 100"))
}
