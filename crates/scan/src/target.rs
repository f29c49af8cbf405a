//! Which model is meant, on which platform, and how that platform spells it. It must not guess an
//! id that no row of the facts has.

use domain::{Facts, Known, ModelFact};

use crate::site::Named;

/// Names the model that a site should go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The platform, in the facts' word.
    pub platform: String,
    /// The model's id there.
    pub id: String,
}

/// Holds a name as a platform spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spelling {
    pub(crate) id: String,
    /// Whether it is known to be served in the way that the old name asks for.
    pub(crate) is_sure: bool,
}

impl Target {
    /// Makes a target.
    #[must_use]
    pub fn new(platform: &str, id: &str) -> Self {
        Self {
            platform: platform.to_owned(),
            id: id.to_owned(),
        }
    }

    /// Finds an id wherever the facts know it, the vendor's own API first; none where they do not.
    #[must_use]
    pub fn find(facts: &Facts, id: &str) -> Option<Self> {
        platform_of(facts, id).map(|platform| Self::new(platform, id))
    }

    /// Names the same model on another platform; none where no row says that it is served there.
    #[must_use]
    pub fn on(&self, facts: &Facts, platform: &str) -> Option<Self> {
        if self.platform == platform {
            return Some(self.clone());
        }
        let fact = self.known(facts)?.fact();
        let id = fact.ids.get(platform)?.first()?;
        Some(Self::new(platform, id))
    }

    /// Finds its row.
    pub(crate) fn known<'f>(&'f self, facts: &'f Facts) -> Option<Known<'f>> {
        facts.known(&self.platform, &self.id)
    }
}

/// Tells the platform that a name is asked of: the one that is told there, else the first of the
/// facts that knows the id.
#[must_use]
pub fn platform<'n>(facts: &'n Facts, named: &'n Named) -> Option<&'n str> {
    let told = named.platform.as_deref();
    told.or_else(|| platform_of(facts, &named.id))
}

fn platform_of<'f>(facts: &'f Facts, id: &str) -> Option<&'f str> {
    let mut platforms = facts.platforms().iter();
    let found = platforms.find(|one| facts.known(&one.name, id).is_some());
    found.map(|one| one.name.as_str())
}

/// Spells a model for a platform as `old` is spelled there: with its region, with or without a day.
pub(crate) fn spell(fact: &ModelFact, platform: &str, old: &str) -> Option<Spelling> {
    let ids = fact.ids.get(platform)?;
    let region = region(old);
    let in_region: Vec<&String> = ids.iter().filter(|id| self::region(id) == region).collect();
    let is_sure = !in_region.is_empty();
    let among: Vec<&String> = if is_sure {
        in_region
    } else {
        ids.iter().collect()
    };
    let alike = among.iter().find(|id| is_dated(id) == is_dated(old));
    let id = alike.or_else(|| among.first())?;
    Some(Spelling {
        id: (*id).clone(),
        is_sure,
    })
}

/// Gives what stands before the vendor in an id of Bedrock: `us` of `us.anthropic.…`.
fn region(id: &str) -> Option<&str> {
    let (front, _) = id.split_once(".anthropic.")?;
    Some(front)
}

/// Tells whether an id bears a day of eight digits.
fn is_dated(id: &str) -> bool {
    let mut parts = id.split(['-', '@', '.', ':']);
    parts.any(|part| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
