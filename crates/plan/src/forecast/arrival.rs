//! When something comes, as a chance for each day. Sums of independent spans are exact convolutions
//! over days; nothing is drawn at random. It must not know what comes.

use domain::Date;

use super::days;

/// Most days that a chance is spread over: fifty years.
pub const MOST_DAYS: usize = 18_263;
/// What is left of a long tail is not spread further.
const NEGLIGIBLE: f64 = 1e-9;

/// Spreads a whole over days, from a first one on; what is over does not come in sight.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    first: Date,
    mass: Vec<f64>,
}

/// Spreads a whole over numbers of whole days, from none on; what is over never ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    mass: Vec<f64>,
}

impl Span {
    /// Takes so many days for certain.
    #[must_use]
    pub fn exactly(count: usize) -> Self {
        let mut mass = vec![0.0; count.min(MOST_DAYS)];
        mass.push(1.0);
        Self { mass }
    }

    /// Spreads by a triangle: from the best over the likeliest to the worst number of days, each a
    /// cell of a day's width around it.
    #[must_use]
    pub fn triangular([best, likely, worst]: [f64; 3]) -> Self {
        let (from, to) = (best - 0.5, worst + 0.5);
        let below = |x: f64| match x {
            x if x <= from => 0.0,
            x if x >= to => 1.0,
            x if x <= likely => (x - from).powi(2) / ((to - from) * (likely - from)),
            x => 1.0 - (to - x).powi(2) / ((to - from) * (to - likely)),
        };
        Self::of_cells(below, worst)
    }

    /// Spreads evenly from one number of days to another.
    #[must_use]
    pub fn uniform(from: f64, to: f64) -> Self {
        if to <= from {
            return Self::of_cells(|x| if x >= from { 1.0 } else { 0.0 }, from);
        }
        Self::of_cells(|x| ((x - from) / (to - from)).clamp(0.0, 1.0), to)
    }

    /// Spreads by Weibull's law (1951) so that half is over after `half` days and nine tenths after
    /// `most`; `most` is the greater.
    #[must_use]
    pub fn by_quantiles(half: f64, most: f64) -> Self {
        let ln2 = std::f64::consts::LN_2;
        let shape = (std::f64::consts::LN_10 / ln2).ln() / (most / half).ln();
        let scale = half / ln2.powf(1.0 / shape);
        let left = |x: f64| (-(x / scale).powf(shape)).exp();
        let mut mass = vec![0.0];
        let mut day = 0.0;
        while left(day) > NEGLIGIBLE && mass.len() < MOST_DAYS {
            mass.push(left(day) - left(day + 1.0));
            day += 1.0;
        }
        if let Some(last) = mass.last_mut() {
            *last += left(day);
        }
        Self { mass }
    }

    /// Gives a number of days each chance as it is said; what they leave of one never ends.
    #[must_use]
    pub fn of(chances: &[(usize, f64)]) -> Self {
        let length = chances.iter().map(|(count, _)| count + 1).max();
        let mut mass = vec![0.0; length.unwrap_or(0).min(MOST_DAYS)];
        for (count, chance) in chances {
            if let Some(cell) = mass.get_mut(*count) {
                *cell += chance;
            }
        }
        Self { mass }
    }

    /// Gives each whole number of days what lies within half a day of it; the rest below none goes
    /// to none.
    fn of_cells(below: impl Fn(f64) -> f64, to: f64) -> Self {
        let mut mass = Vec::new();
        let mut at = 0.0;
        let mut so_far = 0.0;
        while mass.len() < MOST_DAYS && (at <= to + 1.0 || mass.is_empty()) {
            let reached = below(at + 0.5);
            mass.push(reached - so_far);
            so_far = reached;
            at += 1.0;
        }
        Self { mass }
    }

    /// Puts another span after this one, independent of it.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let mut mass = convolved(&self.mass, &next.mass);
        mass.truncate(MOST_DAYS);
        Self { mass }
    }
}

fn convolved(one: &[f64], other: &[f64]) -> Vec<f64> {
    if one.is_empty() || other.is_empty() {
        return Vec::new();
    }
    let mut sum = vec![0.0; one.len() + other.len() - 1];
    for (at, weight) in one.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        for (cell, mass) in sum[at..].iter_mut().zip(other) {
            *cell += weight * mass;
        }
    }
    sum
}

impl Arrival {
    /// Comes on a day for certain.
    #[must_use]
    pub fn on(day: Date) -> Self {
        Self {
            first: day,
            mass: vec![1.0],
        }
    }

    /// Comes so long after a day.
    #[must_use]
    pub fn after(day: Date, span: &Span) -> Self {
        Self {
            first: day,
            mass: span.mass.clone(),
        }
    }

    /// Mixes arrivals by weights that sum to one.
    #[must_use]
    pub fn mixed(parts: &[(f64, &Self)]) -> Option<Self> {
        let first = parts.iter().map(|(_, part)| part.first).min()?;
        let mut mass: Vec<f64> = Vec::new();
        for (weight, part) in parts {
            let shift = usize::try_from(days::between(first, part.first)).unwrap_or_default();
            let length = mass.len().max(shift + part.mass.len());
            mass.resize(length, 0.0);
            for (cell, own) in mass[shift..].iter_mut().zip(&part.mass) {
                *cell += weight * own;
            }
        }
        Some(Self { first, mass })
    }

    /// Moves it by so many days, back where the number is negative.
    #[must_use]
    pub fn moved(&self, by: i64) -> Self {
        Self {
            first: days::after(self.first, by),
            mass: self.mass.clone(),
        }
    }

    /// Lists the days with their chances.
    pub fn days(&self) -> impl Iterator<Item = (Date, f64)> + '_ {
        let dated = (0..).zip(&self.mass);
        dated.map(|(at, chance)| (days::after(self.first, at), *chance))
    }

    /// Tells the chance that it comes in sight at all.
    #[must_use]
    pub fn in_sight(&self) -> f64 {
        self.mass.iter().sum::<f64>().min(1.0)
    }

    /// Tells the chance that it has come by the end of a day.
    #[must_use]
    pub fn by(&self, day: Date) -> f64 {
        let count = days::between(self.first, day) + 1;
        let count = usize::try_from(count).unwrap_or(0).min(self.mass.len());
        self.mass[..count].iter().sum::<f64>().min(1.0)
    }

    /// Finds the first day by which it has come with at least that chance; none where that is not
    /// in sight.
    #[must_use]
    pub fn quantile(&self, chance: f64) -> Option<Date> {
        let mut so_far = 0.0;
        self.days().find_map(|(day, own)| {
            so_far += own;
            (so_far >= chance - NEGLIGIBLE).then_some(day)
        })
    }
}

#[cfg(test)]
mod tests;
