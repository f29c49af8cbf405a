//! What of a tier lies within a caller's reach: the candidate, the incumbents, another tier, or
//! nothing at all. The one place that decides access. It must not know which name led here.

use std::sync::Arc;

use crate::assign::bucket_v2;
use crate::caller::Caller;
use crate::model::{Model, ModelTag};
use crate::names::ReleaseName;
use crate::policy::Policy;
use crate::rollout::{NotAdmitted, ReleasePlan, StagePlan};
use crate::status::{ReleaseStatus, Stage, Status};
use crate::suspension::Suspension;
use crate::tier::{Tier, UseCase};
use crate::time::Timestamp;

/// Holds what a decision is made from beside the policy and the status.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The name asked for.
    pub name: &'a str,
    /// The use case claimed, if any.
    pub use_case: Option<&'a str>,
    /// Identifies the conversation; an empty one falls back to the caller's key.
    pub conversation: &'a str,
    /// The model that a conversation under way is on, where that is known.
    pub held_by: Option<ModelTag>,
    /// The time of the request.
    pub now: Timestamp,
    /// Tells the tokens that a release's candidate has used today.
    pub used_today: &'a dyn Fn(&ReleaseName) -> u64,
}

/// Receives the reasons of a decision as it is made; the request path keeps none.
pub(crate) trait Trace {
    fn step(&mut self, make: impl FnOnce() -> String);
}

/// Keeps no reasons.
pub(crate) struct Untraced;

impl Trace for Untraced {
    fn step(&mut self, _make: impl FnOnce() -> String) {}
}

impl Trace for Vec<String> {
    fn step(&mut self, make: impl FnOnce() -> String) {
        self.push(make());
    }
}

/// Says what of a tier a caller reaches.
pub(crate) enum Reach<'p> {
    /// The candidate, and behind it what serves the tier.
    Candidate { plan: &'p ReleasePlan, stage: Stage },
    /// What serves the tier; `admitted` tells the release whose share left this conversation out.
    Incumbents {
        admitted: Option<(&'p ReleasePlan, Stage)>,
    },
    /// Another tier, named by the release for those it does not admit.
    Elsewhere(&'p Tier),
    /// Nothing: the tier does not exist for this caller.
    Nothing,
}

/// Finds what of `tier` the caller reaches under a use case.
// INVARIANT: without an open stage whose digest is the candidate's, `Candidate` is never
// returned; held by `tests::a_candidate_is_reached_only_through_an_open_stage`. Nor is it for whom
// a suspension cuts; held by `tests::a_suspension_cuts_its_scope_on_every_way`.
pub(crate) fn reach<'p>(
    policy: &'p Policy,
    status: &Status,
    ask: &Ask<'_>,
    use_case: Option<&UseCase>,
    tier: &'p Tier,
    trace: &mut impl Trace,
) -> Reach<'p> {
    let open = policy
        .release_of_tier(tier)
        .and_then(|plan| opened(plan, status, ask.now, trace));
    let admitted = open.filter(|open| is_admitted(open, ask, use_case, tier, trace));
    if let Some(open) = &admitted
        && is_in_share(open, ask, trace)
    {
        return Reach::Candidate {
            plan: open.plan,
            stage: open.stage.stage,
        };
    }
    if !tier.serves.is_empty() {
        let admitted = admitted.map(|open| (open.plan, open.stage.stage));
        return Reach::Incumbents { admitted };
    }
    match open.map(|open| &open.plan.when_not_admitted) {
        Some(NotAdmitted::Tier(name)) => elsewhere(policy, use_case, name, trace),
        Some(NotAdmitted::Refuse) | None => Reach::Nothing,
    }
}

/// Tells whether a caller is admitted to the tier's open stage, whatever the share.
pub(crate) fn admitted_candidate<'p>(
    policy: &'p Policy,
    status: &Status,
    ask: &Ask<'_>,
    use_case: Option<&UseCase>,
    tier: &'p Tier,
) -> Option<&'p Arc<Model>> {
    let open = opened(
        policy.release_of_tier(tier)?,
        status,
        ask.now,
        &mut Untraced,
    )?;
    let is_in = is_admitted(&open, ask, use_case, tier, &mut Untraced);
    is_in.then_some(&open.plan.candidate)
}

/// Tells whether a release's candidate is taken away from everybody, whom nothing is known of
/// included.
pub(crate) fn is_cut_for_all(status: &Status, plan: &ReleasePlan, now: Timestamp) -> bool {
    status.releases.get(&plan.name).is_some_and(|release| {
        let is_about_it = release.digest == plan.candidate.digest;
        let is_over = is_about_it && is_over(release, now);
        is_over || release.suspensions().any(|one| one.scope.is_everybody())
    })
}

fn is_over(release: &ReleaseStatus, now: Timestamp) -> bool {
    release.retires_on().is_some_and(|day| day <= now)
}

#[derive(Clone, Copy)]
struct Open<'p, 's> {
    plan: &'p ReleasePlan,
    stage: &'p StagePlan,
    status: &'s ReleaseStatus,
}

/// Finds the stage that is open. Anything unknown closes: no status, another digest, a stage that
/// the plan no longer has.
fn opened<'p, 's>(
    plan: &'p ReleasePlan,
    status: &'s Status,
    now: Timestamp,
    trace: &mut impl Trace,
) -> Option<Open<'p, 's>> {
    let Some(release) = status.releases.get(&plan.name) else {
        trace.step(|| format!("release {} is sealed: no move was ever made", plan.name));
        return None;
    };
    if release.digest != plan.candidate.digest {
        trace.step(|| {
            format!(
                "release {} is closed: its status is about {}, the candidate is {}",
                plan.name, release.digest, plan.candidate.digest
            )
        });
        return None;
    }
    if is_over(release, now) {
        trace.step(|| format!("the candidate of release {} is retired", plan.name));
        return None;
    }
    let Some(stage) = plan.stage(release.stage) else {
        trace.step(|| format!("release {} is {}", plan.name, release.stage));
        return None;
    };
    trace.step(|| {
        let share = release.share.as_percent();
        format!("release {} is in {} at {share} %", plan.name, release.stage)
    });
    Some(Open {
        plan,
        stage,
        status: release,
    })
}

fn is_admitted(
    open: &Open<'_, '_>,
    ask: &Ask<'_>,
    use_case: Option<&UseCase>,
    tier: &Tier,
    trace: &mut impl Trace,
) -> bool {
    let Some(use_case) = use_case else {
        trace.step(|| "not admitted: no use case, so incumbents only".to_owned());
        return false;
    };
    if !use_case.tiers.contains(&tier.name) {
        trace.step(|| {
            format!(
                "not admitted: use case {} has no tier {}",
                use_case.name, tier.name
            )
        });
        return false;
    }
    if use_case.review_by.is_some_and(|day| ask.now.date() > day) {
        trace.step(|| {
            format!(
                "not admitted: the review of use case {} is due",
                use_case.name
            )
        });
        return false;
    }
    if let Some(unmet) = open.stage.admit.unmet(ask.caller, &use_case.name) {
        trace.step(|| format!("not admitted: the stage's `{unmet}` leaves this caller out"));
        return false;
    }
    if let Some(quota) = open.stage.admit.tokens_per_day
        && (ask.used_today)(&open.plan.name) >= quota
    {
        trace.step(|| format!("not admitted: today's {quota} tokens are used up"));
        return false;
    }
    let cuts = |one: &&Suspension| one.cuts(ask.caller, &use_case.name);
    if let Some(suspension) = open.status.suspensions().find(cuts) {
        trace.step(|| format!("not admitted: {} is in force", suspension.label()));
        return false;
    }
    trace.step(|| format!("admitted to release {}", open.plan.name));
    true
}

fn is_in_share(open: &Open<'_, '_>, ask: &Ask<'_>, trace: &mut impl Trace) -> bool {
    let value = if ask.conversation.is_empty() {
        ask.caller.key.as_str()
    } else {
        ask.conversation
    };
    let bucket = bucket_v2(&open.status.salt, value);
    let share = open.status.share;
    let is_in = share.covers(bucket);
    trace.step(|| {
        let side = if is_in { "inside" } else { "outside" };
        format!(
            "bucket {bucket} of 10000 is {side} the share of {} %",
            share.as_percent()
        )
    });
    is_in
}

fn elsewhere<'p>(
    policy: &'p Policy,
    use_case: Option<&UseCase>,
    name: &crate::names::TierName,
    trace: &mut impl Trace,
) -> Reach<'p> {
    let may_ask = use_case.is_none_or(|use_case| use_case.tiers.contains(name));
    match policy.tiers.get(name) {
        Some(tier) if may_ask && !tier.serves.is_empty() => {
            trace.step(|| format!("those not admitted get tier {name}"));
            Reach::Elsewhere(tier)
        }
        _ => Reach::Nothing,
    }
}
