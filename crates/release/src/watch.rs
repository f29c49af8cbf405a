//! What is watched of one release while it stays in one stage: each criterion's evidence, the
//! split of the traffic, what was spent. It may be looked at after every request. It must not
//! judge: gates do.

mod bound;
mod conversations;
mod criterion;
mod metric;
mod needed;
mod observation;
mod pairs;
mod shares;
mod split;
mod times;
mod wealth;

use domain::{GateSpec, PicoUsd, ReleasePlan, ReleaseStatus, Share, StagePlan, Timestamp};

use crate::way::next_step;
use conversations::{Conversations, Unit};
use criterion::Alphas;
use pairs::Proportion;

pub use bound::{Asked, Bound, asked};
pub use metric::{METRICS, Metric, Scale, find_metric};
pub use needed::{Assumed, conversations_needed};
pub use observation::{Ended, Observation, Reported, WatchedArm};
pub use split::Split;

pub(crate) use criterion::{Criterion, Reading};
pub(crate) use metric::OUTCOME;
pub(crate) use split::ALPHA as SPLIT_ALPHA;

/// The name of the gate whose criteria are watched.
pub(crate) const CANARY: &str = "canary";

/// Watches one release in one stage since it was entered.
#[derive(Clone)]
pub struct Watch {
    tables: Vec<Conversations>,
    criteria: Vec<Criterion>,
    split: Split,
    spent: Spent,
    proportion: Option<Proportion>,
}

/// Sums up what the candidate cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many of its requests were answered.
    pub requests: u64,
    /// How many of them have no price.
    pub unpriced: u64,
    /// The sum of those that have.
    pub cost: PicoUsd,
}

impl Watch {
    /// Begins to watch a release in the stage that it is in. `attempt` counts how often the
    /// candidate entered it, this time included: each attempt has less of alpha to show safety.
    #[must_use]
    pub fn new(plan: &ReleasePlan, here: &ReleaseStatus, attempt: u32) -> Self {
        let stage = plan.stage(here.stage);
        let standing = || stage.into_iter().flat_map(|stage| &stage.standing);
        let gates = stage.into_iter().flat_map(|stage| &stage.gates);
        let next = next_step(plan, here).map(|step| step.stage);
        let ahead = next.into_iter().flat_map(|stage: &StagePlan| &stage.gates);
        let watched = standing().filter(|spec| spec.gate == CANARY).count().max(1);
        let mut watch = Self {
            tables: Vec::new(),
            criteria: Vec::new(),
            split: Split::new(here.share),
            spent: Spent::default(),
            proportion: Proportion::of(here.share),
        };
        for spec in standing().chain(gates).chain(ahead) {
            watch.add(spec, watched, attempt);
        }
        watch
    }

    fn add(&mut self, spec: &GateSpec, watched: usize, attempt: u32) {
        if spec.gate != CANARY || self.criterion(spec).is_some() {
            return;
        }
        let Ok(asked) = asked(spec) else { return };
        let alphas = Alphas {
            harm: asked.alpha / watched as f64,
            safety: crate::stats::alpha_of_attempt(asked.alpha, attempt),
        };
        let has_table = |table: &Conversations| table.quiet_ms() == asked.quiet_ms;
        if !self.tables.iter().any(has_table) {
            self.tables.push(Conversations::new(asked.quiet_ms));
        }
        self.criteria.push(Criterion::new(spec, asked, alphas));
    }

    /// Takes one answer.
    pub fn observe(&mut self, one: &Observation) {
        self.advance(one.at);
        if one.begun {
            self.split.begun(one.arm);
        }
        if one.arm == WatchedArm::Candidate {
            self.spent.requests += 1;
            match one.cost {
                Some(cost) => self.spent.cost = self.spent.cost + cost,
                None => self.spent.unpriced += 1,
            }
        }
        let mut closed = Vec::new();
        for table in &mut self.tables {
            closed.extend(table.observe(one).map(|unit| (table.quiet_ms(), unit)));
        }
        for (quiet_ms, unit) in closed {
            self.count(quiet_ms, &unit);
        }
    }

    /// Takes one report.
    pub fn report(&mut self, one: &Reported) {
        self.advance(one.at);
        for table in &mut self.tables {
            table.report(one);
        }
    }

    /// Notes a rise of the share: pairs are in another proportion from now on, and conversations
    /// that begin are counted anew.
    pub fn share_became(&mut self, share: Share, at: Timestamp) {
        self.advance(at);
        self.split = Split::new(share);
        self.proportion = Proportion::of(share);
    }

    /// Closes the conversations that have been quiet for long enough.
    pub fn advance(&mut self, now: Timestamp) {
        for place in 0..self.tables.len() {
            while let Some((quiet_ms, unit)) = self.next_quiet(place, now) {
                self.count(quiet_ms, &unit);
            }
        }
    }

    fn next_quiet(&mut self, place: usize, now: Timestamp) -> Option<(i64, Unit)> {
        let table = self.tables.get_mut(place)?;
        let unit = table.next_quiet(now)?;
        Some((table.quiet_ms(), unit))
    }

    fn count(&mut self, quiet_ms: i64, unit: &Unit) {
        for criterion in &mut self.criteria {
            if criterion.asked.quiet_ms == quiet_ms {
                criterion.push(unit, self.proportion);
            }
        }
    }

    /// Finds the evidence of a criterion; none where it is not watched here.
    pub(crate) fn criterion(&self, spec: &GateSpec) -> Option<&Criterion> {
        self.criteria.iter().find(|one| one.spec == *spec)
    }

    /// Tells how the traffic split.
    #[must_use]
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// Tells what the candidate cost.
    #[must_use]
    pub fn spent(&self) -> Spent {
        self.spent
    }

    /// Tells whether both arms get traffic at this share.
    pub(crate) fn has_both_arms(&self) -> bool {
        self.proportion.is_some()
    }
}
