//! When we are ready: a plan as three arrivals, the likely one and the soonest and latest that the
//! plan's own words leave open. It must not know what we are to be ready for.

use domain::Date;
use serde::Serialize;

use super::arrival::{Arrival, Span};
use super::days;

/// Holds an arrival and how far it is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Between {
    /// The one that is meant, by a named law between what is said.
    pub likely: Arrival,
    /// None that fits what is said comes sooner by any day.
    pub soonest: Arrival,
    /// None that fits what is said comes later by any day.
    pub latest: Arrival,
}

/// Says when we mean to be ready.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// The best, the likeliest and the worst day, in order.
    Dates([Date; 3]),
    /// The day by which we are ready with chance 0.5, and the later one with 0.9, as seen from a
    /// day before both.
    Quantiles {
        /// The day from which it is seen.
        from: Date,
        /// The day of chance 0.5.
        half: Date,
        /// The day of chance 0.9.
        most: Date,
    },
    /// Steps one after the other from a day on, each independent of the others.
    Steps {
        /// The day on which the first begins.
        start: Date,
        /// The steps.
        steps: Vec<Step>,
    },
}

/// Is one step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// What is done.
    pub name: String,
    /// The best, the likeliest and the worst number of days, in order.
    pub days: [f64; 3],
}

/// Counts the days of an effort in points: hours a point over the hours that are worked a week.
#[must_use]
pub fn days_of_effort(points: f64, hours_per_point: [f64; 3], hours_per_week: f64) -> [f64; 3] {
    hours_per_point.map(|hours| points * hours / hours_per_week * 7.0)
}

impl Between {
    /// Takes what is certain.
    #[must_use]
    pub fn on(day: Date) -> Self {
        let on = Arrival::on(day);
        Self {
            likely: on.clone(),
            soonest: on.clone(),
            latest: on,
        }
    }

    /// Moves all three by so many days.
    #[must_use]
    pub fn moved(&self, by: i64) -> Self {
        Self {
            likely: self.likely.moved(by),
            soonest: self.soonest.moved(by),
            latest: self.latest.moved(by),
        }
    }

    /// Mixes several by weights that sum to one; none where there are none.
    #[must_use]
    pub fn mixed(parts: &[(f64, &Self)]) -> Option<Self> {
        let of = |arrival: fn(&Self) -> &Arrival| {
            let each = parts.iter().map(|(weight, part)| (*weight, arrival(part)));
            Arrival::mixed(&each.collect::<Vec<_>>())
        };
        Some(Self {
            likely: of(|part| &part.likely)?,
            soonest: of(|part| &part.soonest)?,
            latest: of(|part| &part.latest)?,
        })
    }
}

impl Plan {
    /// Counts the days from its first to the last that it names.
    #[must_use]
    pub fn days(&self) -> f64 {
        match self {
            Self::Dates([best, _, worst]) => days::between(*best, *worst) as f64,
            Self::Quantiles { from, most, .. } => days::between(*from, *most) as f64,
            Self::Steps { steps, .. } => steps.iter().map(|step| step.days[2]).sum(),
        }
    }

    /// Works out the three arrivals.
    ///
    /// A best, a likeliest and a worst value are a triangle; that the likeliest is the only peak
    /// leaves open all that lies between the even spread up to it and the even spread from it
    /// (Khinchine 1938). Two chances are Weibull's law through both; they leave open all that jumps
    /// from one to the other at once. The sum of the soonest is the soonest of the sums.
    #[must_use]
    pub fn ready(&self) -> Between {
        match self {
            Self::Dates(dates) => {
                let [best, ..] = *dates;
                let offsets = dates.map(|day| days::between(best, day) as f64);
                spread(best, &[offsets])
            }
            Self::Quantiles { from, half, most } => by_quantiles(*from, *half, *most),
            Self::Steps { start, steps } => {
                let steps: Vec<[f64; 3]> = steps.iter().map(|step| step.days).collect();
                spread(*start, &steps)
            }
        }
    }
}

fn spread(start: Date, steps: &[[f64; 3]]) -> Between {
    let sum = |span: fn(&[f64; 3]) -> Span| {
        let spans = steps.iter().map(span);
        let whole = spans.reduce(|sum, next| sum.then(&next));
        Arrival::after(start, &whole.unwrap_or_else(|| Span::exactly(0)))
    };
    Between {
        likely: sum(|days| Span::triangular(*days)),
        soonest: sum(|[best, likely, _]| Span::uniform(best - 0.5, *likely)),
        latest: sum(|[_, likely, worst]| Span::uniform(*likely, worst + 0.5)),
    }
}

fn by_quantiles(from: Date, half: Date, most: Date) -> Between {
    let count = |day: Date| days::between(from, day).max(0);
    let at = |days: i64| usize::try_from(days).unwrap_or_default();
    let (first, second) = (count(half), count(most));
    let soonest = [(1, 0.5), (at(first + 1), 0.4), (at(second + 1), 0.1)];
    let latest = [(at(first), 0.5), (at(second), 0.4)];
    Between {
        likely: Arrival::after(from, &Span::by_quantiles(first as f64, second as f64)),
        soonest: Arrival::after(from, &Span::of(&soonest)),
        latest: Arrival::after(from, &Span::of(&latest)),
    }
}

#[cfg(test)]
mod tests;
