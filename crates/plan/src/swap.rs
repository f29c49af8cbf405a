//! Stay or move: what the same requests cost, how many no longer fit, and what a cold cache costs
//! on the day of the move. It must not judge whether the answers are as good.

use serde::Serialize;

use crate::cost::bill::{Bill, bill, usd};
use crate::cost::load::{Load, Request, Window};
use crate::cost::offer::{NoPrice, Offer};

/// Holds one of the two models.
#[derive(Clone, Copy, Debug)]
pub struct Side<'o> {
    /// Its price.
    pub offer: &'o Offer,
    /// How many tokens it makes of what was counted, in percent.
    pub token_percent: u64,
}

/// Compares staying with moving.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// What the load costs where it is.
    pub stay: Bill,
    /// What it would cost at the other model, once its cache is warm.
    pub moved: Bill,
    /// What the other model's cold cache costs once, in USD.
    pub cold_usd: f64,
    /// After how many days the saving has paid for the cold cache; none where nothing is saved.
    pub pays_back_days: Option<f64>,
    /// The share of moved requests that must not need the present model after all, so that moving
    /// costs no more than staying: what such a request costs at both is paid twice. None where even
    /// a move without any such request costs more.
    pub break_even_share: Option<f64>,
    /// The share of cached input at which both cost the same; none where one is cheaper at any.
    pub break_even_cached: Option<CachedShare>,
}

/// States a share of cached input at which two models cost the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CachedShare {
    /// The share.
    pub share: f64,
    /// Which is cheaper above it.
    pub above: Cheaper,
}

/// Names a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cheaper {
    /// Staying.
    Stay,
    /// Moving.
    Move,
}

/// Compares what a load costs at two models, where the other's cache is cold for some time.
///
/// # Errors
/// Fails when one of the prices is not known.
pub fn compare(
    load: &Load,
    (stay, moved): (Side<'_>, Side<'_>),
    window: Window,
    cold_ms: f64,
) -> Result<Compared, NoPrice> {
    let of = |load: &Load, side: Side<'_>| bill(load, side.offer, window, side.token_percent);
    let (own, other) = (of(load, stay)?, of(load, moved)?);
    let cold = of(&load.with_a_cold_cache(), moved)?;
    let more = usd(cold.once.total() - other.once.total()).max(0.0);
    let cold_usd = more * cold_ms / (load.span_ms as f64).max(1.0);
    let (now, then) = (own.usd_per_day(), other.usd_per_day());
    let saving = now - then;
    let share = if now > 0.0 { then / now } else { f64::INFINITY };
    let cached = cached_share(load, (stay, moved), window)?;
    Ok(Compared {
        pays_back_days: (saving > 0.0).then(|| cold_usd / saving),
        break_even_share: (share <= 1.0).then_some(share),
        break_even_cached: cached,
        cold_usd,
        stay: own,
        moved: other,
    })
}

/// Finds where two lines meet: the cost of each side with nothing cached, and with all of it.
fn cached_share(
    load: &Load,
    (stay, moved): (Side<'_>, Side<'_>),
    window: Window,
) -> Result<Option<CachedShare>, NoPrice> {
    let at = |side: Side<'_>, load: &Load| -> Result<f64, NoPrice> {
        let bill = bill(load, side.offer, window, side.token_percent)?;
        Ok(usd(bill.once.total()))
    };
    let (none, all) = (with_cached(load, 0), with_cached(load, 1));
    let (stay_none, stay_all) = (at(stay, &none)?, at(stay, &all)?);
    let (moved_none, moved_all) = (at(moved, &none)?, at(moved, &all)?);
    let slope = (stay_all - stay_none) - (moved_all - moved_none);
    if slope == 0.0 {
        return Ok(None);
    }
    let share = (moved_none - stay_none) / slope;
    let is_inside = share > 0.0 && share < 1.0;
    let above = if moved_all < stay_all {
        Cheaper::Move
    } else {
        Cheaper::Stay
    };
    Ok(is_inside.then_some(CachedShare { share, above }))
}

fn with_cached(load: &Load, times: u64) -> Load {
    let one = |request: &Request| {
        let mut request = *request;
        request.tokens.cached = request.tokens.input * times;
        request.tokens.cache_write = 0;
        request.tokens.cache_write_1h = 0;
        request
    };
    Load {
        requests: load.requests.iter().map(one).collect(),
        ..load.clone()
    }
}

/// Tells how many times a peak fits below a limit; none without a limit or a peak.
#[must_use]
pub fn headroom(peak: u64, limit: Option<u64>) -> Option<f64> {
    let limit = limit.filter(|_| peak > 0)?;
    Some(limit as f64 / peak as f64)
}

/// Finds the value below which a share of the values lies, by the nearest rank; none of none.
#[must_use]
pub fn quantile(values: &[u32], share: f64) -> Option<u32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests;
