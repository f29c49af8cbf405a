//! What a tier costs, bought or served: step times, memory, training and loss, with intervals from
//! what was measured. Pure: it must not know a clock, a file, randomness or a provider.

pub mod accelerators;
pub mod assumptions;
pub mod attention;
pub mod calibrate;
pub mod capacity;
pub mod cascade;
pub mod coefficients;
pub mod collectives;
pub mod cost;
pub mod deployment;
pub mod emit;
pub mod first_token;
pub mod fleet;
pub mod forecast;
pub mod groups;
pub mod hours;
mod html;
pub mod intervals;
pub mod layouts;
pub mod least_squares;
pub mod memory;
pub mod model;
pub mod models;
pub mod page;
pub mod precision;
pub mod random;
pub mod replay;
pub mod rows;
pub mod run;
pub mod scaling;
pub mod serving;
pub mod step;
pub mod swap;
pub mod training;
pub mod units;
pub mod variants;
