//! When a release comes, from its dated probabilities: spread evenly between two of them, and after
//! the last by the constant hazard that they imply. It must not repair what it is given.

use domain::Date;

use super::arrival::{Arrival, Span};
use super::days;
use super::families::Family;
use super::readiness::Between;

/// Works out when an event comes, as seen from a day before its first row, up to a horizon. Rows
/// leave open all that lies between two of them, and all after the last.
#[must_use]
pub fn coming(family: &Family, from: Date, horizon: Date) -> Between {
    let count = |day: Date| usize::try_from(days::between(from, day)).unwrap_or_default();
    let until = count(horizon);
    let rows: Vec<(usize, f64)> = family
        .points()
        .iter()
        .map(|one| (count(one.day), one.probability))
        .collect();
    let steps = gains(&rows);
    let mut soonest: Vec<(usize, f64)> = steps
        .iter()
        .map(|(start, _, gain)| (start + 1, *gain))
        .collect();
    let latest: Vec<(usize, f64)> = steps.iter().map(|(_, end, gain)| (*end, *gain)).collect();
    let (last, said) = rows.last().copied().unwrap_or_default();
    soonest.push((last + 1, 1.0 - said));
    let mut likely: Vec<(usize, f64)> = Vec::new();
    for (start, end, gain) in &steps {
        let length = end.saturating_sub(*start).max(1);
        likely.extend((0..length).map(|at| (start + 1 + at, gain / length as f64)));
    }
    likely.extend(tail(last, said, until));
    let arrival = |chances: &[(usize, f64)]| {
        let within: Vec<(usize, f64)> = chances
            .iter()
            .filter(|(day, _)| *day <= until)
            .copied()
            .collect();
        Arrival::after(from, &Span::of(&within))
    };
    Between {
        likely: arrival(&likely),
        soonest: arrival(&soonest),
        latest: arrival(&latest),
    }
}

/// Lists by how much the probability grows between which days.
fn gains(rows: &[(usize, f64)]) -> Vec<(usize, usize, f64)> {
    let before = std::iter::once((0, 0.0)).chain(rows.iter().copied());
    let pairs = before.zip(rows);
    pairs
        .map(|((start, lower), (end, upper))| (start, *end, upper - lower))
        .collect()
}

/// Spreads what is left after the last row by the constant hazard that brings it there.
fn tail(last: usize, said: f64, until: usize) -> Vec<(usize, f64)> {
    if said <= 0.0 || last == 0 {
        return Vec::new();
    }
    let stays = (1.0 - said).powf(1.0 / last as f64);
    let mut left = 1.0 - said;
    let mut chances = Vec::new();
    for day in last + 1..=until {
        chances.push((day, left * (1.0 - stays)));
        left *= stays;
    }
    chances
}

#[cfg(test)]
mod tests;
