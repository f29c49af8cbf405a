//! Rows of serving beside the samples: most tokens a second of published tables, pools, fleets,
//! limits of a network. It must not fit anything to a row.

use crate::accelerators::Accelerator;
use crate::capacity::peak;
use crate::collectives::{Exchange, exchange_limit};
use crate::deployment::{Deployment, Layout, Serving};
use crate::memory::least_tensor;
use crate::model::Model;
use crate::precision::Precision;
use crate::replay::{Engine, Request, expected_on, means, replay};
use crate::rows::length;
use crate::rows::row::{Answer, Known, Row, number, text};
use crate::step::prefill_of;
use crate::units::{BytesPerSecond, Seconds};

const DAY: f64 = 86_400.0;
const EACH_NODE: f64 = 8.0;
/// Between which factors four fifths of published peaks lie around a prediction.
const PEAKS: (f64, f64) = (0.5, 1.6);
/// The share of a step's peak that large prefill pools reach.
const PREFILL_SHARE: f64 = 0.35;
/// Tokens that one accelerator exchanges with experts in the published limit.
const LIMIT_TOKENS: f64 = 32.0;

pub(super) fn answer(
    row: &Row,
    config: &Row,
    rows: &[Row],
    known: &Known,
) -> Result<Answer, String> {
    match text(row, "unit").unwrap_or_default() {
        "acceptance_length" => length::answer(row, config, rows),
        "ms_tpot" => limit(row, known),
        "nodes" => nodes(config, known),
        "usd_per_day" => money(config),
        unit if unit.starts_with("input_tokens_per_s") => prefill(row, config, known),
        unit if unit.contains("tokens_per_s") => rate(row, config, known),
        unit => replayed(row, config, known, unit),
    }
}

fn model<'k>(row: &Row, known: &'k Known) -> Result<&'k Model, String> {
    let name = text(row, "model").ok_or("the row names no model")?;
    let name = match name {
        // The benchmark's names: its Llama 2 70B has the shape of Llama 3.1 70B but for the
        // vocabulary, which is a thousandth of the work.
        "llama2-70b-99" => "llama-3.1-70b",
        other => other,
    };
    // Two names of one shape are written `DeepSeek-V3/R1`.
    let first = name.split('/').next().unwrap_or(name);
    let found = known
        .models
        .find(name)
        .or_else(|_| known.models.find(first));
    found.map_err(|fault| fault.to_string())
}

fn accelerator<'k>(config: &Row, known: &'k Known) -> Result<&'k Accelerator, String> {
    let name = text(config, "gpu").ok_or("the row names no accelerator")?;
    known
        .accelerators
        .find(name)
        .map_err(|fault| fault.to_string())
}

/// Tells the limit that the exchange with experts alone sets, on the row's network.
fn limit(row: &Row, known: &Known) -> Result<Answer, String> {
    let model = model(row, known)?;
    let section = text(row, "section").unwrap_or_default();
    // Bytes a second of one accelerator in one direction: 400 Gbit/s, or the links of a rack.
    let rate = BytesPerSecond::new(if section.contains("400G") {
        50e9
    } else {
        900e9
    });
    let exchange = Exchange {
        tokens: LIMIT_TOKENS,
        // The shared expert travels, too.
        visited: model.visited_experts().unwrap_or(1.0) + 1.0,
        hidden: model.hidden,
        away: 1.0,
    };
    let time = exchange_limit(exchange, model.sums().layers, rate);
    Ok(Answer::number(time.ms(), "exchange with experts alone").within(0.95, 1.05))
}

fn money(config: &Row) -> Result<Answer, String> {
    let field = |name: &str| number(config, name);
    if let Some((usd, nodes)) = field("usd_per_gpu_hour").zip(field("nodes")) {
        let cost = usd * nodes * EACH_NODE * 24.0;
        return Ok(Answer::number(cost, "nodes · 8 · 24 h · price of an hour"));
    }
    let read = [
        "price_in_hit",
        "price_in_miss",
        "price_out",
        "input_tokens_day",
        "cached",
        "output",
    ];
    let [hit, miss, out, input, cached, output] = read.map(field);
    let sum = || Some(hit? * cached? + miss? * (input? - cached?) + out? * output?);
    let sum = sum().ok_or("the row has neither nodes and a price, nor tokens and prices")?;
    Ok(Answer::number(sum / 1e6, "tokens · prices"))
}

/// Takes a row's model and accelerator at usual lengths.
fn deployment<'k>(
    model: &'k Model,
    accelerator: &'k Accelerator,
    engine: &'k str,
    precision: Precision,
) -> Deployment<'k> {
    Deployment {
        model,
        accelerator,
        engine,
        version: None,
        precision,
        serving: Serving::Together(Layout::tensor(1.0)),
        concurrency: 1.0,
        input: 1024.0,
        output: 1024.0,
        cached: 0.0,
        speculation: None,
    }
}

/// Tells the tokens a second that a node's accelerators prefill.
fn prefill_of_node(of: &Deployment<'_>) -> f64 {
    let work = prefill_of(of, &of.model.sums(), Layout::tensor(1.0));
    of.input * PREFILL_SHARE / work.compute.get() * EACH_NODE
}

fn prefill(row: &Row, config: &Row, known: &Known) -> Result<Answer, String> {
    let (model, accelerator) = (model(row, known)?, accelerator(config, known)?);
    let mut of = deployment(model, accelerator, "sglang", Precision::Fp8);
    of.input = number(config, "isl").unwrap_or(of.input);
    // What a cache holds counts as input and costs next to nothing.
    let computed = 1.0 - number(config, "cache_hit").unwrap_or(0.0);
    let rate = prefill_of_node(&of) / computed;
    let is_each = text(row, "unit").is_some_and(|unit| unit.ends_with("per_gpu"));
    let rate = if is_each { rate / EACH_NODE } else { rate };
    let basis = "the work of prefill at the usual share of the peak in wide pools";
    Ok(Answer::number(rate, basis).within(0.7, 1.4))
}

/// Tells the nodes of a fleet from its tokens of a day.
fn nodes(config: &Row, known: &Known) -> Result<Answer, String> {
    let field = |name: &str| number(config, name).map(|tokens| tokens / DAY);
    let read = [
        "input_tokens_day",
        "cached_input_tokens_day",
        "output_tokens_day",
    ]
    .map(field);
    let [Some(input), Some(cached), Some(output)] = read else {
        return Err("the row has no tokens of a day".to_owned());
    };
    let find = |name| known.models.find(name).map_err(|fault| fault.to_string());
    let part = known
        .accelerators
        .find("H800")
        .map_err(|fault| fault.to_string())?;
    let of = deployment(find("DeepSeek-V3")?, part, "sglang", Precision::Fp8);
    let layout = wide(144.0);
    let decode = peak(&of, layout, Some(Seconds::from_ms(50.0)), &known.estimator);
    let decode = decode.ok_or("the weights do not fit")?.each * EACH_NODE;
    let nodes = (input - cached) / prefill_of_node(&of) + output / decode;
    let basis = "prefill of uncached tokens and decode at 50 ms, on H800";
    Ok(Answer::number(nodes, basis).within(PEAKS.0, PEAKS.1))
}

/// Tokens of a request and of an answer, on average, in the published workload of those runs: what
/// came in, not how it was served.
const USUAL_LENGTHS: (f64, f64) = (860.0, 660.0);

/// Replays a run of which the row tells how many requests came and how fast, not their lengths:
/// all are taken to be of usual ones, and the rates to be those of the accelerator's kernels and of
/// the engine on others. The run itself is in no fit.
fn replayed(row: &Row, config: &Row, known: &Known, unit: &str) -> Result<Answer, String> {
    let needs = |field: &str| number(config, field).ok_or(format!("the row has no `{field}`"));
    if unit.is_empty() {
        return Err("the row names no unit".to_owned());
    }
    let whole = text(row, "model").ok_or("the row names no model")?;
    let behind = whole
        .split_once('-')
        .filter(|(part, _)| part.starts_with("rtx"));
    let name = behind.map_or(whole, |(_, model)| model);
    let engine = Engine {
        model: known.models.find(name).map_err(|fault| fault.to_string())?,
        accelerator: accelerator(config, known)?,
        tensor: needs("tp")?,
        most_sequences: needs("max_num_seqs")? as usize,
        most_tokens: needs("max_num_batched_tokens")?,
    };
    let rate = text(config, "arrivals").and_then(|said| {
        let (_, behind) = said.split_once("Poisson ")?;
        behind.split('/').next()?.parse::<f64>().ok()
    });
    let rate = rate.ok_or("the row does not say how fast requests come")?;
    let (input, output) = USUAL_LENGTHS;
    let count = needs("requests")?.min(MOST_REPLAYED) as u32;
    let requests: Vec<Request> = (0..count)
        .map(|at| Request {
            arrival: f64::from(at) / rate,
            input,
            output,
        })
        .collect();
    let rates = expected_on(engine.accelerator, known.estimator.expected_rates("vllm"));
    let served = replay(&requests, &engine, &rates);
    let means = means(&requests, &served);
    let mut latencies: Vec<f64> = served.iter().map(|one| one.last).collect();
    latencies.sort_by(f64::total_cmp);
    let late = latencies
        .get(latencies.len() * 99 / 100)
        .copied()
        .unwrap_or_default();
    let seconds = match unit {
        "ms_ttft_mean" => means.first,
        "ms_tpot_mean" => means.step,
        "ms_latency_mean" => means.latency,
        "ms_latency_p99" => late,
        other => return Err(format!("a replay has no `{other}`")),
    };
    let basis =
        "replayed with usual lengths at the rates of measured kernels and of the engine elsewhere";
    Ok(Answer::number(seconds * 1e3, basis).within(PEAKS.0, PEAKS.1))
}

/// Most requests that a row's run is replayed with.
const MOST_REPLAYED: f64 = 100_000.0;

fn wide(accelerators: f64) -> Layout {
    Layout {
        tensor: 1.0,
        data: accelerators,
        expert: accelerators,
    }
}

/// Reads `TP2` and `DEP8`.
fn layout(text: &str) -> Option<Layout> {
    let digits = text.trim_start_matches(|one: char| !one.is_ascii_digit());
    let degree: f64 = digits.parse().ok()?;
    Some(if text.starts_with("DEP") {
        wide(degree)
    } else {
        Layout::tensor(degree)
    })
}

/// The longest steps that a benchmark's scenario allows.
fn longest(model: &str, scenario: &str) -> Option<Seconds> {
    let ms = match (scenario, model) {
        ("Server", "llama2-70b-99" | "mixtral-8x7b") => 200.0,
        ("Server", "llama3.1-405b") => 175.0,
        ("Server", "deepseek-r1") => 80.0,
        ("Server", _) => 100.0,
        ("Interactive", "llama3.1-405b") => 80.0,
        ("Interactive", _) => 40.0,
        _ => return None,
    };
    Some(Seconds::from_ms(ms))
}

/// The mean input of a benchmark's requests, recalled from its rules and data sets.
fn usual_input(model: &str) -> Option<f64> {
    match model {
        "llama2-70b-99" => Some(294.0),
        "llama3.1-405b" => Some(9_428.0),
        "mixtral-8x7b" => Some(390.0),
        "llama3.1-8b" => Some(870.0),
        "deepseek-r1" => Some(800.0),
        _ => None,
    }
}

fn rate(row: &Row, config: &Row, known: &Known) -> Result<Answer, String> {
    let name = text(row, "model").unwrap_or_default();
    let (model, accelerator) = (model(row, known)?, accelerator(config, known)?);
    let software = text(config, "software").unwrap_or_default().to_lowercase();
    let engine = text(config, "backend").unwrap_or_else(|| {
        if software.contains("vllm") {
            "vllm"
        } else if software.contains("tensorrt") {
            "trtllm"
        } else {
            "sglang"
        }
    });
    let stated = text(config, "precision").or_else(|| text(config, "weights"));
    let precision = stated.map_or(Precision::Fp8, |stated| {
        Precision::read(stated).unwrap_or(if stated.contains("fp4") {
            Precision::Fp4
        } else {
            Precision::Fp8
        })
    });
    let mut of = deployment(model, accelerator, engine, precision);
    let input = number(config, "isl").or_else(|| usual_input(name));
    of.input = input.unwrap_or(2_000.0);
    let output = number(config, "osl").or_else(|| number(config, "mean_output_tokens"));
    of.output = output.unwrap_or(if name == "llama3.1-8b" {
        128.0
    } else {
        1_000.0
    });
    let chosen = chosen_layout(config, &of);
    let longest = longest(name, text(config, "scenario").unwrap_or_default());
    let peak = peak(&of, chosen, longest, &known.estimator);
    let peak = peak.ok_or("the weights do not fit the accelerators that the row names")?;
    let times = match text(row, "unit").unwrap_or_default() {
        unit if unit.ends_with("per_gpu") => 1.0,
        unit if unit.ends_with("per_node") => EACH_NODE,
        _ => number(config, "gpus").unwrap_or_else(|| {
            let nodes = number(config, "nodes").unwrap_or(1.0);
            nodes * number(config, "gpus_per_node").unwrap_or(EACH_NODE)
        }),
    };
    let basis = format!(
        "the greatest rate, at {:.0} requests in flight",
        peak.concurrency
    );
    Ok(Answer::number(peak.each * times, &basis).within(PEAKS.0, PEAKS.1))
}

/// Tells the layout that a row states, else one by requests in wide pools, else the least.
fn chosen_layout(config: &Row, of: &Deployment<'_>) -> Layout {
    if let Some(stated) = text(config, "layout").and_then(layout) {
        return stated;
    }
    let decode_nodes = number(config, "decode_nodes").map(|nodes| nodes * EACH_NODE);
    let pool = number(config, "gpus").or(decode_nodes);
    match pool.filter(|_| of.model.has_experts()) {
        Some(accelerators) => wide(accelerators),
        None if of.model.shares_cache() => wide(least_tensor(of).max(4.0)),
        None => Layout::tensor(least_tensor(of)),
    }
}
