//! A fleet of engines behind the gateway, simulated: single-threaded discrete events that give the
//! same bytes for the same seed. It must not read a file or a clock; arrivals come as an iterator.

pub mod arrivals;
pub mod clock;
pub mod costs;
pub mod engine;
pub mod faults;
pub mod front;
pub mod histogram;
pub mod limits;
pub mod prefix;
pub mod queue;
pub mod report;
pub mod requests;
pub mod scaling;
pub mod simulation;
pub mod trace;

#[cfg(test)]
mod tests;
