//! A plan of serving as one page of HTML that needs nothing else: no script, no network, no file
//! beside it. It must not decide what is shown: the search does.

mod drawing;

use minijinja::Error;
use serde::Serialize;

use crate::assumptions::Assumption;
use crate::html;
use crate::layouts::{Found, Offer, Ranged, Verdict};
use crate::page::drawing::{Plot, Segment, bar, plot};

const TEMPLATE: &str = include_str!("page/page.html");

/// Holds what a page is made from.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    /// The model's name.
    pub model: &'r str,
    /// What its shape rests on: fact or assumption, and where it stands.
    pub basis: (&'r str, &'r str),
    /// Its size in words.
    pub size: &'r str,
    /// The load and the aim in words.
    pub asked: &'r str,
    /// What was found.
    pub found: &'r Found,
    /// The accelerators: name, source, day.
    pub parts: &'r [(String, String, String)],
    /// The assumptions in force.
    pub assumptions: &'r [Assumption],
    /// What must be said beside.
    pub notes: &'r [String],
    /// What the times rest on.
    pub rests_on: &'r str,
    /// The version of Tiergate.
    pub version: &'r str,
}

/// Is a number with how it came about.
#[derive(Serialize)]
struct Figure {
    name: &'static str,
    value: String,
    formula: String,
    source: String,
}

/// Holds what the template takes.
#[derive(Serialize)]
struct Drawn<'r> {
    model: &'r str,
    basis: (&'r str, &'r str),
    size: &'r str,
    asked: &'r str,
    version: &'r str,
    figures: Vec<Figure>,
    best: Option<&'r Offer>,
    offers: &'r [Offer],
    verdicts: &'r [Verdict],
    frontier: Option<Plot>,
    cost: Vec<Segment>,
    memory: Vec<Segment>,
    parts: &'r [(String, String, String)],
    assumptions: &'r [Assumption],
    notes: &'r [String],
    rests_on: &'r str,
}

/// Writes the page.
///
/// # Errors
/// When the template does not take the report, which a test would have shown.
pub fn page(report: &Report<'_>) -> Result<String, Error> {
    let mut environment = html::environment(TEMPLATE)?;
    environment.add_filter("number", number);
    let best = report.found.offers.first();
    let drawn = Drawn {
        model: report.model,
        basis: report.basis,
        size: report.size,
        asked: report.asked,
        version: report.version,
        figures: best.map_or_else(Vec::new, |best| figures(best, report)),
        best,
        offers: &report.found.offers,
        verdicts: &report.found.verdicts,
        frontier: best.and_then(|best| frontier(report.found, best)),
        cost: best.map_or_else(Vec::new, cost),
        memory: best.map_or_else(Vec::new, memory),
        parts: report.parts,
        assumptions: report.assumptions,
        notes: report.notes,
        rests_on: report.rests_on,
    };
    html::write(&environment, &drawn)
}

/// Writes a number in about four digits.
#[must_use]
pub fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e7).contains(&size) => format!("{value:.3e}"),
        size if size >= 1e3 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 1e2 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn ranged(of: Ranged, unit: &str) -> String {
    let [value, low, high] = [of.value, of.low, of.high].map(number);
    format!("{value} {unit} [{low} – {high}]")
}

/// What money is worked out by.
const MONEY: &str = "reserved accelerators × price of an hour / requests of an hour / share of \
    busy hours × the share of the request's accelerator time that these tokens take / tokens";
/// Where what is assumed stands.
const BELOW: &str = "assumptions in force, below";

fn figure(name: &'static str, value: String, formula: &str, source: &str) -> Figure {
    Figure {
        name,
        value,
        formula: formula.to_owned(),
        source: source.to_owned(),
    }
}

/// Explains the numbers of the best layout, each by its formula and its source.
fn figures(best: &Offer, report: &Report<'_>) -> Vec<Figure> {
    let rests_on = format!(
        "{} measured points nearest to it; {}",
        best.rows, report.rests_on
    );
    let mut figures = speeds(best, &rests_on);
    figures.extend(costs(best));
    figures
}

fn speeds(best: &Offer, rests_on: &str) -> Vec<Figure> {
    let parts = best.step_parts.iter().filter(|part| part.ms > 0.0);
    let parts: Vec<String> = parts
        .map(|part| format!("{} {} ms", part.part, number(part.ms)))
        .collect();
    vec![
        figure(
            "Time to first token",
            ranged(best.ttft_ms, "ms"),
            "own prefill + one reading of the weights + the wait behind others' prefill + the step \
             under way, each scaled by what was fitted",
            rests_on,
        ),
        figure(
            "Time of a token",
            ranged(best.tpot_ms, "ms"),
            &format!(
                "the sum of {}, each scaled by what was fitted",
                parts.join(", ")
            ),
            rests_on,
        ),
        figure(
            "Output tokens a second",
            ranged(best.output_tokens_per_second, ""),
            "units × requests in flight × tokens of an answer / (time to first token + time of a \
             token × (tokens of an answer − 1))",
            rests_on,
        ),
    ]
}

fn costs(best: &Offer) -> Vec<Figure> {
    let (input, output) = (best.usd_per_million_input, best.usd_per_million_output);
    vec![
        figure(
            "Accelerators",
            format!(
                "{} in {} nodes",
                number(best.reserved_accelerators),
                number(best.nodes)
            ),
            "units × accelerators of one, rounded up to whole nodes",
            BELOW,
        ),
        figure(
            "Power",
            format!("{} kW", number(best.power_kw)),
            "reserved accelerators × their limit × node_power × pue",
            "datasheets and assumptions, below",
        ),
        figure(
            "Million input tokens",
            ranged(input.reserved, "USD"),
            MONEY,
            BELOW,
        ),
        figure(
            "Million output tokens",
            ranged(output.reserved, "USD"),
            MONEY,
            BELOW,
        ),
        figure(
            "Million output tokens while busy",
            ranged(output.active, "USD"),
            "the same with the accelerators in use alone, while the load is there",
            BELOW,
        ),
    ]
}

fn frontier(found: &Found, best: &Offer) -> Option<Plot> {
    let line: Vec<drawing::Given> = found
        .frontier
        .iter()
        .map(|point| {
            let (x, y) = (point.tpot_ms, point.output_tokens_per_second_each);
            let text = format!(
                "{}, {} in flight: {} ms a token, {} tokens/s of an accelerator",
                point.layout,
                number(point.in_flight_each),
                number(x),
                number(y)
            );
            (x, y, text)
        })
        .collect();
    let (x, y) = (best.tpot_ms.value, best.output_tokens_per_second_each.value);
    let text = format!(
        "the best: {}, {} ms, {} tokens/s",
        best.layout,
        number(x),
        number(y)
    );
    plot(&line, &[(x, y, text)])
}

/// Divides the money of a million output tokens by what the time of a token goes to, and what is
/// paid for idle hours and accelerators.
fn cost(best: &Offer) -> Vec<Segment> {
    let money = best.usd_per_million_output;
    let decoding = || best.step_parts.iter().filter(|part| part.part != "prefill");
    let sum: f64 = decoding().map(|part| part.ms).sum();
    let parts = decoding().map(|part| {
        let usd = money.active.value * part.ms / sum;
        (part.part.to_owned(), usd)
    });
    let idle = money.reserved.value - money.active.value;
    bar(parts
        .chain([("idle hours and accelerators".to_owned(), idle)])
        .collect())
}

fn memory(best: &Offer) -> Vec<Segment> {
    let of = best.memory;
    let free = of.usable_gb - of.weights_gb - of.caches_gb;
    bar(vec![
        ("weights".to_owned(), of.weights_gb),
        ("caches at this load".to_owned(), of.caches_gb),
        ("free for more".to_owned(), free),
        ("the engine's own".to_owned(), of.all_gb - of.usable_gb),
    ])
}

#[cfg(test)]
mod tests;
