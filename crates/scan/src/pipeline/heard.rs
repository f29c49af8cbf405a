//! The steps that requests name, and which follows which within a conversation. It must not judge
//! them.

use std::collections::{BTreeMap, HashMap};

use domain::PicoUsd;

use crate::pipeline::make::pipeline;
use crate::pipeline::step::{Edge, Origin, Part, Pipeline, Step, StepTraffic};
use crate::traffic::{Ending, Heard};

/// How many conversations are followed at a time, twice: older ones are forgotten.
const MOST_FOLLOWED: usize = 250_000;
/// How many steps of one caller are told apart: callers name them as they like.
const MOST_STEPS: usize = 100;
/// What stands for the steps beyond those.
const OTHER_STEPS: &str = "(other steps)";

const IN_ORDER: &str = "one followed the other in a conversation";

/// Counts the requests of steps.
#[derive(Default)]
pub struct StepTally {
    callers: BTreeMap<String, Sums>,
    followed: Followed,
}

/// Remembers the last step of each conversation, of the newest ones at least.
#[derive(Default)]
struct Followed {
    newer: HashMap<(String, u64), usize>,
    older: HashMap<(String, u64), usize>,
}

#[derive(Default)]
struct Sums {
    steps: Vec<StepSums>,
    edges: BTreeMap<(usize, usize), u64>,
    unnamed: u64,
}

#[derive(Default)]
struct StepSums {
    name: String,
    asks: BTreeMap<String, u64>,
    tiers: BTreeMap<String, u64>,
    models: BTreeMap<String, u64>,
    traffic: StepTraffic,
    cost: PicoUsd,
    priced: u64,
    success: f64,
}

impl StepTally {
    /// Takes a request in; of one conversation they come in order.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        if heard.ending == Ending::Denied {
            return;
        }
        let sums = self.callers.entry(heard.caller.to_owned()).or_default();
        let Some(step) = heard.step.filter(|step| !step.is_empty()) else {
            sums.unnamed += 1;
            return;
        };
        let place = sums.place(step);
        if let Some(sums) = sums.steps.get_mut(place) {
            sums.add(heard);
        }
        let Some(conversation) = heard.conversation else {
            return;
        };
        let key = (heard.caller.to_owned(), conversation);
        if let Some(before) = self.followed.replace(key, place) {
            *sums.edges.entry((before, place)).or_default() += 1;
        }
    }

    /// Ends the count: the pipelines of callers that name steps.
    #[must_use]
    pub fn finish(self) -> Vec<Pipeline> {
        let callers = self.callers.into_iter();
        let named = callers.filter(|(_, sums)| !sums.steps.is_empty());
        named
            .map(|(caller, sums)| {
                let edges = sums.edges.into_iter();
                let edges = edges.map(|((from, to), times)| Edge {
                    from,
                    to,
                    times,
                    because: IN_ORDER,
                });
                let steps = sums.steps.into_iter().map(StepSums::finish).collect();
                let unnamed = sums.unnamed;
                Pipeline {
                    unnamed,
                    ..pipeline(&caller, Origin::Traffic, steps, edges.collect())
                }
            })
            .collect()
    }
}

impl Followed {
    /// Notes a conversation's step, and gives the one before.
    fn replace(&mut self, key: (String, u64), step: usize) -> Option<usize> {
        if self.newer.len() >= MOST_FOLLOWED {
            self.older = std::mem::take(&mut self.newer);
        }
        let before = self.older.remove(&key);
        self.newer.insert(key, step).or(before)
    }
}

impl Sums {
    fn place(&mut self, step: &str) -> usize {
        let find = |steps: &[StepSums], name: &str| steps.iter().position(|one| one.name == name);
        let name = match find(&self.steps, step) {
            Some(place) => return place,
            None if self.steps.len() < MOST_STEPS => step,
            None => OTHER_STEPS,
        };
        find(&self.steps, name).unwrap_or_else(|| {
            self.steps.push(StepSums {
                name: name.to_owned(),
                ..StepSums::default()
            });
            self.steps.len() - 1
        })
    }
}

impl StepSums {
    fn add(&mut self, heard: &Heard<'_>) {
        let add = |parts: &mut BTreeMap<String, u64>, name: Option<&str>| {
            if let Some(name) = name {
                *parts.entry(name.to_owned()).or_default() += 1;
            }
        };
        add(&mut self.asks, Some(heard.requested));
        add(&mut self.tiers, heard.tier);
        add(&mut self.models, heard.model);
        let traffic = &mut self.traffic;
        traffic.requests += 1;
        match heard.ending {
            Ending::Answered => traffic.answered += 1,
            Ending::Refused => traffic.refused += 1,
            Ending::Cut => traffic.cut += 1,
            Ending::Failed | Ending::Denied => traffic.failed += 1,
        }
        traffic.by_model += u64::from(heard.tier.is_some_and(|tier| tier != heard.requested));
        traffic.input_tokens = traffic.input_tokens.saturating_add(heard.tokens.input);
        traffic.output_tokens = traffic.output_tokens.saturating_add(heard.tokens.output);
        match heard.cost {
            Some(cost) => {
                self.cost = self.cost + cost;
                self.priced += 1;
            }
            None => traffic.unpriced += 1,
        }
        if let Some(success) = heard.success {
            traffic.reported += 1;
            self.success += success;
        }
    }

    fn finish(self) -> Step {
        let mut traffic = self.traffic;
        let reported = traffic.reported;
        traffic.success_percent = (reported > 0).then(|| {
            let percent = self.success * 100.0 / reported as f64;
            (percent * 10.0).round() / 10.0
        });
        traffic.cost_usd = self.cost.to_string();
        let priced = i64::try_from(self.priced).unwrap_or(i64::MAX);
        let each = self.cost.0.checked_div(priced);
        traffic.cost_usd_each = each.map(|each| PicoUsd(each).to_string());
        Step {
            name: self.name,
            asks: parts(self.asks),
            tiers: parts(self.tiers),
            models: parts(self.models),
            lines: Vec::new(),
            traffic: Some(traffic),
        }
    }
}

/// Lists names, the most frequent first.
fn parts(counts: BTreeMap<String, u64>) -> Vec<Part> {
    let counts = counts.into_iter();
    let mut parts: Vec<_> = counts.map(|(name, count)| Part { name, count }).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.count));
    parts
}
