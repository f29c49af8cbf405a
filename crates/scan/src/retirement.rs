//! When the model that a site names goes, and what comes in its place. It must not take an earliest
//! day for a day, nor the day of one platform for another's.

use domain::{Date, Facts, Known, LifecycleFact, MS_PER_DAY, ModelFact};

use crate::finding::{Retirement, SourceRead};
use crate::site::Named;
use crate::target::{Target, platform, spell};

/// How many replacements of replacements are followed.
const MAX_STEPS: usize = 5;

/// Tells when the model that is named goes from its platform, as seen from a day; none where no row
/// says anything of it.
#[must_use]
pub fn retirement(facts: &Facts, named: &Named, day: Date) -> Option<Retirement> {
    let platform = platform(facts, named)?;
    let known = facts.known(platform, &named.id)?;
    let life = known.lifecycle()?;
    let says_a_day = life.retires_on.is_some() || life.not_before.is_some();
    if !says_a_day && life.replacement.is_none() && life.deprecated_on.is_none() {
        return None;
    }
    Some(Retirement {
        model: known.fact().name.clone(),
        platform: platform.to_owned(),
        retires_on: life.retires_on,
        days_left: life.retires_on.map(|last| days(day, last)),
        not_before: life.not_before,
        replacement: replacement(facts, known, &named.id, day).map(|target| target.id),
        confidence: life.basis.confidence.as_str(),
        sources: SourceRead::of(&life.basis),
        disputed: life.basis.disputed.clone(),
    })
}

/// Finds what to go to instead: what the vendor recommends, spelled for the same platform, and what
/// is recommended instead of that where it is gone on the day as well.
pub(crate) fn replacement(facts: &Facts, known: Known<'_>, old: &str, day: Date) -> Option<Target> {
    let platform = known.platform();
    let mut fact = known.fact();
    for _ in 0..MAX_STEPS {
        fact = recommended(facts, fact, platform)?;
        if !is_gone(fact, platform, day) {
            let id = spell(fact, platform, old)?.id;
            return Some(Target::new(platform, &id));
        }
    }
    None
}

/// Finds the row that is recommended in a row's place: by the platform's own word, else by the
/// vendor's, if the platform serves it.
fn recommended<'f>(facts: &'f Facts, fact: &'f ModelFact, platform: &str) -> Option<&'f ModelFact> {
    let life = fact.lifecycle.iter();
    let own = life.clone().filter(|life| is_at(life, platform));
    let others = life.filter(|life| !is_at(life, platform));
    let mut ids = own
        .chain(others)
        .filter_map(|life| life.replacement.as_deref());
    ids.find_map(|id| {
        let mut models = facts.models().iter();
        let has = |ids: &Vec<String>| ids.iter().any(|one| one == id);
        let found = models.find(|model| model.ids.values().any(has))?;
        found.ids.contains_key(platform).then_some(found)
    })
}

fn is_gone(fact: &ModelFact, platform: &str, day: Date) -> bool {
    let mut life = fact.lifecycle.iter().filter(|life| is_at(life, platform));
    life.any(|life| life.retires_on.is_some_and(|last| last < day))
}

fn is_at(life: &LifecycleFact, platform: &str) -> bool {
    life.platforms.iter().any(|one| one == platform)
}

fn days(from: Date, to: Date) -> i64 {
    to.start().ms_since(from.start()) / MS_PER_DAY
}

#[cfg(test)]
mod tests;
