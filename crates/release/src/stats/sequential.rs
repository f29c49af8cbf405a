//! Statistics that may be looked at after every observation: each holds its error rate over all
//! looks together, so that whoever watches may stop when they like. It must not know a gate, a
//! clock or what is observed.

mod arm;
mod asymptotic;
mod bernoulli;
mod bernstein;
mod betting;
mod difference;
mod mixture;
mod quantile;
mod special;
mod stitching;

pub use arm::Arm;
pub use asymptotic::{AsymptoticMean, Tuning};
pub use bernoulli::BernoulliRate;
pub use bernstein::{EmpiricalBernstein, Hoeffding};
pub use betting::{BettingMean, BettingTest, UnitValue, betting_interval};
pub use difference::Difference;
pub use mixture::{
    BetaBinomial, GammaExponential, GammaPoisson, Mixture, Msprt, OneSidedNormal, TwoSidedNormal,
};
pub use quantile::{Ordered, QuantileTest, QuantileTuning};
pub use stitching::{DoubleStitching, EmpiricalProcess, PolyStitching};

#[cfg(test)]
mod tests;
