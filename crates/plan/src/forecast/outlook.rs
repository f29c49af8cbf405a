//! All of it together: the calendar, our readiness beside each release and retirement, in each
//! future and over all of them. It must not read a clock, nor repair unless asked to.

use std::collections::BTreeSet;

use domain::{Date, Facts};
use serde::Serialize;

use super::arrival::MOST_DAYS;
use super::calendar::{self, Entry, Kind, UnknownModel, Without};
use super::coming::coming;
use super::days;
use super::exclusive::{self, Excess};
use super::families::{Change, Family, FamilyFault, Incoherence};
use super::file::Said;
use super::readiness::Between;
use super::scenarios::Scenario;
use super::timing::{Open, Timing, timing};

/// How far beyond the last day that is spoken of days and costs are counted.
const BEYOND_DAYS: i64 = 365;
/// How far beyond the last day a curve is drawn.
const MARGIN_DAYS: i64 = 30;
/// About how many points a curve has at most.
const MOST_POINTS: i64 = 180;

/// Says what to do with probabilities that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradictions {
    /// Refuse them, naming the rows.
    Refuse,
    /// Put the nearest coherent ones in their place, and show each change.
    Repair,
}

/// Says why there is no outlook.
#[derive(Debug, thiserror::Error)]
pub enum OutlookFault {
    /// Probabilities contradict each other.
    #[error("{}", listed(rows, sums))]
    Incoherent {
        /// Rows that fall with their days.
        rows: Vec<Incoherence>,
        /// Sums above one.
        sums: Vec<Excess>,
    },
    /// A model is not known.
    #[error("line {line}: {source}")]
    Unknown {
        /// The line.
        line: usize,
        /// Which.
        source: UnknownModel,
    },
    /// A platform is not known.
    #[error("no fact knows a platform `{platform}`; known are {known}")]
    Platform {
        /// The platform.
        platform: String,
        /// Those that are, in a line.
        known: String,
    },
    /// A scenario leaves the bounds of a probability.
    #[error("scenario `{scenario}` changes what is said beyond what can be: {source}")]
    Scenario {
        /// The scenario.
        scenario: String,
        /// What it does.
        source: FamilyFault,
    },
    /// A scenario makes outcomes that exclude each other more than certain.
    #[error("in scenario `{scenario}` {}", listed(&[], sums))]
    Sums {
        /// The scenario.
        scenario: String,
        /// Sums above one.
        sums: Vec<Excess>,
    },
    /// The horizon has passed, or is too far.
    #[error("the horizon, {horizon}, is not within fifty years after {today}")]
    Horizon {
        /// The horizon.
        horizon: Date,
        /// The day.
        today: Date,
    },
}

fn listed(rows: &[Incoherence], sums: &[Excess]) -> String {
    let rows = rows.iter().map(ToString::to_string);
    let all = rows.chain(sums.iter().map(ToString::to_string));
    all.collect::<Vec<_>>().join("\n")
}

/// Shows what is to come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outlook {
    /// The day from which it is seen.
    pub today: Date,
    /// The day up to which days and costs are counted.
    pub horizon: Date,
    /// The calendar, in the order of its days.
    pub entries: Vec<Entry>,
    /// Models that were named and have no day of retirement.
    pub without: Vec<Without>,
    /// What a repair moved.
    pub repaired: Vec<Moved>,
    /// When we are ready; none without a plan.
    pub ready: Option<Ready>,
    /// The chances of releases and of our readiness over time, to draw.
    pub curves: Vec<Curve>,
    /// Readiness beside each release and retirement, as said.
    pub as_said: Option<Future>,
    /// The same in each scenario.
    pub scenarios: Vec<Future>,
    /// The same over all scenarios, by their weights; none where there are none.
    pub mixed: Option<Future>,
}

/// Shows one probability of one release that a repair moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// The release.
    pub model: String,
    /// What was moved.
    #[serde(flatten)]
    pub change: Change,
}

/// Holds the chance of one thing over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// The release; none for our readiness.
    pub model: Option<String>,
    /// Days in order, with the chance that it has come by the end of each.
    pub points: Vec<(Date, Open<f64>)>,
}

/// Tells the days by which we are ready with some chance; none where that is not in sight.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ready {
    /// With chance 0.1.
    pub p10: Open<Option<Date>>,
    /// With chance 0.5.
    pub p50: Open<Option<Date>>,
    /// With chance 0.9.
    pub p90: Open<Option<Date>>,
}

/// Holds readiness beside all that it is for, in one future.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Future {
    /// Which future.
    #[serde(flatten)]
    pub scenario: Scenario,
    /// What use costs a day once a release is out, in USD.
    pub usage_usd_per_day: f64,
    /// Readiness beside each release and retirement.
    pub targets: Vec<Target>,
}

/// Holds readiness beside one release or retirement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// What it is.
    pub kind: Kind,
    /// The model.
    pub model: String,
    /// Where, where that is said.
    pub platform: Option<String>,
    /// How they meet.
    #[serde(flatten)]
    pub timing: Timing,
}

/// Works out what is to come.
///
/// # Errors
/// Probabilities contradict each other and are not to be repaired, a model is not known, a scenario
/// leaves the bounds of a probability, or the horizon has passed.
pub fn outlook(
    said: &Said,
    facts: &Facts,
    contradictions: Contradictions,
) -> Result<Outlook, OutlookFault> {
    let families = coherent(said, contradictions)?;
    let Retirements {
        shown: mut entries,
        mut named,
        without,
    } = retirements(said, facts)?;
    let mut repaired = Vec::new();
    for (release, family) in said.releases.iter().zip(&families) {
        let rows = calendar::releases(&release.family, family, &release.read, said.today);
        entries.extend(rows);
        repaired.extend(moved(&release.family, family));
    }
    calendar::sort(&mut entries);
    calendar::sort(&mut named);
    let ready = said.plan.as_ref().map(super::readiness::Plan::ready);
    let horizon = horizon(said, &named, ready.as_ref())?;
    let until = entries.iter().map(|one| one.day).max();
    let curves = curves((said, &families), ready.as_ref(), (until, horizon));
    let scene = Scene {
        said,
        families: &families,
        retirements: &named,
        horizon,
    };
    let mut outlook = Outlook {
        today: said.today,
        horizon,
        entries,
        without,
        repaired,
        ready: ready.as_ref().map(Ready::of),
        curves,
        as_said: None,
        scenarios: Vec::new(),
        mixed: None,
    };
    if let Some(ready) = &ready {
        let played = scene.play(&Scenario::as_said(), ready)?;
        outlook.as_said = Some(scene.future(&Scenario::as_said(), &played));
        let each = said.scenarios.iter().map(|one| scene.play(one, ready));
        let each: Vec<Vec<Played>> = each.collect::<Result<_, _>>()?;
        let pairs = said.scenarios.iter().zip(&each);
        outlook.scenarios = pairs
            .map(|(one, played)| scene.future(one, played))
            .collect();
        outlook.mixed = scene.mixed(&outlook.scenarios, &each);
    }
    Ok(outlook)
}

/// Takes the families as said where they are coherent, else the nearest where that is asked.
fn coherent(said: &Said, contradictions: Contradictions) -> Result<Vec<Family>, OutlookFault> {
    let mut families: Vec<Family> = said.releases.iter().map(|one| one.family.clone()).collect();
    let rows: Vec<Incoherence> = families.iter().flat_map(Family::incoherences).collect();
    let sums = sums(&families, &said.exclusive);
    if rows.is_empty() && sums.is_empty() {
        return Ok(families);
    }
    if contradictions == Contradictions::Refuse {
        return Err(OutlookFault::Incoherent { rows, sums });
    }
    let as_said = families.clone();
    for family in &mut families {
        *family = family.repaired().family;
    }
    for places in &said.exclusive {
        // From what was said, not from what is repaired alone: the nearest of both together.
        let repaired = exclusive::repaired(&group(places, &as_said));
        for (at, one) in places.iter().zip(repaired) {
            if let Some(family) = families.get_mut(*at) {
                *family = one.family;
            }
        }
    }
    Ok(families)
}

fn sums(families: &[Family], groups: &[Vec<usize>]) -> Vec<Excess> {
    let found = groups
        .iter()
        .filter_map(|places| exclusive::excess(&group(places, families)));
    found.collect()
}

fn group(places: &[usize], families: &[Family]) -> Vec<Family> {
    let each = places.iter().filter_map(|at| families.get(*at).cloned());
    each.collect()
}

fn moved(said: &Family, family: &Family) -> Vec<Moved> {
    let pairs = said.points().iter().zip(family.points());
    let moved = pairs.filter(|(from, to)| from.probability != to.probability);
    let each = moved.map(|(from, to)| Moved {
        model: said.event().to_owned(),
        change: Change {
            day: from.day,
            from: from.probability,
            to: to.probability,
            line: from.line,
        },
    });
    each.collect()
}

struct Retirements {
    /// Those of the calendar: of all models where none is named.
    shown: Vec<Entry>,
    /// Those that we must be ready for.
    named: Vec<Entry>,
    /// What was named and has none.
    without: Vec<Without>,
}

fn retirements(said: &Said, facts: &Facts) -> Result<Retirements, OutlookFault> {
    let mut named: Vec<Entry> = said
        .retirements
        .iter()
        .map(|one| Entry {
            day: one.day,
            days_left: days::between(said.today, one.day),
            kind: Kind::Retirement,
            model: one.model.clone(),
            platform: None,
            probability: 1.0,
            repaired_from: None,
            replacement: None,
            confidence: "said".to_owned(),
            disputed: None,
            sources: vec![one.read.clone()],
        })
        .collect();
    check_platform(said, facts)?;
    let mut without = Vec::new();
    for (name, line) in &said.models {
        let platform = said.platform.as_deref();
        let found = calendar::retirements_of(facts, name, platform, said.today);
        let (own, none) = found.map_err(|source| OutlookFault::Unknown {
            line: *line,
            source,
        })?;
        named.extend(own);
        without.extend(none);
    }
    let mut shown = named.clone();
    if said.models.is_empty() {
        let all = calendar::retirements(facts, said.today).into_iter();
        let platform = said.platform.as_ref();
        shown.extend(all.filter(|one| platform.is_none() || one.platform.as_ref() == platform));
    }
    Ok(Retirements {
        shown,
        named,
        without,
    })
}

fn check_platform(said: &Said, facts: &Facts) -> Result<(), OutlookFault> {
    let Some(platform) = &said.platform else {
        return Ok(());
    };
    let known: BTreeSet<&str> = facts
        .models()
        .iter()
        .flat_map(|model| model.ids.keys().map(String::as_str))
        .collect();
    if known.contains(platform.as_str()) {
        return Ok(());
    }
    Err(OutlookFault::Platform {
        platform: platform.clone(),
        known: known.into_iter().collect::<Vec<_>>().join(", "),
    })
}

fn horizon(said: &Said, named: &[Entry], ready: Option<&Between>) -> Result<Date, OutlookFault> {
    let rows = said.releases.iter().flat_map(|one| one.family.points());
    let spoken = rows
        .map(|row| row.day)
        .chain(named.iter().map(|one| one.day));
    let ready = ready.and_then(|ready| ready.latest.days().last().map(|(day, _)| day));
    let last = spoken
        .chain(ready)
        .max()
        .unwrap_or(said.today)
        .max(said.today);
    let shift = said.scenarios.iter().map(|one| {
        one.release_days
            .max(one.ready_days)
            .max(one.retirement_days)
    });
    let shift = shift.max().unwrap_or(0).max(0);
    let horizon = said
        .horizon
        .unwrap_or_else(|| days::after(last, BEYOND_DAYS + shift));
    let count = usize::try_from(days::between(said.today, horizon));
    if !count.is_ok_and(|count| (1..MOST_DAYS).contains(&count)) {
        let today = said.today;
        return Err(OutlookFault::Horizon { horizon, today });
    }
    Ok(horizon)
}

/// Samples the chances of releases and of readiness.
fn curves(
    (said, families): (&Said, &[Family]),
    ready: Option<&Between>,
    (until, horizon): (Option<Date>, Date),
) -> Vec<Curve> {
    let likely = ready.and_then(|ready| ready.likely.quantile(0.99));
    let until = until.max(likely).unwrap_or(horizon);
    let count = days::between(said.today, until).max(1) + MARGIN_DAYS;
    let step = (count / MOST_POINTS).max(1);
    let sampled = |comes: &Between| -> Vec<(Date, Open<f64>)> {
        let each = (0..=count / step).map(|at| {
            let day = days::after(said.today, at * step);
            let chance = Open {
                likely: comes.likely.by(day),
                least: comes.latest.by(day),
                most: comes.soonest.by(day),
            };
            (day, chance)
        });
        each.collect()
    };
    let releases = families.iter().map(|family| Curve {
        model: Some(family.event().to_owned()),
        points: sampled(&coming(family, said.today, horizon)),
    });
    let own = ready.map(|ready| Curve {
        model: None,
        points: sampled(ready),
    });
    releases.chain(own).collect()
}

impl Ready {
    fn of(ready: &Between) -> Self {
        let at = |chance: f64| Open {
            likely: ready.likely.quantile(chance),
            least: ready.soonest.quantile(chance),
            most: ready.latest.quantile(chance),
        };
        Self {
            p10: at(0.1),
            p50: at(0.5),
            p90: at(0.9),
        }
    }
}

/// Is what all futures share.
struct Scene<'s> {
    said: &'s Said,
    families: &'s [Family],
    retirements: &'s [Entry],
    horizon: Date,
}

/// Is one target in one future: when it comes, and how readiness meets it.
struct Played {
    target: Target,
    comes: Between,
}

impl Scene<'_> {
    fn play(&self, scenario: &Scenario, ready: &Between) -> Result<Vec<Played>, OutlookFault> {
        let ready = ready.moved(scenario.ready_days);
        let mut played = Vec::new();
        let mut changed = Vec::new();
        for family in self.families {
            let family = scenario.family(family, self.said.today).map_err(|source| {
                OutlookFault::Scenario {
                    scenario: scenario.name.clone(),
                    source,
                }
            })?;
            let comes = coming(&family, self.said.today, self.horizon);
            played.push(self.meet(&ready, comes, (Kind::Release, family.event(), None)));
            changed.push(family);
        }
        let sums = sums(&changed, &self.said.exclusive);
        if !sums.is_empty() {
            return Err(OutlookFault::Sums {
                scenario: scenario.name.clone(),
                sums,
            });
        }
        for one in self.retirements {
            let comes = Between::on(days::after(one.day, scenario.retirement_days));
            let name = (Kind::Retirement, one.model.as_str(), one.platform.clone());
            played.push(self.meet(&ready, comes, name));
        }
        Ok(played)
    }

    fn meet(
        &self,
        ready: &Between,
        comes: Between,
        (kind, model, platform): (Kind, &str, Option<String>),
    ) -> Played {
        Played {
            target: Target {
                kind,
                model: model.to_owned(),
                platform,
                timing: timing(ready, &comes, self.said.costs, self.horizon),
            },
            comes,
        }
    }

    fn future(&self, scenario: &Scenario, played: &[Played]) -> Future {
        Future {
            scenario: scenario.clone(),
            usage_usd_per_day: scenario.usage(self.said.usage_usd_per_day),
            targets: played.iter().map(|one| one.target.clone()).collect(),
        }
    }

    /// Sums the futures by their weights. Chances, days and costs are expectations and add up; the
    /// best day is the one against the mixture of what comes.
    fn mixed(&self, futures: &[Future], played: &[Vec<Played>]) -> Option<Future> {
        let first = futures.first()?;
        let sum = |of: &dyn Fn(&Future) -> f64| -> f64 {
            futures
                .iter()
                .map(|one| one.scenario.weight * of(one))
                .sum()
        };
        let mut targets = Vec::new();
        for (at, target) in first.targets.iter().enumerate() {
            let comes = futures.iter().zip(played).filter_map(|(future, played)| {
                Some((future.scenario.weight, &played.get(at)?.comes))
            });
            let comes = Between::mixed(&comes.collect::<Vec<_>>())?;
            let weighed = futures.iter().filter_map(|future| {
                Some((future.scenario.weight, &future.targets.get(at)?.timing))
            });
            targets.push(Target {
                timing: Timing::mixed(&weighed.collect::<Vec<_>>(), &comes, self.said.costs),
                ..target.clone()
            });
        }
        Some(Future {
            usage_usd_per_day: sum(&|one| one.usage_usd_per_day),
            scenario: Scenario {
                name: "mixed".to_owned(),
                about: "all scenarios by their weights".to_owned(),
                available: sum(&|one| one.scenario.available),
                price_factor: sum(&|one| one.scenario.price_factor),
                ..Scenario::as_said()
            },
            targets,
        })
    }
}

#[cfg(test)]
mod tests;
