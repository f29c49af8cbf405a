//! What was measured, as tables in a document and as JSON. It must not know how it was measured.

use std::fs;
use std::path::Path;
use std::thread;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fault::BenchError;

/// Holds one measured figure.
pub struct Figure {
    what: String,
    unit: &'static str,
    middle: f64,
    spread: Option<(f64, f64)>,
    at_most: Option<f64>,
}

impl Figure {
    /// Makes a figure that was measured once.
    pub fn single(what: impl Into<String>, unit: &'static str, value: f64) -> Self {
        Self {
            what: what.into(),
            unit,
            middle: value,
            spread: None,
            at_most: None,
        }
    }

    /// Makes a figure from several rounds: their median, least and greatest.
    pub fn of_rounds(what: impl Into<String>, unit: &'static str, rounds: &[f64]) -> Self {
        let mut sorted = rounds.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = median(&sorted);
        let ends = sorted.first().copied().zip(sorted.last().copied());
        Self {
            what: what.into(),
            unit,
            middle,
            spread: ends,
            at_most: None,
        }
    }

    /// Says what the figure should not exceed.
    pub fn at_most(mut self, limit: f64) -> Self {
        self.at_most = Some(limit);
        self
    }

    fn aim(&self) -> String {
        let Some(limit) = self.at_most else {
            return String::new();
        };
        let word = if self.middle <= limit {
            "met"
        } else {
            "missed"
        };
        format!("≤ {} ({word})", shown(limit))
    }

    fn spread_shown(&self) -> String {
        let ends = self.spread.map(|(low, high)| (shown(low), shown(high)));
        ends.map(|(low, high)| format!("{low} – {high}"))
            .unwrap_or_default()
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what, "unit": self.unit, "median": self.middle,
            "min": self.spread.map(|ends| ends.0), "max": self.spread.map(|ends| ends.1),
            "at_most": self.at_most,
        })
    }
}

/// Tells the middle of sorted values; the mean of the middle two where they are even.
fn median(sorted: &[f64]) -> f64 {
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
    let lower = sorted.get(sorted.len().saturating_sub(1) / 2).copied();
    f64::midpoint(lower.unwrap_or(upper), upper)
}

/// Shows a number with as many digits as it deserves.
fn shown(value: f64) -> String {
    let size = value.abs();
    if size >= 1_000.0 {
        return format!("{value:.0}");
    }
    if size >= 10.0 {
        return format!("{value:.1}");
    }
    format!("{value:.3}")
}

/// Holds one section's figures and how they were measured.
pub struct Table {
    /// The section's name, which marks its place in the document.
    pub name: &'static str,
    /// The section's title.
    pub title: &'static str,
    /// How it was measured.
    pub how: String,
    /// What was measured; empty where it could not be.
    pub figures: Vec<Figure>,
}

impl Table {
    /// Tells the figures as lines of text.
    pub fn summary(&self) -> Vec<String> {
        let line = |figure: &Figure| {
            let (spread, aim) = (figure.spread_shown(), figure.aim());
            let middle = shown(figure.middle);
            format!("{}: {middle} {} [{spread}] {aim}", figure.what, figure.unit)
        };
        if self.figures.is_empty() {
            return vec![self.how.clone()];
        }
        self.figures.iter().map(line).collect()
    }

    fn markdown(&self, measured: &str) -> String {
        let mut text = format!("## {}\n\n{} {measured}\n", self.title, self.how);
        if !self.figures.is_empty() {
            text += "\n| What | Median | Least – greatest | Unit | Aim |\n|---|--:|--:|---|---|\n";
        }
        for figure in &self.figures {
            text += &format!(
                "| {} | {} | {} | {} | {} |\n",
                figure.what,
                shown(figure.middle),
                figure.spread_shown(),
                figure.unit,
                figure.aim()
            );
        }
        text
    }
}

/// Holds the tables of one run.
pub struct Report {
    tables: Vec<Table>,
    date: String,
    machine: String,
}

impl Report {
    /// Dates the tables and names the machine by what matters of it.
    pub fn new(tables: Vec<Table>) -> Self {
        let cores = thread::available_parallelism().map_or(0, usize::from);
        let date = Timestamp::now().to_string();
        Self {
            tables,
            date: date.chars().take(10).collect(),
            machine: format!("{cores} cores, {}", processor()),
        }
    }

    /// Tells the whole run as JSON.
    pub fn json(&self) -> Value {
        let table = |table: &Table| {
            let figures: Vec<Value> = table.figures.iter().map(Figure::json).collect();
            json!({"section": table.name, "how": table.how, "figures": figures})
        };
        let tables: Vec<Value> = self.tables.iter().map(table).collect();
        json!({"date": self.date, "machine": self.machine, "sections": tables})
    }

    /// Puts each table in its place in the document and leaves the other ones as they are.
    pub fn write(&self, path: &Path) -> Result<(), BenchError> {
        let mut text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => HEAD.to_owned(),
            Err(error) => return Err(BenchError::File(path.to_owned(), error)),
        };
        let measured = format!("Measured on {} ({}).", self.date, self.machine);
        for table in &self.tables {
            text = spliced(&text, table.name, &table.markdown(&measured));
        }
        fs::write(path, text).map_err(|error| BenchError::File(path.to_owned(), error))
    }
}

const HEAD: &str = "# Performance\n\n\
    Written by `cargo xtask bench`; what stands between the markers is replaced by the next run.\n\
    The yardstick is a bare hyper proxy of the same shape: it reads a request whole, forwards it\n\
    over its own keep-alive pool and streams the answer back, and does nothing else.\n";

/// Replaces what stands between a section's markers; adds them at the end where there are none.
fn spliced(text: &str, name: &str, table: &str) -> String {
    let (begin, end) = (
        format!("<!-- bench:{name} -->\n"),
        format!("<!-- /bench:{name} -->\n"),
    );
    let place = text.find(&begin).zip(text.find(&end));
    match place {
        Some((from, to)) if from < to => {
            let (before, rest) = text.split_at(from);
            let after = rest.split_at(to - from).1;
            format!("{before}{begin}{table}{after}")
        }
        _ => format!("{text}\n{begin}{table}{end}"),
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':'));
    name.map_or("unknown processor", |(_, name)| name.trim())
        .to_owned()
}

#[cfg(test)]
mod tests;
