//! The parts of a running gateway, and the sign to stop. It must not wire them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use control::{Control, Patience};
use gateway::Gateway;
use store::{Recorder, Store};
use tokio::sync::watch;

use super::targets::Targets;
use super::witnessing::Board;
use crate::config::{Settings, Witnesses};
use crate::home::Home;

/// Holds the parts that live as long as the process.
pub(super) struct Parts {
    pub(super) store: Arc<Store>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) gateway: Arc<Gateway>,
    pub(super) control: Arc<Control>,
    pub(super) targets: Arc<Targets>,
    /// How long the monitor may be silent, as the configuration says now.
    pub(super) patience: Arc<ArcSwap<Patience>>,
    /// Who is asked to cosign the ledger, as the configuration says now.
    pub(super) witnesses: Arc<ArcSwap<Witnesses>>,
    /// How they stand.
    pub(super) board: Arc<Board>,
    pub(super) home: Home,
}

/// Waits until the process is to stop.
pub(super) async fn wait(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone means that the process ends.
    let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
}

/// Picks the limits and deadlines of the application port out of the settings.
pub(super) fn limits(settings: &Settings) -> gateway::Config {
    gateway::Config {
        max_body_bytes: settings.max_body_bytes,
        body_timeout: gateway::Config::BODY_TIMEOUT,
        connect_timeout: settings.connect_timeout,
        headers_timeout: settings.headers_timeout,
        first_token_timeout: settings.first_token_timeout,
        idle_timeout: settings.idle_timeout,
        answer_timeout: settings.answer_timeout,
        circuit_rest: settings.circuit_rest,
        translation: gateway::Translation::Named,
    }
}
