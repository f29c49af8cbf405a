//! Decides which model answers a request, or why none does, and explains it with the same code.
//! It must not read a clock, draw a number or do I/O.

use std::hint::black_box;
use std::sync::Arc;

use crate::caller::CallerKind;
use crate::model::{Model, ModelTag};
use crate::names::TierName;
use crate::policy::Policy;
use crate::reach::{Ask, Reach, Trace, Untraced, is_cut_for_all, reach};
use crate::rollout::ReleasePlan;
use crate::status::{Stage, Status};
use crate::tier::{Tier, UseCase};

/// Says which models may answer, in order.
#[derive(Clone, Copy, Debug)]
pub struct Assignment<'p> {
    /// The tier that answers.
    pub tier: &'p Tier,
    /// The use case that applied, named or by default.
    pub use_case: Option<&'p UseCase>,
    /// The release that the caller is in, where it is in one.
    pub release: Option<InRelease<'p>>,
    first: First<'p>,
    serves: &'p [Arc<Model>],
}

/// Says what stands in front of the models that serve the tier.
#[derive(Clone, Copy, Debug)]
enum First<'p> {
    /// Nothing: their own order holds.
    None,
    /// The candidate.
    Candidate(&'p Arc<Model>),
    /// One of them, which the conversation is on.
    Kept(&'p Arc<Model>),
}

impl<'p> First<'p> {
    fn model(self) -> Option<&'p Arc<Model>> {
        match self {
            Self::None => None,
            Self::Candidate(model) | Self::Kept(model) => Some(model),
        }
    }
}

impl<'p> Assignment<'p> {
    /// Lists the models to try, the chosen one first, none twice.
    pub fn models(&self) -> impl Iterator<Item = &'p Arc<Model>> + use<'p> {
        let first = self.first.model();
        let rest = self.serves.iter();
        let rest = rest.filter(move |model| first.is_none_or(|first| first.tag != model.tag));
        first.into_iter().chain(rest)
    }

    /// Tells whether the candidate was chosen.
    #[must_use]
    pub fn is_candidate(&self) -> bool {
        matches!(self.first, First::Candidate(_))
    }
}

/// Names the release that a caller is in, and how far it has come.
#[derive(Clone, Copy, Debug)]
pub struct InRelease<'p> {
    /// The release.
    pub plan: &'p ReleasePlan,
    /// Its stage.
    pub stage: Stage,
}

/// Says no, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The name leads nowhere for this caller; hidden and unknown names alike.
    #[error("the name leads to nothing that this key may ask for")]
    UnknownName,
    /// The use case named is not in the configuration.
    #[error("the use case is not declared")]
    UseCaseUndeclared,
    /// The key does not list the use case named.
    #[error("this key does not list the use case")]
    UseCaseNotHeld,
    /// The use case does not list the tier.
    #[error("the use case does not list tier {tier}")]
    TierNotAllowed {
        /// The tier asked for.
        tier: TierName,
    },
}

/// Holds a decision with its reasons.
#[derive(Debug)]
pub struct Explanation<'p> {
    /// The reasons, in the order in which they counted.
    pub steps: Vec<String>,
    /// The decision.
    pub outcome: Result<Assignment<'p>, Denial>,
}

/// Decides which model answers.
///
/// # Errors
/// Returns the denial that the caller is to be told.
pub fn decide<'p>(
    policy: &'p Policy,
    status: &Status,
    ask: &Ask<'_>,
) -> Result<Assignment<'p>, Denial> {
    decide_traced(policy, status, ask, &mut Untraced)
}

/// Makes the same decision and keeps its reasons.
#[must_use]
pub fn explain<'p>(policy: &'p Policy, status: &Status, ask: &Ask<'_>) -> Explanation<'p> {
    let mut steps = Vec::new();
    let outcome = decide_traced(policy, status, ask, &mut steps);
    Explanation { steps, outcome }
}

fn decide_traced<'p>(
    policy: &'p Policy,
    status: &Status,
    ask: &Ask<'_>,
    trace: &mut impl Trace,
) -> Result<Assignment<'p>, Denial> {
    if let CallerKind::Evaluator { release } = &ask.caller.kind {
        trace.step(|| format!("an evaluation key of release {release}"));
        return arm(policy, status, release.as_str(), ask)
            .or_else(|| judge(policy, release.as_str(), ask))
            .ok_or(Denial::UnknownName);
    }
    let use_case = claimed(policy, ask, trace)?;
    let finder = Finder {
        policy,
        status,
        ask,
        use_case,
    };
    finder
        .by_tier(trace)
        .or_else(|| finder.by_model(trace))
        .or_else(|| finder.by_alias(trace))
        .unwrap_or_else(|| {
            trace.step(|| format!("`{}` leads to nothing for this caller", ask.name));
            Err(Denial::UnknownName)
        })
}

/// Finds the arm of a release that an evaluation key names; no fallback stands behind it, since
/// an answer of another model would be no evidence.
fn arm<'p>(
    policy: &'p Policy,
    status: &Status,
    release: &str,
    ask: &Ask<'_>,
) -> Option<Assignment<'p>> {
    let plan = policy.releases.get(release)?;
    let tier = policy.tiers.get(&plan.tier)?;
    let asked = ask.name.strip_prefix("release/")?.strip_prefix(release)?;
    let model = match asked {
        // A suspension of everybody leaves nobody out; a narrower one is of callers, which an
        // eval run is not.
        "/candidate" if is_cut_for_all(status, plan, ask.now) => return None,
        "/candidate" => &plan.candidate,
        "/incumbent" => plan.incumbent.as_ref()?,
        _ => return None,
    };
    let stage = status
        .releases
        .get(release)
        .map_or(Stage::Sealed, |status| status.stage);
    let release = Some(InRelease { plan, stage });
    Some(Assignment {
        tier,
        use_case: None,
        release,
        first: First::None,
        serves: std::slice::from_ref(model),
    })
}

/// Finds the tier that a suite of the release's gates names as its judge: the first model that
/// serves it, never a candidate, and no fallback, so that one model judges a whole run.
fn judge<'p>(policy: &'p Policy, release: &str, ask: &Ask<'_>) -> Option<Assignment<'p>> {
    let plan = policy.releases.get(release)?;
    let name = plan.judges.iter().find(|name| name.as_str() == ask.name)?;
    let tier = policy.tiers.get(name)?;
    Some(Assignment {
        tier,
        use_case: None,
        release: None,
        first: First::None,
        serves: tier.serves.get(..1)?,
    })
}

/// Finds the use case that applies: the one named, else the key's default, else none.
fn claimed<'p>(
    policy: &'p Policy,
    ask: &Ask<'_>,
    trace: &mut impl Trace,
) -> Result<Option<&'p UseCase>, Denial> {
    let held = &ask.caller.use_cases;
    let Some(named) = ask.use_case else {
        let default = held.first().and_then(|name| policy.use_cases.get(name));
        trace.step(|| match (held.first(), default) {
            (Some(name), Some(_)) => format!("use case {name}, the key's default"),
            (Some(name), None) => format!("the key's default use case {name} is not declared"),
            (None, _) => "no use case: any tier, incumbents only".to_owned(),
        });
        let is_lost = default.is_none() && !held.is_empty();
        return if is_lost {
            Err(Denial::UseCaseUndeclared)
        } else {
            Ok(default)
        };
    };
    let declared = policy
        .use_cases
        .get(named)
        .ok_or(Denial::UseCaseUndeclared)?;
    if !held.contains(&declared.name) {
        trace.step(|| format!("the key does not list use case {named}"));
        return Err(Denial::UseCaseNotHeld);
    }
    trace.step(|| format!("use case {named}, as the request says"));
    Ok(Some(declared))
}

struct Finder<'p, 'a> {
    policy: &'p Policy,
    status: &'a Status,
    ask: &'a Ask<'a>,
    use_case: Option<&'p UseCase>,
}

/// What a name led to: nothing (look on), an assignment, or a denial.
type Found<'p> = Option<Result<Assignment<'p>, Denial>>;

impl<'p> Finder<'p, '_> {
    fn by_tier(&self, trace: &mut impl Trace) -> Found<'p> {
        let tier = self.policy.tiers.get(self.ask.name)?;
        trace.step(|| format!("`{}` is a tier", self.ask.name));
        self.assign(tier, self.ask.held_by, trace)
    }

    fn by_alias(&self, trace: &mut impl Trace) -> Found<'p> {
        let tier = self.policy.tier_by_alias(self.ask.name)?;
        trace.step(|| format!("`{}` is an alias of tier {}", self.ask.name, tier.name));
        self.assign(tier, self.ask.held_by, trace)
    }

    /// Looks for a model by its exact name. A candidate counts only where the tier's own decision
    /// gives it to this conversation; else the search goes on as if the name were unknown.
    fn by_model(&self, trace: &mut impl Trace) -> Found<'p> {
        let name = self.ask.name;
        // Asked of every name, so that one without a place costs what an unknown one does.
        let is_placed = self.policy.is_placed(name);
        let model = self.policy.models.get(name);
        let Some(model) = model.filter(|_| is_placed) else {
            self.feign();
            return None;
        };
        trace.step(|| format!("`{name}` is a model"));
        for tier in self.candidate_tiers(name) {
            // Who names a model wants that one, whatever the conversation was on before.
            if let Some(Ok(found)) = self.assign(tier, None, trace)
                && found.is_candidate()
            {
                return Some(Ok(Assignment {
                    serves: &[],
                    ..found
                }));
            }
        }
        let mut denied = None;
        for tier in self.policy.tiers_served_by(name) {
            let serves = std::slice::from_ref(model);
            match self.allowed(tier) {
                Ok(()) => {
                    trace.step(|| format!("it serves tier {}", tier.name));
                    return Some(Ok(Assignment {
                        tier,
                        use_case: self.use_case,
                        release: None,
                        first: First::None,
                        serves,
                    }));
                }
                Err(denial) => denied = Some(Err(denial)),
            }
        }
        denied
    }

    /// Does for a name that leads nowhere the work of a hidden one, so that the time of an answer
    /// tells neither from the other.
    fn feign(&self) {
        let Some(candidate) = self.policy.any_candidate() else {
            return;
        };
        for tier in self.candidate_tiers(candidate) {
            black_box(self.assign(tier, None, &mut Untraced));
        }
        for tier in self.policy.tiers_served_by(candidate) {
            black_box(tier);
        }
    }

    /// Lists the tiers that a model is the candidate for.
    fn candidate_tiers(&self, model: &str) -> impl Iterator<Item = &'p Tier> {
        let plans = self.policy.releases_of(model);
        plans.filter_map(|plan| self.policy.tiers.get(&plan.tier))
    }

    fn assign(
        &self,
        tier: &'p Tier,
        held_by: Option<ModelTag>,
        trace: &mut impl Trace,
    ) -> Found<'p> {
        if !tier.serves.is_empty()
            && let Err(denial) = self.allowed(tier)
        {
            trace.step(|| denial.to_string());
            return Some(Err(denial));
        }
        let (policy, status, ask) = (self.policy, self.status, self.ask);
        let (tier, release, candidate) =
            match reach(policy, status, ask, self.use_case, tier, trace) {
                Reach::Candidate { plan, stage } => {
                    (tier, Some(InRelease { plan, stage }), Some(&plan.candidate))
                }
                Reach::Incumbents { admitted } => {
                    let release = admitted.map(|(plan, stage)| InRelease { plan, stage });
                    (tier, release, None)
                }
                Reach::Elsewhere(other) => (other, None, None),
                Reach::Nothing => return None,
            };
        let assignment = Assignment {
            tier,
            use_case: self.use_case,
            release,
            first: first(tier, candidate, held_by, trace),
            serves: &tier.serves,
        };
        trace.step(|| match assignment.models().next() {
            Some(model) => format!("model {} answers", model.name),
            None => "no model".to_owned(),
        });
        Some(Ok(assignment))
    }

    fn allowed(&self, tier: &Tier) -> Result<(), Denial> {
        match self.use_case {
            Some(use_case) if !use_case.tiers.contains(&tier.name) => Err(Denial::TierNotAllowed {
                tier: tier.name.clone(),
            }),
            _ => Ok(()),
        }
    }
}

/// Keeps a conversation on the model that it is on, as long as that one serves the tier: a rise of
/// the share moves only conversations that begin. A candidate that is out of reach is never kept,
/// so a move back takes its conversations along.
fn first<'p>(
    tier: &'p Tier,
    candidate: Option<&'p Arc<Model>>,
    held_by: Option<ModelTag>,
    trace: &mut impl Trace,
) -> First<'p> {
    let chosen = candidate.or(tier.serves.first());
    let held = held_by.filter(|tag| chosen.is_none_or(|chosen| chosen.tag != *tag));
    let kept = held.and_then(|tag| tier.serves.iter().find(|model| model.tag == tag));
    if let Some(kept) = kept {
        trace.step(|| format!("the conversation stays on model {}", kept.name));
        return First::Kept(kept);
    }
    candidate.map_or(First::None, First::Candidate)
}
