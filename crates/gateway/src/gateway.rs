//! The gateway as one value: its settings, what it reads for each request, and where it accounts.
//! It must not know how any of these came about.

use std::fmt;
use std::sync::Arc;

use store::{OutcomeRow, Recorder, Store};

use crate::account::Accounts;
use crate::bonds::Bonds;
use crate::circuits::Circuits;
use crate::config::Config;
use crate::decisions::Decisions;
use crate::recall::Current;
use crate::snapshot::Snapshot;

/// Is told of each report on a release's decision once it is durable, before it is answered.
pub type OnOutcome = Box<dyn Fn(&OutcomeRow) + Send + Sync>;

/// Holds everything that answering a request takes.
pub struct Gateway {
    store: Arc<Store>,
    accounts: Arc<Accounts>,
    decisions: Decisions,
    bonds: Bonds,
    current: Arc<Current>,
    on_outcome: Option<Arc<OnOutcome>>,
}

impl Gateway {
    /// Makes a gateway that serves a first snapshot.
    ///
    /// # Errors
    /// Fails when the system gives no random bytes for this process's decision ids.
    pub fn new(
        store: Arc<Store>,
        recorder: Arc<Recorder>,
        snapshot: Snapshot,
    ) -> Result<Self, getrandom::Error> {
        let circuits = Circuits::new(snapshot.config.circuit_rest);
        Ok(Self {
            store,
            accounts: Arc::new(Accounts::new(recorder, circuits)),
            decisions: Decisions::new()?,
            bonds: Bonds::new(),
            current: Arc::new(Current::new(snapshot)),
            on_outcome: None,
        })
    }

    /// Tells of each report on a release's decision.
    #[must_use]
    pub fn telling(self, on_outcome: OnOutcome) -> Self {
        Self {
            on_outcome: Some(Arc::new(on_outcome)),
            ..self
        }
    }

    /// Serves another snapshot from the next request on. Answers of a candidate that are under way
    /// end for whom it suspends or withdraws the candidate.
    pub fn publish(&self, snapshot: Snapshot) {
        self.circuits().rest_for(snapshot.config.circuit_rest);
        self.current.publish(snapshot);
    }

    /// Shows the snapshot served.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Shows what is under way and what was lost.
    pub fn accounts(&self) -> &Arc<Accounts> {
        &self.accounts
    }

    pub(crate) fn config(&self) -> Config {
        self.current.load().config
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn shared_store(&self) -> &Arc<Store> {
        &self.store
    }

    pub(crate) fn current(&self) -> &Arc<Current> {
        &self.current
    }

    pub(crate) fn on_outcome(&self) -> Option<&Arc<OnOutcome>> {
        self.on_outcome.as_ref()
    }

    pub(crate) fn bonds(&self) -> &Bonds {
        &self.bonds
    }

    pub(crate) fn circuits(&self) -> &Circuits {
        self.accounts.circuits()
    }

    pub(crate) fn decisions(&self) -> &Decisions {
        &self.decisions
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}
