//! The steps of agents: which model each uses, at what cost and with what success, and which step
//! follows which. Told from traffic by the names that requests give their steps, and from code by
//! the functions that make live calls. It must not take two requests for neighbours that nothing
//! joins.

mod code;
mod draw;
mod heard;
mod layers;
mod make;
mod odd;
mod step;

pub use code::{step_of, steps_in};
pub use heard::StepTally;
pub use step::{Edge, Odd, Origin, Part, Pipeline, Step, StepTraffic};

#[cfg(test)]
mod tests;
