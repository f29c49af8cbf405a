//! Compares two runs of a suite item by item, for the gates whose evidence is paired. It must not
//! know where the runs come from.

use std::collections::BTreeMap;

use domain::{GateSpec, ModelDigest};

use super::evals::{ALPHA, MAX_AGE, MAX_AGE_DAYS, SUITE, newest, too_few};
use super::parameter::{Kind, Parameter, count, fraction, name};
use crate::dossier::{Dossier, EvalRun};
use crate::stats::{Clustered, alpha_of_attempt, clustered_mean};
use crate::verdict::{Judgement, Unclear, Verdict};

const MARGIN: f64 = 0.03;

/// Lists the parameters of such a gate.
pub(super) const PARAMETERS: &[Parameter] = &[
    SUITE,
    Parameter {
        name: "against",
        kind: Kind::Name,
        default: Some("the incumbent"),
        about: "the model to compare with",
    },
    Parameter {
        name: "margin",
        kind: Kind::Fraction,
        default: Some("0.03"),
        about: "how much worse is still taken, in points of the mean score",
    },
    MAX_AGE,
];

/// Counts the pairs of runs that there were to look at.
struct Pairs {
    attempts: u32,
    never_brought: u32,
}

/// Judges whether the candidate is not worse than what it is compared with by more than a margin.
pub(super) fn judge(gate: &str, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
    match paired(spec, dossier) {
        Err(why) => Verdict::unclear(gate, why),
        Ok((difference, pairs)) => verdict(gate, spec, difference, pairs),
    }
}

/// Pairs the two newest runs item by item.
fn paired(spec: &GateSpec, dossier: &Dossier<'_>) -> Result<(Clustered, Pairs), Unclear> {
    let suite = name(spec, "suite");
    let max_age = count(spec, "max_age_days", MAX_AGE_DAYS);
    let candidate = &dossier.plan.candidate.digest;
    let other = compared_with(spec, dossier)?;
    if other == candidate {
        let reason = "the candidate is the very model it is compared with".to_owned();
        return Err(reason.into());
    }
    let ours = newest(dossier, suite, candidate, max_age)?;
    let theirs = newest(dossier, suite, other, max_age)?;
    let difference = paired_difference(ours.run, theirs.run).map_err(unpaired)?;
    match too_few(difference.clusters) {
        Some(reason) => Err(reason.into()),
        // Each run on either side made a new pair to look at, so rerunning the other model until
        // it does badly raises the bar just as well.
        None => {
            let both = ours.attempts.saturating_add(theirs.attempts);
            let pairs = Pairs {
                attempts: both.saturating_sub(1),
                never_brought: ours.never_brought.saturating_add(theirs.never_brought),
            };
            Ok((difference, pairs))
        }
    }
}

/// Leaves the item's name out of what the ledger bears.
fn unpaired(why: Unpaired) -> Unclear {
    Unclear {
        reason: why.to_string(),
        for_ever: Some(match why {
            Unpaired::Item { .. } => "an item stands in one run only".to_owned(),
            Unpaired::Items | Unpaired::None => why.to_string(),
        }),
    }
}

fn compared_with<'d>(spec: &GateSpec, dossier: &Dossier<'d>) -> Result<&'d ModelDigest, String> {
    match name(spec, "against") {
        "" => dossier
            .plan
            .incumbent
            .as_ref()
            .map(|model| &model.digest)
            .ok_or_else(|| "the tier has no incumbent: name a model with `against`".to_owned()),
        named => dossier
            .models
            .get(named)
            .ok_or_else(|| format!("there is no model `{named}`")),
    }
}

/// Says why two runs are not compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpaired {
    /// One has more items than the other.
    #[error("the two runs do not hold the same items: run both again")]
    Items,
    /// An item is missing in the other run.
    #[error("item {id} stands in one run only: run both again")]
    Item {
        /// The item.
        id: String,
    },
    /// Neither has any.
    #[error("the runs have no items")]
    None,
}

/// Computes how much better the first of two runs is, item by item, with an error that is robust to
/// clusters.
///
/// # Errors
/// Says why the two are no pair.
pub fn paired_difference(ours: &EvalRun, theirs: &EvalRun) -> Result<Clustered, Unpaired> {
    let their_scores: BTreeMap<&str, f64> = theirs
        .items
        .iter()
        .map(|item| (item.id.as_str(), item.score))
        .collect();
    if their_scores.len() != ours.items.len() {
        return Err(Unpaired::Items);
    }
    let mut pairs = Vec::with_capacity(ours.items.len());
    for item in &ours.items {
        let Some(theirs) = their_scores.get(item.id.as_str()) else {
            let id = item.id.clone();
            return Err(Unpaired::Item { id });
        };
        pairs.push((item.cluster.as_str(), item.score - theirs));
    }
    clustered_mean(pairs).ok_or(Unpaired::None)
}

fn verdict(gate: &str, spec: &GateSpec, difference: Clustered, pairs: Pairs) -> Verdict {
    let margin = fraction(spec, "margin", MARGIN);
    let alpha = alpha_of_attempt(ALPHA, pairs.attempts);
    let lower = difference.lower(alpha);
    let (judgement, word) = if lower > -margin {
        (Judgement::Pass, "is above")
    } else {
        (Judgement::Fail, "is not above")
    };
    let reason = format!(
        "the lower bound {lower:.4} of the mean difference {:+.4} {word} -{margin}",
        difference.mean
    );
    Verdict::new(gate, judgement, reason)
        .with("items", difference.count as f64)
        .with("clusters", difference.clusters as f64)
        .with("difference", difference.mean)
        .with("error", difference.error)
        .with("lower", lower)
        .with("margin", margin)
        .with("alpha", alpha)
        .with("attempts", f64::from(pairs.attempts))
        .with_some("never_brought", pairs.never_brought)
}
