//! What callers really send, as accounting keeps it without content, held against a model: who
//! breaks on it, on what, how often and how lately. Rows come one by one and are judged one by one;
//! it must not hold them, nor know where they are kept.

mod judge;
mod outline;
mod recorded;
mod tally;
mod told;

pub use judge::{Lodging, Sure, Verdict, What, verdicts};
pub use outline::{
    AskedName, CallerTraffic, Comes, Ending, Habit, Heard, Heat, Held, SiteTraffic, Traffic,
};
pub use recorded::Recorded;
pub use tally::{Lineup, TrafficTally};
pub use told::told;
