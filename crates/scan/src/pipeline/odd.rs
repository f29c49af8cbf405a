//! Steps that use another model than their neighbours, or name a model where their neighbours ask
//! for a tier. It must not call a plain chain of different models odd.

use std::collections::BTreeSet;

use crate::pipeline::step::{Edge, Odd, Part, Step};

/// Finds the steps that stand out.
pub(super) fn findings(steps: &[Step], edges: &[Edge]) -> Vec<Odd> {
    let all = steps.iter().enumerate();
    let found = all.flat_map(|(place, step)| {
        let near = neighbours(place, steps, edges);
        let weld = welded(step, &near);
        let model = another_model(step, &near, steps.len());
        [model, weld]
    });
    found.flatten().collect()
}

fn neighbours<'s>(place: usize, steps: &'s [Step], edges: &[Edge]) -> Vec<&'s Step> {
    let others = edges.iter().filter_map(|edge| match (edge.from, edge.to) {
        (from, to) if from == to => None,
        (from, to) if from == place => Some(to),
        (from, to) if to == place => Some(from),
        _ => None,
    });
    let others: BTreeSet<_> = others.collect();
    others.into_iter().filter_map(|at| steps.get(at)).collect()
}

/// Finds a step whose neighbours all use one other model. Of two steps alone only the later one
/// stands out: either may be the odd one, and one word is enough.
fn another_model(step: &Step, near: &[&Step], steps: usize) -> Option<Odd> {
    let near: Vec<_> = near.iter().filter(|one| !one.models.is_empty()).collect();
    let own = names(&step.models);
    let theirs: BTreeSet<_> = near.iter().flat_map(|one| names(&one.models)).collect();
    let is_enough = near.len() > 1 || (steps == 2 && near.len() == 1);
    let is_apart = !own.is_empty() && theirs.len() == 1 && theirs.is_disjoint(&own);
    let is_first_of_two = || steps == 2 && near.iter().all(|one| one.name > step.name);
    if !is_enough || !is_apart || is_first_of_two() {
        return None;
    }
    Some(odd(step, &near, own, theirs, ("names", "name")))
}

/// Finds a step that asks for a model where its neighbours ask for tiers alone.
fn welded(step: &Step, near: &[&Step]) -> Option<Odd> {
    let is_by_model = |one: &Step| one.traffic.as_ref().is_some_and(|sums| sums.by_model > 0);
    let by_tier: Vec<_> = near.iter().filter(|one| !one.tiers.is_empty()).collect();
    let theirs = by_tier.iter().flat_map(|one| names(&one.tiers)).collect();
    let is_alone = !by_tier.is_empty() && !by_tier.iter().any(|one| is_by_model(one));
    if !is_by_model(step) || !is_alone {
        return None;
    }
    let tiers = names(&step.tiers);
    let own = names(&step.asks).difference(&tiers).cloned().collect();
    let words = ("asks for a model by", "ask for tiers:");
    Some(odd(step, &by_tier, own, theirs, words))
}

fn odd(
    step: &Step,
    near: &[&&Step],
    own: BTreeSet<String>,
    theirs: BTreeSet<String>,
    (does, do_what): (&str, &str),
) -> Odd {
    let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>();
    let (uses, they_use) = (list(&own), list(&theirs));
    let neighbours: Vec<_> = near.iter().map(|one| one.name.clone()).collect();
    let says = format!(
        "step `{}` {does} {}, its neighbours {} {do_what} {}",
        step.name,
        uses.join(", "),
        neighbours.join(", "),
        they_use.join(", "),
    );
    Odd {
        step: step.name.clone(),
        uses,
        neighbours,
        they_use,
        says,
    }
}

fn names(parts: &[Part]) -> BTreeSet<String> {
    parts.iter().map(|part| part.name.clone()).collect()
}
