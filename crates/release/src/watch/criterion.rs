//! One criterion of a canary under watch: what each arm's conversations gave, and the evidence
//! that comes of it. It must not judge.

use domain::GateSpec;

use super::bound::{Asked, Bound};
use super::conversations::Unit;
use super::metric::{METRICS, Metric, Scale};
use super::observation::WatchedArm;
use super::pairs::{Pair, Pairs, Proportion};
use super::shares::Evidence;
use super::times::Threshold;
use crate::stats::Interval;
use crate::stats::sequential::{AsymptoticMean, Difference, Tuning};

/// The conversations of each arm from which on costs are compared: the normal limit is far away
/// before, for costs are skewed.
const FEWEST_COSTS: u32 = 100;
/// The conversations for which the comparison of costs is narrowest.
const TUNED_AT: f64 = 1_000.0;

/// Watches one criterion.
#[derive(Clone)]
pub(crate) struct Criterion {
    pub(crate) spec: GateSpec,
    pub(crate) asked: Asked,
    /// The share of alpha that harm may spend, and the one that safety may.
    pub(crate) alphas: Alphas,
    metric: usize,
    way: Way,
    pairs: Pairs,
    tallies: [Tally; 2],
    threshold: Threshold,
}

/// Says which error rates hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Alphas {
    pub(crate) harm: f64,
    pub(crate) safety: f64,
}

#[derive(Clone)]
enum Way {
    Bounded(Box<Evidence>),
    Costs(Costs),
}

#[derive(Clone)]
struct Costs {
    arms: [AsymptoticMean; 2],
    harm: Tuning,
    safety: Tuning,
    has_harmed: bool,
}

/// Counts one arm's closed conversations.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// Those that say something of the metric.
    counted: u64,
    /// All of them.
    closed: u64,
    sum: f64,
    unpriced: u64,
}

/// Holds how a criterion stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Conversations that say something of it: the candidate's and the incumbent's.
    pub(crate) counted: [u64; 2],
    /// All closed conversations.
    pub(crate) closed: [u64; 2],
    /// Conversations with a request that has no price.
    pub(crate) unpriced: u64,
    /// The means, in the metric's unit.
    pub(crate) means: [Option<f64>; 2],
    /// What is bounded: the difference, the excess of times beyond the threshold, or the mean.
    pub(crate) estimate: Option<f64>,
    /// Its interval at all looks together.
    pub(crate) interval: Interval,
    /// Whether harm beyond the bound is shown, and was from then on.
    pub(crate) is_harmful: bool,
    /// Whether it is shown that there is none.
    pub(crate) is_safe: bool,
    /// The e-values behind both, where they are known.
    pub(crate) e_values: Option<[f64; 2]>,
}

impl Criterion {
    pub(crate) fn new(spec: &GateSpec, asked: Asked, alphas: Alphas) -> Self {
        let is_it = |metric: &Metric| metric.name == asked.metric.name;
        Self {
            spec: spec.clone(),
            asked,
            alphas,
            metric: METRICS.iter().position(is_it).unwrap_or_default(),
            way: Way::of(&asked, alphas),
            pairs: Pairs::default(),
            tallies: [Tally::default(); 2],
            threshold: Threshold::default(),
        }
    }

    /// Takes a closed conversation. Where a bound is beside the incumbent it waits for its pair.
    pub(super) fn push(&mut self, unit: &Unit, proportion: Option<Proportion>) {
        let arm = place(unit.arm);
        let value = unit.values.get(self.metric).copied().flatten();
        if let Some(tally) = self.tallies.get_mut(arm) {
            tally.closed += 1;
            tally.unpriced += u64::from(!unit.is_priced);
            if let Some(value) = value {
                tally.counted += 1;
                tally.sum += value;
            }
        }
        let Some(value) = value else { return };
        let bad = if self.asked.metric.scale == Scale::Good {
            1.0 - value
        } else {
            value
        };
        match (&mut self.way, self.asked.bound, unit.arm) {
            (Way::Costs(costs), ..) => costs.push(arm, bad, self.asked.bound),
            (Way::Bounded(evidence), Bound::Absolute(most), WatchedArm::Candidate) => {
                let is_time = self.asked.metric.scale == Scale::Milliseconds;
                evidence.push(if is_time { beyond(bad, most) } else { bad });
            }
            (Way::Bounded(_), Bound::Absolute(_), WatchedArm::Incumbent) => {}
            // Where one arm has all the traffic nothing waits: nothing comes beside it.
            (Way::Bounded(_), Bound::Worse(_), _) if proportion.is_none() => {}
            (Way::Bounded(_), Bound::Worse(_), WatchedArm::Candidate) => {
                self.pairs.push_candidate(bad);
            }
            (Way::Bounded(_), Bound::Worse(_), WatchedArm::Incumbent) => {
                self.pairs.push_incumbent(bad);
            }
        }
        while let Some(pair) = proportion.and_then(|one| self.pairs.next(one)) {
            self.compare(&pair);
        }
    }

    fn compare(&mut self, pair: &Pair) {
        let Way::Bounded(evidence) = &mut self.way else {
            return;
        };
        if self.asked.metric.scale != Scale::Milliseconds {
            evidence.push(mean(&pair.candidates) - mean(&pair.incumbents));
            return;
        }
        let Bound::Worse(longer) = self.asked.bound else {
            return;
        };
        if let Some(quantile) = self.threshold.quantile(self.asked.quantile) {
            let threshold = quantile * (1.0 + longer);
            let ours = pair.candidates.iter().map(|time| beyond(*time, threshold));
            let scaled = pair.incumbents.iter().map(|time| time * (1.0 + longer));
            let theirs = scaled.map(|time| beyond(time, threshold));
            let (ours, theirs): (Vec<f64>, Vec<f64>) = (ours.collect(), theirs.collect());
            evidence.push(mean(&ours) - mean(&theirs));
        }
        for time in &pair.incumbents {
            self.threshold.push(*time);
        }
    }

    /// Tells how it stands.
    pub(crate) fn reading(&self) -> Reading {
        let [ours, theirs] = self.tallies;
        let base = Reading {
            counted: [ours.counted, theirs.counted],
            closed: [ours.closed, theirs.closed],
            unpriced: ours.unpriced + theirs.unpriced,
            means: [ours.mean(), theirs.mean()],
            estimate: None,
            interval: Interval {
                lower: f64::NEG_INFINITY,
                upper: f64::INFINITY,
            },
            is_harmful: false,
            is_safe: false,
            e_values: None,
        };
        match &self.way {
            Way::Bounded(evidence) => Reading {
                estimate: evidence.estimate(),
                interval: evidence.interval(),
                is_harmful: evidence.ln_harm() >= -self.alphas.harm.ln(),
                is_safe: evidence.ln_safety() >= -self.alphas.safety.ln(),
                e_values: Some([evidence.ln_harm().exp(), evidence.ln_safety().exp()]),
                ..base
            },
            Way::Costs(costs) => costs.reading(self.asked.bound, base),
        }
    }
}

impl Way {
    fn of(asked: &Asked, alphas: Alphas) -> Self {
        let is_time = asked.metric.scale == Scale::Milliseconds;
        let (ends, bound) = match (asked.metric.scale, asked.bound) {
            (Scale::Usd, _) => return Self::Costs(Costs::new(alphas)),
            (_, Bound::Absolute(_)) if is_time => ((0.0, 1.0), 1.0 - asked.quantile),
            (_, Bound::Absolute(most)) => ((0.0, 1.0), most),
            (_, Bound::Worse(_)) if is_time => ((-1.0, 1.0), 0.0),
            (_, Bound::Worse(most)) => ((-1.0, 1.0), most),
        };
        Self::Bounded(Box::new(Evidence::new(ends, bound, alphas.harm)))
    }
}

impl Costs {
    fn new(alphas: Alphas) -> Self {
        let harm = Tuning::new(alphas.harm, TUNED_AT);
        Self {
            arms: [AsymptoticMean::new(harm, FEWEST_COSTS); 2],
            harm,
            safety: Tuning::new(alphas.safety, TUNED_AT),
            has_harmed: false,
        }
    }

    fn push(&mut self, arm: usize, cost: f64, bound: Bound) {
        if let Some(mean) = self.arms.get_mut(arm) {
            mean.push(cost);
        }
        let limits = self.limits(bound);
        self.has_harmed |= limits.is_some_and(|limits| limits.harm_lower > bound_of(bound));
    }

    /// Computes the estimate and its one-sided limits; none before there is enough.
    fn limits(&self, bound: Bound) -> Option<Limits> {
        let fewest = f64::from(FEWEST_COSTS);
        let [ours, theirs] = self.arms.each_ref().map(AsymptoticMean::arm);
        let ours = ours.filter(|arm| arm.count >= fewest)?;
        let (error, count, estimate) = match bound {
            Bound::Absolute(_) => ((ours.variance / ours.count).sqrt(), ours.count, ours.mean),
            Bound::Worse(_) => {
                let theirs = theirs.filter(|arm| arm.count >= fewest)?;
                let difference = Difference::relative(&theirs, &ours)?;
                let count = ours.count + theirs.count;
                (difference.error, count, difference.estimate)
            }
        };
        let variance = error * error * count;
        Some(Limits {
            estimate,
            harm_lower: estimate - self.harm.one_sided_width(variance, count),
            safety_upper: estimate + self.safety.one_sided_width(variance, count),
            half_width: self.harm.half_width(variance, count),
        })
    }

    fn reading(&self, bound: Bound, base: Reading) -> Reading {
        let Some(limits) = self.limits(bound) else {
            return base;
        };
        Reading {
            estimate: Some(limits.estimate),
            interval: Interval {
                lower: limits.estimate - limits.half_width,
                upper: limits.estimate + limits.half_width,
            },
            is_harmful: self.has_harmed,
            is_safe: limits.safety_upper < bound_of(bound),
            ..base
        }
    }
}

#[derive(Clone, Copy)]
struct Limits {
    estimate: f64,
    harm_lower: f64,
    safety_upper: f64,
    half_width: f64,
}

impl Tally {
    fn mean(&self) -> Option<f64> {
        (self.counted > 0).then(|| self.sum / self.counted as f64)
    }
}

fn bound_of(bound: Bound) -> f64 {
    match bound {
        Bound::Worse(most) | Bound::Absolute(most) => most,
    }
}

fn place(arm: WatchedArm) -> usize {
    match arm {
        WatchedArm::Candidate => 0,
        WatchedArm::Incumbent => 1,
    }
}

fn beyond(time: f64, threshold: f64) -> f64 {
    f64::from(u8::from(time > threshold))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
