//! Counts what was accounted for, for operators' dashboards: from the batches of rows, never on
//! the request path. It must not be shown to a caller: its labels name sealed models.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use store::UsageRow;

use crate::account::Accounts;

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
    }

    /// Counts a batch of rows; the recorder calls it off the request path.
    pub fn on_batch(&self, rows: &[UsageRow]) {
        for row in rows {
            self.count(row);
        }
    }

    fn count(&self, row: &UsageRow) {
        let name = |text: Option<&str>| text.unwrap_or("none").to_owned();
        let tier = name(row.tier.as_ref().map(domain::TierName::as_str));
        let model = name(row.model.as_ref().map(domain::ModelName::as_str));
        let served = Served {
            tier: tier.clone(),
            model: model.clone(),
        };
        let parts = [
            ("input", row.tokens.input),
            ("cached", row.tokens.cached),
            ("cache_write", row.tokens.cache_write),
            ("output", row.tokens.output),
            ("reasoning", row.tokens.reasoning),
        ];
        for (kind, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
            let label = Kind {
                tier: tier.clone(),
                model: model.clone(),
                kind,
            };
            self.tokens.get_or_create(&label).inc_by(count);
        }
        match row.cost {
            Some(cost) => {
                let cost = u64::try_from(cost.0).unwrap_or(0);
                self.cost.get_or_create(&served).inc_by(cost);
            }
            None if row.tokens.output > 0 => {
                self.unpriced.get_or_create(&served).inc();
            }
            None => {}
        }
        let seconds = |ms: u32| f64::from(ms) / 1000.0;
        let latency = self.latency.get_or_create(&served);
        latency.observe(seconds(row.total_ms));
        drop(latency);
        if let Some(first) = row.first_token_ms {
            let first_token = self.first_token.get_or_create(&served);
            first_token.observe(seconds(first));
        }
        let label = Request {
            tier,
            model,
            dialect: row.dialect.clone().into_owned(),
            outcome: row.outcome.as_str(),
            status: u32::from(row.status),
        };
        self.requests.get_or_create(&label).inc();
    }

    /// Writes everything in the OpenMetrics text format, with what is under way now.
    #[must_use]
    pub fn render(&self, accounts: &Arc<Accounts>) -> String {
        self.in_flight.set(accounts.in_flight());
        let lost = i64::try_from(accounts.lost()).unwrap_or(i64::MAX);
        self.lost.set(lost);
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
