//! Gates, statistics and the release machine: evidence to verdicts to the next move. Pure: it must
//! not know a clock, a store or a wire format.

mod chance;
mod dossier;
mod gates;
mod next_move;
mod react;
mod sensitivity;
mod simulate;
pub mod stats;
mod suspend;
mod verdict;
mod waiver;
pub mod watch;
mod way;

pub use dossier::{Approval, Dossier, EvalRun, Incident, Item, KnownError, Waiver};
pub use gates::{
    Acts, GATES, Gate, Kind, Parameter, SpecFault, Unpaired, acts, check, check_standing,
    paired_difference,
};
pub use next_move::{Command, Move, MoveKind, Refused, Request, apply, plan, verdict};
pub use react::{fall, may_rise, react, staying};
pub use sensitivity::{Sensitivity, sensitivity};
pub use simulate::{ScriptFault, simulate};
pub use suspend::{Restore, Suspend};
pub use verdict::{Judgement, Number, Verdict, Waived};
pub use waiver::{NotWaivable, criterion, waivable};
pub use watch::{Ended, Observation, Reported, Watch, WatchedArm};
pub use way::{Point, Step, next_step, standing};

#[cfg(test)]
mod tests;
