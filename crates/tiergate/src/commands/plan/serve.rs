//! `tiergate plan serve`: which accelerators and layouts serve a model, how fast, and for what
//! money. It must not compute: `plan::layouts` does.

use clap::{Args, ValueEnum};
use plan::accelerators::Accelerator;
use plan::assumptions::Assumption;
use plan::layouts::{
    Aim, Found, Load, POWER_KEYS, Pools, Question, SERVING_KEYS, Shape, Traffic, search,
};
use plan::model::Model;
use plan::precision::Precision;
use plan::serving::Estimator;
use plan::units::Seconds;
use serde_json::{Value, json};

use super::fitted::FittedAsked;
use super::model::{Chosen, Named};
use super::shown::{number, ranged};
use super::terms::{self, Terms};
use super::written::{self, EmitTo, Shown};
use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;

/// What is to be served, on what, and how well.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Asked {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    terms: terms::TermsAsked,
    #[command(flatten)]
    load: LoadAsked,
    #[command(flatten)]
    fitted: FittedAsked,
    #[command(flatten)]
    written: written::WrittenAsked,
    /// Only this engine
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// Only these formats of the weights: bf16, fp8, fp4 [default: all, or the model's only one]
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', value_parser = terms::precision)]
    precision: Vec<Precision>,
    /// Only layouts that prefill and decode together, or apart
    #[arg(long, value_enum)]
    pools: Option<PoolsAsked>,
    /// Only this layout of a replica, such as tp8, tp8,pp2 or tp1,dp16,ep16
    #[arg(long, value_name = "DEGREES", value_parser = shape)]
    layout: Option<Shape>,
    /// How many layouts are listed
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    top: u16,
}

/// What comes in, and how late it may be answered.
#[derive(Args)]
struct LoadAsked {
    /// Tokens of a request
    #[arg(long, default_value_t = 1024.0, value_parser = positive)]
    isl: f64,
    /// Tokens of an answer
    #[arg(long, default_value_t = 1024.0, value_parser = positive)]
    osl: f64,
    /// The share of a request that a prefix cache already holds, from 0 to 1
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    cached: f64,
    /// Requests in flight at any time, of all replicas [default: as many as whole nodes carry]
    #[arg(long, value_parser = at_least_one, conflicts_with = "rate")]
    concurrency: Option<f64>,
    /// Requests a second, of all replicas
    #[arg(long, value_parser = positive)]
    rate: Option<f64>,
    /// The longest time to a first token, such as 2s or 500ms [default: however long]
    #[arg(long, value_name = "TIME", value_parser = time)]
    ttft: Option<Seconds>,
    /// The longest time of a token after it, such as 50ms [default: however long]
    #[arg(long, value_name = "TIME", value_parser = time)]
    tpot: Option<Seconds>,
}

const EXAMPLES: &str = "Examples:
  tiergate plan serve DeepSeek-V3 --on h200,gb300 --rate 20 --ttft 2s --tpot 50ms
  tiergate plan serve --sketch \"10T, 0.8T active, 128 experts\" --precision fp8 --gpu-hour 3
  tiergate plan serve ./config.json --concurrency 256 --set busy=0.8 --json";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Vllm,
    Sglang,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PoolsAsked {
    Together,
    Apart,
}

fn positive(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if value.is_finite() && value > 0.0 && value <= 1e9 {
        return Ok(value);
    }
    Err(format!("`{text}` is not above 0 and at most 1e9"))
}

fn at_least_one(text: &str) -> Result<f64, String> {
    let value = positive(text)?;
    if value >= 1.0 {
        return Ok(value);
    }
    Err(format!(
        "`{text}` is below 1; say less than one at a time by --rate"
    ))
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(format!("`{text}` is no share from 0 to 1"))
}

/// Reads a time; a bare number is milliseconds.
fn time(text: &str) -> Result<Seconds, String> {
    let (digits, scale) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(digits), _) => (digits, 1e-3),
        (None, Some(digits)) => (digits, 1.0),
        (None, None) => (text, 1e-3),
    };
    Ok(Seconds::new(positive(digits.trim())? * scale))
}

fn shape(text: &str) -> Result<Shape, String> {
    Shape::read(text).map_err(|fault| fault.to_string())
}

/// Searches and tells.
///
/// # Errors
/// Fails when the model, an accelerator, an assumption or the layout cannot be had.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let chosen = asked.named.choose(common)?;
    let terms = asked.terms.terms()?;
    let parts = asked.terms.on(&terms)?;
    let estimator = asked.fitted.estimator()?;
    let precisions = precisions(asked, &chosen.model)?;
    let question = question(asked, &chosen.model, &precisions, (&parts, &terms));
    let found = found(&question, &estimator, usize::from(asked.top))?;
    let others = others(&question, &found, &terms, &estimator);
    let keys = [&SERVING_KEYS[..], &POWER_KEYS[1..]].concat();
    let rows = terms.assumptions.in_force(&keys, &parts);
    let notes = notes(asked, &question, &terms, &found, &others);
    let in_words = asked_for(&question);
    if let Some(path) = &asked.written.html {
        let shown = Shown {
            chosen: &chosen,
            asked: &in_words,
            parts: &parts,
            rows: &rows,
            notes: &notes,
            rests_on: &estimator.source,
        };
        written::html(path, &shown, &found)?;
    }
    if let Some(to) = asked.written.emit {
        let text = written::manifest(&asked.written, to, &question, &found)?;
        output::text(&text);
    } else if common.json {
        let mut shown = shown(&chosen, &question, &found, &rows);
        shown["notes"] = json!(notes);
        shown["would_do"] = json!(others);
        shown["rests_on"] = json!(estimator.source);
        output::json(&shown);
    } else {
        tell(&chosen, &question, &found);
        output::line("");
        terms::tell(&chosen, &parts, &rows);
        output::line(format!("times: {}", estimator.source));
        for note in &notes {
            output::line(note);
        }
    }
    Ok(if found.offers.is_empty() {
        Exit::No
    } else {
        Exit::Done
    })
}

/// Tells the formats to try: a model that is published in four bits alone has only those.
fn precisions(asked: &Asked, model: &Model) -> Result<Vec<Precision>, Fault> {
    let all = [Precision::Bf16, Precision::Fp8, Precision::Fp4];
    let Some(native) = model.native else {
        let is_any = asked.precision.is_empty();
        return Ok(if is_any {
            all.to_vec()
        } else {
            asked.precision.clone()
        });
    };
    if asked.precision.iter().any(|precision| *precision != native) {
        let name = &model.name;
        let what = format!("{name} is published in {} alone", native.name());
        return Err(Fault::new(what, "leave --precision out"));
    }
    Ok(vec![native])
}

fn question<'q>(
    asked: &'q Asked,
    model: &'q Model,
    precisions: &'q [Precision],
    (parts, terms): (&'q [&'q Accelerator], &'q Terms),
) -> Question<'q> {
    let load = match (asked.load.concurrency, asked.load.rate) {
        (Some(flight), _) => Load::Flight(flight),
        (None, Some(rate)) => Load::Rate(rate),
        (None, None) => Load::Full,
    };
    Question {
        model,
        accelerators: parts,
        engines: engines(asked),
        precisions,
        pools: pools(asked),
        traffic: Traffic {
            input: asked.load.isl,
            output: asked.load.osl,
            cached: asked.load.cached,
            load,
        },
        aim: Aim {
            first: asked.load.ttft,
            step: asked.load.tpot,
        },
        only: asked.layout,
        assumptions: &terms.assumptions,
    }
}

fn engines(asked: &Asked) -> &'static [&'static str] {
    match (asked.engine, asked.written.emit) {
        (Some(Engine::Vllm), _) | (None, Some(EmitTo::Vllm)) => &["vllm"],
        (Some(Engine::Sglang), _) | (None, Some(EmitTo::Sglang)) => &["sglang"],
        (None, _) => &["vllm", "sglang"],
    }
}

fn pools(asked: &Asked) -> Pools {
    match (asked.pools, asked.written.emit) {
        (Some(PoolsAsked::Together), _) => Pools::Together,
        (Some(PoolsAsked::Apart), _) => Pools::Apart,
        // A layout that is named is one of a replica.
        (None, _) if asked.layout.is_some() => Pools::Together,
        // These engines have no frontend of their own that routes between pools.
        (None, Some(EmitTo::Vllm | EmitTo::Sglang)) => Pools::Together,
        (None, _) => Pools::Either,
    }
}

fn found(question: &Question<'_>, estimator: &Estimator, top: usize) -> Result<Found, Fault> {
    search(question, estimator, top).map_err(|error| {
        let what = format!("no plan can be made for {}", question.model.name);
        let mend = "change what the cause names; --gpu-hour gives a price to every accelerator";
        Fault::because(error, what, mend)
    })
}

/// Names the accelerators on which any layout would do, where none of those asked for does.
fn others(
    question: &Question<'_>,
    found: &Found,
    terms: &Terms,
    estimator: &Estimator,
) -> Vec<String> {
    if !found.offers.is_empty() {
        return Vec::new();
    }
    let all = terms::priced(terms);
    let wider = Question {
        accelerators: &all,
        only: None,
        pools: Pools::Either,
        ..*question
    };
    let Ok(found) = search(&wider, estimator, 1) else {
        return Vec::new();
    };
    let best = |verdict: &plan::layouts::Verdict| {
        let offer = found.offers.get(verdict.best?)?;
        let precision = offer.precision;
        Some(format!(
            "{} ({}, {precision})",
            verdict.accelerator, offer.layout
        ))
    };
    found.verdicts.iter().filter_map(best).collect()
}

fn notes(
    asked: &Asked,
    question: &Question<'_>,
    terms: &Terms,
    found: &Found,
    others: &[String],
) -> Vec<String> {
    let mut notes = Vec::new();
    if found.offers.is_empty() {
        notes.push(if others.is_empty() {
            "would do: no accelerator with a price, in no layout; loosen the aim, or take a \
             smaller format of the weights"
                .to_owned()
        } else {
            format!("would do: {}", others.join("; "))
        });
    }
    for part in question.accelerators {
        let lacks = |precision: &&Precision| !part.computes_in(**precision);
        let lacking: Vec<&str> = question
            .precisions
            .iter()
            .filter(lacks)
            .map(|precision| precision.name())
            .collect();
        if !lacking.is_empty() {
            notes.push(format!(
                "{} has no units for {}: weights are kept in it, products computed in a wider \
                 format",
                part.name,
                lacking.join(" and ")
            ));
        }
    }
    let length = question.traffic.input + question.traffic.output;
    if let Some(most) = question.model.positions.filter(|most| length > *most) {
        notes.push(format!(
            "a request and its answer of {length} tokens are longer than the {most} positions of \
             the model's configuration: engines refuse them unless positions are stretched"
        ));
    }
    let unpriced = terms::unpriced(terms);
    if !asked.terms.is_chosen() && !unpriced.is_empty() {
        let names = unpriced.join(", ");
        notes.push(format!(
            "left out, as no price is known: {names}; name them with --on and give --gpu-hour"
        ));
    }
    notes.extend(terms::prices(terms, question.accelerators));
    if question.precisions.len() > 1 {
        notes.push(
            "formats of weights differ in the quality of answers; choose with --precision"
                .to_owned(),
        );
    }
    if question.model.has_experts() && question.traffic.load == Load::Full {
        notes.push(
            "the load is as large as whole nodes carry; say yours with --rate or --concurrency"
                .to_owned(),
        );
    }
    notes
}

fn aim(time: Option<Seconds>) -> Value {
    time.map_or(Value::Null, |time| json!(time.ms()))
}

fn shown(chosen: &Chosen, question: &Question<'_>, found: &Found, rows: &[Assumption]) -> Value {
    let model = &chosen.model;
    json!({
        "model": {
            "name": model.name,
            "parameters": model.parameters(),
            "active_parameters": model.active_parameters(),
            "basis": chosen.basis,
        },
        "traffic": question.traffic,
        "aim": { "ttft_ms": aim(question.aim.first), "tpot_ms": aim(question.aim.step) },
        "offers": found.offers,
        "accelerators": found.verdicts,
        "frontier": found.frontier,
        "assumptions": rows,
    })
}

fn tell(chosen: &Chosen, question: &Question<'_>, found: &Found) {
    let model = &chosen.model;
    let [all, active] = [model.parameters(), model.active_parameters()].map(|count| count / 1e9);
    output::line(format!(
        "{}: {all:.1} billion parameters, {active:.1} active ({}: {})",
        model.name, chosen.basis.kind, chosen.basis.source
    ));
    output::line(asked_for(question));
    output::line("");
    let rows = found.offers.iter().zip(1..).map(|(offer, place)| {
        let per_million = |money: plan::layouts::PerMillion| {
            format!(
                "{} ({})",
                ranged(money.reserved),
                number(money.active.value)
            )
        };
        vec![
            place.to_string(),
            offer.accelerator.clone(),
            offer.engine.clone(),
            offer.precision.to_owned(),
            offer.layout.clone(),
            number(offer.units),
            number(offer.accelerators),
            number(offer.nodes),
            ranged(offer.ttft_ms),
            ranged(offer.tpot_ms),
            ranged(offer.output_tokens_per_second),
            number(offer.power_kw),
            per_million(offer.usd_per_million_input),
            per_million(offer.usd_per_million_output),
            offer.reach.words().to_owned(),
        ]
    });
    output::table(&HEADER, &rows.collect::<Vec<_>>());
    output::line("");
    let rows = found.verdicts.iter().map(|verdict| {
        vec![
            verdict.accelerator.clone(),
            if verdict.fit > 0 { "yes" } else { "no" }.to_owned(),
            if verdict.meets { "yes" } else { "no" }.to_owned(),
            verdict
                .best
                .map_or_else(|| "-".to_owned(), |place| (place + 1).to_string()),
            verdict.why.clone(),
        ]
    });
    let header = ["accelerator", "fits", "in time", "best", "why not"];
    output::table(&header, &rows.collect::<Vec<_>>());
}

const HEADER: [&str; 15] = [
    "",
    "accelerator",
    "engine",
    "format",
    "layout",
    "units",
    "accelerators",
    "nodes",
    "TTFT ms [80 %]",
    "TPOT ms [80 %]",
    "output tokens/s [80 %]",
    "kW",
    "USD/M input: reserved [80 %] (active)",
    "USD/M output: reserved [80 %] (active)",
    "reach",
];

fn asked_for(question: &Question<'_>) -> String {
    let traffic = question.traffic;
    let load = match traffic.load {
        Load::Full => "as many requests as whole nodes carry".to_owned(),
        Load::Flight(flight) => format!("{} requests in flight", number(flight)),
        Load::Rate(rate) => format!("{} requests/s", number(rate)),
    };
    let late = |name: &str, time: Option<Seconds>| {
        time.map_or_else(String::new, |time| {
            format!(", {name} at most {} ms", number(time.ms()))
        })
    };
    let cached = if traffic.cached > 0.0 {
        format!(" ({} % cached)", number(traffic.cached * 1e2))
    } else {
        String::new()
    };
    format!(
        "{load} of {} input{cached} and {} output tokens{}{}",
        number(traffic.input),
        number(traffic.output),
        late("TTFT", question.aim.first),
        late("TPOT", question.aim.step)
    )
}
