//! From an alias to its tier: exact ones first, then the longest literal prefix. It must not know
//! who may see the tier.

use std::collections::HashMap;

use crate::names::TierName;

/// Finds the tier of an alias.
#[derive(Clone, Debug, Default)]
pub(super) struct Aliases {
    exact: HashMap<String, TierName>,
    /// Literal prefixes, the longest first.
    prefixes: Vec<(String, TierName)>,
}

/// Says why an alias cannot be taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Clash {
    Empty,
    StarInside,
    Everything,
    Taken { by: TierName, pattern: String },
}

impl Aliases {
    /// Adds one alias of a tier.
    pub(super) fn add(&mut self, alias: &str, tier: &TierName) -> Result<(), Clash> {
        let Some(prefix) = alias.strip_suffix('*') else {
            return self.add_exact(alias, tier);
        };
        if prefix.contains('*') {
            return Err(Clash::StarInside);
        }
        if prefix.is_empty() {
            return Err(Clash::Everything);
        }
        let overlaps = |other: &str| other.starts_with(prefix) || prefix.starts_with(other);
        if let Some((other, by)) = self
            .prefixes
            .iter()
            .find(|(other, owner)| owner != tier && overlaps(other))
        {
            return Err(Clash::Taken {
                by: by.clone(),
                pattern: format!("{other}*"),
            });
        }
        let place = self
            .prefixes
            .partition_point(|(other, _)| other.len() > prefix.len());
        self.prefixes
            .insert(place, (prefix.to_owned(), tier.clone()));
        Ok(())
    }

    fn add_exact(&mut self, alias: &str, tier: &TierName) -> Result<(), Clash> {
        if alias.is_empty() {
            return Err(Clash::Empty);
        }
        if alias.contains('*') {
            return Err(Clash::StarInside);
        }
        match self.exact.insert(alias.to_owned(), tier.clone()) {
            Some(by) if by != *tier => Err(Clash::Taken {
                by,
                pattern: alias.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Finds the tier that a name leads to.
    pub(super) fn find(&self, name: &str) -> Option<&TierName> {
        self.exact.get(name).or_else(|| {
            self.prefixes
                .iter()
                .find(|(prefix, _)| name.starts_with(prefix.as_str()))
                .map(|(_, tier)| tier)
        })
    }
}
