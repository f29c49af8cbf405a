//! `tiergate plan`: what a tier costs, bought or served, before anyone commits to it. It must not
//! compute: the crate `plan` does.

mod calibrate;
mod cascade;
mod cost;
mod faults;
mod file;
mod fitted;
mod fleet;
mod model;
mod rows;
mod serve;
mod shown;
mod swap;
mod terms;
mod train;
mod variants;
mod written;

use clap::{ArgMatches, FromArgMatches, Subcommand};

use super::command::{Command, Runs};
use crate::exit::Outcome;
use crate::options::Common;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "plan",
    about: "What a tier costs, bought or served, before anyone commits to it",
    arguments: Action::augment_subcommands,
    run: Runs::Alone(run),
};

#[derive(Subcommand)]
enum Action {
    /// Say which accelerators and layouts serve a model, how fast, and for what money
    Serve(serve::Asked),
    /// Say what a training run takes in time, energy and money, and what loss laws promise for it
    Train(train::Asked),
    /// What a workload costs at dated list prices, model by model
    Cost(cost::Asked),
    /// Stay or move: what the same requests cost elsewhere, caller by caller
    Swap(swap::Asked),
    /// A cheaper tier first: quality and cost by outcomes of two tiers, item by item
    Cascade(cascade::Asked),
    /// Variants of one base side by side: bought, served, and what evidence says
    Variants(variants::Asked),
    /// Simulate a fleet of engines behind the gateway, over a trace or fitted arrivals
    Fleet(Box<fleet::Asked>),
    /// Predict every row of a file of measurements, with its interval and its error
    Rows(rows::Asked),
    /// Fit the coefficients of serving to a file of measurements, and say how well they predict
    Calibrate(calibrate::Asked),
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    match Action::from_arg_matches(arguments)? {
        Action::Serve(asked) => serve::run(&asked, common),
        Action::Train(asked) => train::run(&asked, common),
        Action::Cost(asked) => cost::run(&asked, common),
        Action::Swap(asked) => swap::run(&asked, common),
        Action::Cascade(asked) => cascade::run(&asked, common),
        Action::Variants(asked) => variants::run(&asked, common),
        Action::Fleet(asked) => fleet::run(&asked, common),
        Action::Rows(asked) => rows::run(&asked, common),
        Action::Calibrate(asked) => calibrate::run(&asked, common),
    }
}
