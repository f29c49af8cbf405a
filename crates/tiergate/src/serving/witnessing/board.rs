//! How the witnesses stand, for whoever scrapes the metrics. It must not ask a witness.

use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::standing::{Standing, State};

/// Shows how the witnesses stand.
#[derive(Debug, Default)]
pub(in crate::serving) struct Board {
    standings: Mutex<Vec<Standing>>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Of {
    witness: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct In {
    witness: String,
    state: &'static str,
}

impl Board {
    /// Takes how they stand now.
    pub(super) fn tell(&self, standings: &[Standing]) {
        let mut told = self
            .standings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *told = standings.to_vec();
    }

    /// Writes it in the OpenMetrics text format, without the mark of its end; nothing where there
    /// is no witness.
    pub(in crate::serving) fn render(&self) -> String {
        let told = self
            .standings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        if !told.is_empty() {
            // Writing to a String cannot fail.
            let _ = encode_registry(&mut text, &registry(&told));
        }
        text
    }
}

fn registry(standings: &[Standing]) -> Registry {
    let size = Family::<Of, Gauge>::default();
    let at = Family::<Of, Gauge>::default();
    let failures = Family::<Of, Gauge>::default();
    let state = Family::<In, Gauge>::default();
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    for standing in standings {
        let of = Of {
            witness: standing.witness.clone(),
        };
        let known = [(&size, standing.size), (&at, standing.at)];
        for (family, value) in known {
            if let Some(value) = value {
                family.get_or_create(&of).set(number(value));
            }
        }
        let failed = u64::from(standing.failures);
        failures.get_or_create(&of).set(number(failed));
        for one in State::ALL {
            let label = In {
                witness: of.witness.clone(),
                state: one.as_str(),
            };
            let is_so = i64::from(one == standing.state);
            state.get_or_create(&label).set(is_so);
        }
    }
    let mut registry = Registry::with_prefix("tiergate_witness");
    let entries = "Entries of the ledger that the witness cosigned last";
    registry.register("entries", entries, size);
    let when = "When it says that it did, in seconds since the Unix epoch";
    registry.register("cosigned_at_seconds", when, at);
    let row = "Questions in a row that brought no cosignature";
    registry.register("failures", row, failures);
    let became = "1 at what became of the last question to the witness";
    registry.register("state", became, state);
    registry
}
