//! `tiergate plan cost`: what a workload costs at dated list prices, model by model. It must not
//! guess a price: where none is known, the row says so.

mod loads;
pub mod models;
pub mod shown;

use std::error::Error;

use clap::Args;
use domain::Facts;
use plan::cost::assumptions::{Assumptions, InForce};
use plan::cost::bill::{Bill, bill};
use plan::cost::load::Load;
use plan::cost::offer::{NoPrice, token_percents};
use serde_json::{Value, json};

pub use loads::{Conditioned, LoadOptions, Traffic};
use models::{Named, Shelf};

use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;

/// Days of a month, as the table counts them.
const MONTH: f64 = 30.0;

/// What is asked.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Asked {
    /// Models: an id, platform/id, or a model of the configuration
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<String>,
    #[command(flatten)]
    load: LoadOptions,
    #[command(flatten)]
    conditioned: Conditioned,
    /// The model that counted the tokens: others may make more or fewer of the same text
    #[arg(long, value_name = "MODEL")]
    counted_by: Option<String>,
    /// Change an assumption, or state how many tokens a model makes of one that was counted, such
    /// as tokens:claude-opus-5=1.2; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

const EXAMPLE: &str = "Examples:
  tiergate plan cost claude-opus-5-5 gpt-6-sol deepseek-v4-pro --requests 20000 --input 12000 \\
    --output 800 --cached 0.6 --batch 0.2 --hours 8-18
  tiergate plan cost claude-opus-5 claude-sonnet-5 --trace azure_llm_2023_conv.csv
  tiergate plan cost claude-opus-5-5 --usage --since 7d";

/// How many tokens a model makes of one that was counted.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenFactor {
    /// In percent: the usual, the least, the most.
    pub percents: [u64; 3],
    /// By whose word.
    pub basis: String,
}

struct Row {
    asked: String,
    factor: TokenFactor,
    notes: Vec<String>,
    name: String,
    platform: String,
    bills: Result<[Bill; 3], NoPrice>,
}

/// Works out and writes what each model would cost.
///
/// # Errors
/// Fails when a model or the load is not understood.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let shelf = Shelf::read(common)?;
    let (factors, plain) = models::factors(&asked.set)?;
    let mut assumptions = Assumptions::shipped("cost")?;
    for text in &plain {
        assumptions.set(text)?;
    }
    let models: Vec<&str> = asked.models.iter().map(String::as_str).collect();
    every_change_is_used(&models, &asked.conditioned.prices, &factors)?;
    let window = asked.conditioned.window()?;
    let (load, about) = asked.load.load(&assumptions, common)?;
    let counted = counted_by(asked, &shelf)?;
    let mut rows = Vec::new();
    for text in &asked.models {
        let named = shelf.named(text, &asked.conditioned)?;
        let factor = factor(&named, counted.as_deref(), (&shelf.facts, &factors));
        let bills = named
            .offer
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|offer| {
                let [usual, least, most] =
                    factor.percents.map(|one| bill(&load, offer, window, one));
                Ok([usual?, least?, most?])
            });
        let notes = named
            .offer
            .as_ref()
            .map(|offer| offer.notes.clone())
            .unwrap_or_default();
        rows.push(Row {
            asked: text.clone(),
            factor,
            notes: notes.into_iter().chain(named.notes).collect(),
            name: named.name,
            platform: named.platform,
            bills,
        });
    }
    if common.json {
        output::json(&view(&rows, &load, &about, &assumptions.in_force()));
    } else {
        write(&rows, &load, &about, &assumptions.in_force());
    }
    let is_any_known = rows.iter().any(|row| row.bills.is_ok());
    Ok(if is_any_known { Exit::Done } else { Exit::No })
}

fn counted_by(
    asked: &Asked,
    shelf: &Shelf,
) -> Result<Option<String>, Box<dyn Error + Send + Sync>> {
    let Some(text) = &asked.counted_by else {
        return Ok(None);
    };
    let found = shelf.known(text)?;
    let missing = || {
        let what = format!("the facts know no tokenizer of `{text}`");
        Fault::new(
            what,
            "name a model that the facts know, such as claude-opus-5",
        )
    };
    let name = found.map(|known| known.fact().name.clone());
    Ok(Some(name.ok_or_else(missing)?))
}

/// Refuses a price or a factor of a model that is not asked for: it would change nothing.
///
/// # Errors
/// Fails when there is one.
pub fn every_change_is_used(
    models: &[&str],
    prices: &[String],
    factors: &[(String, f64)],
) -> Result<(), Fault> {
    let priced = prices.iter().map(|text| {
        text.split_once('=')
            .map_or(text.as_str(), |(model, _)| model)
    });
    let unpriced = |model: &&str| !models.contains(model);
    // A factor may name the id behind a platform.
    let scaled = factors.iter().map(|(model, _)| model.as_str());
    let unscaled = |model: &&str| {
        let is_it = |one: &&str| one == model || one.rsplit('/').next() == Some(model);
        !models.iter().any(is_it)
    };
    let unused = priced
        .filter(unpriced)
        .chain(scaled.filter(unscaled))
        .next();
    match unused {
        None => Ok(()),
        Some(model) => {
            let what = format!("`{model}` is given a price or a token factor and is not asked for");
            let mend = format!("name it as it is asked for: one of {}", models.join(", "));
            Err(Fault::new(what, mend))
        }
    }
}

/// Finds how many tokens a model makes of what was counted: as set, else by the facts, else as
/// many, which the table then says.
pub fn factor(
    named: &Named,
    counted: Option<&str>,
    (facts, set): (&Facts, &[(String, f64)]),
) -> TokenFactor {
    let is_it = |(key, _): &&(String, f64)| *key == named.asked || *key == named.id;
    if let Some((_, ratio)) = set.iter().find(is_it) {
        let percent = (ratio * 1e2).round() as u64;
        return TokenFactor {
            percents: [percent; 3],
            basis: "set by hand".to_owned(),
        };
    }
    let known = counted.map(|counted| token_percents(facts, counted, &named.name));
    match known {
        Some(Some(percents)) => TokenFactor {
            percents,
            basis: "facts".to_owned(),
        },
        Some(None) => TokenFactor {
            percents: [100; 3],
            basis: "assumed: no row compares the tokenizers".to_owned(),
        },
        None => TokenFactor {
            percents: [100; 3],
            basis: "assumed: as counted by the model itself".to_owned(),
        },
    }
}

fn write(rows: &[Row], load: &Load, about: &str, assumptions: &[InForce]) {
    let tokens = load.tokens();
    let cached = tokens.cached as f64 / (tokens.input as f64).max(1.0) * 1e2;
    output::line(format!(
        "{about}: {} requests, {} tokens in ({cached:.1} % cached), {} out\n",
        load.count(),
        tokens.input,
        tokens.output
    ));
    let header = [
        "model",
        "on",
        "USD/day",
        "USD/month",
        "USD/request",
        "input",
        "cached",
        "written",
        "output",
        "tokens",
        "too long",
        "by",
    ];
    output::table(&header, &rows.iter().map(cells).collect::<Vec<_>>());
    for row in rows {
        if let Err(reason) = &row.bills {
            output::note(format!("{}: {reason}; it is not guessed", row.asked));
        }
        for note in &row.notes {
            output::note(format!("{}: {note}", row.asked));
        }
    }
    output::line("");
    shown::assumptions(assumptions);
    for row in rows {
        let [usual, least, most] = row.factor.percents;
        output::note(format!(
            "tokens of {}: {usual} % of those counted ({least} to {most}), {}",
            row.asked, row.factor.basis
        ));
    }
}

fn cells(row: &Row) -> Vec<String> {
    let none = || "-".to_owned();
    let mut cells = vec![row.name.clone(), row.platform.clone()];
    let Ok([bill, least, most]) = &row.bills else {
        cells.extend(["no price known".to_owned()]);
        cells.extend((0..8).map(|_| none()));
        cells.push(none());
        return cells;
    };
    let day = bill.usd_per_day();
    let range = if least == most {
        shown::usd(day)
    } else {
        let (low, high) = (least.usd_per_day(), most.usd_per_day());
        format!(
            "{} ({} to {})",
            shown::usd(day),
            shown::usd(low),
            shown::usd(high)
        )
    };
    let part = |picos: i128| shown::usd(bill.per_day(picos));
    let parts = bill.once;
    cells.extend([
        range,
        shown::usd(day * MONTH),
        shown::usd(bill.usd_per_request()),
        part(parts.input),
        part(parts.cached),
        part(parts.written),
        part(parts.output),
        format!("{} %", row.factor.percents[0]),
        bill.overflows
            .map_or_else(|| "unknown".to_owned(), |count| count.to_string()),
        bases(bill),
    ]);
    cells
}

/// Names the words that a bill rests on.
pub fn bases(bill: &Bill) -> String {
    let bases: Vec<&str> = bill.bases.iter().map(AsRef::as_ref).collect();
    bases.join("; ")
}

fn view(rows: &[Row], load: &Load, about: &str, assumptions: &[InForce]) -> Value {
    let row = |row: &Row| {
        let mut view = json!({
            "asked": row.asked,
            "model": row.name,
            "platform": row.platform,
            "token_percent": row.factor.percents[0],
            "token_percent_least": row.factor.percents[1],
            "token_percent_most": row.factor.percents[2],
            "token_basis": row.factor.basis,
            "notes": row.notes,
        });
        match &row.bills {
            Err(reason) => view["no_price"] = json!(reason.to_string()),
            Ok([bill, least, most]) => {
                view["usd_per_day"] = json!(bill.usd_per_day());
                view["usd_per_day_least"] = json!(least.usd_per_day());
                view["usd_per_day_most"] = json!(most.usd_per_day());
                view["usd_per_request"] = json!(bill.usd_per_request());
                let part = |picos: i128| bill.per_day(picos);
                view["usd_per_day_by_part"] = json!({
                    "input": part(bill.once.input),
                    "cached": part(bill.once.cached),
                    "written": part(bill.once.written),
                    "output": part(bill.once.output),
                });
                view["tokens"] = json!(bill.tokens);
                view["requests_too_long"] = json!(bill.overflows);
                view["price_basis"] = json!(bases(bill));
            }
        }
        view
    };
    json!({
        "load": { "about": about, "requests": load.count(), "tokens": load.tokens(),
                  "span_ms": load.span_ms },
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "assumptions": assumptions,
    })
}
