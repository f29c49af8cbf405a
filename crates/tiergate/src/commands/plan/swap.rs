//! `tiergate plan swap`: stay or move, caller by caller, for recorded or described traffic. It must
//! not judge the answers: that takes evidence.

mod refused;

use std::collections::BTreeSet;
use std::error::Error;

use clap::Args;
use plan::cost::assumptions::{Assumptions, InForce};
use plan::cost::offer::NoPrice;
use plan::swap::{Cheaper, Compared, Side, compare, headroom, quantile};
use serde_json::{Value, json};

use self::refused::{Refusals, Refused};
use super::cost::models::{self, Named, Shelf};
use super::cost::{
    Conditioned, LoadOptions, TokenFactor, Traffic, bases, every_change_is_used, factor, shown,
};
use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;

/// What is asked.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Asked {
    /// The model to move to: an id, platform/id, or a model of the configuration
    #[arg(long, value_name = "MODEL")]
    to: String,
    /// The model that answers today [default: the one that answered each recorded request]
    #[arg(long = "away-from", value_name = "MODEL")]
    away_from: Option<String>,
    #[command(flatten)]
    load: LoadOptions,
    #[command(flatten)]
    conditioned: Conditioned,
    /// Requests a minute that the new model's account may send
    #[arg(long, value_name = "COUNT")]
    requests_per_minute: Option<u64>,
    /// Tokens a minute that it may use
    #[arg(long, value_name = "COUNT")]
    tokens_per_minute: Option<u64>,
    /// Change an assumption, or state how many tokens a model makes of one that was counted, such
    /// as tokens:claude-opus-5=1.2; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

const EXAMPLE: &str = "Examples:
  tiergate plan swap --to claude-opus-5-5 --usage --since 7d --tokens-per-minute 2000000
  tiergate plan swap --away-from claude-opus-5 --to gpt-6-sol --trace mooncake_conversation.jsonl";

/// The column of what the new model refuses.
const AFTER_TOO_LONG: usize = 7;

/// Shows how long answers took, in milliseconds: half and 95 % of them were not slower.
#[derive(Clone, Copy, Debug, Default)]
struct Latency {
    first: Option<[u32; 2]>,
    total: Option<[u32; 2]>,
}

struct Row<'t> {
    traffic: &'t Traffic,
    stay: Named,
    factor: TokenFactor,
    compared: Result<Compared, NoPrice>,
    latency: Latency,
    /// What the requests use that the new model refuses, or why that is not known.
    refused: Result<Refused, String>,
}

/// Compares and writes.
///
/// # Errors
/// Fails when a model or the traffic is not understood.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let shelf = Shelf::read(common)?;
    let (factors, plain) = models::factors(&asked.set)?;
    let mut assumptions = Assumptions::shipped("swap")?;
    for text in &plain {
        assumptions.set(text)?;
    }
    let to = shelf.named(&asked.to, &asked.conditioned)?;
    let mut refusals = Refusals::at(&to, &shelf);
    let (all, about) = traffic(asked, (&assumptions, common), &mut refusals)?;
    let models = models_of(asked, &all);
    every_change_is_used(&models, &asked.conditioned.prices, &factors)?;
    let window = asked.conditioned.window()?;
    let cold_ms = assumptions.value("warm-hours")? * 3.6e6;
    let mut rows = Vec::new();
    let mut there = Vec::new();
    for traffic in &all {
        let stay = shelf.named(today(asked, traffic)?, &asked.conditioned)?;
        if (&stay.platform, &stay.name) == (&to.platform, &to.name) {
            let count = traffic.load.count();
            let told = format!("{count} requests of {} are answered by it", traffic.caller);
            output::note(format!("{told} already"));
            there.push(traffic);
            continue;
        }
        let factor = factor(&to, Some(&stay.name), (&shelf.facts, &factors));
        let compared = offers(&stay, &to).and_then(|(own, other)| {
            let sides = (side(own, 100), side(other, factor.percents[0]));
            compare(&traffic.load, sides, window, cold_ms)
        });
        rows.push(Row {
            traffic,
            latency: latency(std::iter::once(traffic)),
            refused: refusals.of(traffic),
            stay,
            factor,
            compared,
        });
    }
    let there = latency(there.into_iter());
    let limits = [asked.requests_per_minute, asked.tokens_per_minute];
    if common.json {
        output::json(&view(&rows, &to, (there, limits), &assumptions.in_force()));
    } else {
        output::line(format!(
            "{about}. Move to {} on {}.\n",
            to.name, to.platform
        ));
        write(&rows, &to, (there, limits));
        output::line("");
        shown::assumptions(&assumptions.in_force());
    }
    let is_any_known = rows.is_empty() || rows.iter().any(|row| row.compared.is_ok());
    Ok(if is_any_known { Exit::Done } else { Exit::No })
}

/// Names the models that are compared, as they are asked for.
fn models_of<'a>(asked: &'a Asked, all: &'a [Traffic]) -> Vec<&'a str> {
    let answered = all.iter().filter_map(|traffic| traffic.model.as_ref());
    let here = asked.away_from.iter().chain(answered).map(String::as_str);
    let models: BTreeSet<&str> = here.chain([asked.to.as_str()]).collect();
    models.into_iter().collect()
}

/// Names the model that answers a caller today.
fn today<'a>(asked: &'a Asked, traffic: &'a Traffic) -> Result<&'a String, Fault> {
    let named = asked.away_from.as_ref().or(traffic.model.as_ref());
    named.ok_or_else(|| {
        let what = format!("which model answers {} today is not known", traffic.caller);
        Fault::new(what, "name it with --away-from")
    })
}

fn traffic(
    asked: &Asked,
    (assumptions, common): (&Assumptions, &Common),
    refusals: &mut Refusals<'_>,
) -> Result<(Vec<Traffic>, String), Box<dyn Error + Send + Sync>> {
    if asked.load.is_recorded() {
        let mut show = |row: &store::AskedRow| refusals.hear(row);
        return asked.load.traffic(assumptions, common, &mut show);
    }
    let (load, about) = asked.load.load(assumptions, common)?;
    let described = Traffic {
        caller: "described".to_owned(),
        model: None,
        load,
        first_ms: Vec::new(),
        total_ms: Vec::new(),
        peak_requests: 0,
        peak_tokens: 0,
    };
    Ok((vec![described], about))
}

fn offers<'n>(
    stay: &'n Named,
    to: &'n Named,
) -> Result<(&'n plan::cost::offer::Offer, &'n plan::cost::offer::Offer), NoPrice> {
    let of = |named: &'n Named| named.offer.as_ref().map_err(Clone::clone);
    Ok((of(stay)?, of(to)?))
}

fn side(offer: &plan::cost::offer::Offer, token_percent: u64) -> Side<'_> {
    Side {
        offer,
        token_percent,
    }
}

fn latency<'t>(of: impl Iterator<Item = &'t Traffic>) -> Latency {
    let (mut first, mut total) = (Vec::new(), Vec::new());
    for traffic in of {
        first.extend(&traffic.first_ms);
        total.extend(&traffic.total_ms);
    }
    let both = |values: &[u32]| Some([quantile(values, 0.5)?, quantile(values, 0.95)?]);
    Latency {
        first: both(&first),
        total: both(&total),
    }
}

fn write(rows: &[Row<'_>], to: &Named, (there, limits): (Latency, [Option<u64>; 2])) {
    let header = [
        "caller",
        "today",
        "requests",
        "stay/day",
        "move/day",
        "change",
        "too long",
        "refused",
        "cold cache",
        "paid back",
        "break-even",
        "cached at",
        "requests/min",
        "tokens/min",
    ];
    let cells = rows
        .iter()
        .map(|row| cells(row, limits))
        .collect::<Vec<_>>();
    output::table(&header, &cells);
    output::line(
        "\nToo long: requests beyond the context today, then after the move. Refused: of those \
         judged, requests that end in an error at the new model and do not today. Break-even: the \
         share of moved requests that must not need today's model after all. Cached at: the share \
         of cached input at which both cost the same. Requests and tokens a minute: how often the \
         fullest minute fits below the limit.",
    );
    for row in rows {
        told(row, to);
    }
    output::line(format!(
        "latency at {} where it has answered: {}",
        to.name,
        times(there)
    ));
    for note in &to.notes {
        output::note(format!("{}: {note}", to.asked));
    }
}

/// Writes what stands beside a row of the table.
fn told(row: &Row<'_>, to: &Named) {
    let name = &row.traffic.caller;
    refused::tell(name, &row.refused, to);
    output::line(format!(
        "latency of {name} at {} today (half, 95 %): {}",
        row.stay.name,
        times(row.latency)
    ));
    output::note(format!(
        "tokens of {name} at {}: {} %, {}",
        to.name, row.factor.percents[0], row.factor.basis
    ));
    match &row.compared {
        Err(reason) => output::note(format!("{name}: {reason}; it is not guessed")),
        Ok(compared) => {
            output::note(format!(
                "price of {}: {}",
                row.stay.name,
                bases(&compared.stay)
            ));
            output::note(format!("price of {}: {}", to.name, bases(&compared.moved)));
        }
    }
}

fn times(latency: Latency) -> String {
    let shown = |pair: Option<[u32; 2]>| {
        pair.map_or_else(
            || "not known".to_owned(),
            |[half, most]| format!("{half}/{most} ms"),
        )
    };
    format!(
        "first token {}, end {}",
        shown(latency.first),
        shown(latency.total)
    )
}

fn cells(row: &Row<'_>, limits: [Option<u64>; 2]) -> Vec<String> {
    let none = || "-".to_owned();
    let traffic = row.traffic;
    let mut cells = vec![
        traffic.caller.clone(),
        row.stay.name.clone(),
        traffic.load.count().to_string(),
    ];
    match &row.compared {
        Err(_) => {
            cells.push("no price known".to_owned());
            cells.extend((0..7).map(|_| none()));
        }
        Ok(compared) => cells.extend(money(compared)),
    }
    cells.insert(AFTER_TOO_LONG, refused::cell(&row.refused));
    let room = |peak: u64, limit: Option<u64>| {
        let times = headroom(peak, limit);
        let peak = if peak == 0 {
            none()
        } else {
            format!("peak {peak}")
        };
        times.map_or(peak, |times| format!("{times:.1}×"))
    };
    cells.push(room(traffic.peak_requests, limits[0]));
    cells.push(room(traffic.peak_tokens, limits[1]));
    cells
}

fn money(compared: &Compared) -> Vec<String> {
    let none = || "-".to_owned();
    let (stay, moved) = (compared.stay.usd_per_day(), compared.moved.usd_per_day());
    let count = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), |one| one.to_string());
    let change = if stay > 0.0 {
        format!("{:+.1} %", (moved / stay - 1.0) * 1e2)
    } else {
        none()
    };
    let cached = compared.break_even_cached.map(|one| {
        let above = match one.above {
            Cheaper::Stay => "stay",
            Cheaper::Move => "move",
        };
        format!("{:.1} %, above it {above}", one.share * 1e2)
    });
    vec![
        shown::usd(stay),
        shown::usd(moved),
        change,
        format!(
            "{}, {}",
            count(compared.stay.overflows),
            count(compared.moved.overflows)
        ),
        format!("{} USD once", shown::usd(compared.cold_usd)),
        compared
            .pays_back_days
            .map_or_else(|| "never".to_owned(), |days| format!("{days:.2} days")),
        compared
            .break_even_share
            .map_or_else(none, |share| format!("{:.1} %", share * 1e2)),
        cached.unwrap_or_else(none),
    ]
}

fn view(
    rows: &[Row<'_>],
    to: &Named,
    (there, limits): (Latency, [Option<u64>; 2]),
    assumptions: &[InForce],
) -> Value {
    let in_ms = |one: Latency| json!({ "first_token_ms": one.first, "total_ms": one.total });
    let row = |row: &Row<'_>| {
        let traffic = row.traffic;
        let mut view = json!({
            "caller": traffic.caller,
            "model": row.stay.name,
            "platform": row.stay.platform,
            "requests": traffic.load.count(),
            "tokens": traffic.load.tokens(),
            "token_percent": row.factor.percents[0],
            "token_basis": row.factor.basis,
            "latency": in_ms(row.latency),
            "peak_requests_per_minute": traffic.peak_requests,
            "peak_tokens_per_minute": traffic.peak_tokens,
            "headroom_requests": headroom(traffic.peak_requests, limits[0]),
            "headroom_tokens": headroom(traffic.peak_tokens, limits[1]),
            "span_ms": traffic.load.span_ms,
            "refused": row.refused.as_ref().ok(),
        });
        if let Err(reason) = &row.refused {
            view["refused_not_known"] = json!(reason);
        }
        match &row.compared {
            Err(reason) => view["no_price"] = json!(reason.to_string()),
            Ok(compared) => {
                view["stay_usd_per_day"] = json!(compared.stay.usd_per_day());
                view["move_usd_per_day"] = json!(compared.moved.usd_per_day());
                view["requests_too_long_today"] = json!(compared.stay.overflows);
                view["requests_too_long_after"] = json!(compared.moved.overflows);
                view["cold_cache_usd"] = json!(compared.cold_usd);
                view["pays_back_days"] = json!(compared.pays_back_days);
                view["break_even_share"] = json!(compared.break_even_share);
                view["break_even_cached"] = json!(compared.break_even_cached);
                view["price_basis_today"] = json!(bases(&compared.stay));
                view["price_basis_after"] = json!(bases(&compared.moved));
            }
        }
        view
    };
    json!({
        "to": {
            "model": to.name,
            "platform": to.platform,
            "latency": in_ms(there),
            "notes": to.notes,
        },
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "assumptions": assumptions,
    })
}
