//! Lists the names that a caller may ask for. It must not show anything that `decide` would not
//! answer.

use crate::caller::CallerKind;
use crate::policy::Policy;
use crate::reach::{Ask, Reach, Untraced, admitted_candidate, is_cut_for_all, reach};
use crate::status::Status;
use crate::tier::UseCase;

/// Names one thing that a caller may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisibleName {
    /// The name to put into `model`.
    pub name: String,
    /// What it is for, in words.
    pub purpose: String,
}

/// Lists the tiers, then the models, that the caller may ask for; the ask's name is not read.
#[must_use]
pub fn visible_names(policy: &Policy, status: &Status, ask: &Ask<'_>) -> Vec<VisibleName> {
    if let CallerKind::Evaluator { release } = &ask.caller.kind {
        return arms(policy, status, release.as_str(), ask.now);
    }
    let claimed = match ask.use_case {
        Some(named) => ask
            .caller
            .use_cases
            .iter()
            .find(|held| held.as_str() == named),
        None => ask.caller.use_cases.first(),
    };
    let use_case = claimed.and_then(|name| policy.use_cases.get(name));
    let is_lost = use_case.is_none() && (ask.use_case.is_some() || claimed.is_some());
    if is_lost {
        return Vec::new();
    }
    let mut names = tiers(policy, status, ask, use_case);
    names.extend(models(policy, status, ask, use_case));
    names
}

/// Finds what a name shows: a name of that list, or an alias of a tier in it. The list is made
/// whatever the name is, so that a hidden one takes the work of an unknown one.
#[must_use]
pub fn visible_name(policy: &Policy, status: &Status, ask: &Ask<'_>) -> Option<VisibleName> {
    let names = visible_names(policy, status, ask);
    let tier = policy.tier_by_alias(ask.name);
    let listed = |wanted: &str| names.iter().find(|listed| listed.name == wanted);
    let found = listed(ask.name).or_else(|| listed(tier?.name.as_str()))?;
    Some(VisibleName {
        name: ask.name.to_owned(),
        purpose: found.purpose.clone(),
    })
}

fn arms(
    policy: &Policy,
    status: &Status,
    release: &str,
    now: crate::time::Timestamp,
) -> Vec<VisibleName> {
    let Some(plan) = policy.releases.get(release) else {
        return Vec::new();
    };
    let arm = |arm: &str| VisibleName {
        name: format!("release/{release}/{arm}"),
        purpose: format!("the {arm} of release {release}"),
    };
    let incumbent = plan.incumbent.as_ref().map(|_| arm("incumbent"));
    let is_cut = is_cut_for_all(status, plan, now);
    let candidate = (!is_cut).then(|| arm("candidate"));
    let judges = plan.judges.iter().map(|name| VisibleName {
        name: name.to_string(),
        purpose: format!("judges answers of release {release}"),
    });
    let arms = candidate.into_iter().chain(incumbent);
    arms.chain(judges).collect()
}

fn may_ask(use_case: Option<&UseCase>, tier: &crate::names::TierName) -> bool {
    use_case.is_none_or(|use_case| use_case.tiers.contains(tier))
}

fn tiers(
    policy: &Policy,
    status: &Status,
    ask: &Ask<'_>,
    use_case: Option<&UseCase>,
) -> Vec<VisibleName> {
    let ordered = policy
        .tiers_order
        .iter()
        .filter_map(|name| policy.tiers.get(name));
    let reachable = ordered.filter(|tier| {
        let reach = reach(policy, status, ask, use_case, tier, &mut Untraced);
        let is_nothing = matches!(reach, Reach::Nothing);
        !is_nothing && (tier.serves.is_empty() || may_ask(use_case, &tier.name))
    });
    reachable
        .map(|tier| VisibleName {
            name: tier.name.as_str().to_owned(),
            purpose: tier.purpose.clone(),
        })
        .collect()
}

fn models(
    policy: &Policy,
    status: &Status,
    ask: &Ask<'_>,
    use_case: Option<&UseCase>,
) -> Vec<VisibleName> {
    let is_visible = |name: &str| {
        let serves = policy
            .tiers_served_by(name)
            .any(|tier| may_ask(use_case, &tier.name));
        serves
            || policy
                .releases_of(name)
                .filter_map(|plan| policy.tiers.get(&plan.tier))
                .any(|tier| admitted_candidate(policy, status, ask, use_case, tier).is_some())
    };
    policy
        .models
        .keys()
        .filter(|name| is_visible(name.as_str()))
        .map(|name| VisibleName {
            name: name.as_str().to_owned(),
            purpose: String::new(),
        })
        .collect()
}
