//! The metrics of a live canary: one row each, which says what one answer gives to its
//! conversation. It must not compare arms.

use domain::PicoUsd;

use super::observation::{Ended, Observation};

/// The metric that callers report.
pub(crate) const OUTCOME: &str = "outcome";

/// Describes one metric.
#[derive(Clone, Copy)]
pub struct Metric {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// How it is compared.
    pub scale: Scale,
    /// What one answer gives; none where it says nothing of this.
    pub(super) of: fn(&Observation) -> Option<f64>,
}

/// Says how a metric is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// A share from 0 to 1 of which less is better.
    Bad,
    /// A share from 0 to 1 of which more is better.
    Good,
    /// Milliseconds, by a quantile.
    Milliseconds,
    /// US dollars a request.
    Usd,
}

/// How many metrics there are.
pub(super) const COUNT: usize = 11;

/// Lists the metrics.
pub static METRICS: [Metric; COUNT] = [
    Metric {
        name: "success_rate",
        about: "requests answered in full by the chosen model",
        scale: Scale::Good,
        of: |one| Some(share(one.outcome == Ended::Success)),
    },
    Metric {
        name: "refusal_rate",
        about: "requests that the model refused",
        scale: Scale::Bad,
        of: |one| own(one).map(|one| share(one.outcome == Ended::Refusal)),
    },
    Metric {
        name: "fallback_rate",
        about: "requests that another model answered in the chosen one's place",
        scale: Scale::Bad,
        of: |one| Some(share(one.outcome == Ended::Fallback)),
    },
    Metric {
        name: "truncation_rate",
        about: "answers cut at a limit",
        scale: Scale::Bad,
        of: |one| own(one).map(|one| share(one.outcome == Ended::Truncated)),
    },
    Metric {
        name: "error_rate",
        about: "requests without an answer, or with half of one",
        scale: Scale::Bad,
        of: |one| own(one).map(|one| share(one.outcome == Ended::Error)),
    },
    Metric {
        name: "schema_invalid_rate",
        about: "answers that break the JSON schema asked for, of those with one",
        scale: Scale::Bad,
        of: |one| own(one)?.schema_invalid.map(share),
    },
    Metric {
        name: "tool_call_invalid_rate",
        about: "answers with a tool call that the request does not allow, of those with calls",
        scale: Scale::Bad,
        of: |one| own(one)?.tool_call_invalid.map(share),
    },
    Metric {
        name: OUTCOME,
        about: "outcomes that callers report, 0 to 1",
        scale: Scale::Good,
        // Reports come beside the answers.
        of: |_| None,
    },
    Metric {
        name: "first_token_ms",
        about: "milliseconds until the first visible output",
        scale: Scale::Milliseconds,
        of: |one| answered(one)?.first_token_ms.map(f64::from),
    },
    Metric {
        name: "latency_ms",
        about: "milliseconds until the end of the answer",
        scale: Scale::Milliseconds,
        of: |one| answered(one).map(|one| f64::from(one.total_ms)),
    },
    Metric {
        name: "cost",
        about: "US dollars a request",
        scale: Scale::Usd,
        of: |one| answered(one)?.cost.map(PicoUsd::in_usd),
    },
];

/// Finds a metric by its name.
#[must_use]
pub fn find_metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// Passes over what another model answered: it says nothing of the one that was chosen but that
/// it did not answer.
fn own(one: &Observation) -> Option<&Observation> {
    (one.outcome != Ended::Fallback).then_some(one)
}

/// Passes over errors too: a quick error must not look like a quick answer, nor like a cheap one.
fn answered(one: &Observation) -> Option<&Observation> {
    own(one).filter(|one| one.outcome != Ended::Error)
}

fn share(is_it: bool) -> f64 {
    f64::from(u8::from(is_it))
}
