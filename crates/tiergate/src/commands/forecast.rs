//! `tiergate forecast`: what comes and goes when, whether we are ready in time, and how good past
//! forecasts were. It must not compute: the crate `plan` does.

mod outlook;
mod read;
mod score;
mod told;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand};

use super::command::{Command, Runs};
use crate::exit::{Fault, Outcome};
use crate::options::Common;

/// Declares the command.
pub const COMMAND: Command = Command {
    name: "forecast",
    about: "What comes and goes when, whether we are ready in time, and how good forecasts were",
    arguments: Options::augment_args,
    run: Runs::Alone(run),
};

#[derive(Args)]
#[command(
    after_help = "Without a file: the retirements that are known. Example: tiergate forecast \
                  examples/forecast.toml --html forecast.html"
)]
struct Options {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    outlook: outlook::Asked,
}

#[derive(Subcommand)]
enum Action {
    /// Score past forecasts of which it is known what came
    Score(score::Asked),
}

fn run(arguments: &ArgMatches, common: &Common) -> Outcome {
    let options = Options::from_arg_matches(arguments)?;
    match options.action {
        Some(Action::Score(_)) if options.outlook.is_anything() => {
            let what = "past forecasts are scored alone: no file or option goes before `score`";
            Err(Fault::new(what, "write `tiergate forecast score FILE`").into())
        }
        Some(Action::Score(asked)) => score::run(&asked, common),
        None => outlook::run(&options.outlook, common),
    }
}
