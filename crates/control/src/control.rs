//! The release side as a whole: the one writer of the ledger, the status made from it, and the
//! policy in force. It must not know the request path, nor a clock but the one it is given.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use domain::{Policy, PolicyFault, ReleaseName, Stage, Status, SuiteName, Timestamp};
use release::{Move, MoveKind};
use serde::Serialize;
use store::{LedgerError, LedgerWriter, Store, StoreError};

use crate::book::{Book, BookFault, MOVE};
use crate::record::{KeyIssued, KeyRevoked, PolicyLoaded, Record};

/// Holds what the release side is given by whoever wires it.
pub struct Hooks {
    /// Tells the time.
    pub clock: fn() -> Timestamp,
    /// Gives the request path a new status.
    pub publish: Box<dyn Fn(Arc<Status>) + Send + Sync>,
    /// Waits until every usage row taken so far is durable; tells whether it is.
    pub settle: Box<dyn Fn() -> bool + Send + Sync>,
    /// Writes the metrics for a scrape.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
}

/// Runs the release side.
pub struct Control {
    pub(crate) store: Arc<Store>,
    pub(crate) hooks: Hooks,
    declared: ArcSwap<Declared>,
    // One lock for ledger and book: moves are rare, and two at once must see each other.
    state: Mutex<State>,
}

/// Holds what the configuration declares, as far as releases need it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The policy.
    pub policy: Arc<Policy>,
    /// The digest of each suite's cases.
    pub suites: BTreeMap<SuiteName, String>,
}

pub(crate) struct State {
    writer: LedgerWriter,
    pub(crate) book: Book,
    /// Moves back that took effect while the ledger could not be written.
    pending: Vec<Move>,
}

/// Says why the release side could not do something.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The ledger failed.
    #[error("write or read the ledger")]
    Ledger(#[from] LedgerError),
    /// The ledger holds an entry that does not read.
    #[error("read the ledger back")]
    Book(#[from] BookFault),
    /// The store failed.
    #[error("write or read the store")]
    Store(#[from] StoreError),
    /// A record could not be written as JSON.
    #[error("write a record")]
    Record(#[from] serde_json::Error),
    /// The configuration would change a live release unseen.
    #[error("{}", tell(.0))]
    Policy(Vec<PolicyFault>),
}

fn tell(faults: &[PolicyFault]) -> String {
    let told: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}: {}\n  mend: {}", fault.path, fault.what, fault.mend))
        .collect();
    told.join("\n")
}

impl Control {
    /// Opens the release side: reads the ledger back, brings the store's cache up to it, records
    /// the policy, and publishes the status.
    ///
    /// # Errors
    /// Fails when ledger or store do, or when the policy would change a live release unseen.
    pub fn open(
        store: Arc<Store>,
        writer: LedgerWriter,
        declared: Declared,
        hooks: Hooks,
    ) -> Result<Self, ControlError> {
        let entries = writer.files().entries(0..u64::MAX)?;
        let book = Book::read(&entries)?;
        check_live(&book, &declared.policy)?;
        let policy = Arc::clone(&declared.policy);
        let control = Self {
            store,
            hooks,
            declared: ArcSwap::from_pointee(declared),
            state: Mutex::new(State {
                writer,
                book,
                pending: Vec::new(),
            }),
        };
        control.record_policy(&policy)?;
        control.catch_up()?;
        let state = control.state();
        if control.store.status()?.as_ref() != Some(&state.book.status) {
            control
                .store
                .put_status(state.writer.lease(), &state.book.status)?;
        }
        let status = Arc::new(state.book.status.clone());
        drop(state);
        (control.hooks.publish)(status);
        Ok(control)
    }

    /// Takes a new configuration.
    ///
    /// # Errors
    /// Refuses one that would change a live release unseen; the last good one stays in force.
    pub fn reload(&self, declared: Declared) -> Result<(), ControlError> {
        check_live(&self.state().book, &declared.policy)?;
        self.record_policy(&declared.policy)?;
        self.declared.store(Arc::new(declared));
        Ok(())
    }

    /// Writes into the ledger what waits for it: moves back made while it could not be written,
    /// operator keys issued beside this process (valid from then on), and revoked ones.
    ///
    /// # Errors
    /// Fails when ledger or store do.
    pub fn catch_up(&self) -> Result<(), ControlError> {
        self.write_pending(&mut self.state())?;
        for key in self.store.keys_to_accept()? {
            let Some(person) = key.operator().cloned() else {
                continue;
            };
            let issued = KeyIssued {
                key: key.id.clone(),
                person,
                issuer: key.issuer.clone(),
            };
            let mut state = self.state();
            self.append(&mut state, &issued)?;
            self.store.accept_key(state.writer.lease(), &key.id)?;
        }
        for key in self.store.revocations_to_log()? {
            let mut state = self.state();
            self.append(
                &mut state,
                &KeyRevoked {
                    key: key.id.clone(),
                },
            )?;
            self.store
                .note_revocation_logged(state.writer.lease(), &key.id)?;
        }
        Ok(())
    }

    /// Shows what is declared.
    #[must_use]
    pub fn declared(&self) -> Arc<Declared> {
        self.declared.load_full()
    }

    /// Shows where every release stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.state().book.status.clone()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic in between left at worst an entry that the book lacks; the ledger stays the
        // truth, and the next move is planned from the book's older generation and refused by it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn append<R: Record>(
        &self,
        state: &mut State,
        record: &R,
    ) -> Result<(), ControlError> {
        self.append_value(state, R::KIND, record)
    }

    /// Appends durably, then takes the entry into the book.
    pub(crate) fn append_value(
        &self,
        state: &mut State,
        kind: &str,
        record: &impl Serialize,
    ) -> Result<(), ControlError> {
        self.write_pending(state)?;
        let body = serde_json::to_value(record)?;
        let entry = state.writer.append(kind, body, (self.hooks.clock)())?;
        state.book.take(&entry.kind, &entry.body)?;
        Ok(())
    }

    /// Makes a move: durable first, then in the book. One that goes back takes effect even while
    /// the ledger cannot be written, and is written when it can be.
    pub(crate) fn make(&self, state: &mut State, made: &Move) -> Result<(), ControlError> {
        let logged = self.append_value(state, MOVE, made);
        if let (Err(error), MoveKind::RollBack) = (&logged, made.kind) {
            let release = &made.release;
            tracing::error!(%error, %release, "a move back is not in the ledger yet");
            state.book.status = release::apply(&state.book.status, made);
            state.pending.push(made.clone());
            return Ok(());
        }
        logged
    }

    fn write_pending(&self, state: &mut State) -> Result<(), ControlError> {
        while let Some(made) = state.pending.first() {
            let body = serde_json::to_value(made)?;
            state.writer.append(MOVE, body, (self.hooks.clock)())?;
            state
                .book
                .plans
                .insert(made.release.clone(), made.plan.clone());
            state.pending.remove(0);
        }
        Ok(())
    }

    /// Publishes the book's status, and brings the store's cache up to it.
    pub(crate) fn publish(&self, state: &State) {
        (self.hooks.publish)(Arc::new(state.book.status.clone()));
        // The ledger is the truth: a cache that is behind is rebuilt at the next start.
        if let Err(error) = self
            .store
            .put_status(state.writer.lease(), &state.book.status)
        {
            tracing::warn!(%error, "the status could not be cached");
        }
    }

    fn record_policy(&self, policy: &Policy) -> Result<(), ControlError> {
        let mut state = self.state();
        if state.book.policy.as_ref() == Some(&policy.digest) {
            return Ok(());
        }
        self.append(
            &mut state,
            &PolicyLoaded {
                policy: policy.digest.clone(),
            },
        )
    }
}

/// Checks that a policy leaves every live release as it was when it last moved.
fn check_live(book: &Book, policy: &Policy) -> Result<(), ControlError> {
    let live = book
        .status
        .releases
        .iter()
        .filter(|(_, status)| status.stage != Stage::Sealed);
    let faults: Vec<PolicyFault> = live
        .filter_map(|(name, status)| {
            let planned = policy.releases.get(name);
            let is_same = planned.is_some_and(|plan| {
                plan.candidate.digest == status.digest
                    && book
                        .plans
                        .get(name)
                        .is_none_or(|digest| *digest == plan.digest)
            });
            (!is_same).then(|| changed(name, status.stage, planned.is_some()))
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ControlError::Policy(faults))
    }
}

fn changed(name: &ReleaseName, stage: Stage, is_planned: bool) -> PolicyFault {
    let what = if is_planned {
        format!("release {name} is live in {stage}, and its plan or candidate would change")
    } else {
        format!("release {name} is live in {stage}, and would be removed")
    };
    PolicyFault {
        path: format!("releases.{name}"),
        what,
        mend: format!(
            "put it back as it was, or run `tiergate release rollback {name}` first: a changed \
             plan begins anew, with its own evidence and approvals"
        ),
    }
}
