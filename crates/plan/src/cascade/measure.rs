//! What a way of choosing comes to: quality and cost with 90 % intervals, and what it gains over a
//! lot that sends as many items to the strong tier. It must not know how the way was chosen.

use serde::Serialize;

use crate::cascade::outcomes::{Item, Length, Written};
use crate::cascade::way::{Asked, Chances};

/// The share of cases that a stated interval should hold.
pub const COVERAGE: f64 = 0.9;
/// The quantile of the normal distribution at 0.95.
const QUANTILE: f64 = 1.644_853_626_951_472_2;

/// Holds an estimate between the bounds of its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounded {
    /// The estimate.
    pub value: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Bounded {
    /// Tells whether a value is within.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// Says what the interval is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Items without end that are like those measured.
    TheLongRun,
    /// So many more items, by lot from the same source.
    Next(usize),
}

/// Holds what a way comes to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// The share of items that the strong tier answers.
    pub strong_share: f64,
    /// The share of right answers.
    pub quality: Bounded,
    /// What the share of right answers is above that of a lot with the same share.
    pub over_lot: Bounded,
    /// What an item costs, in USD; none where it is not known for every item.
    pub usd: Option<Bounded>,
}

/// Holds what one item costs at each tier, in USD.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemCost {
    /// The cheap tier.
    pub cheap: f64,
    /// The strong tier.
    pub strong: f64,
    /// The verifier.
    pub verifier: f64,
}

/// Holds the prices by which lengths become money.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// The cheap tier, in USD a million tokens of input and of output.
    pub cheap: Option<[f64; 2]>,
    /// The strong tier, likewise.
    pub strong: Option<[f64; 2]>,
    /// Characters of a token.
    pub chars_per_token: f64,
    /// What a look of the verifier costs, in USD.
    pub verifier: f64,
}

impl Rates {
    /// Works out what items cost; none where one of them does not say enough.
    #[must_use]
    pub fn costs(&self, items: &[Item]) -> Option<Vec<ItemCost>> {
        let cost = |item: &Item| {
            Some(ItemCost {
                cheap: self.answer(item, item.cheap, self.cheap)?,
                strong: self.answer(item, item.strong, self.strong)?,
                verifier: self.verifier,
            })
        };
        items.iter().map(cost).collect()
    }

    fn answer(&self, item: &Item, written: Written, prices: Option<[f64; 2]>) -> Option<f64> {
        if written.usd.is_some() {
            return written.usd;
        }
        let [input, output] = prices?;
        let tokens = |length: Length| match length {
            Length::Tokens(tokens) => tokens,
            Length::Chars(chars) => chars / self.chars_per_token,
        };
        let (read, wrote) = (tokens(item.prompt?), tokens(written.length?));
        Some((read * input + wrote * output) / 1e6)
    }
}

/// Measures a way over the items for which it has chances.
#[must_use]
pub fn measure(
    items: &[Item],
    chances: &Chances,
    costs: Option<&[ItemCost]>,
    over: Over,
) -> Measured {
    let strong_share = mean(&chances.strong);
    let quality = qualities(items, &chances.strong);
    let lot = qualities(items, &vec![strong_share; items.len()]);
    let gains: Vec<f64> = quality
        .iter()
        .zip(&lot)
        .map(|(own, lot)| own - lot)
        .collect();
    let usd = costs.map(|costs| {
        let own = item_costs(costs, chances);
        let drawn = drawn_costs(costs, chances);
        let interval = bounded(&own, variance(&own), variance(&own) + drawn, over);
        Bounded {
            low: interval.low.max(0.0),
            ..interval
        }
    });
    Measured {
        strong_share,
        quality: quality_bounds(&quality, over, chances.of_rule),
        over_lot: bounded(&gains, variance(&gains), variance(&gains), Over::TheLongRun),
        usd,
    }
}

/// Tells how probable a right answer is, item by item.
#[must_use]
pub fn qualities(items: &[Item], strong: &[f64]) -> Vec<f64> {
    let right = |is_right: bool| f64::from(u8::from(is_right));
    let one = |(item, strong): (&Item, &f64)| {
        (1.0 - strong) * right(item.cheap_is_right) + strong * right(item.strong_is_right)
    };
    items.iter().zip(strong).map(one).collect()
}

/// Tells what an item costs that the cheap tier answers.
#[must_use]
pub fn cheap_cost(cost: &ItemCost, asked: Asked) -> f64 {
    match asked {
        Asked::One | Asked::CheapFirst => cost.cheap,
        Asked::CheapVerified => cost.cheap + cost.verifier,
    }
}

/// Tells what an item costs that the strong tier answers, with what was asked before.
#[must_use]
pub fn strong_cost(cost: &ItemCost, asked: Asked) -> f64 {
    match asked {
        Asked::One => cost.strong,
        Asked::CheapFirst | Asked::CheapVerified => cheap_cost(cost, asked) + cost.strong,
    }
}

fn item_costs(costs: &[ItemCost], chances: &Chances) -> Vec<f64> {
    let one = |(cost, strong): (&ItemCost, &f64)| {
        let asked = chances.asked;
        strong * strong_cost(cost, asked) + (1.0 - strong) * cheap_cost(cost, asked)
    };
    costs.iter().zip(&chances.strong).map(one).collect()
}

/// Tells what the lot adds to the variance of one item's cost.
fn drawn_costs(costs: &[ItemCost], chances: &Chances) -> f64 {
    let one = |(cost, strong): (&ItemCost, &f64)| {
        let asked = chances.asked;
        let step = strong_cost(cost, asked) - cheap_cost(cost, asked);
        strong * (1.0 - strong) * step * step
    };
    mean(
        &costs
            .iter()
            .zip(&chances.strong)
            .map(one)
            .collect::<Vec<_>>(),
    )
}

/// States the interval of a share of right answers. The variance of what was measured is that of
/// the chances, widened as if a few more items had come out evenly (Agresti and Coull, 1998), so
/// that a share of all or none has a width too; a next item is right or wrong in full.
fn quality_bounds(qualities: &[f64], over: Over, of_rule: f64) -> Bounded {
    let count = qualities.len() as f64;
    let share = mean(qualities);
    let even = QUANTILE * QUANTILE;
    let centred = (share * count + even / 2.0) / (count + even);
    let widening = (centred * (1.0 - centred) - share * (1.0 - share)).max(0.0);
    let known = variance(qualities) + widening + of_rule * count;
    let interval = bounded(qualities, known, share * (1.0 - share) + widening, over);
    Bounded {
        value: share,
        low: interval.low.max(0.0),
        high: interval.high.min(1.0),
    }
}

fn bounded(values: &[f64], of_known: f64, of_next: f64, over: Over) -> Bounded {
    let next = match over {
        Over::TheLongRun => 0.0,
        Over::Next(items) => of_next / (items as f64).max(1.0),
    };
    let value = mean(values);
    let half = QUANTILE * (of_known / (values.len() as f64).max(1.0) + next).sqrt();
    Bounded {
        value,
        low: value - half,
        high: value + half,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / (values.len() as f64).max(1.0)
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares = values.iter().map(|value| (value - mean) * (value - mean));
    squares.sum::<f64>() / (values.len() as f64 - 1.0).max(1.0)
}
