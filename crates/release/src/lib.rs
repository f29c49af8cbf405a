//! Gates, statistics and the release machine: evidence to verdicts to the next move. Pure: it must
//! not know a clock, a store or a wire format.

mod dossier;
mod gates;
mod next_move;
pub mod stats;
mod suspend;
mod verdict;
mod waiver;
mod way;

pub use dossier::{Approval, Dossier, EvalRun, Item, Waiver};
pub use gates::{GATES, Gate, Kind, Parameter, SpecFault, check};
pub use next_move::{Command, Move, MoveKind, Refused, Request, apply, plan, verdict};
pub use suspend::{Restore, Suspend};
pub use verdict::{Judgement, Number, Verdict, Waived};
pub use waiver::{NotWaivable, criterion, waivable};
pub use way::{Point, Step, next_step, standing};

#[cfg(test)]
mod tests;
