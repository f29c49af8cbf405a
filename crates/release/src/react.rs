//! What happens by itself: a release goes back when a criterion for staying fails, stops when the
//! split of traffic is not the one declared, and its share rises where its stage says so. It must
//! not lead into a stage, and it must not carry a move out.

use domain::{Advance, PolicyDigest, Stage, StagePlan, Status};

use crate::dossier::Dossier;
use crate::gates::{self, Acts};
use crate::next_move::{Command, Move, Request, plan};
use crate::verdict::{Judgement, Verdict};
use crate::way::Step;

/// Finds the plan of the stage that a release is in, where it is in one that is open.
#[must_use]
pub fn open_stage<'a>(dossier: &Dossier<'a>) -> Option<&'a StagePlan> {
    dossier.plan.stage(dossier.status.stage)
}

/// Judges the criteria for staying where the release is.
#[must_use]
pub fn staying(dossier: &Dossier<'_>) -> Vec<Verdict> {
    let standing = open_stage(dossier).map_or(&[][..], |stage| &stage.standing);
    let judge = |spec| gates::judge(spec, dossier);
    standing.iter().map(judge).collect()
}

/// Plans the move that makes itself, if there is one; the dossier's requester is `tiergate`.
///
/// Backward needs one criterion that fails. A rise needs each of them to pass, and the gates of
/// the stage to hold still; nothing that is held, or whose candidate retires, rises.
#[must_use]
pub fn react(status: &Status, dossier: &Dossier<'_>, policy: &PolicyDigest) -> Option<Move> {
    let stage = open_stage(dossier)?;
    let verdicts = staying(dossier);
    let failed = |acts: Acts| {
        let mut pairs = stage.standing.iter().zip(&verdicts);
        pairs.find(|(spec, verdict)| {
            verdict.verdict == Judgement::Fail && gates::acts(spec) == Some(acts)
        })
    };
    let command = if let Some((_, verdict)) = failed(Acts::RollBack) {
        Command::RollBack {
            to: Stage::Sealed,
            reason: format!("{}: {}", verdict.gate, verdict.reason),
        }
    } else if let Some((_, verdict)) = failed(Acts::Hold) {
        Command::Hold {
            reason: format!("{}: {}", verdict.gate, verdict.reason),
        }
    } else if rises(dossier, stage, &verdicts) {
        Command::Promote
    } else {
        return None;
    };
    let request = Request {
        command: &command,
        seen: None,
        policy,
    };
    let made = plan(status, dossier, &request).ok()?;
    let entry = made.verdicts;
    Some(Move {
        verdicts: verdicts.into_iter().chain(entry).collect(),
        ..made
    })
}

/// Plans the way back of a release that nobody watches any more.
#[must_use]
pub fn fall(status: &Status, dossier: &Dossier<'_>, policy: &PolicyDigest) -> Option<Move> {
    let is_watched = open_stage(dossier).is_some_and(|stage| !stage.standing.is_empty());
    let command = Command::RollBack {
        to: Stage::Sealed,
        reason: "the monitor stopped, and nothing says that the candidate does no harm".to_owned(),
    };
    let request = Request {
        command: &command,
        seen: None,
        policy,
    };
    let made = || plan(status, dossier, &request).ok();
    is_watched.then(made).flatten()
}

/// Tells whether the share of its stage may rise, as far as the criteria for staying go.
#[must_use]
pub fn may_rise(dossier: &Dossier<'_>) -> bool {
    open_stage(dossier).is_some_and(|stage| rises(dossier, stage, &staying(dossier)))
}

/// Tells whether the share of a stage rises: where the stage says so, and every criterion for
/// staying passes. None at all is no reason to rise.
fn rises(dossier: &Dossier<'_>, stage: &StagePlan, verdicts: &[Verdict]) -> bool {
    let stays = |step: &Step<'_>| step.stage.stage == stage.stage;
    stage.advance == Advance::Auto
        && dossier.next_step().as_ref().is_some_and(stays)
        && !verdicts.is_empty()
        && verdicts.iter().all(Verdict::is_pass)
}
