//! `tiergate plan fleet`: a fleet of engines behind the gateway, simulated over a trace or fitted
//! arrivals. It must not simulate: `plan::fleet` does.

mod arrivals;
mod machine;
mod rules;
mod shown;

use std::time::Instant;

use clap::Args;
use plan::fleet::costs::Costs;
use plan::fleet::limits::{Limits, Pace};
use plan::fleet::report::Price;
use plan::fleet::simulation::{Setup, simulate};
use plan::fleet::trace::MOONCAKE_BLOCK;

use super::fitted::FittedAsked;
use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;

const EXAMPLES: &str = "Examples:
  tiergate plan fleet Llama-3.1-70B --on H100 --layout tp4 --replicas 4 --trace azure_conv.csv
  tiergate plan fleet DeepSeek-V3 --on H200 --layout dp8,ep8 --replicas 6 --trace mooncake.jsonl \
--balance prefix --gpu-hour 2
  tiergate plan fleet --sketch \"10T, 0.8T active, 256 experts\" --on GB300 --layout tp72 \
--accelerators 30000 --rate 2000 --requests 200000 --rack-mtbf 2000 --json";

/// What is simulated.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Asked {
    #[command(flatten)]
    machine: machine::MachineAsked,
    #[command(flatten)]
    arrivals: arrivals::ArrivalsAsked,
    #[command(flatten)]
    rules: rules::RulesAsked,
    #[command(flatten)]
    fitted: FittedAsked,
    /// USD of one accelerator's hour
    #[arg(long, value_name = "USD", value_parser = micro_usd)]
    gpu_hour: Option<u64>,
    /// What random numbers begin with: the same seed gives the same bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Simulate every step by itself: the same figures to the nanosecond, and slower
    #[arg(long)]
    step_by_step: bool,
}

/// Simulates and tells.
///
/// # Errors
/// Fails when the model, the accelerator or the layout cannot be had, or a line of the trace is
/// broken.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let estimator = asked.fitted.estimator()?;
    let traffic = asked.arrivals.traffic(asked.seed)?;
    let moments = traffic.moments();
    let machine = asked
        .machine
        .choose((moments.input, moments.output), common)?;
    let deployment = machine.deployment();
    let blocks = asked.machine.blocks(&deployment)?;
    let limits = Limits {
        most_sequences: asked.machine.sequences,
        most_tokens: asked.machine.step_tokens,
        blocks,
        context: asked.machine.context,
        id_tokens: (!asked.machine.no_prefix_cache).then_some(MOONCAKE_BLOCK),
    };
    let costs = Costs::of(&deployment, &estimator, limits.most_sequences);
    let accelerators = machine.accelerators();
    let rack = machine.replicas_of_a_rack();
    let setup = Setup {
        costs: &costs,
        limits,
        pace: if asked.step_by_step {
            Pace::Step
        } else {
            Pace::Jump
        },
        replicas: machine.replicas,
        rules: asked.rules.rules(),
        faults: asked.rules.faults(rack),
        scaling: asked.rules.scaling(machine.replicas)?,
        apart: asked.machine.apart(&machine)?,
        price: asked.gpu_hour.map(|per_hour| Price {
            accelerators,
            per_hour,
        }),
        seed: asked.seed,
    };
    let began = Instant::now();
    let report = simulate(&setup, traffic.arrivals()?).map_err(arrivals::Broken::tell)?;
    let took = began.elapsed().as_secs_f64();
    if report.requests.arrived == 0 {
        let what = "the trace holds no request";
        return Err(Fault::new(what, "name a trace with at least one line of a request").into());
    }
    let basis = shown::Basis::new(&machine, &setup, moments, &estimator.source);
    if common.json {
        output::json(&shown::Whole {
            basis: &basis,
            report: &report,
        });
    } else {
        shown::tables(&basis, &report);
    }
    let (events, requests) = (report.events as f64, report.requests.arrived as f64);
    output::note(format!(
        "{events:.0} events and {requests:.0} requests simulated in {took:.2} s: {:.2} million \
         events/s, {:.0} requests/s",
        events / took / 1e6,
        requests / took
    ));
    Ok(Exit::Done)
}

/// Reads USD with up to six decimals as micro-USD.
fn micro_usd(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no amount of USD with up to six decimals, such as 2.5");
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|one| one.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || part.len() > 6 {
        return Err(wrong());
    }
    let digits = format!("{whole}{part:0<6}");
    digits
        .parse()
        .ok()
        .filter(|sum| *sum <= 1_000_000_000_000)
        .ok_or_else(wrong)
}
