//! What a canary criterion asks: a metric, a bound and an error rate, read from its spec. It must
//! not know what was observed.

use domain::GateSpec;
use serde_json::Value;

use super::metric::{METRICS, Metric, Scale, find_metric};

/// What is split over the criteria unless one says otherwise.
pub(crate) const ALPHA: f64 = 0.05;
/// How many seconds without a request close a conversation unless a criterion says otherwise.
pub(crate) const QUIET_S: u64 = 60;
/// Which quantile of times is compared unless a criterion says otherwise.
pub(crate) const QUANTILE: f64 = 0.95;

/// Says what a metric of the candidate may be at most, in the direction that is worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// So much worse than the incumbent: in points of a share, or as a part of times and costs.
    Worse(f64),
    /// So bad: a share of what went wrong, milliseconds or US dollars.
    Absolute(f64),
}

/// Holds what one criterion asks.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The metric.
    pub metric: &'static Metric,
    /// The bound.
    pub bound: Bound,
    /// The quantile, where times are compared.
    pub quantile: f64,
    /// The error rate of the whole stage.
    pub alpha: f64,
    /// How many milliseconds without a request close a conversation.
    pub quiet_ms: i64,
}

/// The four ways to write a bound, and what each says: whether it is beside the incumbent, and
/// whether more is better.
const WAYS: [(&str, bool, bool); 4] = [
    ("max_increase", true, false),
    ("max_decrease", true, true),
    ("at_most", false, false),
    ("at_least", false, true),
];

/// Reads a spec.
///
/// # Errors
/// Says what does not fit together, and how to mend it.
pub fn asked(spec: &GateSpec) -> Result<Asked, (&'static str, String)> {
    let number = |name: &str| spec.params.get(name).and_then(Value::as_f64);
    let named = spec.params.get("metric").and_then(Value::as_str);
    let Some(metric) = find_metric(named.unwrap_or_default()) else {
        let names: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
        return Err(("metric", format!("use one of: {}", names.join(", "))));
    };
    let is_good = metric.scale == Scale::Good;
    let fits = |way: &&(&'static str, bool, bool)| way.2 == is_good;
    let written = WAYS.iter().filter(|way| number(way.0).is_some());
    let mut fitting = written.clone().filter(fits);
    let words: Vec<&str> = WAYS.iter().filter(fits).map(|way| way.0).collect();
    let (Some(way), 1) = (fitting.next(), written.count()) else {
        let mend = format!("write exactly one of: {}", words.join(", "));
        return Err(("gate", mend));
    };
    let value = number(way.0).unwrap_or_default();
    let is_share = matches!(metric.scale, Scale::Good | Scale::Bad);
    if is_share && value > 1.0 {
        return Err((way.0, "write a share from 0 to 1".to_owned()));
    }
    let bound = match way {
        (_, true, _) => Bound::Worse(value),
        (_, false, true) => Bound::Absolute(1.0 - value),
        (_, false, false) => Bound::Absolute(value),
    };
    let quiet_s = spec.params.get("quiet_s").and_then(Value::as_u64);
    let quiet_ms = i64::try_from(quiet_s.unwrap_or(QUIET_S).saturating_mul(1_000));
    Ok(Asked {
        metric,
        bound,
        quantile: number("quantile").unwrap_or(QUANTILE),
        alpha: number("alpha").unwrap_or(ALPHA),
        quiet_ms: quiet_ms.unwrap_or(i64::MAX),
    })
}
