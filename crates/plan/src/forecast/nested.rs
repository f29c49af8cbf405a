//! Past forecasts of one event by several days, as they stood on one day: which of them contradict
//! each other, and what their repair does to the score. It must not repair in silence.

use std::collections::BTreeMap;

use domain::Date;
use serde::Serialize;

use super::families::{By, Change, Family, FamilyFault};
use super::resolved::Resolved;
use super::scores::squared;

/// Says what the repair of dated families did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Nested {
    /// Events that stand there by two days or more, on one day of forecasting at least.
    pub events: usize,
    /// Families: one event by two days or more, as forecast by one source on one day.
    pub families: usize,
    /// Rows in them.
    pub rows: usize,
    /// The families that contradict themselves, with what their repair changed.
    pub incoherent: Vec<Mended>,
    /// The mean Brier score of the rows in families before the repair; none without a family.
    pub brier: Option<f64>,
    /// The same after it.
    pub brier_repaired: Option<f64>,
    /// The mean Brier score of the rows in the incoherent families before the repair.
    pub brier_of_incoherent: Option<f64>,
    /// The same after it.
    pub brier_of_incoherent_repaired: Option<f64>,
    /// The mean Brier score of all rows before the repair; none without a row.
    pub brier_of_all: Option<f64>,
    /// The same after it.
    pub brier_of_all_repaired: Option<f64>,
}

/// Shows a family that was repaired.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mended {
    /// Who gave it.
    pub source: String,
    /// The event.
    pub event: String,
    /// The day on which it was given, where known.
    pub given_on: Option<Date>,
    /// What was moved.
    pub changes: Vec<Change>,
    /// The sum of its rows' Brier scores before and after.
    pub squares: [f64; 2],
}

/// Says why rows are not of one event.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NestedFault {
    /// The rows are no family.
    #[error(transparent)]
    Family(#[from] FamilyFault),
    /// What came by a day had not come by a later one.
    #[error(
        "lines {earlier} and {later}: `{event}` came by the earlier day and not by the later; give \
         these questions two events"
    )]
    Outcomes {
        /// The event.
        event: String,
        /// The line of the earlier day.
        earlier: usize,
        /// The line of the later day.
        later: usize,
    },
}

/// Finds and repairs the dated families of resolved forecasts.
///
/// # Errors
/// A day stands twice in a family, or its outcomes contradict each other.
pub fn nested(rows: &[Resolved]) -> Result<Nested, NestedFault> {
    let mut groups: BTreeMap<(&str, &str, Option<Date>), Vec<&Resolved>> = BTreeMap::new();
    for row in rows {
        if let Some(by) = &row.by {
            let key = (row.source.as_str(), by.event.as_str(), row.given_on);
            groups.entry(key).or_default().push(row);
        }
    }
    groups.retain(|_, rows| rows.len() > 1);
    let mut found = Nested::default();
    let mut events: Vec<(&str, &str)> = Vec::new();
    let (mut before, mut after, mut of_incoherent) = (0.0, 0.0, ([0.0; 2], 0));
    for ((source, event, given_on), rows) in groups {
        let (changes, squares) = mend(event, rows.as_slice())?;
        if events.last() != Some(&(source, event)) {
            events.push((source, event));
        }
        found.families += 1;
        found.rows += rows.len();
        before += squares[0];
        after += squares[1];
        if changes.is_empty() {
            continue;
        }
        of_incoherent.0[0] += squares[0];
        of_incoherent.0[1] += squares[1];
        of_incoherent.1 += rows.len();
        found.incoherent.push(Mended {
            source: source.to_owned(),
            event: event.to_owned(),
            given_on,
            changes,
            squares,
        });
    }
    let mean = |sum: f64, count: usize| (count > 0).then(|| sum / count as f64);
    let all: f64 = rows.iter().map(squared).sum();
    found.events = events.len();
    found.brier = mean(before, found.rows);
    found.brier_repaired = mean(after, found.rows);
    found.brier_of_incoherent = mean(of_incoherent.0[0], of_incoherent.1);
    found.brier_of_incoherent_repaired = mean(of_incoherent.0[1], of_incoherent.1);
    found.brier_of_all = mean(all, rows.len());
    found.brier_of_all_repaired = mean(all - before + after, rows.len());
    Ok(found)
}

/// Repairs one family; tells the changes, and the sums of squared errors before and after.
fn mend(event: &str, rows: &[&Resolved]) -> Result<(Vec<Change>, [f64; 2]), NestedFault> {
    let mut dated: Vec<(By, bool)> = rows
        .iter()
        .filter_map(|row| {
            let by = row.by.as_ref()?;
            let point = By {
                day: by.day,
                probability: row.probability,
                weight: by.weight,
                line: row.line,
            };
            Some((point, row.came))
        })
        .collect();
    dated.sort_by_key(|(point, _)| point.day);
    let points = dated.iter().map(|(point, _)| *point).collect();
    let family = Family::new(event, points)?;
    if let Some(two) = dated.windows(2).find(|two| two[0].1 && !two[1].1) {
        return Err(NestedFault::Outcomes {
            event: event.to_owned(),
            earlier: two[0].0.line,
            later: two[1].0.line,
        });
    }
    let repaired = family.repaired();
    let squares = |family: &Family| -> f64 {
        let pairs = family.points().iter().zip(&dated);
        let each = pairs.map(|(point, (_, came))| {
            let outcome = if *came { 1.0 } else { 0.0 };
            (point.probability - outcome).powi(2)
        });
        each.sum()
    };
    let sums = [squares(&family), squares(&repaired.family)];
    Ok((repaired.changes, sums))
}

#[cfg(test)]
mod tests;
