//! Suites, scorers and rows: from the bytes of a suite and the texts of answers to evidence. Pure:
//! it must not know a gateway, a file, a clock or what a gate makes of it.

mod builtin;
mod case;
mod rows;
mod scorers;
mod suite;

pub use builtin::{BUILTIN, BuiltinSuite, builtin};
pub use case::{Case, Input, Message, Role};
pub use rows::{Arm, EvalRun, Outcome, Row, RunFault, ScoredBy, Summary};
pub use scorers::{Kind, Parameter, SCORERS, Score, Scorer, find_scorer, score};
pub use suite::{Suite, SuiteFault, digest_of};
