//! The search for layouts: the ways of dividing a model among accelerators that are tried, which
//! fit, which are within an aim, ranked by what a request costs with all that is reserved for it.
//! It must not leave anything out without saying so.

mod offer;
mod pipeline;
mod question;
mod shape;
mod unit;

use serde::Serialize;

use crate::accelerators::Accelerator;
use crate::deployment::{Deployment, Layout, Serving};
use crate::precision::Precision;
use crate::serving::Estimator;
use crate::units::Bytes;

pub use crate::layouts::offer::{Costed, costed, least};
pub use crate::layouts::offer::{MemoryShown, Offer, Part, PerMillion, Ranged, offer};
pub use crate::layouts::pipeline::Pipeline;
pub use crate::layouts::question::{
    Aim, Load, POWER_KEYS, Pools, Question, SERVING_KEYS, Terms, TermsFault, Traffic,
};
pub use crate::layouts::shape::{Room, Shape, ShapeFault, room, shapes};
pub use crate::layouts::unit::{Common, Ready, Times, Unit};

/// Workers that prefill, and workers that decode, of the pools that are tried.
const RATIOS: [(f64, f64); 6] = [
    (1.0, 1.0),
    (1.0, 2.0),
    (1.0, 4.0),
    (2.0, 1.0),
    (4.0, 1.0),
    (8.0, 1.0),
];

/// Says what an accelerator can do for the question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Its name.
    pub accelerator: String,
    /// Layouts that were tried.
    pub tried: usize,
    /// Those in which the weights and one sequence fit.
    pub fit: usize,
    /// Whether any of them is within the aim.
    pub meets: bool,
    /// The best, by its place in the ranking; none where there is none.
    pub best: Option<usize>,
    /// Why there is none, and what would help; empty where there is one.
    pub why: String,
}

/// Holds what a search found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The best layouts, cheapest first, and the best of each accelerator.
    pub offers: Vec<Offer>,
    /// What each accelerator can do.
    pub verdicts: Vec<Verdict>,
    /// The points of throughput and latency that no other of the best accelerator's beats.
    pub frontier: Vec<Point>,
}

/// Holds a point of a frontier.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Its layout.
    pub layout: String,
    /// Requests in flight of one unit.
    pub in_flight_each: f64,
    /// Time of an output token, in milliseconds.
    pub tpot_ms: f64,
    /// Output tokens a second of one accelerator.
    pub output_tokens_per_second_each: f64,
}

/// Holds a costed unit until it is known to be among the best.
struct Scored<'f> {
    ready: Ready<'f>,
    costed: Costed,
    terms: Terms,
}

/// Holds what was found on one accelerator.
struct Tally<'f> {
    tried: usize,
    fit: usize,
    scored: Vec<Scored<'f>>,
    /// The least weights of one accelerator in any layout, and what it may take of them.
    least: Option<(Bytes, Bytes)>,
    /// The shortest time of a token and to a first one, of one request alone.
    soonest: Option<(f64, f64)>,
}

/// Searches.
///
/// # Errors
/// Fails when the only layout that is asked for is impossible for the model, or the terms of an
/// accelerator cannot be had.
pub fn search(
    question: &Question<'_>,
    estimator: &Estimator,
    most: usize,
) -> Result<Found, SearchFault> {
    if let Some(only) = question.only {
        only.check(question.model)?;
    }
    let mut all: Vec<Scored<'_>> = Vec::new();
    let mut verdicts = Vec::new();
    for part in question.accelerators {
        let terms = Terms::of(part, question.assumptions)?;
        let mut tally = tally((question, most), part, terms, estimator);
        verdicts.push(verdict(question, part, &tally));
        all.append(&mut tally.scored);
    }
    all.sort_by(|one, other| cheaper(&one.costed, &other.costed));
    let mut offers: Vec<Offer> = Vec::new();
    for (place, one) in all.iter().enumerate() {
        let name = &one.ready.at(1.0).accelerator.name;
        let verdict = verdicts
            .iter_mut()
            .find(|verdict| verdict.accelerator == *name);
        let is_first = verdict
            .as_ref()
            .is_some_and(|verdict| verdict.best.is_none());
        if place >= most && !is_first {
            continue;
        }
        if let Some(verdict) = verdict.filter(|_| is_first) {
            verdict.best = Some(offers.len());
        }
        offers.push(offer(
            &one.ready,
            &one.costed,
            question.traffic,
            question.aim,
            &one.terms,
        ));
    }
    let frontier = all
        .first()
        .map_or_else(Vec::new, |best| frontier(question, best, estimator));
    Ok(Found {
        offers,
        verdicts,
        frontier,
    })
}

/// Says why a search cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SearchFault {
    /// The layout that was asked for is impossible.
    #[error(transparent)]
    Shape(#[from] ShapeFault),
    /// Terms cannot be had.
    #[error(transparent)]
    Terms(#[from] TermsFault),
}

fn cheaper(one: &Costed, other: &Costed) -> std::cmp::Ordering {
    let by_reserved = one.usd_reserved.total_cmp(&other.usd_reserved);
    let by_active = || one.usd_active.total_cmp(&other.usd_active);
    // Of layouts that cost the same, the one with fewer accelerators is the simpler.
    let by_size = || one.used.total_cmp(&other.used);
    by_reserved.then_with(by_active).then_with(by_size)
}

fn deployment<'f>(
    question: &Question<'f>,
    part: &'f Accelerator,
    engine: &'f str,
    precision: Precision,
) -> Deployment<'f> {
    Deployment {
        model: question.model,
        accelerator: part,
        engine,
        version: None,
        precision,
        serving: Serving::Together(Layout::tensor(1.0)),
        concurrency: 1.0,
        input: question.traffic.input,
        output: question.traffic.output,
        cached: question.traffic.cached,
        speculation: None,
    }
}

fn tally<'f>(
    (question, most): (&Question<'f>, usize),
    part: &'f Accelerator,
    terms: Terms,
    estimator: &Estimator,
) -> Tally<'f> {
    let mut tally = Tally {
        tried: 0,
        fit: 0,
        scored: Vec::new(),
        least: None,
        soonest: None,
    };
    let shapes = question
        .only
        .map_or_else(|| shapes(question.model, part), |only| vec![only]);
    let mut waiting: Vec<(f64, Ready<'f>)> = Vec::new();
    for engine in question.engines {
        for precision in question.precisions {
            let of = deployment(question, part, engine, *precision);
            let fitting = fitting(&mut tally, &shapes, &of, &terms);
            let units = units(question, &fitting, (&of, terms), estimator);
            waiting.extend(
                units
                    .into_iter()
                    .map(|ready| (least(&ready, question.traffic, &terms), ready)),
            );
        }
    }
    tally.fit = waiting.len();
    waiting.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    for (least, ready) in waiting {
        // What costs more at least than the last of those that are listed is not listed.
        if tally.last_of(most).is_some_and(|last| least > last) {
            break;
        }
        tally.add(question, ready, terms);
    }
    tally
}

/// Keeps the shapes in which weights and one sequence fit.
fn fitting(
    tally: &mut Tally<'_>,
    shapes: &[Shape],
    of: &Deployment<'_>,
    terms: &Terms,
) -> Vec<Shape> {
    let of = Deployment {
        speculation: terms.speculation,
        ..of.clone()
    };
    let mut fitting = Vec::new();
    for shape in shapes {
        let room = room(&of, *shape, terms.usable);
        tally.tried += 1;
        if tally.least.is_none_or(|(least, _)| room.weights < least) {
            tally.least = Some((room.weights, room.usable));
        }
        if room.sequences >= 1.0 {
            fitting.push(*shape);
        }
    }
    fitting
}

/// Lists the units to try of shapes that fit: each by itself, and pools of those without stages.
fn units<'f>(
    question: &Question<'_>,
    fitting: &[Shape],
    (of, terms): (&Deployment<'f>, Terms),
    estimator: &Estimator,
) -> Vec<Ready<'f>> {
    let mut units = Vec::new();
    if question.pools != Pools::Apart {
        units.extend(fitting.iter().map(|shape| {
            let unit = Unit::Together(*shape);
            Ready::new(unit, &Common::new(unit, of, &terms, estimator), terms)
        }));
    }
    if question.pools == Pools::Together {
        return units;
    }
    let single = || fitting.iter().filter(|shape| shape.stages <= 1.0);
    for decode in single() {
        let apart = |prefill: &Shape, (prefills, decodes): (f64, f64)| Unit::Apart {
            prefill: (prefill.layout, prefills),
            decode: (decode.layout, decodes),
        };
        let common = Common::new(apart(decode, (1.0, 1.0)), of, &terms, estimator);
        // Any that fits may prefill: a first token that is wanted soon takes a large worker, and
        // which are small depends on the memory.
        for prefill in single() {
            let ready = |ratio: &(f64, f64)| Ready::new(apart(prefill, *ratio), &common, terms);
            units.extend(RATIOS.iter().map(ready));
        }
    }
    units
}

impl<'f> Tally<'f> {
    /// Costs a unit and puts it in its place.
    fn add(&mut self, question: &Question<'_>, ready: Ready<'f>, terms: Terms) {
        if let Some(costed) = costed(&ready, question.traffic, question.aim, &terms) {
            let is_before = |one: &Scored<'_>| cheaper(&one.costed, &costed).is_le();
            let place = self.scored.partition_point(is_before);
            self.scored.insert(
                place,
                Scored {
                    ready,
                    costed,
                    terms,
                },
            );
            return;
        }
        let alone = ready.times(1.0);
        let (step, first) = (alone.step.time.ms(), alone.first.time.ms());
        let (soonest, earliest) = self.soonest.unwrap_or((f64::INFINITY, f64::INFINITY));
        self.soonest = Some((soonest.min(step), earliest.min(first)));
    }

    /// Tells the cost of the last of so many; none where there are fewer.
    fn last_of(&self, most: usize) -> Option<f64> {
        let last = self.scored.get(most.max(1) - 1)?;
        Some(last.costed.usd_reserved)
    }
}

fn verdict(question: &Question<'_>, part: &Accelerator, tally: &Tally<'_>) -> Verdict {
    let gb = |bytes: Bytes| bytes.get() / 1e9;
    let why = if !tally.scored.is_empty() {
        String::new()
    } else if tally.fit == 0 {
        tally.least.map_or_else(String::new, |(weights, usable)| {
            let (weights, usable) = (gb(weights), gb(usable));
            if weights < usable {
                format!(
                    "the weights take {weights:.1} GB of the {usable:.1} GB that an accelerator \
                     may give, and the cache of one sequence does not fit beside them"
                )
            } else {
                format!(
                    "in the widest of these layouts an accelerator would hold {weights:.1} GB of \
                     weights and may give {usable:.1} GB"
                )
            }
        })
    } else {
        tally.soonest.map_or_else(String::new, |(step, first)| {
            format!(
                "one request alone takes at least {first:.0} ms to its first token and \
                 {step:.1} ms a token, or prefill does not keep up; loosen the aim"
            )
        })
    };
    Verdict {
        accelerator: part.name.clone(),
        tried: tally.tried,
        fit: tally.fit,
        meets: !tally.scored.is_empty(),
        best: None,
        why: if question.only.is_some() && !why.is_empty() {
            format!("{why}; only the layout that was asked for was tried")
        } else {
            why
        },
    }
}

/// Finds the points that no other beats in both throughput and latency, on the accelerator, engine
/// and precision of the best, whatever the aim.
fn frontier<'f>(question: &Question<'f>, best: &Scored<'f>, estimator: &Estimator) -> Vec<Point> {
    let of = best.ready.at(1.0);
    let shapes = question
        .only
        .map_or_else(|| shapes(question.model, of.accelerator), |only| vec![only]);
    let fits = |shape: &Shape| room(&of, *shape, best.terms.usable).sequences >= 1.0;
    let fitting: Vec<Shape> = shapes.into_iter().filter(fits).collect();
    let mut points: Vec<Point> = Vec::new();
    for ready in units(question, &fitting, (&of, best.terms), estimator) {
        let limit = ready.limit();
        let loads = (0..24).map(|power| f64::from(1_u32 << power));
        for flight in loads.take_while(|load| *load <= limit) {
            let times = ready.times(flight);
            let rate = flight / times.round(question.traffic.output).get();
            if !ready.keeps_up(rate) {
                break;
            }
            points.push(Point {
                layout: ready.unit.name(),
                in_flight_each: flight,
                tpot_ms: times.step.time.ms(),
                output_tokens_per_second_each: rate * question.traffic.output
                    / ready.unit.accelerators(),
            });
        }
    }
    points.sort_by(|one, other| one.tpot_ms.total_cmp(&other.tpot_ms));
    let mut most = 0.0;
    points.retain(|point| {
        let is_better = point.output_tokens_per_second_each > most;
        most = point.output_tokens_per_second_each.max(most);
        is_better
    });
    points
}
