//! A request: decode, identify, decide, guard, dispatch, relay, account. It must not know how a
//! status comes about: control, release, evidence, ledger and plan are not there.

mod account;
mod adapt;
mod attempt;
mod bonds;
mod circuits;
mod config;
mod conversation;
mod credential;
mod decisions;
mod decode;
mod describe;
mod dispatch;
mod error;
mod fits;
mod gateway;
mod guard;
mod head_limit;
mod identify;
mod judge;
mod lane;
mod metrics;
mod outcomes;
mod outgoing;
mod pipeline;
mod prepare;
mod recall;
mod relay;
mod respond;
mod retry;
mod routes;
mod server;
mod snapshot;

#[cfg(test)]
mod tests;

pub use account::Accounts;
pub use config::{Config, ServerLimits, Translation};
pub use decisions::now;
pub use error::{Class, Error, Origin, Row};
pub use gateway::{Gateway, OnOutcome};
pub use metrics::Metrics;
pub use outgoing::Outgoing;
pub use routes::{Access, Face, ROUTES, Route};
pub use server::{Drained, serve};
pub use snapshot::{Snapshot, Target, Today};
