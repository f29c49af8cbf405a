//! The way of a release along its plan: where it stands, and the one step that comes next. It
//! must not know what stands before that step.

use domain::{
    ModelDigest, ReleaseName, ReleasePlan, ReleaseStatus, Share, Stage, StagePlan, Status,
    Timestamp,
};
use serde::{Deserialize, Serialize};

/// Names a place on a release's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The stage.
    pub stage: Stage,
    /// The share of the admitted conversations.
    pub share: Share,
}

impl Point {
    /// Is where every release begins.
    pub(crate) const SEALED: Self = Self {
        stage: Stage::Sealed,
        share: Share::NONE,
    };
}

/// Holds the next step of a release: the planned stage, and the share of it that comes next.
#[derive(Clone, Copy, Debug)]
pub struct Step<'p> {
    /// The stage to be entered, or risen within.
    pub stage: &'p StagePlan,
    /// The share.
    pub share: Share,
}

impl Step<'_> {
    /// Names the place that it leads to.
    #[must_use]
    pub fn point(&self) -> Point {
        Point {
            stage: self.stage.stage,
            share: self.share,
        }
    }
}

/// Finds the next step of a plan's candidate: the next share of its stage, else the first share
/// of the next stage that the plan has; none at the end.
#[must_use]
pub fn next_step<'p>(plan: &'p ReleasePlan, here: &ReleaseStatus) -> Option<Step<'p>> {
    let ahead = |stage: &&StagePlan| stage.stage >= here.stage;
    plan.stages.iter().filter(ahead).find_map(|stage| {
        let is_here = stage.stage == here.stage;
        let mut shares = stage.shares.iter();
        let share = shares.find(|share| !is_here || **share > here.share)?;
        Some(Step {
            stage,
            share: *share,
        })
    })
}

/// Shows where a release stands under its plan. What is known of another candidate says nothing
/// of this one's stage; what a person put in force stays, since only a person lifts it.
#[must_use]
pub fn standing(status: &Status, plan: &ReleasePlan, now: Timestamp) -> ReleaseStatus {
    about(status, &plan.name, &plan.candidate.digest, now)
}

/// Shows where one candidate of a release stands.
pub(crate) fn about(
    status: &Status,
    release: &ReleaseName,
    candidate: &ModelDigest,
    now: Timestamp,
) -> ReleaseStatus {
    let known = status.releases.get(release);
    if let Some(same) = known.filter(|known| known.digest == *candidate) {
        return same.clone();
    }
    let conditions = known.map(|other| other.conditions.clone());
    ReleaseStatus {
        conditions: conditions.unwrap_or_default(),
        ..ReleaseStatus::sealed(release, candidate.clone(), now)
    }
}
