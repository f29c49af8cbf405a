//! A cheaper tier first: what a verifier, a rule or a lot that sends some items on to a stronger
//! tier comes to in quality and cost, by outcomes measured item by item. Beside them an oracle,
//! which nothing can exceed, and shuffled controls, which must not gain. It must not read a file.

mod draws;
mod frontier;
mod measure;
pub mod outcomes;
mod page;
mod part;
mod rule;
mod splits;
mod study;
mod way;

use crate::cascade::draws::Draws;
use crate::cascade::outcomes::{Feature, Outcomes, Values, When};

pub use crate::cascade::frontier::{Frontier, bounds};
pub use crate::cascade::measure::{Bounded, COVERAGE, ItemCost, Measured, Over, Rates, measure};
pub use crate::cascade::page::{Titles, page};
pub use crate::cascade::part::{Grounds, Part, Way};
pub use crate::cascade::rule::{FOLDS, Groups};
pub use crate::cascade::splits::Held;
pub use crate::cascade::study::{Point, Study};
pub use crate::cascade::way::{Asked, Chances, Verifier};

/// How many times a control is shuffled.
pub const SHUFFLES: usize = 20;
/// Names the draws of the whole file, apart from those of splits, which count from 1.
const WHOLE: u64 = 0;

/// Asks what ways of choosing come to.
#[derive(Clone, Debug)]
pub struct Question<'o> {
    /// Who was right.
    pub outcomes: &'o Outcomes,
    /// How well the verifier judges: an assumption.
    pub verifier: Verifier,
    /// By which prices lengths become money.
    pub rates: Rates,
    /// What the rule goes by; none for no rule.
    pub feature: Option<&'o Feature>,
    /// How many items of the overall gain are added to a group's own.
    pub prior: f64,
    /// What intervals are for.
    pub over: Over,
    /// Where draws start.
    pub seed: u64,
}

/// Chooses a feature for a rule where none is asked for: the first that names groups, else the
/// first that is known before any tier is asked.
#[must_use]
pub fn usual_feature(outcomes: &Outcomes) -> Option<&Feature> {
    let before = || {
        outcomes
            .features
            .iter()
            .filter(|one| one.when == When::Before)
    };
    let mut words = before().filter(|one| matches!(one.values, Values::Words(_)));
    words.next().or_else(|| before().next())
}

impl Question<'_> {
    /// Answers, with so many splits to see how well it predicts.
    #[must_use]
    pub fn study(&self, splits: usize) -> Study {
        let whole = self.whole();
        let grounds = self.grounds();
        let ways = ways();
        let points = ways
            .iter()
            .filter_map(|way| self.point(&whole, *way, &grounds));
        Study {
            items: whole.items.len(),
            right: self.outcomes.right(),
            points: points.collect(),
            held_out: self.splits(splits),
        }
    }

    /// Predicts one half by the other, so many times.
    #[must_use]
    pub fn splits(&self, count: usize) -> Vec<Held> {
        let ways = judged();
        splits::splits(&self.whole(), &ways, &self.grounds(), (count, self.seed))
    }

    /// Measures one way over all items.
    #[must_use]
    pub fn one(&self, way: Way) -> Option<Point> {
        self.point(&self.whole(), way, &self.grounds())
    }

    fn grounds(&self) -> Grounds {
        let groups = self
            .feature
            .map(|feature| (Groups::new(feature), feature.when));
        Grounds {
            verifier: self.verifier,
            groups,
            prior: self.prior,
        }
    }

    /// Takes all items in an order drawn once, since folds are cut by place.
    fn whole(&self) -> Part {
        let items = &self.outcomes.items;
        let costs = self.rates.costs(items);
        let places: Vec<usize> = (0..items.len()).collect();
        Part::new(items, costs.as_deref(), &places)
    }

    fn point(&self, whole: &Part, way: Way, grounds: &Grounds) -> Option<Point> {
        let mut draws = Draws::new(self.seed, WHOLE);
        let order = draws.order(whole.items.len());
        let part = Part::new(&whole.items, whole.costs.as_deref(), &order);
        let mut measured = || {
            let chances = part.chances((&whole.items, way, grounds), &mut draws)?;
            Some(measure(
                &part.items,
                &chances,
                part.costs.as_deref(),
                self.over,
            ))
        };
        let measured = if way.is_control() {
            let shuffles: Option<Vec<_>> = (0..SHUFFLES).map(|_| measured()).collect();
            of_shuffles(&shuffles?)?
        } else {
            measured()?
        };
        Some(Point {
            way,
            family: way.family(),
            measured,
        })
    }
}

/// Sums up the shuffles of a control. Its gain lies where nine of ten of them do.
fn of_shuffles(shuffles: &[Measured]) -> Option<Measured> {
    let first = *shuffles.first()?;
    let count = shuffles.len() as f64;
    let mean = |of: &dyn Fn(&Measured) -> f64| shuffles.iter().map(of).sum::<f64>() / count;
    let bounds = |of: &dyn Fn(&Measured) -> Bounded| Bounded {
        value: mean(&|one| of(one).value),
        low: mean(&|one| of(one).low),
        high: mean(&|one| of(one).high),
    };
    let mut gains: Vec<f64> = shuffles.iter().map(|one| one.over_lot.value).collect();
    gains.sort_by(f64::total_cmp);
    let cut = shuffles.len() / 20;
    let costs: Option<Vec<Bounded>> = shuffles.iter().map(|one| one.usd).collect();
    let of_costs =
        |of: &dyn Fn(&Bounded) -> f64, costs: &[Bounded]| costs.iter().map(of).sum::<f64>() / count;
    Some(Measured {
        strong_share: mean(&|one| one.strong_share),
        quality: bounds(&|one| one.quality),
        over_lot: Bounded {
            value: mean(&|one| one.over_lot.value),
            low: gains.get(cut).copied().unwrap_or(first.over_lot.low),
            high: gains
                .get(gains.len() - 1 - cut)
                .copied()
                .unwrap_or(first.over_lot.high),
        },
        usd: costs.map(|costs| Bounded {
            value: of_costs(&|one| one.value, &costs),
            low: of_costs(&|one| one.low, &costs),
            high: of_costs(&|one| one.high, &costs),
        }),
    })
}

fn ways() -> Vec<Way> {
    let tenths = |least: u32, most: u32| (least..=most).map(|tenth| f64::from(tenth) / 10.0);
    let quarters = || (1..=4_u32).map(|quarter| f64::from(quarter) / 4.0);
    let lots = tenths(0, 10).map(Way::Lot);
    let verified = quarters().map(Way::Verified);
    let ruled = tenths(1, 9).map(Way::Ruled);
    let oracle = quarters().map(Way::Oracle);
    let controls = [Way::VerifiedShuffled(0.5), Way::VerifiedShuffled(1.0)];
    let ruled_controls = [0.2, 0.5, 0.8].map(Way::RuledShuffled);
    let all = lots.chain(verified).chain(ruled).chain(oracle);
    all.chain(controls).chain(ruled_controls).collect()
}

/// Lists the ways that are judged by splits: the ends and middles of the families.
fn judged() -> Vec<Way> {
    vec![
        Way::Lot(0.0),
        Way::Lot(0.5),
        Way::Lot(1.0),
        Way::Verified(0.5),
        Way::Verified(1.0),
        Way::Ruled(0.3),
        Way::Ruled(0.6),
        Way::Oracle(1.0),
        Way::VerifiedShuffled(1.0),
        Way::RuledShuffled(0.5),
    ]
}

impl Outcomes {
    /// Tells the shares of items that both tiers got right, the cheap one alone, the strong one
    /// alone, and neither.
    #[must_use]
    pub fn right(&self) -> [f64; 4] {
        let mut counts = [0.0; 4];
        for item in &self.items {
            let place = match (item.cheap_is_right, item.strong_is_right) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            counts[place] += 1.0;
        }
        let items = (self.items.len() as f64).max(1.0);
        counts.map(|count| count / items)
    }

    /// Finds a feature by name.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<&Feature> {
        self.features.iter().find(|feature| feature.name == name)
    }
}
