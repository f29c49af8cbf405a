//! Finds where code names a model, what for, and what breaks when the model changes. Pure over
//! file contents: it must not walk a tree, read a file or know the day.

mod breaks;
mod by_lines;
mod callee;
mod cost;
mod diff;
mod edit;
mod escape;
mod finding;
mod fingerprint;
mod fix;
mod judge;
mod language;
mod languages;
mod lines;
mod literal;
mod mention;
mod names;
mod notebook;
mod pairs;
mod parameters;
mod pipeline;
mod place;
mod prose;
mod readiness;
mod report;
mod retirement;
mod role;
mod roles;
#[cfg(test)]
mod samples;
mod scanned;
mod scanner;
mod service;
mod shown;
mod site;
mod skip;
mod spot;
mod tally;
mod target;
mod traffic;
mod walk;

pub use callee::dialect;
pub use cost::{Effort, PriceChange, SwitchingCost, switching_cost};
pub use diff::diff;
pub use edit::{EditFault, apply, span};
pub use escape::terminal as plain;
pub use finding::{Break, Edit, Finding, Fix, Retirement, Safety, SourceRead};
pub use fix::Mend;
pub use judge::Judge;
pub use parameters::parameters;
pub use pipeline::{
    Edge, Odd, Origin, Part, Pipeline, Step, StepTally, StepTraffic, step_of, steps_in,
};
pub use place::{Around, Beside, Place, Text};
pub use readiness::{LockIn, Readiness, Standing, lock_in, readiness};
pub use report::{
    Aim, Files, Listed, NEAR_DAYS, Paint, REPORTS, RenderFault, Report, Skipped, Summary, Survey,
    Written,
};
pub use retirement::retirement;
pub use role::Role;
pub use roles::{RoleRow, role_rows};
pub use scanned::{FileScan, Found};
pub use scanner::{Scanner, ScannerFault};
pub use service::{Services, service};
pub use site::{Certainty, Named, Parameter, Site, Span};
pub use skip::Skip;
pub use target::{Target, platform};
pub use traffic::{
    AskedName, CallerTraffic, Comes, Ending, Habit, Heard, Heat, Held, Lineup, Lodging, Recorded,
    SiteTraffic, Sure, Traffic, TrafficTally, Verdict, What, told, verdicts,
};
