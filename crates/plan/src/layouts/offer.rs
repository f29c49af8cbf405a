//! What a unit costs at a load: how many of them, times, power and money, with their intervals. It
//! must not choose among units.

use serde::Serialize;

use crate::intervals::Reach;
use crate::layouts::question::{Aim, Load, Terms, Traffic};
use crate::layouts::unit::{Ready, Times, Unit};
use crate::serving::Bounded;
use crate::step::STEP_PARTS;

const HOUR: f64 = 3600.0;
const MILLION: f64 = 1e6;
const GB: f64 = 1e9;

/// Holds a number and between which others it lies with four fifths' certainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ranged {
    /// The estimate.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Holds the money of a million tokens in USD, reserved and active.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PerMillion {
    /// With all reserved accelerators over all reserved hours, idle ones included.
    pub reserved: Ranged,
    /// With those in use, while the load is there.
    pub active: Ranged,
}

/// Holds the counts and the cost of a unit at the load that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Costed {
    /// Units.
    pub units: f64,
    /// Requests in flight in one.
    pub flight: f64,
    /// Requests a second of all.
    pub rate: f64,
    /// Accelerators in use.
    pub used: f64,
    /// Accelerators of whole nodes.
    pub reserved: f64,
    /// Times at that load.
    pub times: Times,
    /// USD of a request, idle hours and accelerators included.
    pub usd_reserved: f64,
    /// USD of a request while the load is there.
    pub usd_active: f64,
}

/// Shows what stands in the memory of one accelerator, in GB.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MemoryShown {
    /// Weights.
    pub weights_gb: f64,
    /// Caches at the load.
    pub caches_gb: f64,
    /// What weights and caches may take.
    pub usable_gb: f64,
    /// What there is.
    pub all_gb: f64,
    /// Sequences of a unit for which there is room.
    pub most_sequences: f64,
}

/// Holds one part of the time of an output token.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Part {
    /// Its name.
    pub part: &'static str,
    /// Milliseconds.
    pub ms: f64,
}

/// Describes a layout at a load with what it costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offer {
    /// The accelerator.
    pub accelerator: String,
    /// The engine.
    pub engine: String,
    /// The format of the weights.
    pub precision: &'static str,
    /// `together` or `apart`.
    pub serving: &'static str,
    /// The layout of a unit.
    pub layout: String,
    /// Units.
    pub units: f64,
    /// Accelerators of one.
    pub accelerators_each: f64,
    /// Accelerators in use.
    pub accelerators: f64,
    /// Nodes that are reserved.
    pub nodes: f64,
    /// Their accelerators.
    pub reserved_accelerators: f64,
    /// Requests in flight in one unit.
    pub in_flight_each: f64,
    /// Requests a second of all.
    pub requests_per_second: f64,
    /// Time to the first token.
    pub ttft_ms: Ranged,
    /// Time of a token after it.
    pub tpot_ms: Ranged,
    /// Output tokens a second of all.
    pub output_tokens_per_second: Ranged,
    /// Output tokens a second of one accelerator.
    pub output_tokens_per_second_each: Ranged,
    /// Power of all reserved accelerators with their nodes and the building, in kW.
    pub power_kw: f64,
    /// Money of a million input tokens.
    pub usd_per_million_input: PerMillion,
    /// Money of a million output tokens.
    pub usd_per_million_output: PerMillion,
    /// Whether the aim holds at the upper ends of the intervals, too.
    pub is_sure: bool,
    /// How far the estimate reaches beyond what was measured.
    pub reach: Reach,
    /// Measured points that the interval of `tpot_ms` rests on.
    pub rows: usize,
    /// The memory of an accelerator that decodes.
    pub memory: MemoryShown,
    /// The time of an output token in parts.
    pub step_parts: Vec<Part>,
    /// What it is made of.
    #[serde(skip)]
    pub unit: Unit,
}

/// Works out how many units a load takes and what they cost; none where a unit takes no request
/// within the aim.
#[must_use]
pub fn costed(ready: &Ready<'_>, traffic: Traffic, aim: Aim, terms: &Terms) -> Option<Costed> {
    let most = ready.most(aim)?;
    let each = ready.unit.accelerators();
    let (units, flight, rate_each) = match traffic.load {
        Load::Full => ((terms.node / each).floor().max(1.0), most, ready.rate(most)),
        Load::Flight(flight) => {
            let units = cheapest_count(ready, flight, most, terms);
            let flight = flight / units;
            (units, flight, ready.rate(flight))
        }
        Load::Rate(rate) => {
            let most = ready.most_mean(aim)?;
            let units = (rate / ready.rate(most)).ceil().max(1.0);
            let rate = rate / units;
            (units, ready.flight_for(rate, most), rate)
        }
    };
    let (used, rate) = (units * each, units * rate_each);
    let reserved = (used / terms.node).ceil() * terms.node;
    let per_request = |accelerators: f64| accelerators * terms.gpu_hour / HOUR / rate;
    Some(Costed {
        units,
        flight,
        rate,
        used,
        reserved,
        times: ready.times(flight),
        usd_reserved: per_request(reserved) / terms.busy,
        usd_active: per_request(used),
    })
}

/// Nodes beyond the fewest that are tried, to fill them evenly with units.
const MORE_NODES: u32 = 8;

/// Finds how many units serve so many requests in flight for the least money: at least as many as
/// they need, and as fill whole nodes, which would idle in part otherwise.
fn cheapest_count(ready: &Ready<'_>, flight: f64, most: f64, terms: &Terms) -> f64 {
    let each = ready.unit.accelerators();
    let fewest = (flight / most).ceil().max(1.0);
    let nodes = (fewest * each / terms.node).ceil();
    let filling = (0..=MORE_NODES).map(|more| {
        let filling = ((nodes + f64::from(more)) * terms.node / each).floor();
        // A unit has at least one request.
        filling.min(flight.floor()).max(fewest)
    });
    let reserved = |units: f64| {
        let accelerators = (units * each / terms.node).ceil() * terms.node;
        accelerators / (units * ready.rate(flight / units))
    };
    let costs = filling.map(|units| (units, reserved(units)));
    let best = costs.min_by(|(_, one), (_, other)| one.total_cmp(other));
    best.map_or(fewest, |(units, _)| units)
}

/// Tells what a request costs at least in a unit, idle hours included, in USD: no load has a higher
/// rate than the unit's bound, and no plan reserves less than what it uses.
#[must_use]
pub fn least(ready: &Ready<'_>, traffic: Traffic, terms: &Terms) -> f64 {
    let rate = match traffic.load {
        Load::Full => ready.rate_bound(f64::INFINITY),
        Load::Flight(flight) => ready.rate_bound(flight),
        // However fast a unit is, no more comes out than comes in.
        Load::Rate(rate) => ready.rate_bound(f64::INFINITY).min(rate),
    };
    ready.unit.accelerators() * terms.gpu_hour / HOUR / rate / terms.busy
}

/// Holds by which factors the time of a request may be shorter or longer.
#[derive(Clone, Copy)]
struct Ends {
    short: f64,
    long: f64,
}

impl Ends {
    fn of(times: &Times, output: f64) -> Self {
        let round = times.round(output).get();
        let (fast, slow) = times.round_interval(output);
        Self {
            short: fast.get() / round,
            long: slow.get() / round,
        }
    }

    /// Ranges what grows with the time of a request, as money does.
    fn longer(self, value: f64) -> Ranged {
        Ranged {
            value,
            low: value * self.short,
            high: value * self.long,
        }
    }

    /// Ranges what falls with it, as throughput does.
    fn faster(self, value: f64) -> Ranged {
        Ranged {
            value,
            low: value / self.long,
            high: value / self.short,
        }
    }
}

/// Describes a costed unit.
#[must_use]
pub fn offer(
    ready: &Ready<'_>,
    found: &Costed,
    traffic: Traffic,
    aim: Aim,
    terms: &Terms,
) -> Offer {
    let of = ready.at(found.flight);
    let (used, reserved, times) = (found.used, found.reserved, found.times);
    let ends = Ends::of(&times, traffic.output);
    let throughput = |value: f64| match traffic.load {
        // What comes in at a rate goes out at it; what is not certain is what that takes.
        Load::Rate(_) => Ranged {
            value,
            low: value,
            high: value,
        },
        Load::Full | Load::Flight(_) => ends.faster(value),
    };
    let prefill = prefill_share(ready, found.flight);
    let per_million = |share: f64, tokens: f64| {
        let usd = |request: f64| ends.longer(request * share / tokens * MILLION);
        PerMillion {
            reserved: usd(found.usd_reserved),
            active: usd(found.usd_active),
        }
    };
    Offer {
        accelerator: of.accelerator.name.clone(),
        engine: of.engine.to_owned(),
        precision: of.precision.name(),
        serving: match ready.unit {
            Unit::Together(_) => "together",
            Unit::Apart { .. } => "apart",
        },
        layout: ready.unit.name(),
        units: found.units,
        accelerators_each: ready.unit.accelerators(),
        accelerators: used,
        nodes: reserved / terms.node,
        reserved_accelerators: reserved,
        in_flight_each: found.flight,
        requests_per_second: found.rate,
        ttft_ms: shown(times.first),
        tpot_ms: shown(times.step),
        output_tokens_per_second: throughput(found.rate * traffic.output),
        output_tokens_per_second_each: throughput(found.rate * traffic.output / used),
        power_kw: reserved * of.accelerator.watts * terms.power / 1e3,
        usd_per_million_input: per_million(prefill, traffic.input),
        usd_per_million_output: per_million(1.0 - prefill, traffic.output),
        is_sure: times.is_surely_within(aim),
        reach: ready.reach(),
        rows: times.step.rows,
        memory: memory(ready, found.flight),
        step_parts: parts(ready, found.flight),
        unit: ready.unit,
    }
}

fn memory(ready: &Ready<'_>, flight: f64) -> MemoryShown {
    let (shape, workers) = ready.unit.decoding();
    let caches = flight / workers / shape.layout.data * ready.room.each.get();
    MemoryShown {
        weights_gb: ready.room.weights.get() / GB,
        caches_gb: caches / GB,
        usable_gb: ready.room.usable.get() / GB,
        all_gb: ready.at(flight).accelerator.memory().get() / GB,
        most_sequences: ready.limit(),
    }
}

fn parts(ready: &Ready<'_>, flight: f64) -> Vec<Part> {
    let parts = STEP_PARTS.iter().zip(ready.parts(flight));
    let shown = parts.map(|(part, time)| Part {
        part,
        ms: time * 1e3,
    });
    shown.collect()
}

/// Tells the share of a request's accelerator time that its input takes: by parts of the step where
/// prefill and decode share accelerators, else by accelerators.
fn prefill_share(ready: &Ready<'_>, flight: f64) -> f64 {
    match ready.unit {
        Unit::Apart { .. } => ready.unit.prefilling() / ready.unit.accelerators(),
        Unit::Together(_) => {
            let parts = ready.parts(flight);
            let sum: f64 = parts.iter().sum();
            let place = STEP_PARTS.iter().position(|part| *part == "prefill");
            let prefill = place.and_then(|place| parts.get(place)).copied();
            prefill.unwrap_or_default() / sum
        }
    }
}

fn shown(bounded: Bounded) -> Ranged {
    let (low, high) = bounded.interval;
    Ranged {
        value: bounded.time.ms(),
        low: low.ms(),
        high: high.ms(),
    }
}
