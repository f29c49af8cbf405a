//! A training run as a bill: work, hours, energy, money, memory by stage of sharding, and the loss
//! that laws of scaling promise, which disagree. It must not map a loss to a quality.

use serde::Serialize;

use crate::accelerators::Accelerator;
use crate::assumptions::{AssumptionFault, Assumptions};
use crate::layouts::Ranged;
use crate::memory::{Sharding, USABLE, activations_selective, states};
use crate::model::Model;
use crate::precision::Precision;
use crate::scaling::{CHINCHILLA, EPOCH, KAPLAN, Law};
use crate::training::{HOURS_SPREAD, hours, work, work_of_teaching, work_of_token};
use crate::units::Flops;

/// Names the assumptions that a plan of training rests on.
pub const TRAINING_KEYS: [&str; 10] = [
    "gpu_hour",
    "mfu",
    "goodput",
    "sequence",
    "micro_batch",
    "train_days",
    "node_power",
    "pue",
    "plausible_usd",
    "plausible_days",
];

const DAY_HOURS: f64 = 24.0;
const GB: f64 = 1e9;
/// By how much a model grows when it is asked what growth buys.
const GROWTH: f64 = 10.0;

/// Describes a run.
#[derive(Clone, Copy, Debug)]
pub struct Run<'f> {
    /// The model.
    pub model: &'f Model,
    /// Tokens that it sees.
    pub tokens: f64,
    /// The accelerator.
    pub part: &'f Accelerator,
    /// How many of them; none for as many as an assumed time takes.
    pub count: Option<f64>,
    /// The format in which products are computed.
    pub precision: Precision,
    /// Accelerators among which one copy of the model is divided; none for the fewest that do.
    pub divided: Option<f64>,
    /// Models on whose outputs it is trained.
    pub teachers: &'f [Model],
    /// The format in which their forward passes are computed.
    pub teacher_precision: Precision,
    /// What is assumed.
    pub assumptions: &'f Assumptions,
}

/// Holds what a run takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bill {
    /// `6·N·D` operations, attention left out.
    pub flop: f64,
    /// Operations of attention beside them.
    pub attention_flop: f64,
    /// Operations of the teachers' forward passes.
    pub teacher_flop: f64,
    /// Accelerators.
    pub accelerators: f64,
    /// Hours of all of them together.
    pub accelerator_hours: Ranged,
    /// Days.
    pub days: Ranged,
    /// Energy with nodes and building, in MWh.
    pub energy_mwh: Ranged,
    /// Rent, in USD.
    pub usd: Ranged,
    /// Whether a run of this bill is plausible.
    pub is_plausible: bool,
    /// Why it is not.
    pub why: Vec<String>,
    /// Accelerators among which one copy of the model is divided.
    pub divided: f64,
    /// Memory of one accelerator by stage of sharding.
    pub memory: Vec<Stage>,
    /// What laws of scaling say.
    pub loss: Loss,
}

/// Holds the memory of one accelerator under a stage of sharding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// The stage: 0 to 3.
    pub zero: u8,
    /// Weights, gradients and optimiser, in GB.
    pub states_gb: f64,
    /// Activations with attention recomputed, in GB.
    pub activations_gb: f64,
    /// What may be taken, in GB.
    pub usable_gb: f64,
    /// Whether both fit.
    pub fits: bool,
}

/// Holds losses by several laws side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Loss {
    /// By law and by what counts as parameters.
    pub by_law: Vec<OfLaw>,
    /// The greatest less the least of the laws of the form `E + A/N^α + B/D^β`, for one count of
    /// parameters.
    pub disagreement: f64,
    /// What ten times the parameters buys, the greatest of those laws' gains.
    pub gain_of_tenfold: f64,
    /// What that means.
    pub reading: String,
}

/// Holds what one law says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfLaw {
    /// Its name.
    pub law: &'static str,
    /// Which parameters are counted.
    pub counted: &'static str,
    /// How many that is.
    pub parameters: f64,
    /// Its loss for the run, in nats a token.
    pub loss: f64,
    /// Its loss with ten times the parameters on the same tokens, at ten times the work.
    pub tenfold: f64,
    /// Its loss with ten times the parameters and tokens, at a hundred times the work.
    pub tenfold_both: f64,
    /// Parameters and tokens of least loss for the run's work; none where the law has no such form.
    pub optimal: Option<(f64, f64)>,
}

/// Works out the bill of a run.
///
/// # Errors
/// Fails when an assumption that it rests on is not known.
pub fn bill(run: &Run<'_>) -> Result<Bill, AssumptionFault> {
    let value = |key: &str| run.assumptions.value(key, run.part);
    let active = run.model.active_parameters();
    let flop = work(active, run.tokens).get();
    let length = value("sequence")?;
    let all = work_of_token(run.model, length).get() * run.tokens;
    let taught = work_of_teaching(run.teachers, length, run.tokens);
    let share = value("mfu")? * value("goodput")?;
    let hours = hours(Flops::new(all), run.part, run.precision, share)
        + hours(taught, run.part, run.teacher_precision, share);
    let whole = || -> Result<f64, AssumptionFault> {
        Ok((hours / DAY_HOURS / value("train_days")?).ceil().max(1.0))
    };
    let count = run.count.map_or_else(whole, Ok)?;
    let kilowatts = run.part.watts * value("node_power")? * value("pue")? / 1e3;
    let usd = hours * value("gpu_hour")?;
    let days = hours / count / DAY_HOURS;
    let (divided, memory) = divide(run, count, length, value("micro_batch")?);
    let mut why = implausible(usd, days, value("plausible_usd")?, value("plausible_days")?);
    if !memory.iter().any(|stage| stage.fits) {
        why.push(format!(
            "in no stage of sharding do states and activations fit {count:.0} accelerators of \
             {:.0} GB",
            run.part.memory().get() / GB
        ));
    }
    Ok(Bill {
        flop,
        attention_flop: (all - flop).max(0.0),
        teacher_flop: taught.get(),
        accelerators: count,
        accelerator_hours: spread(hours),
        days: spread(days),
        energy_mwh: spread(hours * kilowatts / 1e3),
        usd: spread(usd),
        is_plausible: why.is_empty(),
        why,
        divided,
        memory,
        loss: loss(run.model, run.tokens),
    })
}

fn spread(value: f64) -> Ranged {
    let (low, high) = HOURS_SPREAD;
    Ranged {
        value,
        low: value * low,
        high: value * high,
    }
}

fn implausible(usd: f64, days: f64, most_usd: f64, most_days: f64) -> Vec<String> {
    let mut why = Vec::new();
    if usd > most_usd {
        let (usd, most) = (usd / 1e9, most_usd / 1e9);
        why.push(format!(
            "it costs {usd:.2} billion USD, and {most:.2} are taken for the most"
        ));
    }
    if days > most_days {
        why.push(format!(
            "it takes {days:.0} days, and {most_days:.0} are taken for the most"
        ));
    }
    why
}

/// Divides one copy of the model among as few accelerators, a power of two, as hold it with fully
/// sharded states, else among all.
fn divide(run: &Run<'_>, count: f64, length: f64, batch: f64) -> (f64, Vec<Stage>) {
    let degrees = (0..).map(|power| f64::from(1_u32 << power)).take(24);
    let degrees = degrees.take_while(|degree| *degree <= count);
    let tried = run
        .divided
        .map_or_else(|| degrees.collect(), |degree| vec![degree]);
    let mut last = (1.0, Vec::new());
    for degree in tried {
        let stages = stages(run, count, degree, (length, batch));
        let fits = stages.iter().any(|stage| stage.fits);
        last = (degree, stages);
        if fits {
            break;
        }
    }
    last
}

fn stages(run: &Run<'_>, count: f64, degree: f64, (length, batch): (f64, f64)) -> Vec<Stage> {
    let ranks = (count / degree).max(1.0);
    let parameters = run.model.parameters() / degree;
    let usable = run.part.memory().get() * USABLE / GB;
    // Beyond a fast domain a model is divided by layers, whose micro-batches in flight make up for
    // the layers that are elsewhere; only division within the domain takes from activations.
    let tensor = degree.min(f64::from(run.part.domain));
    let layer = activations_selective(length, batch, run.model.hidden, tensor).get();
    let activations = layer * run.model.sums().layers / GB;
    let kinds = [
        Sharding::None,
        Sharding::Optimiser,
        Sharding::Gradients,
        Sharding::Parameters,
    ];
    let rows = kinds.into_iter().zip(0..).map(|(sharding, zero)| {
        let states = states(parameters, ranks, sharding).get() / GB;
        Stage {
            zero,
            states_gb: states,
            activations_gb: activations,
            usable_gb: usable,
            fits: states + activations <= usable,
        }
    });
    rows.collect()
}

/// Compares what laws of scaling say of a model on so many tokens.
#[must_use]
pub fn loss(model: &Model, tokens: f64) -> Loss {
    let active = model.active_parameters();
    let mean = (active * model.parameters()).sqrt();
    let counts = if model.has_experts() {
        vec![("active", active), ("√(active · all)", mean)]
    } else {
        vec![("all", active)]
    };
    let laws = [
        ("Chinchilla 2022", CHINCHILLA),
        ("Epoch AI 2024, the replication", EPOCH),
    ];
    let mut by_law = Vec::new();
    for (counted, parameters) in counts {
        by_law.extend(laws.map(|(name, law)| of_law(name, &law, counted, parameters, tokens)));
        by_law.push(of_kaplan(counted, parameters, tokens));
    }
    let comparable = || by_law.iter().filter(|one| one.optimal.is_some());
    let first = comparable().next().map_or("", |one| one.counted);
    let losses = || {
        comparable()
            .filter(|one| one.counted == first)
            .map(|one| one.loss)
    };
    let most = losses().fold(f64::NEG_INFINITY, f64::max);
    let disagreement = most - losses().fold(f64::INFINITY, f64::min);
    let gains = comparable().map(|one| one.loss - one.tenfold);
    let gain = gains.fold(0.0, f64::max);
    let reading = if disagreement > gain {
        format!(
            "the laws differ by {disagreement:.3}, more than the {gain:.3} that ten times the \
             parameters buy: no choice between the two sizes rests on them"
        )
    } else {
        format!(
            "the laws differ by {disagreement:.3}; ten times the parameters buy at most {gain:.3}"
        )
    };
    Loss {
        by_law,
        disagreement,
        gain_of_tenfold: gain,
        reading,
    }
}

fn of_law(
    name: &'static str,
    law: &Law,
    counted: &'static str,
    parameters: f64,
    tokens: f64,
) -> OfLaw {
    OfLaw {
        law: name,
        counted,
        parameters,
        loss: law.loss(parameters, tokens),
        tenfold: law.loss(parameters * GROWTH, tokens),
        tenfold_both: law.loss(parameters * GROWTH, tokens * GROWTH),
        optimal: Some(law.optimal(work(parameters, tokens).get())),
    }
}

/// Kaplan's law is of another form, tokenizer and text, and stands for itself.
fn of_kaplan(counted: &'static str, parameters: f64, tokens: f64) -> OfLaw {
    OfLaw {
        law: "Kaplan 2020",
        counted,
        parameters,
        loss: KAPLAN.loss(parameters, tokens),
        tenfold: KAPLAN.loss(parameters * GROWTH, tokens),
        tenfold_both: KAPLAN.loss(parameters * GROWTH, tokens * GROWTH),
        optimal: None,
    }
}

#[cfg(test)]
mod tests;
