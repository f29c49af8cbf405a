//! The release machine: from a command to the move that it makes, or the reasons why it makes
//! none; and from a move to the next status. It must not carry a move out.

use domain::{
    Condition, Date, GateSpec, ModelDigest, PersonName, PolicyDigest, ReleaseName, ReleaseStatus,
    Share, Stage, Status, Suspension, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::dossier::Dossier;
use crate::gates;
use crate::suspend::{self, Restore, Suspend};
use crate::verdict::Verdict;
use crate::waiver;
use crate::way::{self, Point};

/// Says what a person wants of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Go to the next share of the stage, else to the next stage.
    Promote,
    /// Let nothing move it forward.
    Hold {
        /// Why.
        reason: String,
    },
    /// End a hold.
    Resume,
    /// Go back to an earlier stage.
    RollBack {
        /// The stage to go back to.
        to: Stage,
        /// Why.
        reason: String,
    },
    /// Go back to the beginning for good: this candidate goes no further.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// Serve the candidate until a day, and no longer.
    Retire {
        /// From when on nobody gets it.
        on: Timestamp,
        /// Why.
        reason: String,
    },
    /// Take the candidate away from a group of callers.
    Suspend {
        /// Whom, and by whose order.
        asked: Suspend,
        /// Why.
        reason: String,
    },
    /// Give it back, to all of them or to some.
    Restore {
        /// Which suspension, and to whom.
        asked: Restore,
        /// Why.
        reason: String,
    },
}

/// Holds a command and what it was decided from.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What is wanted.
    pub command: &'a Command,
    /// The generation that the person saw, where they say so; a stale one is refused.
    pub seen: Option<u64>,
    /// The policy in force.
    pub policy: &'a PolicyDigest,
}

/// Says what kind of move it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveKind {
    /// Forward.
    Promote,
    /// Nothing forward from here.
    Hold,
    /// The hold ends.
    Resume,
    /// Backward.
    RollBack,
    /// Backward, for good.
    Withdraw,
    /// Backward, on a day.
    Retire,
    /// Away from a group of callers.
    Suspend,
    /// Back to them.
    Restore,
}

impl MoveKind {
    /// Tells whether anybody may get the candidate by it who did not before.
    #[must_use]
    pub fn goes_forward(self) -> bool {
        matches!(self, Self::Promote | Self::Resume | Self::Restore)
    }

    /// Tells whether what people said of the way ahead counts no more after it: they said so before
    /// whatever made the release go back.
    #[must_use]
    pub fn voids_what_was_said(self) -> bool {
        matches!(self, Self::RollBack | Self::Withdraw)
    }

    /// Tells whether anybody loses the candidate by it. Such a move takes effect even while the
    /// ledger cannot be written.
    #[must_use]
    pub fn goes_back(self) -> bool {
        matches!(
            self,
            Self::RollBack | Self::Withdraw | Self::Retire | Self::Suspend
        )
    }
}

/// Holds one move, complete for the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// The release.
    pub release: ReleaseName,
    /// The kind of move.
    pub kind: MoveKind,
    /// From where.
    pub from: Point,
    /// To where.
    pub to: Point,
    /// Who asked for it.
    pub by: PersonName,
    /// Why, in that person's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The generation of the status that it was planned from.
    pub planned_from: u64,
    /// The policy in force.
    pub policy: PolicyDigest,
    /// The plan's digest.
    pub plan: String,
    /// The candidate.
    pub digest: ModelDigest,
    /// What each gate said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Verdict>,
    /// Who loses the candidate, where it suspends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<Suspend>,
    /// Who gets it back, where it restores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<Restore>,
    /// From when on nobody gets the candidate, where it retires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retire_on: Option<Timestamp>,
    /// When.
    pub at: Timestamp,
}

impl Move {
    /// Names the open stage that the candidate enters by it, forward or back: each time is one
    /// more attempt to show there that it is safe.
    #[must_use]
    pub fn enters(&self) -> Option<Stage> {
        let stage = self.to.stage;
        (stage != self.from.stage && stage != Stage::Sealed).then_some(stage)
    }
}

/// Says why no move is made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The status has moved on.
    #[error("the status is at generation {now}, the command was decided at {seen}: look again")]
    Stale {
        /// What the person saw.
        seen: u64,
        /// What it is.
        now: u64,
    },
    /// Nobody has watched it for too long.
    #[error("the monitor has not looked for {silent_ms} ms, so nothing goes forward: see the log")]
    Unwatched {
        /// For how long, in milliseconds.
        silent_ms: u64,
    },
    /// A hold is in force.
    #[error("the release is held: resume it first")]
    Held,
    /// No hold is in force.
    #[error("the release is not held")]
    NotHeld,
    /// This candidate was withdrawn.
    #[error("this candidate was withdrawn: declare another one, which begins anew")]
    Withdrawn,
    /// This candidate retires on a day that is no later.
    #[error("this candidate retires on {on} already: a later day would give it back")]
    Retires {
        /// The day.
        on: Date,
    },
    /// No suspension is in force.
    #[error("the release is not suspended")]
    NotSuspended,
    /// Several suspensions are in force, or another than the one named.
    #[error("name the suspension to undo: {numbers}")]
    WhichSuspension {
        /// Those in force.
        numbers: String,
    },
    /// There is nothing further.
    #[error("the release has reached the end of its plan")]
    AtTheEnd,
    /// The stage lies not behind.
    #[error("the release is not beyond {to}: a roll back only goes back")]
    NotBehind {
        /// The stage asked for.
        to: Stage,
    },
    /// The plan leaves the stage out.
    #[error("the plan has no stage {to}")]
    NotPlanned {
        /// The stage asked for.
        to: Stage,
    },
    /// The stage has no gate in front of it.
    #[error("stage {to} has no gate in front of it, so nothing opens it")]
    NoGate {
        /// The stage.
        to: Stage,
    },
    /// Not every gate passes.
    #[error("not every gate in front of {to} passes")]
    Gates {
        /// The stage.
        to: Stage,
        /// What each gate said.
        verdicts: Vec<Verdict>,
    },
}

/// Plans the move that a command makes.
///
/// # Errors
/// Returns why no move is made.
// INVARIANT: a `Promote` is returned only when every gate of its stage passes or is
// waived; held by
// `tests::worse_evidence_never_moves_a_release_further`.
pub fn plan(
    status: &Status,
    dossier: &Dossier<'_>,
    request: &Request<'_>,
) -> Result<Move, Refused> {
    if let Some(seen) = request.seen
        && seen != status.generation
    {
        return Err(Refused::Stale {
            seen,
            now: status.generation,
        });
    }
    let from = dossier.place();
    let is_held = dossier.status.is_held();
    let made = |kind, to, reason: &str, verdicts| Move {
        release: dossier.plan.name.clone(),
        kind,
        from,
        to,
        by: dossier.requester.clone(),
        reason: reason.to_owned(),
        planned_from: status.generation,
        policy: request.policy.clone(),
        plan: dossier.plan.digest.clone(),
        digest: dossier.plan.candidate.digest.clone(),
        verdicts,
        suspend: None,
        restore: None,
        retire_on: None,
        at: dossier.now,
    };
    match request.command {
        Command::Promote => {
            let (to, verdicts) = forward(dossier, is_held)?;
            Ok(made(MoveKind::Promote, to, "", verdicts))
        }
        Command::Hold { reason } if is_held => {
            // A second hold would hide who held it first.
            let _ = reason;
            Err(Refused::Held)
        }
        Command::Hold { reason } => Ok(made(MoveKind::Hold, from, reason, Vec::new())),
        Command::Resume if is_held => Ok(made(MoveKind::Resume, from, "", Vec::new())),
        Command::Resume => Err(Refused::NotHeld),
        Command::RollBack { to, reason } => {
            let to = backward(dossier, from, *to)?;
            Ok(made(MoveKind::RollBack, to, reason, Vec::new()))
        }
        Command::Withdraw { .. } if dossier.status.is_withdrawn() => Err(Refused::Withdrawn),
        Command::Withdraw { reason } => {
            Ok(made(MoveKind::Withdraw, Point::SEALED, reason, Vec::new()))
        }
        Command::Retire { on, reason } => {
            still_served_after(dossier, *on)?;
            Ok(Move {
                retire_on: Some(*on),
                ..made(MoveKind::Retire, from, reason, Vec::new())
            })
        }
        Command::Suspend { asked, reason } => Ok(Move {
            suspend: Some(asked.clone()),
            ..made(MoveKind::Suspend, from, reason, Vec::new())
        }),
        Command::Restore { asked, reason } => Ok(Move {
            restore: Some(suspend::found(dossier.status, asked).map_err(unfound)?),
            ..made(MoveKind::Restore, from, reason, Vec::new())
        }),
    }
}

/// Refuses a day of retirement that is no earlier than the one in force: it would lead forward.
fn still_served_after(dossier: &Dossier<'_>, on: Timestamp) -> Result<(), Refused> {
    match dossier.status.retires_on() {
        Some(day) if day <= on => Err(Refused::Retires { on: day.date() }),
        _ => Ok(()),
    }
}

/// Refuses a restore that says not which of these it undoes.
fn unfound(in_force: Vec<u64>) -> Refused {
    let numbers: Vec<String> = in_force.iter().map(u64::to_string).collect();
    if numbers.is_empty() {
        return Refused::NotSuspended;
    }
    let numbers = numbers.join(", ");
    Refused::WhichSuspension { numbers }
}

fn forward(dossier: &Dossier<'_>, is_held: bool) -> Result<(Point, Vec<Verdict>), Refused> {
    if is_held {
        return Err(Refused::Held);
    }
    if dossier.status.is_withdrawn() {
        return Err(Refused::Withdrawn);
    }
    if let Some(day) = dossier.status.retires_on() {
        return Err(Refused::Retires { on: day.date() });
    }
    let step = dossier.next_step().ok_or(Refused::AtTheEnd)?;
    let to = step.point();
    if step.stage.gates.is_empty() {
        return Err(Refused::NoGate { to: to.stage });
    }
    let is_entry = to.stage != dossier.place().stage;
    // A higher share of an opened stage needs no new approval, but its evidence must still hold.
    let specs = step
        .stage
        .gates
        .iter()
        .filter(|spec| is_entry || spec.gate != "approval");
    let verdicts: Vec<Verdict> = specs.map(|spec| verdict(spec, dossier)).collect();
    if verdicts.iter().all(Verdict::lets_through) {
        Ok((to, verdicts.into_iter().map(Verdict::for_ever).collect()))
    } else {
        Err(Refused::Gates {
            to: to.stage,
            verdicts,
        })
    }
}

/// Judges one criterion of the next stage, and notes who answers for it where it does not pass.
#[must_use]
pub fn verdict(spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
    waiver::noted(gates::judge(spec, dossier), spec, dossier)
}

fn backward(dossier: &Dossier<'_>, from: Point, to: Stage) -> Result<Point, Refused> {
    if to >= from.stage {
        return Err(Refused::NotBehind { to });
    }
    if to == Stage::Sealed {
        return Ok(Point::SEALED);
    }
    let planned = dossier.plan.stage(to).ok_or(Refused::NotPlanned { to })?;
    let share = planned.shares.last().copied().unwrap_or(Share::NONE);
    Ok(Point { stage: to, share })
}

/// Computes the status after a move.
#[must_use]
pub fn apply(status: &Status, made: &Move) -> Status {
    let mut next = status.clone();
    next.generation = status.generation.saturating_add(1);
    let name = &made.release;
    let mut release = way::about(status, name, &made.digest, made.at);
    release.generation = next.generation;
    match made.kind {
        MoveKind::Promote => enter(&mut release, made),
        // One that was planned from an older status never leads forward.
        MoveKind::RollBack if made.to.stage < release.stage => enter(&mut release, made),
        MoveKind::RollBack => {}
        MoveKind::Hold => release.conditions.push(Condition::Held {
            by: made.by.clone(),
            reason: made.reason.clone(),
            at: made.at,
        }),
        MoveKind::Resume => {
            release
                .conditions
                .retain(|one| !matches!(one, Condition::Held { .. }));
        }
        MoveKind::Withdraw => {
            enter(&mut release, made);
            release.conditions.push(Condition::Withdrawn {
                digest: made.digest.clone(),
                by: made.by.clone(),
                reason: made.reason.clone(),
                at: made.at,
            });
        }
        MoveKind::Retire => {
            // The day that is in force, if there is one, is later.
            release.conditions.retain(|one| match one {
                Condition::Retired { digest, .. } => *digest != made.digest,
                _ => true,
            });
            release.conditions.push(Condition::Retired {
                digest: made.digest.clone(),
                // A move that does not say when retires at once.
                on: made.retire_on.unwrap_or(made.at),
                by: made.by.clone(),
                reason: made.reason.clone(),
                at: made.at,
            });
        }
        // A suspension that does not say whom it cuts cuts everybody.
        MoveKind::Suspend => {
            let asked = made.suspend.clone().unwrap_or_default();
            release.conditions.push(Condition::Suspended(Suspension {
                number: release.generation,
                scope: asked.scope,
                reason: made.reason.clone(),
                order: asked.order,
                until: asked.until,
                by: made.by.clone(),
                at: made.at,
                restored: Vec::new(),
            }));
        }
        MoveKind::Restore => {
            if let Some(asked) = &made.restore {
                suspend::restore(&mut release, asked);
            }
        }
    }
    next.releases.insert(name.clone(), release);
    next
}

fn enter(release: &mut ReleaseStatus, made: &Move) {
    if release.stage != made.to.stage {
        release.stage_since = made.at;
    }
    release.stage = made.to.stage;
    release.share = made.to.share;
}
