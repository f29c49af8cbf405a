//! Suites, scorers, rows and sources: from the bytes of a suite and the texts of answers, or from
//! another tool's file and the gateway's accounting, to evidence. Pure: it must not know a gateway,
//! a file on disk, a clock or what a gate makes of it.

mod builtin;
mod case;
mod imported;
mod join;
mod rows;
mod scorers;
mod sources;
mod suite;

pub use builtin::{BUILTIN, BuiltinSuite, builtin};
pub use case::{Case, Input, Message, Role};
pub use imported::{Count, ImportFault, Imported, ImportedRow, Requests, Scored, Warning};
pub use join::{About, Accounted, Joined, KnownError, Spoilt, join};
pub use rows::{Arm, EvalRun, Outcome, Row, RunFault, ScoredBy, Summary};
pub use scorers::{
    Kind, Parameter, SCORERS, Score, Scorer, find_scorer, questions, score, score_declined,
    score_judged,
};
pub use sources::{SOURCES, Source, find_source, read, read_as, recognise};
pub use suite::{Suite, SuiteFault, digest_of};
