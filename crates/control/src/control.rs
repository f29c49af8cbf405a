//! The release side as a whole: the one writer of the ledger, the status made from it, and the
//! policy in force. It must not know the request path, nor a clock but the one it is given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use domain::{ModelDigest, Policy, PolicyFault, ReleaseName, Stage, Status, SuiteName, Timestamp};
use store::{LedgerWriter, Store, StoreError};

use crate::book::Book;
use crate::error::ControlError;
use crate::logbook::Logbook;
use crate::monitor::{Accounting, Monitor, Patience};
use crate::record::{KeyIssued, KeyRevoked, PolicyLoaded};

/// Holds what the release side is given by whoever wires it.
pub struct Hooks {
    /// Tells the time.
    pub clock: fn() -> Timestamp,
    /// Gives the request path a new status.
    pub publish: Box<dyn Fn(Arc<Status>) + Send + Sync>,
    /// Waits until every usage row taken so far is durable; tells whether it is.
    pub settle: Box<dyn Fn() -> bool + Send + Sync>,
    /// Tells how accounting stands.
    pub accounting: Box<dyn Fn() -> Accounting + Send + Sync>,
    /// Tells how long the monitor may be silent.
    pub patience: Box<dyn Fn() -> Patience + Send + Sync>,
    /// Writes the metrics for a scrape.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
}

/// Runs the release side.
pub struct Control {
    pub(crate) store: Arc<Store>,
    pub(crate) hooks: Hooks,
    pub(crate) monitor: Monitor,
    declared: ArcSwap<Declared>,
    // One lock for ledger, book and what is declared: moves are rare, and two at once must see
    // each other.
    logbook: Mutex<Logbook>,
    /// Raised while anything waits for the ledger, or for the disk.
    alarm: Arc<AtomicBool>,
    /// Set while something may be on the disk that the ledger says is erased.
    pub(crate) unfinished: AtomicBool,
    /// Held by whoever takes it off the disk.
    pub(crate) erasing: Mutex<()>,
}

/// Holds what the configuration declares, as far as releases need it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The policy.
    pub policy: Arc<Policy>,
    /// The digest of each suite's cases.
    pub suites: BTreeMap<SuiteName, String>,
    /// Those of them whose cases another tool holds: only a file of that tool is evidence.
    pub elsewhere: BTreeSet<SuiteName>,
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
        let alarm = Arc::new(AtomicBool::new(false));
        let mut logbook = Logbook::open(writer, Arc::clone(&alarm))?;
        check_live(&logbook, &declared.policy)?;
        record_policy(&mut logbook, &declared.policy, (hooks.clock)())?;
        bring_up(&store, &logbook)?;
        let monitor = Monitor::new((hooks.clock)());
        // A crash may have come in between, or an older database have been brought back.
        let unfinished = AtomicBool::new(!logbook.book().erased.is_empty());
        let control = Self {
            store,
            hooks,
            monitor,
            declared: ArcSwap::from_pointee(declared),
            logbook: Mutex::new(logbook),
            alarm,
            unfinished,
            erasing: Mutex::default(),
        };
        match control.catch_up() {
            // It counts for nothing already, and is tried again.
            Err(error @ ControlError::Unerased(_)) => {
                tracing::error!(%error, "evidence that was erased is not gone from the disk yet");
            }
            caught_up => caught_up?,
        }
        (control.hooks.publish)(Arc::new(control.status()));
        Ok(control)
    }

    /// Takes a new configuration and gives the request path what `publish` makes of it and the
    /// status in force. No move comes in between, so that none is undone by an older status; for
    /// the same reason `publish` must not call back here.
    ///
    /// # Errors
    /// Refuses one that would change a live release unseen; the last good one stays in force.
    pub fn reload(
        &self,
        declared: Declared,
        publish: impl FnOnce(Arc<Status>),
    ) -> Result<(), ControlError> {
        let mut logbook = self.logbook();
        check_live(&logbook, &declared.policy)?;
        record_policy(&mut logbook, &declared.policy, (self.hooks.clock)())?;
        self.declared.store(Arc::new(declared));
        publish(Arc::new(logbook.status().clone()));
        Ok(())
    }

    /// Writes into the ledger what waits for it: moves back made while it could not be written,
    /// operator keys issued beside this process (valid from then on), and revoked ones. Then it
    /// takes off the disk what the ledger says is erased.
    ///
    /// # Errors
    /// Fails when ledger or store do; [`Control::retry`] then tries again.
    pub fn catch_up(&self) -> Result<(), ControlError> {
        let mut logbook = self.logbook();
        // Lowered first, since a failure below raises it again.
        self.alarm.store(false, Ordering::Release);
        let written = self.write_waiting(&mut logbook);
        drop(logbook);
        if written.is_err() {
            self.raise_alarm();
        }
        written.and_then(|()| self.finish_erasures())
    }

    /// Lets [`Control::retry`] try again.
    pub(crate) fn raise_alarm(&self) {
        self.alarm.store(true, Ordering::Release);
    }

    /// Tries again what the ledger did not take; returns at once where nothing waits.
    ///
    /// # Errors
    /// Fails when ledger or store still do.
    pub fn retry(&self) -> Result<(), ControlError> {
        if self.alarm.load(Ordering::Acquire) {
            self.catch_up()
        } else {
            Ok(())
        }
    }

    /// Shows what is declared.
    #[must_use]
    pub fn declared(&self) -> Arc<Declared> {
        self.declared.load_full()
    }

    /// Shows where every release stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.logbook().status().clone()
    }

    pub(crate) fn logbook(&self) -> MutexGuard<'_, Logbook> {
        self.logbook.lock().unwrap_or_else(|poisoned| {
            // A panic in between leaves at worst an entry that the book lacks, so it reads on.
            self.logbook.clear_poison();
            let mut logbook = PoisonError::into_inner(poisoned);
            logbook.doubt();
            logbook
        })
    }

    /// Brings ledger and book to the same, and publishes what that changes.
    pub(crate) fn settle_ledger(&self, logbook: &mut Logbook) -> Result<(), ControlError> {
        let before = logbook.status().generation;
        let settled = logbook.catch_up((self.hooks.clock)());
        if logbook.status().generation != before {
            self.publish(logbook);
        }
        settled
    }

    /// Publishes the status, and brings the store's cache up to it.
    pub(crate) fn publish(&self, logbook: &Logbook) {
        (self.hooks.publish)(Arc::new(logbook.status().clone()));
        // The ledger is the truth: a cache that is behind is rebuilt at the next start.
        if let Err(error) = self.store.put_status(logbook.lease(), logbook.status()) {
            tracing::warn!(%error, "the status could not be cached");
        }
    }

    fn write_waiting(&self, logbook: &mut Logbook) -> Result<(), ControlError> {
        self.settle_ledger(logbook)?;
        for key in self.store.keys_to_accept()? {
            let Some(person) = key.operator().cloned() else {
                continue;
            };
            let issued = KeyIssued {
                key: key.id.clone(),
                person,
                issuer: key.issuer.clone(),
            };
            logbook.append(&issued, (self.hooks.clock)())?;
            self.store.accept_key(logbook.lease(), &key.id)?;
        }
        for key in self.store.revocations_to_log()? {
            let revoked = KeyRevoked {
                key: key.id.clone(),
            };
            logbook.append(&revoked, (self.hooks.clock)())?;
            self.store
                .note_revocation_logged(logbook.lease(), &key.id)?;
        }
        Ok(())
    }
}

/// Brings the store's cache up to the ledger, whatever the cache says or whether it reads at all.
fn bring_up(store: &Store, logbook: &Logbook) -> Result<(), StoreError> {
    match store.status() {
        Ok(Some(cached)) if cached == *logbook.status() => Ok(()),
        _ => store.put_status(logbook.lease(), logbook.status()),
    }
}

fn record_policy(
    logbook: &mut Logbook,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), ControlError> {
    if logbook.book().policy.as_ref() == Some(&policy.digest) {
        return Ok(());
    }
    let loaded = PolicyLoaded {
        policy: policy.digest.clone(),
    };
    logbook.append(&loaded, now)
}

/// Checks that a policy leaves every live release as it was when it last moved, and every
/// suspended candidate out of reach.
fn check_live(logbook: &Logbook, policy: &Policy) -> Result<(), ControlError> {
    let mut faults = Vec::new();
    for (name, status) in &logbook.status().releases {
        let planned = policy.releases.get(name);
        let is_same = planned.is_some_and(|plan| {
            plan.candidate.digest == status.digest && is_plan_of(logbook.book(), name, plan)
        });
        if status.stage != Stage::Sealed && !is_same {
            faults.push(changed(name, status.stage, planned.is_some()));
        }
        if status.suspensions().next().is_some() {
            faults.extend(around(policy, name, &status.digest));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ControlError::Policy(faults))
    }
}

/// Finds the ways by which a policy would lead around a suspension: the model served as an
/// incumbent, the same model as the candidate of another release, the release away.
fn around(policy: &Policy, name: &ReleaseName, digest: &ModelDigest) -> Vec<PolicyFault> {
    let serves = |tier: &&domain::Tier| tier.serves.iter().any(|model| model.digest == *digest);
    let served = policy.tiers.values().filter(serves).map(|tier| {
        let what = format!("the suspended candidate of release {name} would serve this tier");
        (format!("tiers.{}.serves", tier.name), what)
    });
    let is_other =
        |plan: &&domain::ReleasePlan| plan.name != *name && plan.candidate.digest == *digest;
    let renamed = policy.releases.values().filter(is_other).map(|plan| {
        let what = format!("its candidate is that of release {name}, which is suspended");
        (format!("releases.{}", plan.name), what)
    });
    let is_gone = !policy.releases.contains_key(name);
    let gone = is_gone.then(|| {
        let what = format!("release {name} is suspended, and would be removed");
        (format!("releases.{name}"), what)
    });
    let fault = |(path, what)| PolicyFault {
        path,
        what,
        mend: format!(
            "put it back as it was, or run `tiergate release restore {name}` first: only a \
             person lifts a suspension"
        ),
    };
    served.chain(renamed).chain(gone).map(fault).collect()
}

fn is_plan_of(book: &Book, name: &ReleaseName, plan: &domain::ReleasePlan) -> bool {
    let moved_under = book.plans.get(name);
    moved_under.is_none_or(|digest| *digest == plan.digest)
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
