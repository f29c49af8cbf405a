//! A row of the serving samples as a deployment: what its columns mean, where sources write them in
//! different ways. It must not look at what the row measured.

use serde_json::{Map, Value};

use crate::accelerators::Accelerators;
use crate::deployment::{Deployment, Layout, Pool, Serving};
use crate::model::Model;
use crate::models::Models;
use crate::precision::Precision;
use crate::rows::row::{number, text};
use crate::waiting::Waiting;

/// Holds a row that was read.
#[derive(Clone, Debug)]
pub struct Sample<'r> {
    /// What it deploys: of stages behind each other, one's share of the requests.
    pub deployment: Deployment<'r>,
    /// Pipeline stages.
    pub stages: f64,
    /// How many requests are in flight, of which the deployment has those that are served at once.
    pub waiting: Waiting,
    /// Whether the row states how many requests are in flight.
    pub is_load_stated: bool,
    /// What the row leaves out and is taken to be usual, in words.
    pub assumed: Vec<String>,
}

/// What is usual where a row says nothing: tokens of a request and of an answer, requests in flight
/// on one replica, the engine.
const USUAL_TOKENS: f64 = 1024.0;
const USUAL_FLIGHT: f64 = 32.0;
const USUAL_ENGINE: &str = "vllm";

/// Says why a row is no deployment.
#[derive(Debug, thiserror::Error)]
pub enum SampleFault {
    /// A column without which nothing can be said is missing.
    #[error("the row has no `{0}`; name the model and the accelerator, the rest may be usual")]
    Missing(&'static str),
    /// Its accelerator is not known.
    #[error(transparent)]
    Accelerator(#[from] crate::accelerators::UnknownAccelerator),
    /// Its model is not known.
    #[error(transparent)]
    Model(#[from] crate::models::UnknownModel),
    /// A number is out of all proportion.
    #[error("`{field}` is {value}, which no deployment has; correct it")]
    Size {
        /// The column.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// It has more pipeline stages than the model has layers.
    #[error("{stages} pipeline stages are more than the model's {layers} layers")]
    Stages {
        /// The stages.
        stages: f64,
        /// The layers.
        layers: f64,
    },
}

/// Most of anything that a row counts; beyond it stands a slip.
const MOST: f64 = 1e9;
/// The columns that count.
const COUNTS: [&str; 23] = [
    "isl",
    "osl",
    "concurrency",
    "batch_size",
    "tp_size",
    "pp_size",
    "attention_dp_size",
    "moe_tp_size",
    "moe_ep_size",
    "prefill_tp_size",
    "prefill_pp_size",
    "prefill_attention_dp_size",
    "prefill_moe_tp_size",
    "prefill_moe_ep_size",
    "prefill_batch_size",
    "prefill_num_workers",
    "decode_tp_size",
    "decode_pp_size",
    "decode_attention_dp_size",
    "decode_moe_tp_size",
    "decode_moe_ep_size",
    "decode_batch_size",
    "decode_num_workers",
];

/// Parallelism of attention beyond which one cache for all heads is not repeated but divided by
/// requests.
const MOST_REPEATED: f64 = 8.0;
/// Requests in flight from which a pool with experts divides attention by requests.
const MANY: f64 = 128.0;
/// The share of memory that weights can take.
const FOR_WEIGHTS: f64 = 0.85;

/// Takes what a row states, or what is usual, and notes that.
fn or_usual(stated: Option<f64>, usual: f64, what: &str, assumed: &mut Vec<String>) -> f64 {
    stated.filter(|value| *value > 0.0).unwrap_or_else(|| {
        assumed.push(format!("{usual} {what}"));
        usual
    })
}

/// Reads a row.
///
/// # Errors
/// Fails when a column is missing, names what is not known, or counts what nothing has.
pub fn read<'r>(
    id: &str,
    row: &'r Map<String, Value>,
    models: &'r Models,
    accelerators: &'r Accelerators,
) -> Result<Sample<'r>, SampleFault> {
    let name = text(row, "model_path").ok_or(SampleFault::Missing("model_path"))?;
    let model = models.find(name)?;
    let system = text(row, "system").ok_or(SampleFault::Missing("system"))?;
    let accelerator = accelerators.find(system)?;
    let mut assumed = unread(row)?;
    let precision = precision(row, name, &mut assumed);
    let stated = stated_concurrency(id, row);
    let is_apart = is_apart(row, &mut assumed);
    let (serving, concurrency) = if is_apart {
        let memory = accelerator.memory().get() * FOR_WEIGHTS;
        let least = (model.parameters() * precision.weight_bytes() / memory).max(1.0);
        apart(row, model, stated, least.log2().ceil().exp2())
    } else {
        together(row, model, stated)
    };
    let stages = stages(row, model)?;
    if stated.is_none() && concurrency.is_some() {
        // A batch says how many requests an engine would take, not how many were sent.
        assumed.push("as many requests in flight as batches hold".to_owned());
    }
    let mut usual = |stated, usual, what| or_usual(stated, usual, what, &mut assumed);
    let concurrency = usual(concurrency, USUAL_FLIGHT, "requests in flight");
    let input = usual(number(row, "isl"), USUAL_TOKENS, "input tokens");
    let output = usual(number(row, "osl"), USUAL_TOKENS, "output tokens");
    let engine = text(row, "backend").map_or_else(
        || {
            assumed.push(format!("the engine {USUAL_ENGINE}"));
            USUAL_ENGINE
        },
        engine,
    );
    let in_flight = Deployment {
        model,
        accelerator,
        engine,
        version: text(row, "backend_version"),
        precision,
        serving,
        // Stages share a batch among them.
        concurrency: (concurrency / stages).max(1.0),
        input,
        output,
        cached: 0.0,
        speculation: None,
    };
    // Of a load that nobody states, or what stages hold, it is not known whether any wait.
    let waiting = if stages <= 1.0 && stated.is_some() {
        Waiting::of(&in_flight)
    } else {
        Waiting::none(in_flight.concurrency)
    };
    Ok(Sample {
        deployment: Deployment {
            concurrency: waiting.served(),
            ..in_flight
        },
        stages,
        waiting,
        is_load_stated: stated.is_some(),
        assumed,
    })
}

/// Notes what stands in a column that counts and is no number above zero: it is taken as absent.
fn unread(row: &Map<String, Value>) -> Result<Vec<String>, SampleFault> {
    let mut notes = Vec::new();
    for field in COUNTS {
        match number(row, field) {
            Some(value) if value > MOST => return Err(SampleFault::Size { field, value }),
            // A zero is how samples write that there is none.
            Some(value) if value >= 0.0 => {}
            _ => notes.extend(shown(row, field).map(|said| format!("nothing for {field} {said}"))),
        }
    }
    Ok(notes)
}

fn shown(row: &Map<String, Value>, field: &str) -> Option<String> {
    match row.get(field)? {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(format!("`{}`", text.trim())),
        other => Some(format!("`{other}`")),
    }
}

/// Tells an engine's name as coefficients have it, however it is written.
fn engine(said: &str) -> &str {
    let plain = said.to_lowercase().replace(['-', '_', ' '], "");
    let known = [
        ("trt", "trtllm"),
        ("tensorrt", "trtllm"),
        ("vllm", "vllm"),
        ("sglang", "sglang"),
    ];
    let found = known.iter().find(|(mark, _)| plain.contains(mark));
    found.map_or(said, |(_, name)| name)
}

/// Says whether pools of their own prefill: by the mode, or by columns where it is not told.
fn is_apart(row: &Map<String, Value>, assumed: &mut Vec<String>) -> bool {
    let told = |field: &str| number(row, field).is_some_and(|count| count > 0.0);
    let has_pools = || told("decode_tp_size") && !told("tp_size");
    let Some(mode) = text(row, "mode") else {
        return has_pools();
    };
    let plain = mode.to_lowercase();
    if plain.starts_with("disagg") {
        return true;
    }
    let is_together = plain.starts_with("agg") || plain == "ifb" || plain == "static";
    if !is_together {
        assumed.push(format!("the usual way of serving for `{mode}`"));
        return has_pools();
    }
    false
}

fn stages(row: &Map<String, Value>, model: &Model) -> Result<f64, SampleFault> {
    let degree = |field: &str| number(row, field).unwrap_or(1.0).max(1.0);
    let stages = degree("pp_size").max(degree("decode_pp_size"));
    let layers = model.sums().layers;
    if stages > layers {
        return Err(SampleFault::Stages { stages, layers });
    }
    Ok(stages)
}

fn precision(row: &Map<String, Value>, name: &str, assumed: &mut Vec<String>) -> Precision {
    let said = text(row, "precision");
    if let Some(read) = said.and_then(Precision::read) {
        return read;
    }
    // Where the column is empty the model's name says how it was packed, or nothing: as published.
    let name = name.to_uppercase();
    let named = match (name.contains("FP8"), name.contains("FP4")) {
        (true, _) => Precision::Fp8,
        (_, true) => Precision::Fp4,
        _ => Precision::Bf16,
    };
    if let Some(said) = shown(row, "precision") {
        assumed.push(format!("{} for {said}", named.name()));
    }
    named
}

/// Tells the requests in flight, which the samples state in the source column and in the id.
fn stated_concurrency(id: &str, row: &Map<String, Value>) -> Option<f64> {
    let source = text(row, "silicon_data_source").unwrap_or_default();
    let digits = |text: &str| {
        let end = text
            .find(|one: char| !one.is_ascii_digit())
            .unwrap_or(text.len());
        text[..end].parse::<f64>().ok().filter(|value| *value > 0.0)
    };
    let (_, behind) = source.split_once("silicon_concurrency=").unzip();
    let in_id = || {
        id.match_indices("_c")
            .find_map(|(at, mark)| digits(&id[at + mark.len()..]))
    };
    number(row, "concurrency")
        .or_else(|| behind.and_then(digits))
        .or_else(in_id)
}

/// Cleans up how sources state a layout. Some multiply tensor and expert parallelism of the same
/// accelerators; some count an expert group over both; a zero or an empty cell is one.
fn layout(row: &Map<String, Value>, before: &str, model: &Model) -> Layout {
    let degree = |field: &str| {
        let value = number(row, &format!("{before}{field}")).unwrap_or(1.0);
        if value > 0.0 { value } else { 1.0 }
    };
    let (tensor, mut data) = (degree("tp_size"), degree("attention_dp_size"));
    let (moe_tensor, expert) = (degree("moe_tp_size"), degree("moe_ep_size"));
    if !model.has_experts() {
        return Layout {
            tensor,
            data,
            expert: 1.0,
        };
    }
    let (attention, feed) = (tensor * data, moe_tensor * expert);
    if moe_tensor == expert && expert > 1.0 && attention == feed {
        let is_split = data > 1.0;
        return Layout {
            tensor: if is_split { 1.0 } else { expert },
            data: if is_split { expert } else { 1.0 },
            expert,
        };
    }
    if tensor == data && tensor > 1.0 && attention == feed {
        return Layout {
            tensor: 1.0,
            data,
            expert: data,
        };
    }
    if feed > attention {
        data = feed / tensor;
    }
    Layout {
        tensor,
        data,
        expert: expert.min(tensor * data),
    }
}

/// Divides a cache that serves all heads by requests, where a source states tensor parallelism
/// beyond what engines repeat it over.
fn spread(layout: Layout, model: &Model) -> Layout {
    if model.shares_cache() && layout.tensor > MOST_REPEATED {
        return by_requests(layout);
    }
    layout
}

fn by_requests(layout: Layout) -> Layout {
    let all = layout.accelerators();
    Layout {
        tensor: 1.0,
        data: all,
        expert: all,
    }
}

fn together(
    row: &Map<String, Value>,
    model: &Model,
    stated: Option<f64>,
) -> (Serving, Option<f64>) {
    let stated_degree = number(row, "attention_dp_size");
    let each = number(row, "batch_size").map(|batch| batch * stated_degree.unwrap_or(1.0).max(1.0));
    let concurrency = match (each, stated) {
        (Some(each), Some(stated)) => Some(each.min(stated)),
        (each, stated) => each.or(stated),
    };
    let mut layout = layout(row, "", model);
    let is_more = stated
        .zip(concurrency)
        .is_some_and(|(stated, each)| stated > 1.5 * each);
    if model.has_experts() && stated_degree.is_none() && layout.expert > 1.0 && is_more {
        // The batch is that of one rank, and data parallelism is not stated.
        layout = by_requests(layout);
        return (Serving::Together(layout), stated);
    }
    (Serving::Together(spread(layout, model)), concurrency)
}

fn apart(
    row: &Map<String, Value>,
    model: &Model,
    stated: Option<f64>,
    least: f64,
) -> (Serving, Option<f64>) {
    let told = |field: &str| number(row, field).filter(|count| *count > 0.0);
    let (mut prefill, mut decode) = (
        layout(row, "prefill_", model),
        layout(row, "decode_", model),
    );
    let workers = told("decode_num_workers");
    let batch = told("decode_batch_size");
    let counted = batch.map(|batch| batch * decode.data * workers.unwrap_or(1.0));
    let concurrency = stated.or(counted);
    // One number beyond a worker's size is that of both pools together.
    let is_sum = workers.is_none() && decode.tensor == prefill.tensor && decode.tensor > 8.0;
    if prefill.accelerators() < least {
        prefill = Layout {
            tensor: least,
            expert: least,
            data: 1.0,
        };
    }
    if decode.accelerators() < least {
        // Decoding workers are made larger than the least, to leave memory for caches.
        decode = Layout {
            tensor: 2.0 * least,
            expert: least,
            data: 1.0,
        };
    }
    decode = spread(decode, model);
    let is_many = model.shares_cache()
        && workers.is_none()
        && concurrency.is_some_and(|in_flight| in_flight >= MANY);
    if is_many && decode.tensor > 1.0 && decode.expert > 1.0 {
        decode = by_requests(decode);
    }
    let decode = Pool {
        layout: decode,
        workers: workers.or(is_sum.then_some(1.0)),
    };
    let layout = spread(prefill, model);
    let prefill = Pool {
        layout,
        workers: told("prefill_num_workers"),
    };
    (Serving::Apart { prefill, decode }, concurrency)
}
