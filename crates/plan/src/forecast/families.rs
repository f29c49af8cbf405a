//! One event by several days: the later the day, the more likely. What says otherwise is found, and
//! repaired by the nearest family that does not. It must not hide a repair.

use domain::Date;
use serde::Serialize;

/// Holds the probability that an event has come by the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct By {
    /// The day.
    pub day: Date,
    /// The probability, from 0 to 1.
    pub probability: f64,
    /// How much it counts where it has to give way to others, such as money or forecasters behind
    /// it; above 0.
    pub weight: f64,
    /// The line of the file that says so, from 1.
    pub line: usize,
}

/// Holds an event's probabilities in the order of their days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Family {
    event: String,
    points: Vec<By>,
}

/// Says why rows are no family, and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FamilyFault {
    /// There is no row.
    #[error("`{event}` has no probability; give at least one `{{ day = 2027-04-30, p = 0.5 }}`")]
    Empty {
        /// The event.
        event: String,
    },
    /// A probability is not one.
    #[error(
        "line {line}: `{event}` by {day}: {probability} is no probability; it lies from 0 to 1"
    )]
    Range {
        /// The event.
        event: String,
        /// The day.
        day: Date,
        /// The number.
        probability: f64,
        /// The line.
        line: usize,
    },
    /// A weight is not one.
    #[error("line {line}: `{event}` by {day}: the weight {weight} is not a number above 0")]
    Weight {
        /// The event.
        event: String,
        /// The day.
        day: Date,
        /// The number.
        weight: f64,
        /// The line.
        line: usize,
    },
    /// A day stands twice.
    #[error("lines {first} and {line}: `{event}` has two probabilities by {day}; keep one of them")]
    Twice {
        /// The event.
        event: String,
        /// The day.
        day: Date,
        /// The line of the first.
        first: usize,
        /// The line of the second.
        line: usize,
    },
}

impl FamilyFault {
    /// Tells the line of the row that is wrong; none where there is no row.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Empty { .. } => None,
            Self::Range { line, .. } | Self::Weight { line, .. } | Self::Twice { line, .. } => {
                Some(*line)
            }
        }
    }
}

/// Shows two rows that contradict each other: the later one is the less likely.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[error(
    "lines {} and {}: `{event}` has {} by {} and only {} by {}, although what has come by the \
     first has come by the second",
    earlier.line, later.line, earlier.probability, earlier.day, later.probability, later.day
)]
pub struct Incoherence {
    /// The event.
    pub event: String,
    /// The earlier row.
    pub earlier: By,
    /// The later row.
    pub later: By,
}

/// Shows one probability that a repair moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The day.
    pub day: Date,
    /// What was said.
    pub from: f64,
    /// What stands there now.
    pub to: f64,
    /// The line that said it.
    pub line: usize,
}

/// Holds a coherent family, and all that had to be moved for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Repaired {
    /// The family.
    pub family: Family,
    /// What was moved; nothing where the family was coherent.
    pub changes: Vec<Change>,
}

/// Bounds the probability that an event has come by a day. Beyond the last day that is spoken of
/// nothing is known but that it does not fall.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reach {
    /// The least that it can be.
    pub at_least: f64,
    /// The most that it can be.
    pub at_most: f64,
}

impl Family {
    /// Puts rows in order.
    ///
    /// # Errors
    /// There is none, one is no probability, or a day stands twice.
    pub fn new(event: impl Into<String>, mut points: Vec<By>) -> Result<Self, FamilyFault> {
        let event = event.into();
        points.sort_by_key(|one| one.day);
        if points.is_empty() {
            return Err(FamilyFault::Empty { event });
        }
        if let Some(fault) = points.iter().find_map(|one| fault_of(&event, one)) {
            return Err(fault);
        }
        let twice = points.windows(2).find(|two| two[0].day == two[1].day);
        match twice.map(|two| (two[0], two[1])) {
            Some((first, second)) => Err(FamilyFault::Twice {
                event,
                day: first.day,
                first: first.line.min(second.line),
                line: first.line.max(second.line),
            }),
            None => Ok(Self { event, points }),
        }
    }

    /// Names the event.
    #[must_use]
    pub fn event(&self) -> &str {
        &self.event
    }

    /// Lists the rows, the earliest day first; never none.
    #[must_use]
    pub fn points(&self) -> &[By] {
        &self.points
    }

    /// Tells the probability by the last day that is spoken of.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.points.last().map_or(0.0, |one| one.probability)
    }

    /// Lists each row that is less likely than the one before it.
    #[must_use]
    pub fn incoherences(&self) -> Vec<Incoherence> {
        let pairs = self.points.windows(2);
        let wrong = pairs.filter(|two| two[1].probability < two[0].probability);
        wrong
            .map(|two| Incoherence {
                event: self.event.clone(),
                earlier: two[0],
                later: two[1],
            })
            .collect()
    }

    /// Finds the nearest coherent family: isotonic regression, which minimises the weighted sum of
    /// squared changes, by pooling adjacent violators (Barlow, Bartholomew, Bremner, Brunk 1972).
    #[must_use]
    pub fn repaired(&self) -> Repaired {
        self.repaired_under(0.0)
    }

    /// Finds the nearest coherent family where the last probability costs `pull` for each unit of
    /// it: the weighted sum of squared changes and that cost are least together.
    #[must_use]
    pub(super) fn repaired_under(&self, pull: f64) -> Repaired {
        let last = self.points.len() - 1;
        let mut pools: Vec<Pool> = Vec::with_capacity(self.points.len());
        for (at, one) in self.points.iter().enumerate() {
            // w(x − p)² + pull·x is w(x − (p − pull/2w))², and a number.
            let shift = if at == last {
                pull / (2.0 * one.weight)
            } else {
                0.0
            };
            pools.push(Pool {
                mean: one.probability - shift,
                weight: one.weight,
                rows: 1,
            });
            while let [.., before, last] = pools.as_slice() {
                if before.mean <= last.mean {
                    break;
                }
                let joined = before.joined(last);
                pools.truncate(pools.len() - 2);
                pools.push(joined);
            }
        }
        // Within bounds the nearest is what is nearest without them, brought to the bound.
        let each = |pool: &Pool| std::iter::repeat_n(pool.mean.clamp(0.0, 1.0), pool.rows);
        self.with(pools.iter().flat_map(each))
    }

    fn with(&self, probabilities: impl Iterator<Item = f64>) -> Repaired {
        let rows = self.points.iter().zip(probabilities);
        let points: Vec<By> = rows
            .map(|(one, probability)| By {
                probability,
                ..*one
            })
            .collect();
        let pairs = self.points.iter().zip(&points);
        let moved = pairs.filter(|(from, to)| from.probability != to.probability);
        let changes = moved.map(|(from, to)| Change {
            day: from.day,
            from: from.probability,
            to: to.probability,
            line: from.line,
        });
        Repaired {
            changes: changes.collect(),
            family: Self {
                event: self.event.clone(),
                points,
            },
        }
    }

    /// Bounds the probability by the end of a day, from the rows alone: between two of them it lies
    /// between theirs, and after the last it may be anything from there to 1.
    #[must_use]
    pub fn by(&self, day: Date) -> Reach {
        let before = self.points.iter().rev().find(|one| one.day <= day);
        let after = self.points.iter().find(|one| one.day >= day);
        Reach {
            at_least: before.map_or(0.0, |one| one.probability),
            at_most: after.map_or(1.0, |one| one.probability),
        }
    }
}

fn fault_of(event: &str, one: &By) -> Option<FamilyFault> {
    let By {
        day,
        probability,
        weight,
        line,
    } = *one;
    if !(0.0..=1.0).contains(&probability) {
        return Some(FamilyFault::Range {
            event: event.to_owned(),
            day,
            probability,
            line,
        });
    }
    let is_weight = weight.is_finite() && weight > 0.0;
    (!is_weight).then(|| FamilyFault::Weight {
        event: event.to_owned(),
        day,
        weight,
        line,
    })
}

/// Is a run of rows that a repair gives one value.
struct Pool {
    mean: f64,
    weight: f64,
    rows: usize,
}

impl Pool {
    fn joined(&self, other: &Self) -> Self {
        let weight = self.weight + other.weight;
        Self {
            mean: (self.mean * self.weight + other.mean * other.weight) / weight,
            weight,
            rows: self.rows + other.rows,
        }
    }
}

#[cfg(test)]
mod tests;
