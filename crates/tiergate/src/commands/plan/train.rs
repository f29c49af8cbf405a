//! `tiergate plan train`: what a training run takes and what laws of scaling promise for it. It
//! must not compute: `plan::run` does.

use std::collections::BTreeSet;

use clap::Args;
use plan::accelerators::Accelerator;
use plan::layouts::Ranged;
use plan::precision::Precision;
use plan::run::{Bill, Loss, OfLaw, Run, TRAINING_KEYS, bill};
use serde_json::json;

use super::model::{self, Chosen, Named};
use super::shown::{number, ranged};
use super::terms;
use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;

/// What is to be trained, on how much, on what.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Asked {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    terms: terms::TermsAsked,
    /// Tokens that the model sees, such as 15T
    #[arg(long, value_name = "COUNT", value_parser = tokens)]
    tokens: f64,
    /// Accelerators of the run [default: as many as end it in `train_days`]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    count: Option<u32>,
    /// The share of the peak that a step reaches, from 0 to 1 [default: an assumption, shown]
    #[arg(long, value_name = "SHARE")]
    mfu: Option<f64>,
    /// The format in which products are computed: bf16, fp8 or fp4
    #[arg(long, default_value = "bf16", value_parser = terms::precision)]
    precision: Precision,
    /// Accelerators among which one copy of the model is divided [default: the fewest that hold it]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    divided: Option<u32>,
    /// A model on whose outputs it is trained, by name, config.json or size: its forward pass over
    /// every token is added; may be repeated
    #[arg(long = "teacher", value_name = "MODEL")]
    teachers: Vec<String>,
    /// The format of those forward passes; where a part has no unit for it, the next wider
    #[arg(long, default_value = "fp8", value_parser = terms::precision, requires = "teachers")]
    teacher_precision: Precision,
}

const EXAMPLES: &str = "Examples:
  tiergate plan train Llama-3.1-405B --tokens 15.6T --on h100 --count 16384
  tiergate plan train --sketch \"10T, 0.8T active, 128 experts\" --tokens 40T --on gb300 \\
    --precision fp8 --mfu 0.3
  tiergate plan train Llama-3.2-3B --tokens 9T --on h100 --teacher Llama-3.1-8B \
    --teacher Llama-3.1-70B";

fn tokens(text: &str) -> Result<f64, String> {
    let scales = [("T", 1e12), ("B", 1e9), ("M", 1e6)];
    let found = scales.iter().find_map(|(mark, scale)| {
        let digits = text.strip_suffix(mark)?;
        Some((digits, *scale))
    });
    let (digits, scale) = found.unwrap_or((text, 1.0));
    let value: f64 = digits
        .trim()
        .parse()
        .map_err(|_| format!("`{text}` is no number"))?;
    let value = value * scale;
    if (1.0..=1e18).contains(&value) {
        return Ok(value);
    }
    Err(format!("`{text}` is not from 1 to 1e18; write it as 15T"))
}

/// Works out the bill and tells.
///
/// # Errors
/// Fails when the model, an accelerator or an assumption cannot be had.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let chosen = asked.named.choose(common)?;
    let mut terms = asked.terms.terms()?;
    if let Some(mfu) = asked.mfu {
        let put = terms.assumptions.put("mfu", None, mfu);
        put.map_err(|error| Fault::because(error, "--mfu is no share", "give one above 0"))?;
    }
    let parts = asked.terms.on(&terms)?;
    if let (Some(divided), Some(count)) = (asked.divided, asked.count)
        && divided > count
    {
        let what = format!("a copy divided among {divided} does not fit {count} accelerators");
        return Err(Fault::new(what, "give a --divided of at most --count").into());
    }
    let teachers = model::teachers(&asked.teachers)?;
    let mut bills = Vec::new();
    for part in &parts {
        let run = Run {
            model: &chosen.model,
            tokens: asked.tokens,
            part,
            count: asked.count.map(f64::from),
            precision: asked.precision,
            divided: asked.divided.map(f64::from),
            teachers: &teachers,
            teacher_precision: asked.teacher_precision,
            assumptions: &terms.assumptions,
        };
        let found = bill(&run).map_err(|error| {
            let what = format!("no bill can be made for {}", part.name);
            Fault::because(
                error,
                what,
                "give --gpu-hour, or what the cause names by --set",
            )
        })?;
        bills.push((*part, found));
    }
    let rows = terms.assumptions.in_force(&TRAINING_KEYS, &parts);
    if common.json {
        let shown = bills.iter().map(|(part, bill)| {
            let mut shown = json!(bill);
            shown["accelerator"] = json!(part.name);
            shown["computed_in"] = json!(part.computes_as(asked.precision));
            shown
        });
        output::json(&json!({
            "model": {
                "name": chosen.model.name,
                "parameters": chosen.model.parameters(),
                "active_parameters": chosen.model.active_parameters(),
                "basis": chosen.basis,
            },
            "tokens": asked.tokens,
            "precision": asked.precision,
            "teachers": teachers.iter().map(|one| &one.name).collect::<Vec<_>>(),
            "teacher_precision": asked.teacher_precision,
            "runs": shown.collect::<Vec<_>>(),
            "assumptions": rows,
        }));
        return Ok(Exit::Done);
    }
    tell(asked, &chosen, &bills);
    widened(asked, &parts);
    output::line("");
    terms::tell(&chosen, &parts, &rows);
    Ok(Exit::Done)
}

fn tell(asked: &Asked, chosen: &Chosen, bills: &[(&Accelerator, Bill)]) {
    let model = &chosen.model;
    output::line(format!(
        "{}: {} parameters, {} active, on {} tokens in {}",
        model.name,
        number(model.parameters()),
        number(model.active_parameters()),
        number(asked.tokens),
        asked.precision.name()
    ));
    if let Some((_, first)) = bills.first() {
        output::line(format!(
            "work: {} operations (6·N·D), and {} of attention",
            number(first.flop),
            number(first.attention_flop)
        ));
        taught(asked, chosen, first);
    }
    output::line("");
    let rows = bills.iter().map(|(part, bill)| {
        let mega = |of: Ranged| Ranged {
            value: of.value / 1e6,
            low: of.low / 1e6,
            high: of.high / 1e6,
        };
        vec![
            part.name.clone(),
            number(bill.accelerators),
            ranged(mega(bill.accelerator_hours)),
            ranged(bill.days),
            ranged(bill.energy_mwh),
            ranged(mega(bill.usd)),
            if bill.is_plausible {
                "plausible".to_owned()
            } else {
                format!("not plausible: {}", bill.why.join("; "))
            },
        ]
    });
    let header = [
        "accelerator",
        "count",
        "million hours [80 %]",
        "days [80 %]",
        "MWh [80 %]",
        "million USD [80 %]",
        "",
    ];
    output::table(&header, &rows.collect::<Vec<_>>());
    output::line("");
    memory(bills);
    if let Some((_, first)) = bills.first() {
        losses(&first.loss);
    }
}

/// Tells which accelerators compute in a wider format than was asked for.
fn widened(asked: &Asked, parts: &[&Accelerator]) {
    let of_teachers = (!asked.teachers.is_empty()).then_some(asked.teacher_precision);
    let formats: BTreeSet<Precision> = of_teachers.into_iter().chain([asked.precision]).collect();
    for format in formats {
        for part in parts.iter().filter(|part| !part.computes_in(format)) {
            let (asked, wider) = (format.name(), part.computes_as(format).name());
            let name = &part.name;
            output::note(format!(
                "{name} has no units for {asked}: it computes in {wider}"
            ));
        }
    }
}

/// Tells what teachers take, or that there were some whom nobody named.
fn taught(asked: &Asked, chosen: &Chosen, bill: &Bill) {
    if bill.teacher_flop > 0.0 {
        output::line(format!(
            "teachers: {} operations (2·N·D of each, and its attention) in {}",
            number(bill.teacher_flop),
            asked.teacher_precision.name()
        ));
    }
    if asked.teachers.is_empty() && !chosen.teachers.is_empty() {
        let each = chosen
            .teachers
            .iter()
            .map(|name| format!("--teacher {name}"));
        let each = each.collect::<Vec<_>>().join(" ");
        output::note(format!(
            "its maker trained it on the outputs of others: {each}"
        ));
    }
}

fn memory(bills: &[(&Accelerator, Bill)]) {
    let rows = bills.iter().flat_map(|(part, bill)| {
        bill.memory.iter().map(|stage| {
            vec![
                part.name.clone(),
                number(bill.divided),
                format!("ZeRO {}", stage.zero),
                number(stage.states_gb),
                number(stage.activations_gb),
                number(stage.usable_gb),
                if stage.fits { "yes" } else { "no" }.to_owned(),
            ]
        })
    });
    let header = [
        "accelerator",
        "copy on",
        "stage",
        "states GB",
        "activations GB",
        "usable GB",
        "fits",
    ];
    output::table(&header, &rows.collect::<Vec<_>>());
    output::line("");
}

fn losses(loss: &Loss) {
    let row = |one: &OfLaw| {
        let optimal = one.optimal.map_or_else(
            || "-".to_owned(),
            |(parameters, tokens)| format!("{} on {}", number(parameters), number(tokens)),
        );
        vec![
            one.law.to_owned(),
            one.counted.to_owned(),
            number(one.parameters),
            format!("{:.3}", one.loss),
            format!("{:.3}", one.tenfold),
            format!("{:.3}", one.tenfold_both),
            optimal,
        ]
    };
    let header = [
        "law of loss",
        "counted",
        "parameters",
        "loss",
        "10 × parameters (10 × work)",
        "10 × both (100 × work)",
        "best parameters on tokens for this work",
    ];
    output::table(&header, &loss.by_law.iter().map(row).collect::<Vec<_>>());
    output::line(&loss.reading);
}
