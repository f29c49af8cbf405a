//! How ready a service is for another model, as a number whose arithmetic is written out, and how
//! much of it hangs on one model. It must not weigh a place that asks for no model.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::finding::Finding;

/// From how many days on a retirement does not press.
const PRESSING_DAYS: i64 = 90;

/// Says how a place stands that a request may go out from; each stands in one way, the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The model that is named has gone.
    Gone,
    /// The request as it stands is refused.
    Refused,
    /// The model goes within 90 days.
    Going,
    /// Nothing is known of a model.
    Unknown,
    /// The answer is another one, or costs another price, and what does it was seen.
    Changed,
    /// Nothing that was seen stands in the way.
    Ready,
}

impl Standing {
    /// Lists them, the worst first.
    pub const ALL: [Self; 6] = [
        Self::Gone,
        Self::Refused,
        Self::Going,
        Self::Unknown,
        Self::Changed,
        Self::Ready,
    ];

    /// Names it as reports do.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Refused => "refused",
            Self::Going => "going",
            Self::Unknown => "unknown",
            Self::Changed => "changed",
            Self::Ready => "ready",
        }
    }

    /// Gives the points of one place, of 100.
    #[must_use]
    pub fn points(self) -> u32 {
        match self {
            Self::Gone => 0,
            Self::Refused => 20,
            Self::Going | Self::Unknown => 50,
            Self::Changed => 70,
            Self::Ready => 100,
        }
    }

    /// Tells how a finding stands; none where no request goes out from there.
    #[must_use]
    pub fn of(finding: &Finding) -> Option<Self> {
        if !finding.site.role.is_live() {
            return None;
        }
        let left = finding.retirement.as_ref().and_then(|one| one.days_left);
        let all = || finding.breaks.iter().chain(&finding.standing);
        let has = |is_meant: fn(&str) -> bool| all().any(|one| one.seen && is_meant(one.effect));
        let ways = [
            (Self::Gone, left.is_some_and(|left| left < 0)),
            (Self::Refused, has(|effect| effect == "error")),
            (Self::Going, left.is_some_and(|left| left <= PRESSING_DAYS)),
            (Self::Unknown, !finding.unknown.is_empty()),
            (Self::Changed, has(|effect| effect != "error")),
        ];
        let worst = ways.into_iter().find(|(_, holds)| *holds);
        Some(worst.map_or(Self::Ready, |(way, _)| way))
    }
}

/// Shows how ready one service is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The service.
    pub service: String,
    /// The score, 0 to 100, rounded down.
    pub score: u32,
    /// How many places stand how; ways in which none stands are left out.
    pub places: Vec<(Standing, u32)>,
    /// The arithmetic.
    pub arithmetic: String,
}

/// Scores each service that a request goes out from, in the order of their names. `service` names
/// the service of a path.
#[must_use]
pub fn readiness<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    service: impl Fn(&str) -> String,
) -> Vec<Readiness> {
    let mut counts: BTreeMap<String, BTreeMap<Standing, u32>> = BTreeMap::new();
    for finding in findings {
        if let Some(standing) = Standing::of(finding) {
            let of = counts.entry(service(&finding.site.path)).or_default();
            *of.entry(standing).or_default() += 1;
        }
    }
    let all = counts.into_iter();
    all.map(|(service, places)| score(service, places.into_iter().collect()))
        .collect()
}

fn score(service: String, places: Vec<(Standing, u32)>) -> Readiness {
    let count: u32 = places.iter().map(|(_, count)| count).sum();
    let points = |(standing, count): &(Standing, u32)| standing.points().saturating_mul(*count);
    let sum: u32 = places.iter().map(points).sum();
    let score = sum / count.max(1);
    let mut arithmetic = String::from("(");
    for (place, (standing, count)) in places.iter().enumerate() {
        let plus = if place == 0 { "" } else { " + " };
        // Writing to a String cannot fail.
        let _ = write!(
            arithmetic,
            "{plus}{count} × {} {}",
            standing.points(),
            standing.as_str()
        );
    }
    let _ = write!(arithmetic, ") ÷ {count} = {score}");
    Readiness {
        service,
        score,
        places,
        arithmetic,
    }
}

/// Shows how much hangs on one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LockIn {
    /// The model that most places name.
    pub model: String,
    /// How many do.
    pub places: u32,
    /// Of how many.
    pub of: u32,
    /// That in percent, rounded down: 100 where every place names the same model.
    pub percent: u32,
    /// How many models are named.
    pub models: u32,
}

/// Tells how much hangs on one model; none where no request goes out from anywhere.
#[must_use]
pub fn lock_in<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Option<LockIn> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for finding in findings {
        let site = &finding.site;
        if site.role.is_live() {
            let model = site.model.known.as_deref().unwrap_or(&site.model.id);
            *counts.entry(model).or_default() += 1;
        }
    }
    let of: u32 = counts.values().sum();
    // The first by name of those that are named most.
    let (model, places) = counts.iter().rev().max_by_key(|(_, count)| **count)?;
    Some(LockIn {
        model: (*model).to_owned(),
        places: *places,
        of,
        percent: places.saturating_mul(100) / of.max(1),
        models: u32::try_from(counts.len()).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
mod tests;
