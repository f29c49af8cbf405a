//! A rule by one feature: how much the strong tier gains in each group of items, learned from some
//! and applied to others. It must not be judged on the items that it learned from.

use std::collections::BTreeMap;

use crate::cascade::draws::Draws;
use crate::cascade::outcomes::{Feature, Item, Values};

/// How many groups of about one size numbers are cut into.
const NUMBER_GROUPS: usize = 10;
/// In how many parts items are cut, each decided by a rule learned from the others.
pub const FOLDS: usize = 5;

/// Tells the group of each item, as a small number.
#[derive(Clone, Debug)]
pub struct Groups {
    of_item: Vec<usize>,
    count: usize,
}

impl Groups {
    /// Cuts all items by a feature: words as they are, numbers at the same share of all items. The
    /// cuts know the values and no outcome.
    #[must_use]
    pub fn new(feature: &Feature) -> Self {
        match &feature.values {
            Values::Words(words) => Self::by_word(words),
            Values::Numbers(numbers) => Self::by_size(numbers),
        }
    }

    fn by_word(words: &[String]) -> Self {
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        let of_item = words.iter().map(|word| {
            let next = known.len();
            *known.entry(word).or_insert(next)
        });
        Self {
            of_item: of_item.collect(),
            count: known.len(),
        }
    }

    fn by_size(numbers: &[f64]) -> Self {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        let cut = |part: usize| sorted[part * sorted.len() / NUMBER_GROUPS];
        let cuts: Vec<f64> = (1..NUMBER_GROUPS).map(cut).collect();
        let group = |number: &f64| cuts.partition_point(|cut| cut <= number);
        Self {
            of_item: numbers.iter().map(group).collect(),
            count: NUMBER_GROUPS,
        }
    }

    /// Gives the items the groups of others.
    #[must_use]
    pub fn shuffled(&self, draws: &mut Draws) -> Self {
        let order = draws.order(self.of_item.len());
        Self {
            of_item: order.iter().map(|place| self.of_item[*place]).collect(),
            count: self.count,
        }
    }
}

/// Says for each group how probable it is that the strong tier is asked.
#[derive(Clone, Debug)]
pub struct Rule(Vec<f64>);

impl Rule {
    /// Learns which groups gain the most, and sends a share of all items of them to the strong
    /// tier. Each group's gain is drawn towards the overall one by `prior` items.
    #[must_use]
    pub fn learn(items: &[Item], groups: &Groups, from: &[usize], prior: f64) -> Ranked {
        let mut sizes = vec![0.0; groups.count];
        let mut gains = vec![0.0; groups.count];
        for place in from {
            let group = groups.of_item[*place];
            sizes[group] += 1.0;
            gains[group] += gain(&items[*place]);
        }
        let overall = gains.iter().sum::<f64>() / (from.len() as f64).max(1.0);
        let score = |group: usize| {
            (gains[group] + prior * overall) / (sizes[group] + prior).max(f64::MIN_POSITIVE)
        };
        let mut ranks: Vec<usize> = (0..groups.count).collect();
        ranks.sort_by(|one, two| score(*two).total_cmp(&score(*one)));
        Ranked {
            ranks,
            sizes,
            items: from.len() as f64,
        }
    }

    /// Tells how probable it is that the strong tier is asked for an item.
    #[must_use]
    pub fn chance(&self, groups: &Groups, item: usize) -> f64 {
        self.0[groups.of_item[item]]
    }
}

/// Holds groups in the order of their gain.
#[derive(Clone, Debug)]
pub struct Ranked {
    ranks: Vec<usize>,
    sizes: Vec<f64>,
    items: f64,
}

impl Ranked {
    /// Sends the groups that gain the most to the strong tier, until a share of the items goes
    /// there; of the last group a part, drawn by lot.
    #[must_use]
    pub fn at_share(&self, share: f64) -> Rule {
        let mut left = share * self.items;
        let mut chances = vec![0.0; self.sizes.len()];
        for group in &self.ranks {
            let size = self.sizes[*group];
            let taken = if size > 0.0 {
                (left / size).clamp(0.0, 1.0)
            } else {
                0.0
            };
            // A group without an item among those it was learned from goes with its neighbours.
            chances[*group] = if size > 0.0 {
                taken
            } else {
                f64::from(u8::from(left > 0.0))
            };
            left -= taken * size;
        }
        Rule(chances)
    }
}

/// Decides items by rules that have not seen them, and tells the variance that the mean quality has
/// because of what the rules were learned from: the jackknife's, by leaving out a fold at a time
/// (Tukey, 1958).
#[must_use]
pub fn cross_fitted(
    items: &[Item],
    groups: &Groups,
    (among, share): (&[usize], f64),
    prior: f64,
) -> (Vec<f64>, f64) {
    let mut chances = vec![0.0; among.len()];
    let mut means = Vec::with_capacity(FOLDS);
    for fold in 0..FOLDS {
        let is_in = |place: &usize| place % FOLDS == fold;
        let others = (0..among.len()).filter(|place| !is_in(place));
        let others: Vec<usize> = others.map(|place| among[place]).collect();
        let rule = Rule::learn(items, groups, &others, prior).at_share(share);
        for place in (0..among.len()).filter(is_in) {
            chances[place] = rule.chance(groups, among[place]);
        }
        let gains = among
            .iter()
            .map(|item| rule.chance(groups, *item) * gain(&items[*item]));
        means.push(gains.sum::<f64>() / (among.len() as f64).max(1.0));
    }
    let folds = FOLDS as f64;
    let mean = means.iter().sum::<f64>() / folds;
    let squares = means.iter().map(|one| (one - mean) * (one - mean));
    (chances, squares.sum::<f64>() * (folds - 1.0) / folds)
}

fn gain(item: &Item) -> f64 {
    f64::from(u8::from(item.strong_is_right)) - f64::from(u8::from(item.cheap_is_right))
}
