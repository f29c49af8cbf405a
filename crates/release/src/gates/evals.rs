//! Finds the eval run that a gate may rest on, or says why there is none. It must not compute a
//! statistic.

use domain::{ModelDigest, SuiteName};

use super::parameter::{Kind, Parameter, ms_of_days};
use crate::dossier::{Dossier, EvalRun};
use crate::stats::FEWEST_CLUSTERS;
use crate::verdict::Unclear;

/// How many days evidence counts unless the gate says otherwise.
pub(super) const MAX_AGE_DAYS: u64 = 30;
/// The one-sided error rate of every eval gate.
pub(super) const ALPHA: f64 = 0.05;

/// Names the suite; every gate on a run has it.
pub(super) const SUITE: Parameter = Parameter {
    name: "suite",
    kind: Kind::Name,
    default: None,
    about: "the suite",
};
/// Says how old a run may be; every gate on one has it.
pub(super) const MAX_AGE: Parameter = Parameter {
    name: "max_age_days",
    kind: Kind::Count,
    default: Some("30"),
    about: "how many days a run counts",
};

/// Holds the run that counts, and how many were made to get it.
pub(super) struct Counted<'a> {
    pub(super) run: &'a EvalRun,
    pub(super) attempts: u32,
    /// How many of the attempts were never brought in.
    pub(super) never_brought: u32,
}

/// Finds the newest run of a suite on a model. Every run on that model and suite counts as an
/// attempt, whatever became of it. One that was never brought in may have been of any suite, and
/// may have been left out because it was bad: it counts as an attempt on each.
// INVARIANT: leaving a run out never lowers the bar; held by
// `tests::a_run_that_is_left_out_raises_the_bar_as_one_that_is_brought_in`.
pub(super) fn newest<'a>(
    dossier: &Dossier<'a>,
    suite: &str,
    digest: &ModelDigest,
    max_age_days: u64,
) -> Result<Counted<'a>, Unclear> {
    let Some(today) = dossier.suites.get(&SuiteName::new(suite)) else {
        let reason = format!("suite `{suite}` is not declared or cannot be read");
        return Err(reason.into());
    };
    let of_model = || {
        dossier
            .runs
            .iter()
            .filter(|run| run.suite.as_str() == suite)
            .filter(|run| run.digest == *digest)
    };
    let Some(run) = of_model().max_by_key(|run| run.taken_at) else {
        let other = dossier.runs.iter().any(|run| run.suite.as_str() == suite);
        let other = if other {
            "; there are runs on other models, which say nothing of it"
        } else {
            ""
        };
        return Err(format!(
            "no run of suite `{suite}` on model {digest}{other}: make one with `tiergate eval \
             run`, or bring another tool's with `tiergate evidence import`"
        )
        .into());
    };
    // Said first: whatever else is wrong with such a run follows from this.
    if let Some(why) = &run.spoilt {
        let of_run = format!("the last run of suite `{suite}` cannot be used");
        return Err(Unclear {
            reason: format!("{of_run}: {why}"),
            for_ever: Some(format!("{of_run}: see its evidence")),
        });
    }
    if run.suite_digest != *today {
        return Err(format!("suite `{suite}` has changed since its last run: run it again").into());
    }
    let age_ms = dossier.now.ms_since(run.taken_at);
    if age_ms > ms_of_days(max_age_days) || age_ms < 0 {
        return Err(format!(
            "the last run of suite `{suite}` is not within the last {max_age_days} days: run it \
             again"
        )
        .into());
    }
    if let Some(item) = run.items.iter().find(|item| item.spoilt.is_some()) {
        let why = item.spoilt.as_deref().unwrap_or_default();
        let of_run = format!("the last run of suite `{suite}` cannot be used");
        return Err(Unclear {
            reason: format!("{of_run}, item {}: {why}", item.id),
            for_ever: Some(format!("{of_run}, an item: {why}")),
        });
    }
    let never_brought = dossier.never_brought.get(digest).copied().unwrap_or(0);
    let brought = u32::try_from(of_model().count()).unwrap_or(u32::MAX);
    Ok(Counted {
        run,
        attempts: brought.saturating_add(never_brought),
        never_brought,
    })
}

/// Says that there are too few clusters, if there are.
pub(super) fn too_few(clusters: usize) -> Option<String> {
    (clusters < FEWEST_CLUSTERS).then(|| {
        format!(
            "{clusters} clusters are too few to conclude from: bring at least {FEWEST_CLUSTERS}"
        )
    })
}
