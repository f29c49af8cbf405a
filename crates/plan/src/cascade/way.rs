//! Ways to choose which of two tiers answers: for each item how probable it is that the strong one
//! does, and whether the cheap one was asked before. It must not know prices.

use crate::cascade::outcomes::Item;

/// States how well a verifier tells right answers of the cheap tier from wrong ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verifier {
    /// Share of wrong answers that it rejects.
    pub sensitivity: f64,
    /// Share of right answers that it accepts.
    pub specificity: f64,
}

/// Says what the strong tier's turn depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The choice is made first, and one tier is asked.
    One,
    /// The cheap tier answers, a verifier looks, and the strong tier may be asked after it.
    CheapVerified,
    /// The cheap tier answers, and by its answer the strong tier may be asked after it.
    CheapFirst,
}

/// Holds, item by item, how probable it is that the strong tier answers.
#[derive(Clone, Debug)]
pub struct Chances {
    /// The chances, an item each, from 0 to 1.
    pub strong: Vec<f64>,
    /// Who is asked.
    pub asked: Asked,
    /// The variance that the mean quality has because a rule was learned from these items and not
    /// from others; 0 where nothing was learned.
    pub of_rule: f64,
}

/// Sends a share of all items to the strong tier by lot.
#[must_use]
pub fn by_lot(items: &[Item], share: f64) -> Chances {
    Chances {
        strong: vec![share; items.len()],
        asked: Asked::One,
        of_rule: 0.0,
    }
}

/// Asks the cheap tier first; of the answers that the verifier rejects, a share goes on to the
/// strong one.
#[must_use]
pub fn verified(items: &[Item], verifier: Verifier, of_rejected: f64) -> Chances {
    let rejected = |item: &Item| {
        if item.cheap_is_right {
            1.0 - verifier.specificity
        } else {
            verifier.sensitivity
        }
    };
    Chances {
        strong: items
            .iter()
            .map(|item| of_rejected * rejected(item))
            .collect(),
        asked: Asked::CheapVerified,
        of_rule: 0.0,
    }
}

/// Knows who will be right: of the items that the strong tier alone gets right, a share goes to it.
#[must_use]
pub fn oracle(items: &[Item], of_needed: f64) -> Chances {
    let needs = |item: &Item| !item.cheap_is_right && item.strong_is_right;
    let chance = |item: &Item| if needs(item) { of_needed } else { 0.0 };
    Chances {
        strong: items.iter().map(chance).collect(),
        asked: Asked::One,
        of_rule: 0.0,
    }
}
