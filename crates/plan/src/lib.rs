//! What a tier costs, bought or served: step times, memory, training and loss, with intervals from
//! what was measured. Pure: it must not know a clock, a file, randomness or a provider.

pub mod accelerators;
pub mod attention;
pub mod calibrate;
pub mod capacity;
pub mod coefficients;
pub mod collectives;
pub mod deployment;
pub mod first_token;
pub mod groups;
pub mod intervals;
pub mod least_squares;
pub mod memory;
pub mod model;
pub mod models;
pub mod precision;
pub mod replay;
pub mod rows;
pub mod scaling;
pub mod serving;
pub mod step;
pub mod training;
pub mod units;
