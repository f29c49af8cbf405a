//! One unit of serving, a replica or two matched pools, at any load: its times, its rate, and the
//! most that it takes within an aim. It must not know a price.

use std::rc::Rc;

use crate::deployment::{Deployment, Layout, Pool, Serving};
use crate::intervals::Reach;
use crate::layouts::pipeline::Pipeline;
use crate::layouts::question::{Aim, Terms};
use crate::layouts::shape::{Room, Shape, room};
use crate::serving::{Bounded, Estimator, Prepared};
use crate::step::prefill_of;
use crate::units::Seconds;

/// Describes the accelerators that take requests together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// One replica that prefills and decodes.
    Together(Shape),
    /// Workers that prefill and workers that decode.
    Apart {
        /// The layout of a worker that prefills, and how many there are.
        prefill: (Layout, f64),
        /// The layout of a worker that decodes, and how many there are.
        decode: (Layout, f64),
    },
}

/// Holds a unit with all that does not change with its load.
#[derive(Clone, Debug)]
pub struct Ready<'f> {
    /// The unit.
    pub unit: Unit,
    /// What stands in the memory of an accelerator that decodes.
    pub room: Room,
    of: Deployment<'f>,
    prepared: Rc<Prepared>,
    terms: Terms,
    /// Requests a second that prefill can keep up with; infinite where decoding shares its time.
    prefilled: f64,
}

/// Holds the times of a unit at a load.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Of an output token after the first.
    pub step: Bounded,
    /// To the first token.
    pub first: Bounded,
}

/// Halvings of a range in which a load is looked for.
const HALVINGS: usize = 12;

impl Unit {
    /// Tells how many accelerators it takes.
    #[must_use]
    pub fn accelerators(&self) -> f64 {
        match self {
            Self::Together(shape) => shape.accelerators(),
            Self::Apart { .. } => {
                self.prefilling() + self.decoding().0.accelerators() * self.decoding().1
            }
        }
    }

    /// Tells how many accelerators only prefill.
    #[must_use]
    pub fn prefilling(&self) -> f64 {
        match self {
            Self::Together(_) => 0.0,
            Self::Apart {
                prefill: (layout, workers),
                ..
            } => layout.accelerators() * workers,
        }
    }

    /// Tells the shape that decodes, and how many of it there are.
    #[must_use]
    pub fn decoding(&self) -> (Shape, f64) {
        match *self {
            Self::Together(shape) => (shape, 1.0),
            Self::Apart {
                decode: (layout, workers),
                ..
            } => (Shape::of(layout), workers),
        }
    }

    /// Tells its name.
    #[must_use]
    pub fn name(&self) -> String {
        match *self {
            Self::Together(shape) => shape.name(),
            Self::Apart { prefill, decode } => {
                let named = |(layout, workers): (Layout, f64)| {
                    format!("{workers:.0}×({})", Shape::of(layout).name())
                };
                format!("prefill {} + decode {}", named(prefill), named(decode))
            }
        }
    }

    fn serving(&self) -> Serving {
        match *self {
            Self::Together(shape) => Serving::Together(shape.layout),
            Self::Apart { prefill, decode } => {
                let pool = |(layout, workers)| Pool {
                    layout,
                    workers: Some(workers),
                };
                Serving::Apart {
                    prefill: pool(prefill),
                    decode: pool(decode),
                }
            }
        }
    }
}

impl Times {
    /// Tells the time of a whole request.
    #[must_use]
    pub fn round(&self, output: f64) -> Seconds {
        self.first.time + self.step.time * (output - 1.0).max(0.0)
    }

    /// Tells between which times of a whole request both intervals end.
    #[must_use]
    pub fn round_interval(&self, output: f64) -> (Seconds, Seconds) {
        let ends = |first: Seconds, step: Seconds| first + step * (output - 1.0).max(0.0);
        let (first, step) = (self.first.interval, self.step.interval);
        (ends(first.0, step.0), ends(first.1, step.1))
    }

    /// Says whether they are within an aim.
    #[must_use]
    pub fn is_within(&self, aim: Aim) -> bool {
        let holds = |time: Seconds, most: Option<Seconds>| most.is_none_or(|most| time <= most);
        holds(self.step.time, aim.step) && holds(self.first.time, aim.first)
    }

    /// Says whether they are within an aim at the upper ends of their intervals, too.
    #[must_use]
    pub fn is_surely_within(&self, aim: Aim) -> bool {
        let holds = |time: Seconds, most: Option<Seconds>| most.is_none_or(|most| time <= most);
        holds(self.step.interval.1, aim.step) && holds(self.first.interval.1, aim.first)
    }
}

/// Holds what units that decode alike have in common.
#[derive(Clone, Debug)]
pub struct Common<'f> {
    of: Deployment<'f>,
    prepared: Rc<Prepared>,
    room: Room,
}

impl<'f> Common<'f> {
    /// Gathers it from one unit of the kind, for a model, an accelerator and lengths.
    #[must_use]
    pub fn new(unit: Unit, of: &Deployment<'f>, terms: &Terms, estimator: &Estimator) -> Self {
        let of = Deployment {
            serving: unit.serving(),
            speculation: terms.speculation,
            ..of.clone()
        };
        let (shape, _) = unit.decoding();
        Self {
            prepared: Rc::new(estimator.prepare(&of)),
            room: room(&of, shape, terms.usable),
            of,
        }
    }
}

impl<'f> Ready<'f> {
    /// Makes a unit ready, from what those that decode alike have in common.
    #[must_use]
    pub fn new(unit: Unit, common: &Common<'f>, terms: Terms) -> Self {
        let of = Deployment {
            serving: unit.serving(),
            ..common.of.clone()
        };
        let prepared = Rc::clone(&common.prepared);
        let prefilled = match unit {
            Unit::Together(_) => f64::INFINITY,
            Unit::Apart {
                prefill: (layout, workers),
                ..
            } => {
                let work = prefill_of(&of, &of.model.sums(), layout);
                let own = work.busy();
                workers * layout.data * terms.prefill_busy / (own * prepared.prefill_scale())
            }
        };
        Self {
            unit,
            room: common.room,
            of,
            prepared,
            terms,
            prefilled,
        }
    }

    /// Tells the most requests in flight for which there is memory.
    #[must_use]
    pub fn limit(&self) -> f64 {
        let (shape, workers) = self.unit.decoding();
        let most = self.terms.most_sequences * shape.accelerators();
        self.room.sequences.min(most) * workers
    }

    /// Says what is asked of the time model at a load: stages share a batch among them.
    #[must_use]
    pub fn at(&self, flight: f64) -> Deployment<'f> {
        let (shape, _) = self.unit.decoding();
        Deployment {
            concurrency: (flight / shape.stages).max(1.0),
            ..self.of.clone()
        }
    }

    /// Tells how far its estimates reach.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.prepared.reach
    }

    /// Divides the time of an output token into its parts, in seconds.
    #[must_use]
    pub fn parts(&self, flight: f64) -> Vec<f64> {
        let slower = self.pipeline().slower(self.of.model);
        let parts = self.prepared.parts(&self.at(flight));
        parts.iter().map(|part| part * slower).collect()
    }

    /// Estimates its times at a load.
    #[must_use]
    pub fn times(&self, flight: f64) -> Times {
        let of = self.at(flight);
        Times {
            step: self.hopped(self.prepared.step(&of), of.batch()),
            first: self.hopped(self.prepared.first(&of), of.input),
        }
    }

    fn pipeline(&self) -> Pipeline {
        let (shape, _) = self.unit.decoding();
        Pipeline {
            shape,
            busy: self.terms.pipeline_busy,
            doubt: self.terms.pipeline_doubt,
        }
    }

    /// Adds what pipeline stages take for so many tokens.
    fn hopped(&self, bounded: Bounded, tokens: f64) -> Bounded {
        self.pipeline().hopped(bounded, &self.of, tokens)
    }

    /// Tells the requests a second at a load.
    #[must_use]
    pub fn rate(&self, flight: f64) -> f64 {
        flight / self.times(flight).round(self.of.output).get()
    }

    /// Says whether a load is within an aim, and prefill keeps up with it.
    #[must_use]
    pub fn holds(&self, flight: f64, aim: Aim) -> bool {
        let times = self.times(flight);
        let rate = flight / times.round(self.of.output).get();
        times.is_within(aim) && self.keeps_up(rate)
    }

    /// Says whether prefill keeps up with so many requests a second.
    #[must_use]
    pub fn keeps_up(&self, rate: f64) -> bool {
        rate <= self.prefilled
    }

    /// Tells a rate that no load up to a most exceeds: as if the first token took no time, since a
    /// larger batch never lowers the rate of steps.
    #[must_use]
    pub fn rate_bound(&self, most: f64) -> f64 {
        let limit = self.limit().min(most).max(1.0);
        let of = self.at(limit);
        let step = self.hopped(self.prepared.step(&of), of.batch()).time;
        (limit / (step.get() * (self.of.output - 1.0).max(0.0))).min(self.prefilled)
    }

    /// Finds the load of the greatest rate: beyond it queues of prefill grow faster than what comes
    /// out, and an engine admits no more.
    fn peak(&self) -> f64 {
        let limit = self.limit();
        let (mut low, mut best) = (1.0_f64, self.rate(1.0));
        while low < limit {
            let next = (low * 2.0).min(limit);
            let rate = self.rate(next);
            if rate < best {
                return self.peak_between((low / 2.0).max(1.0), next);
            }
            (low, best) = (next, rate);
        }
        limit
    }

    fn peak_between(&self, mut low: f64, mut high: f64) -> f64 {
        for _ in 0..HALVINGS {
            let third = (high - low) / 3.0;
            if self.rate(low + third) < self.rate(high - third) {
                low += third;
            } else {
                high -= third;
            }
        }
        low.floor().max(1.0)
    }

    /// Finds the most requests in flight within an aim, the memory and the greatest rate; none
    /// where not one is. The places that are tried are the same for every aim, so a looser one
    /// never finds less.
    #[must_use]
    pub fn most(&self, aim: Aim) -> Option<f64> {
        if self.limit() < 1.0 || !self.holds(1.0, aim) {
            return None;
        }
        let limit = self.peak();
        let mut low = 1.0;
        while low < limit {
            let next = (low * 2.0_f64).min(limit);
            if !self.holds(next, aim) {
                return Some(self.between(low, next, aim));
            }
            low = next;
        }
        Some(limit)
    }

    fn between(&self, mut low: f64, mut high: f64, aim: Aim) -> f64 {
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high).floor();
            if middle <= low {
                break;
            }
            if self.holds(middle, aim) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Finds the greatest mean load within an aim, which need not be whole: where requests come at
    /// a rate, those in flight are a mean, and whole ones would leave a small fast unit some of its
    /// rate unused.
    #[must_use]
    pub fn most_mean(&self, aim: Aim) -> Option<f64> {
        let (mut low, next) = self.most(aim).map(|most| (most, most + 1.0))?;
        if next > self.limit() || self.rate(next) <= self.rate(low) {
            return Some(low);
        }
        let mut high = next;
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.holds(middle, aim) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(low)
    }

    /// Finds the load at which a rate comes out, up to a most.
    #[must_use]
    pub fn flight_for(&self, rate: f64, most: f64) -> f64 {
        if self.rate(1.0) >= rate {
            return 1.0;
        }
        let (mut low, mut high) = (1.0, most);
        for _ in 0..2 * HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.rate(middle) < rate {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}
