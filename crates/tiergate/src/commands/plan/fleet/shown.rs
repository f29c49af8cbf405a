//! How a simulated fleet is shown: what it rests on, counts, times, money. It must not compute.

use plan::fleet::arrivals::Moments;
use plan::fleet::histogram::Percentiles;
use plan::fleet::report::{Account, Report};
use plan::fleet::simulation::Setup;
use serde::Serialize;

use super::machine::Machine;
use crate::output;

/// Tells what a simulation rests on.
#[derive(Serialize)]
pub(super) struct Basis {
    model: String,
    /// `fact`, or `assumption` of a sketch.
    model_is: &'static str,
    accelerator: String,
    layout: String,
    engine: String,
    precision: &'static str,
    replicas: u32,
    accelerators: u64,
    cache_blocks: u64,
    sequences: u32,
    step_tokens: u32,
    context: u32,
    balance: &'static str,
    arrivals: Moments,
    step_times: String,
}

impl Basis {
    pub(super) fn new(
        machine: &Machine,
        setup: &Setup<'_>,
        arrivals: Moments,
        step_times: &str,
    ) -> Self {
        let layout = machine.layout;
        Self {
            model: machine.model.name.clone(),
            model_is: if machine.is_sketch {
                "assumption"
            } else {
                "fact"
            },
            accelerator: machine.accelerator.name.clone(),
            layout: format!("tp{},dp{},ep{}", layout.tensor, layout.data, layout.expert),
            engine: machine.engine.clone(),
            precision: machine.precision.name(),
            replicas: setup.replicas,
            accelerators: u64::from(machine.accelerators()) * u64::from(setup.replicas),
            cache_blocks: setup.limits.blocks,
            sequences: setup.limits.most_sequences,
            step_tokens: setup.limits.most_tokens,
            context: setup.limits.context,
            balance: setup.rules.balance.name(),
            arrivals,
            step_times: step_times.to_owned(),
        }
    }
}

/// Is all of it as one JSON value.
#[derive(Serialize)]
pub(super) struct Whole<'w> {
    pub(super) basis: &'w Basis,
    #[serde(flatten)]
    pub(super) report: &'w Report,
}

/// Writes it as tables.
pub(super) fn tables(basis: &Basis, report: &Report) {
    output::line(format!(
        "{} replicas of {} ({}) on {} {}, {} {}, {}; {} cache blocks each",
        basis.replicas,
        basis.model,
        basis.model_is,
        basis.accelerators,
        basis.accelerator,
        basis.engine,
        basis.precision,
        basis.layout,
        basis.cache_blocks
    ));
    let of = &basis.arrivals;
    output::line(format!(
        "{:.2} requests/s (variation {:.2}) of {:.0} and {:.0} tokens",
        of.rate, of.burstiness, of.input, of.output
    ));
    output::line("");
    let rows = [
        ("requests", &report.requests),
        ("input tokens", &report.input_tokens),
        ("output tokens", &report.output_tokens),
    ];
    let header = [
        "", "arrived", "finished", "unfit", "refused", "dropped", "running",
    ];
    output::table(&header, &rows.map(|(name, account)| counts(name, account)));
    output::line("");
    let rows = [
        ("first token", &report.ttft),
        ("each token after", &report.tpot),
        ("last token", &report.e2e),
        ("wait for a step", &report.queueing),
    ];
    let header = ["ms", "mean", "p50", "p90", "p95", "p99", "max"];
    output::table(&header, &rows.map(|(name, of)| times(name, of)));
    output::line("");
    output::table(&["what", "value"], &others(report));
}

fn counts(name: &str, of: &Account) -> Vec<String> {
    let counts = [
        of.arrived,
        of.finished,
        of.refused_unfit,
        of.refused_full,
        of.dropped,
        of.running,
    ];
    std::iter::once(name.to_owned())
        .chain(counts.map(|count| count.to_string()))
        .collect()
}

fn times(name: &str, of: &Percentiles) -> Vec<String> {
    let times = [of.mean, of.p50, of.p90, of.p95, of.p99, of.max];
    let shown = times.map(|time| format!("{:.1}", time * 1e3));
    std::iter::once(name.to_owned()).chain(shown).collect()
}

fn others(report: &Report) -> Vec<Vec<String>> {
    let percent = |share: f64| format!("{:.1} %", share * 1e2);
    let usd = |micros: u128| {
        format!(
            "{}.{:02} USD",
            micros / 1_000_000,
            micros % 1_000_000 / 10_000
        )
    };
    let mut rows = vec![
        ("simulated", format!("{:.1} s", report.seconds)),
        ("output tokens/s", format!("{:.0}", report.output_rate)),
        ("utilisation", percent(report.utilisation)),
        ("prefix hits", percent(report.prefix_hits)),
        ("preempted", report.preempted.to_string()),
        ("replica failures", report.failures.to_string()),
        ("retried before output", report.retried.to_string()),
        ("interrupted and begun anew", report.interrupted.to_string()),
        ("output tokens lost", report.lost_output_tokens.to_string()),
        ("most replicas", report.most_replicas.to_string()),
        ("most requests at once", report.most_under_way.to_string()),
        ("engine steps", report.steps.to_string()),
        ("events", report.events.to_string()),
    ];
    if let Some(cost) = &report.cost {
        rows.push(("cost by reservation", usd(cost.reserved_micro_usd)));
        rows.push(("cost by use", usd(cost.used_micro_usd)));
        let each = format!("{:.3} USD", cost.usd_per_million_output);
        rows.push(("by reservation, a million output tokens", each));
    }
    rows.into_iter()
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect()
}
