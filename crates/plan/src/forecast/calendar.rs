//! What comes and goes, in the order of days: retirements, which are certain, and releases, which
//! are likely. An earliest day of a retirement is no retirement. It must not read a clock.

use std::collections::BTreeSet;

use domain::{Basis, Date, Facts, LifecycleFact, ModelFact};
use serde::Serialize;

use super::days;
use super::families::Family;

/// Holds who says something, and when that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Read {
    /// Where it stands.
    pub source: String,
    /// When it was read.
    pub read_on: Date,
}

/// Says what a day is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The last day on which a model answers.
    Retirement,
    /// A day by which a model is released with some probability.
    Release,
}

/// Holds one row of the calendar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The day.
    pub day: Date,
    /// How many days are left; below 0 where it is over.
    pub days_left: i64,
    /// What it is of.
    pub kind: Kind,
    /// The model.
    pub model: String,
    /// Where it is served; none where that is not said.
    pub platform: Option<String>,
    /// The probability that it has come by the end of the day; 1 for a retirement.
    pub probability: f64,
    /// What stood there before a repair moved it.
    pub repaired_from: Option<f64>,
    /// What its vendor recommends instead.
    pub replacement: Option<String>,
    /// How well it is known, in a word; `forecast` for a release.
    pub confidence: String,
    /// What another source says instead.
    pub disputed: Option<String>,
    /// Who says so; never none.
    pub sources: Vec<Read>,
}

/// Says of a model that was named why no retirement of it stands in the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Without {
    /// The model.
    pub model: String,
    /// Where.
    pub platform: String,
    /// The earliest day on which it could be retired; no retirement.
    pub not_before: Option<Date>,
}

/// Names a model that no row knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no fact knows a model `{name}`{}{near}", on(at.as_deref()))]
pub struct UnknownModel {
    /// The name as it was asked for.
    pub name: String,
    /// The platform, where one was asked for.
    pub at: Option<String>,
    /// What comes near, in words; empty where nothing does.
    pub near: String,
}

fn on(platform: Option<&str>) -> String {
    platform.map_or_else(String::new, |at| format!(" on `{at}`"))
}

/// Lists the retirements of all models that have a day from `today` on.
#[must_use]
pub fn retirements(facts: &Facts, today: Date) -> Vec<Entry> {
    let all = facts
        .models()
        .iter()
        .flat_map(|model| of_model(model, None, today));
    let mut entries: Vec<Entry> = all.filter(|one| one.days_left >= 0).collect();
    sort(&mut entries);
    entries
}

/// Lists the retirements of one model by its name or one of its ids, also those that are over, and
/// where it has none.
///
/// # Errors
/// No fact knows it.
pub fn retirements_of(
    facts: &Facts,
    name: &str,
    platform: Option<&str>,
    today: Date,
) -> Result<(Vec<Entry>, Vec<Without>), UnknownModel> {
    let is_here = |model: &&ModelFact| {
        let here = |(own, ids): (&String, &Vec<String>)| {
            platform.is_none_or(|platform| platform == own) && ids.iter().any(|id| id == name)
        };
        let is_served = platform.is_none_or(|platform| model.ids.contains_key(platform));
        model.ids.iter().any(here) || (is_served && model.name.eq_ignore_ascii_case(name))
    };
    let mut models = facts.models().iter();
    let Some(model) = models.find(is_here) else {
        return Err(UnknownModel {
            name: name.to_owned(),
            at: platform.map(str::to_owned),
            near: near(facts, name),
        });
    };
    // An id that only some platforms spell that way means those.
    let spelled: BTreeSet<&str> = model
        .ids
        .iter()
        .filter(|(_, ids)| ids.iter().any(|id| id == name))
        .map(|(own, _)| own.as_str())
        .collect();
    let is_meant = |own: &str| match platform {
        Some(platform) => platform == own,
        None => spelled.is_empty() || spelled.contains(own),
    };
    let all = of_model(model, Some(&is_meant), today);
    let dated: BTreeSet<String> = all.iter().filter_map(|one| one.platform.clone()).collect();
    let without = model
        .ids
        .keys()
        .filter(|own| is_meant(own) && !dated.contains(*own));
    let without = without.map(|own| Without {
        model: model.name.clone(),
        platform: own.clone(),
        not_before: lifecycle(model, own).and_then(|life| life.not_before),
    });
    Ok((all, without.collect()))
}

fn lifecycle<'m>(model: &'m ModelFact, platform: &str) -> Option<&'m LifecycleFact> {
    let mut rows = model.lifecycle.iter();
    rows.find(|life| life.platforms.iter().any(|own| own == platform))
}

fn of_model(model: &ModelFact, is_meant: Option<&dyn Fn(&str) -> bool>, today: Date) -> Vec<Entry> {
    let mut entries = Vec::new();
    for platform in model.ids.keys() {
        if is_meant.is_some_and(|is_meant| !is_meant(platform)) {
            continue;
        }
        let Some(life) = lifecycle(model, platform) else {
            continue;
        };
        let Some(day) = life.retires_on else { continue };
        entries.push(Entry {
            day,
            days_left: days::between(today, day),
            kind: Kind::Retirement,
            model: model.name.clone(),
            platform: Some(platform.clone()),
            probability: 1.0,
            repaired_from: None,
            replacement: life.replacement.clone(),
            confidence: life.basis.confidence.as_str().to_owned(),
            disputed: life.basis.disputed.clone(),
            sources: read(&life.basis),
        });
    }
    entries
}

fn read(basis: &Basis) -> Vec<Read> {
    let each = basis.sources.iter().map(|source| Read {
        source: source.url.clone(),
        read_on: source.read_on,
    });
    each.collect()
}

/// Names what begins like a name, the most alike first.
fn near(facts: &Facts, name: &str) -> String {
    const MOST: usize = 4;
    /// Fewer letters in common are chance.
    const FEWEST: usize = 4;
    let wanted = name.to_ascii_lowercase();
    let alike = |id: &str| {
        let id = id.to_ascii_lowercase();
        let pairs = id.chars().zip(wanted.chars());
        pairs.take_while(|(one, other)| one == other).count()
    };
    let ids = facts.models().iter().flat_map(|model| {
        let ids = model.ids.values().flatten();
        ids.chain([&model.name])
    });
    let ids: BTreeSet<&str> = ids.map(String::as_str).collect();
    let mut ids: Vec<(usize, &str)> = ids.into_iter().map(|id| (alike(id), id)).collect();
    ids.retain(|(alike, _)| *alike >= FEWEST);
    ids.sort_by_key(|(alike, id)| (std::cmp::Reverse(*alike), *id));
    let shown: Vec<String> = ids
        .iter()
        .take(MOST)
        .map(|(_, id)| format!("`{id}`"))
        .collect();
    if shown.is_empty() {
        return String::new();
    }
    format!("; near it are {}", shown.join(", "))
}

/// Lists the rows of a release, with what a repair moved.
#[must_use]
pub fn releases(said: &Family, family: &Family, read: &Read, today: Date) -> Vec<Entry> {
    let pairs = said.points().iter().zip(family.points());
    let each = pairs.map(|(from, to)| Entry {
        day: to.day,
        days_left: days::between(today, to.day),
        kind: Kind::Release,
        model: family.event().to_owned(),
        platform: None,
        probability: to.probability,
        repaired_from: (from.probability != to.probability).then_some(from.probability),
        replacement: None,
        confidence: "forecast".to_owned(),
        disputed: None,
        sources: vec![read.clone()],
    });
    each.collect()
}

/// Puts entries in the order of their days.
pub fn sort(entries: &mut [Entry]) {
    entries.sort_by(|one, other| {
        let key = |entry: &Entry| {
            (
                entry.day,
                entry.kind,
                entry.model.clone(),
                entry.platform.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
}

#[cfg(test)]
mod tests;
