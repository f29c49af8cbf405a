//! How far off the predictions are: half of the items, by lot, predict the other half, many times.
//! Over ten splits each item is five times on either side, so that what is left of a bias is the
//! prediction's and not the lot's (as in the balanced bootstrap of Davison, Hinkley and Schechtman,
//! 1986). It must not let an item predict itself.

use serde::Serialize;

use crate::cascade::draws::Draws;
use crate::cascade::measure::{ItemCost, Over, cheap_cost, measure, qualities, strong_cost};
use crate::cascade::outcomes::Item;
use crate::cascade::part::{Grounds, Part, Way};
use crate::cascade::way::Chances;

/// Holds how well a way was predicted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Held {
    /// The way.
    pub way: Way,
    /// How many times.
    pub splits: usize,
    /// Mean of predicted less observed quality, in percentage points.
    pub bias_points: f64,
    /// Mean of the same without its sign.
    pub error_points: f64,
    /// The share of times that the interval held the observed quality.
    pub covered: f64,
    /// What the other half gained over a lot with the same share, in percentage points, on
    /// average.
    pub over_lot_points: f64,
    /// Mean of predicted over observed cost, less 1; none where costs are not known.
    pub usd_bias: Option<f64>,
    /// Mean of the same without its sign.
    pub usd_error: Option<f64>,
    /// The share of times that the interval held the observed cost.
    pub usd_covered: Option<f64>,
}

/// Holds the sums over the splits.
#[derive(Clone, Debug, Default)]
struct Sums {
    splits: usize,
    bias: f64,
    error: f64,
    covered: usize,
    over_lot: f64,
    usd_bias: f64,
    usd_error: f64,
    usd_covered: usize,
    usd: usize,
}

/// Over how many splits each item is as often on one side as on the other.
const BALANCED: usize = 10;

/// Predicts one half by the other, so many times.
#[must_use]
pub fn splits(whole: &Part, ways: &[Way], grounds: &Grounds, asked: (usize, u64)) -> Vec<Held> {
    let (count, seed) = asked;
    let mut sums = vec![Sums::default(); ways.len()];
    for first in (0..count).step_by(BALANCED) {
        let mut draws = Draws::new(seed, first as u64 + 1);
        let sides = sides(whole.items.len(), &mut draws);
        for sides in sides.iter().take(count - first) {
            let half = |is_known: bool| {
                let places = sides
                    .iter()
                    .enumerate()
                    .filter(|(_, side)| **side == is_known);
                let places: Vec<usize> = places.map(|(place, _)| place).collect();
                Part::new(&whole.items, whole.costs.as_deref(), &places)
            };
            let (known, next) = (half(true), half(false));
            for (way, sums) in ways.iter().zip(&mut sums) {
                let of = (whole.items.as_slice(), *way, grounds);
                let predicted = known.chances(of, &mut draws);
                let real = next.chances_after(&known, of, &mut draws);
                if let Some((predicted, real)) = predicted.zip(real) {
                    compare((&known, &predicted), (&next, &real), sums, &mut draws);
                }
            }
        }
    }
    ways.iter()
        .zip(sums)
        .filter_map(|(way, sums)| held(*way, &sums))
        .collect()
}

/// Draws for each of some splits which items are known.
fn sides(items: usize, draws: &mut Draws) -> Vec<Vec<bool>> {
    let empty = || Vec::with_capacity(items);
    let mut sides: Vec<Vec<bool>> = (0..BALANCED).map(|_| empty()).collect();
    for _ in 0..items {
        for (place, split) in draws.order(BALANCED).into_iter().enumerate() {
            sides[split].push(place < BALANCED / 2);
        }
    }
    sides
}

/// Compares what the known half predicts with what becomes of the next one, where each item's
/// tier is drawn.
fn compare(
    (known, predicted): (&Part, &Chances),
    (next, real): (&Part, &Chances),
    sums: &mut Sums,
    draws: &mut Draws,
) {
    let over = Over::Next(next.items.len());
    let said = measure(&known.items, predicted, known.costs.as_deref(), over);
    let is_strong: Vec<bool> = real
        .strong
        .iter()
        .map(|chance| draws.unit() < *chance)
        .collect();
    let came = right_share(&next.items, &is_strong);
    let error = (said.quality.value - came) * 1e2;
    sums.splits += 1;
    sums.bias += error;
    sums.error += error.abs();
    sums.covered += usize::from(said.quality.holds(came));
    sums.over_lot += over_lot(&next.items, real) * 1e2;
    if let Some((said, costs)) = said.usd.zip(next.costs.as_deref()) {
        let one = |(cost, is_strong): (&ItemCost, &bool)| {
            let cost_of = if *is_strong { strong_cost } else { cheap_cost };
            cost_of(cost, real.asked)
        };
        let total: f64 = costs.iter().zip(&is_strong).map(one).sum();
        let came = total / costs.len() as f64;
        if came > 0.0 {
            sums.usd += 1;
            sums.usd_bias += said.value / came - 1.0;
            sums.usd_error += (said.value / came - 1.0).abs();
            sums.usd_covered += usize::from(said.holds(came));
        }
    }
}

fn right_share(items: &[Item], is_strong: &[bool]) -> f64 {
    let is_right = |(item, strong): (&Item, &bool)| {
        if *strong {
            item.strong_is_right
        } else {
            item.cheap_is_right
        }
    };
    let right = items.iter().zip(is_strong).map(is_right);
    right.filter(|is_right| *is_right).count() as f64 / items.len() as f64
}

fn over_lot(items: &[Item], real: &Chances) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let share = mean(&real.strong);
    let lot = mean(&qualities(items, &vec![share; items.len()]));
    mean(&qualities(items, &real.strong)) - lot
}

fn held(way: Way, sums: &Sums) -> Option<Held> {
    let count = sums.splits as f64;
    let usd = (sums.usd > 0).then_some(sums.usd as f64);
    (sums.splits > 0).then(|| Held {
        way,
        splits: sums.splits,
        bias_points: sums.bias / count,
        error_points: sums.error / count,
        covered: sums.covered as f64 / count,
        over_lot_points: sums.over_lot / count,
        usd_bias: usd.map(|usd| sums.usd_bias / usd),
        usd_error: usd.map(|usd| sums.usd_error / usd),
        usd_covered: usd.map(|usd| sums.usd_covered as f64 / usd),
    })
}
