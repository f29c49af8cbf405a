//! What `tiergate plan rows --json` says of each row, what the coefficients say of their fit, and
//! the lines of a table. It must not know how an answer came about.

use std::collections::HashSet;

use crate::json::Json;

/// Is one row's prediction.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its id.
    pub id: String,
    /// What was measured and what is predicted, as texts for the page.
    pub observed: String,
    /// The same of the prediction.
    pub predicted: String,
    /// The unit.
    pub unit: String,
    /// `|predicted / observed − 1|`.
    pub error: Option<f64>,
    /// The prediction over the measurement, where both are numbers.
    pub ratio: Option<f64>,
    /// What was measured as a number; not one where it is none.
    pub observed_number: f64,
    /// By what.
    pub basis: String,
    /// Whether the interval holds the measurement; none without one.
    pub is_covered: Option<bool>,
    /// Half the interval's width over the prediction.
    pub half_width: Option<f64>,
    /// The same three of the time to the first token.
    pub first: Option<First>,
}

/// Is the prediction of a row's time to the first token.
#[derive(Clone, Copy, Debug)]
pub struct First {
    /// What was measured, in milliseconds.
    pub observed: f64,
    /// `|predicted / observed − 1|`.
    pub error: f64,
    /// Whether the interval holds the measurement.
    pub is_covered: bool,
    /// Half the interval's width over the prediction.
    pub half_width: f64,
}

/// Is what a fit says of rows that it had not seen.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// What was predicted: `step` or `first`.
    pub measure: String,
    /// What was held out.
    pub held_out: String,
    /// Mean and median error, share inside the interval, median half width.
    pub numbers: [f64; 4],
}

impl Outcome {
    /// Reads what the command writes; none where it is no list.
    pub fn listed(text: &str) -> Option<Vec<Self>> {
        match Json::read(text)? {
            Json::List(rows) => Some(rows.iter().map(Self::of).collect()),
            _ => None,
        }
    }

    /// Says whether there is an answer.
    pub fn is_answered(&self) -> bool {
        self.predicted != "–"
    }

    fn of(row: &Json) -> Self {
        let text = |key: &str| {
            row.get(key)
                .and_then(Json::text)
                .unwrap_or_default()
                .to_owned()
        };
        let number = |key: &str| row.get(key).and_then(Json::float);
        let (observed, predicted) = (number("observed"), number("predicted"));
        let interval = bounds(row.get("interval"));
        let first = || {
            let (observed, predicted) = (number("observed_ttft_ms")?, number("predicted_ttft_ms")?);
            let (low, high) = bounds(row.get("interval_ttft_ms"))?;
            Some(First {
                observed,
                error: number("error_ttft")?,
                is_covered: (low..=high).contains(&observed),
                half_width: (high - low) / 2.0 / predicted,
            })
        };
        Self {
            id: text("id"),
            observed: shown(row.get("observed")),
            predicted: shown(row.get("predicted")),
            unit: text("unit"),
            error: number("error"),
            ratio: predicted
                .zip(observed)
                .map(|(predicted, observed)| predicted / observed),
            observed_number: observed.unwrap_or(f64::NAN),
            basis: text("basis"),
            is_covered: interval
                .zip(observed)
                .map(|((low, high), observed)| (low..=high).contains(&observed)),
            half_width: interval
                .zip(predicted)
                .map(|((low, high), predicted)| (high - low) / 2.0 / predicted),
            first: first(),
        }
    }
}

fn bounds(interval: Option<&Json>) -> Option<(f64, f64)> {
    let values = interval?.values();
    Some((values.first()?.float()?, values.get(1)?.float()?))
}

/// Writes a value in four digits, or an object's in their order.
fn shown(value: Option<&Json>) -> String {
    match value {
        None => "–".to_owned(),
        Some(Json::Word(word)) if word == "null" => "–".to_owned(),
        Some(Json::Word(word) | Json::Text(word)) => word.clone(),
        Some(number @ Json::Number(_)) => number.float().map_or_else(String::new, short),
        Some(Json::List(values)) => joined(values.iter().map(|one| shown(Some(one)))),
        Some(Json::Object(pairs)) => joined(
            pairs
                .iter()
                .map(|(key, one)| format!("{key} {}", shown(Some(one)))),
        ),
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn short(value: f64) -> String {
    match value.abs() {
        size if !(1e-3..1e7).contains(&size) && size != 0.0 => format!("{value:.3e}"),
        size if size >= 1e3 => format!("{value:.0}"),
        size if size >= 1e1 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

impl Score {
    /// Reads the scores out of the file of coefficients.
    pub fn listed(facts: &str) -> Vec<Self> {
        let blocks = facts.split("[[scores]]").skip(1);
        blocks.map(Self::of).collect()
    }

    fn of(block: &str) -> Self {
        let lines = block.lines().map(str::trim);
        let lines = lines.take_while(|line| !line.starts_with('['));
        let pairs: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(" = ")).collect();
        let value = |key: &str| {
            let found = pairs.iter().find(|(named, _)| *named == key);
            found.map_or("", |(_, value)| value.trim_matches('"'))
        };
        let number = |key: &str| value(key).parse().unwrap_or(f64::NAN);
        Self {
            measure: value("measure").to_owned(),
            held_out: value("held_out").to_owned(),
            numbers: ["mean", "median", "covered", "half_width"].map(number),
        }
    }
}

/// Keeps the header of a table and the lines of some ids, which stand in its first cell.
pub fn chosen(table: &str, ids: &[&str]) -> String {
    let ids: HashSet<&str> = ids.iter().copied().collect();
    let is_chosen = |line: &&str| line.split(',').next().is_some_and(|id| ids.contains(id));
    let mut lines = table.lines();
    let header = lines.next().unwrap_or_default();
    let kept = lines.filter(is_chosen);
    let mut text = header.to_owned() + "\n";
    for line in kept {
        text += line;
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
