//! Rows of prices: those of the facts on the row's day, or none. It must not guess a price.

use std::sync::Arc;

use domain::{Date, Known as KnownModel, Timestamp, TokenPrices};
use serde_json::{Value, json};

use crate::rows::row::{Answer, Known, Row, text};

const MS_PER_HOUR: i64 = 3_600_000;

pub(super) fn answer(row: &Row, config: &Row, known: &Known) -> Result<Answer, String> {
    let named = text(row, "model").ok_or("the row names no model")?;
    // A row may name one of a price's times of day.
    let (id, time) = named.split_once(" (").unwrap_or((named, ""));
    let missing = || format!("no price known for `{id}`");
    let found = own_platform(id, known).ok_or_else(missing)?;
    let prices = found.prices().ok_or_else(missing)?;
    let day = day(text(config, "as_of").unwrap_or_default());
    let day = day.ok_or("the row's `as_of` is no month")?;
    // At some hours of a working day a price may be another one.
    let hours = (0..24).map(|hour| Timestamp(day.start().0 + hour * MS_PER_HOUR));
    let in_force = hours.filter_map(|at| prices.at(at).map(|now| (now.prices, now.basis.clone())));
    let by_input = |now: &(TokenPrices, Arc<str>)| now.0.input_usd_micros;
    let found = match time {
        "peak)" => in_force.max_by_key(by_input),
        _ => in_force.min_by_key(by_input),
    };
    let (prices, basis) = found.ok_or_else(missing)?;
    let basis = format!("price facts: {basis}");
    Ok(Answer {
        value: shown(&prices),
        interval: None,
        basis,
    })
}

/// Finds an id on its vendor's own platform, else on any.
fn own_platform<'k>(id: &str, known: &'k Known) -> Option<KnownModel<'k>> {
    let facts = &known.facts;
    let names = || {
        facts
            .platforms()
            .iter()
            .map(|platform| platform.name.as_str())
    };
    let mut found: Vec<_> = names()
        .filter_map(|platform| facts.known(platform, id).map(|known| (platform, known)))
        .filter(|(_, known)| known.prices().is_some())
        .collect();
    found.sort_by_key(|(platform, known)| *platform != known.fact().vendor);
    found.first().map(|(_, known)| *known)
}

/// Reads the first month of `2026-11` or `2026-04..2026-06`, late in it.
fn day(text: &str) -> Option<Date> {
    let month = text.split("..").next()?;
    serde_json::from_value(Value::from(format!("{month}-27"))).ok()
}

fn shown(prices: &TokenPrices) -> Value {
    let usd = |micros: u64| micros as f64 / 1e6;
    json!({
        "input": usd(prices.input_usd_micros),
        "output": usd(prices.output_usd_micros),
        "cache_read": prices.cached_usd_micros.map(usd),
        "cache_write_5m": prices.cache_write_usd_micros.map(usd),
    })
}
