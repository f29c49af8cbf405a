//! Which models cut text alike, and how many more or fewer tokens another cut makes of it. It must
//! not take two models for alike that no row says are.

use crate::facts::rule::Basis;

/// Names the models that cut text alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenizerFact {
    /// What it is called here.
    pub name: String,
    /// Names of the models' rows.
    pub models: Vec<String>,
    /// How many tokens it makes of the text of another.
    pub against: Vec<TokenRatio>,
    /// Why these models are held to cut alike.
    pub basis: Basis,
}

/// States how many tokens a text has, in percent of those that another tokenizer makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRatio {
    /// The other tokenizer.
    pub against: String,
    /// What is usual.
    pub percent: u64,
    /// The least that is known.
    pub least_percent: u64,
    /// The most that is known.
    pub most_percent: u64,
    /// Why.
    pub basis: Basis,
}

impl TokenRatio {
    /// Turns it around, rounding to whole percents.
    fn reversed(&self, from: &str) -> Self {
        let turned = |percent: u64| (20_000 / percent.max(1)).div_ceil(2);
        Self {
            against: from.to_owned(),
            percent: turned(self.percent),
            least_percent: turned(self.most_percent),
            most_percent: turned(self.least_percent),
            basis: self.basis.clone(),
        }
    }
}

/// Finds how many tokens `to` makes of a text, in percent of what `from` makes of it; none where
/// no row says so.
pub(super) fn ratio(rows: &[TokenizerFact], from: &str, to: &str) -> Option<TokenRatio> {
    let of = |model: &str| {
        let mut rows = rows.iter();
        rows.find(|row| row.models.iter().any(|one| one == model))
    };
    let (from, to) = (of(from)?, of(to)?);
    if from.name == to.name {
        return Some(TokenRatio {
            against: from.name.clone(),
            percent: 100,
            least_percent: 100,
            most_percent: 100,
            basis: to.basis.clone(),
        });
    }
    let straight = to.against.iter().find(|one| one.against == from.name);
    let turned = || {
        let mut against = from.against.iter();
        let found = against.find(|one| one.against == to.name)?;
        Some(found.reversed(&from.name))
    };
    straight.cloned().or_else(turned)
}

#[cfg(test)]
mod tests;
