//! Counts what was accounted for, for operators' dashboards: from the batches of rows, never on
//! the request path. It must not be shown to a caller: its labels name sealed models.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{ModelName, TierName};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use store::{Outcome, UsageRow};

use crate::account::Accounts;

/// The most kinds of rows whose series are kept at hand.
const MAX_KNOWN: usize = 64;

/// Names the kinds of tokens, in the order of [`Series::tokens`].
const KINDS: [&str; 5] = ["input", "cached", "cache_write", "output", "reasoning"];

/// Upper bounds in seconds, from a cached first token to a long answer.
const SECONDS: [f64; 12] = [
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 600.0,
];

type Counts = Family<Request, Counter>;
type Tokens = Family<Kind, Counter>;
type Times = Family<Served, Histogram, fn() -> Histogram>;

/// Holds the metrics of one gateway.
pub struct Metrics {
    registry: Registry,
    requests: Counts,
    tokens: Tokens,
    cost: Family<Served, Counter>,
    unpriced: Family<Served, Counter>,
    latency: Times,
    first_token: Times,
    in_flight: Gauge,
    lost: Gauge,
    circuits: Family<Circuit, Gauge>,
    known: Mutex<Vec<Series>>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    tier: String,
    model: String,
    dialect: String,
    outcome: &'static str,
    status: u32,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Kind {
    tier: String,
    model: String,
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Served {
    tier: String,
    model: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Circuit {
    model: String,
    phase: &'static str,
}

fn times() -> Histogram {
    Histogram::new(SECONDS)
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Makes metrics with nothing counted.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("tiergate"),
            requests: Family::default(),
            tokens: Family::default(),
            cost: Family::default(),
            unpriced: Family::default(),
            latency: Family::new_with_constructor(times),
            first_token: Family::new_with_constructor(times),
            in_flight: Gauge::default(),
            lost: Gauge::default(),
            circuits: Family::default(),
            known: Mutex::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests answered", self.requests.clone());
        registry.register(
            "tokens",
            "Tokens as providers count them",
            self.tokens.clone(),
        );
        registry.register(
            "cost_pico_usd",
            "Cost where prices are known",
            self.cost.clone(),
        );
        registry.register(
            "requests_unpriced",
            "Requests whose model has no known price",
            self.unpriced.clone(),
        );
        registry.register(
            "request_duration_seconds",
            "Time from arrival to the answer's end",
            self.latency.clone(),
        );
        registry.register(
            "first_output_seconds",
            "Time from arrival to the first visible output of a stream",
            self.first_token.clone(),
        );
        registry.register(
            "requests_in_flight",
            "Requests under way",
            self.in_flight.clone(),
        );
        registry.register(
            "usage_rows_lost",
            "Usage rows that could not be recorded",
            self.lost.clone(),
        );
        registry.register(
            "circuit",
            "1 at the phase in which the circuit of a model that has failed stands",
            self.circuits.clone(),
        );
    }

    /// Counts a batch of rows; the recorder calls it off the request path.
    pub fn on_batch(&self, rows: &[UsageRow]) {
        // Rows come in few kinds, so the series of each are looked up once. Nobody waits for
        // this lock: batches come from one thread.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let found = known.iter().position(|series| series.kind.fits(row));
            let series = match found {
                Some(at) => known.get(at),
                None => {
                    if known.len() >= MAX_KNOWN {
                        known.clear();
                    }
                    known.push(self.series(row));
                    known.last()
                }
            };
            if let Some(series) = series {
                series.count(row);
            }
        }
    }

    /// Finds or makes the series of rows like this one.
    fn series(&self, row: &UsageRow) -> Series {
        let name = |text: Option<&str>| text.unwrap_or("none").to_owned();
        let tier = name(row.tier.as_ref().map(TierName::as_str));
        let model = name(row.model.as_ref().map(ModelName::as_str));
        let served = Served {
            tier: tier.clone(),
            model: model.clone(),
        };
        let tokens = KINDS.map(|kind| {
            let label = Kind {
                tier: tier.clone(),
                model: model.clone(),
                kind,
            };
            self.tokens.get_or_create(&label).clone()
        });
        let label = Request {
            tier,
            model,
            dialect: row.dialect.clone().into_owned(),
            outcome: row.outcome.as_str(),
            status: u32::from(row.status),
        };
        Series {
            kind: RowKind {
                tier: row.tier.clone(),
                model: row.model.clone(),
                dialect: row.dialect.clone(),
                outcome: row.outcome,
                status: row.status,
            },
            requests: self.requests.get_or_create(&label).clone(),
            tokens,
            cost: self.cost.get_or_create(&served).clone(),
            unpriced: self.unpriced.get_or_create(&served).clone(),
            latency: self.latency.get_or_create(&served).clone(),
            first_token: self.first_token.get_or_create(&served).clone(),
        }
    }

    /// Writes everything in the OpenMetrics text format, with what is under way now.
    #[must_use]
    pub fn render(&self, accounts: &Arc<Accounts>) -> String {
        self.in_flight.set(accounts.in_flight());
        let lost = i64::try_from(accounts.lost()).unwrap_or(i64::MAX);
        self.lost.set(lost);
        self.circuits.clear();
        for (model, phase) in accounts.circuits().phases() {
            let label = Circuit {
                model: model.to_string(),
                phase: phase.as_str(),
            };
            self.circuits.get_or_create(&label).set(1);
        }
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Holds the series that rows of one kind are counted in.
struct Series {
    kind: RowKind,
    requests: Counter,
    tokens: [Counter; 5],
    cost: Counter,
    unpriced: Counter,
    latency: Histogram,
    first_token: Histogram,
}

/// Holds what tells the series of one row from those of another.
struct RowKind {
    tier: Option<TierName>,
    model: Option<ModelName>,
    dialect: Cow<'static, str>,
    outcome: Outcome,
    status: u16,
}

impl RowKind {
    fn fits(&self, row: &UsageRow) -> bool {
        self.status == row.status
            && self.outcome == row.outcome
            && self.model == row.model
            && self.tier == row.tier
            && self.dialect == row.dialect
    }
}

impl Series {
    fn count(&self, row: &UsageRow) {
        self.requests.inc();
        let counts = [
            row.tokens.input,
            row.tokens.cached,
            row.tokens.cache_write,
            row.tokens.output,
            row.tokens.reasoning,
        ];
        for (counter, count) in self.tokens.iter().zip(counts) {
            counter.inc_by(count);
        }
        match row.cost {
            Some(cost) => {
                self.cost.inc_by(u64::try_from(cost.0).unwrap_or(0));
            }
            None if row.tokens.output > 0 => {
                self.unpriced.inc();
            }
            None => {}
        }
        let seconds = |ms: u32| f64::from(ms) / 1000.0;
        self.latency.observe(seconds(row.total_ms));
        if let Some(first) = row.first_token_ms {
            self.first_token.observe(seconds(first));
        }
    }
}
