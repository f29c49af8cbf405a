//! Takes a candidate's answers back that are under way: a suspension and a withdrawal end them for
//! whom they cut, and every other move lets them finish. It must not decide who is cut.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};

use arc_swap::ArcSwap;
use domain::{Assignment, ModelDigest, ReleaseName, Status, UseCaseName};
use store::Key;
use tokio::sync::watch;

use crate::error::{Class, Error};
use crate::snapshot::Snapshot;

/// Holds the snapshot that is served, and tells of another.
pub struct Current {
    // Swapped whole by a reload or a move; a request keeps the one it began with, without a lock.
    snapshot: ArcSwap<Snapshot>,
    /// Rises behind every swap: all that a stream looks at for each piece.
    published: AtomicU64,
    /// Wakes the streams that wait for a piece.
    changed: watch::Sender<()>,
}

impl Current {
    /// Serves a first snapshot.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        Self {
            snapshot: ArcSwap::from_pointee(snapshot),
            published: AtomicU64::new(0),
            changed: watch::Sender::new(()),
        }
    }

    /// Serves another.
    pub fn publish(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
        self.published.fetch_add(1, Ordering::Release);
        self.changed.send_replace(());
    }

    /// Shows the one that is served.
    #[must_use]
    pub fn load(&self) -> arc_swap::Guard<Arc<Snapshot>> {
        self.snapshot.load()
    }

    /// Shows the one that is served, to be kept.
    #[must_use]
    pub fn load_full(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }
}

/// Lets one answer of a candidate go on for as long as its caller may have it.
pub struct Leave {
    current: Arc<Current>,
    key: Arc<Key>,
    use_case: Option<UseCaseName>,
    release: ReleaseName,
    candidate: ModelDigest,
    /// Up to which publication it was looked at.
    seen: u64,
    change: Change,
    /// Who is woken by a change; the same task as a rule, so that it registers once.
    waker: Option<Waker>,
}

type Change = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Leave {
    /// Gives leave to an answer by a model; none is needed by what is no candidate.
    ///
    /// # Errors
    /// Fails when the caller has lost the candidate while the provider was asked.
    pub fn of(
        current: &Arc<Current>,
        key: &Arc<Key>,
        assignment: &Assignment<'_>,
        model: &ModelDigest,
    ) -> Result<Option<Self>, Error> {
        let Some(release) = assignment.release else {
            return Ok(None);
        };
        if release.plan.candidate.digest != *model {
            return Ok(None);
        }
        // In this order: what is published behind the first line is heard of.
        let change = change_of(current);
        let seen = current.published.load(Ordering::Acquire);
        let leave = Self {
            current: Arc::clone(current),
            key: Arc::clone(key),
            use_case: assignment.use_case.map(|one| one.name.clone()),
            release: release.plan.name.clone(),
            candidate: model.clone(),
            seen,
            change,
            waker: None,
        };
        if leave.is_cut(&current.load().status) {
            return Err(Error::caller(Class::CutOff));
        }
        Ok(Some(leave))
    }

    /// Tells whether it is over; where it is not, the task is woken when it may be.
    pub fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        loop {
            let published = self.current.published.load(Ordering::Relaxed);
            if published != self.seen {
                self.change = change_of(&self.current);
                self.waker = None;
                self.seen = self.current.published.load(Ordering::Acquire);
                if self.is_cut(&self.current.load().status) {
                    return true;
                }
            }
            let is_waiting = { self.waker.as_ref() }.is_some_and(|it| it.will_wake(cx.waker()));
            if is_waiting {
                return false;
            }
            self.waker = Some(cx.waker().clone());
            if self.change.as_mut().poll(cx).is_pending() {
                return false;
            }
            // Published since the look at the number, which has risen then.
            self.change = change_of(&self.current);
            self.waker = None;
        }
    }

    fn is_cut(&self, status: &Status) -> bool {
        let Some(release) = status.releases.get(&self.release) else {
            return false;
        };
        let caller = self.key.caller();
        match (caller, &self.use_case) {
            (Some(caller), Some(use_case)) => {
                let is_withdrawn = release.digest == self.candidate && release.is_withdrawn();
                is_withdrawn || release.suspensions().any(|one| one.cuts(caller, use_case))
            }
            // An eval run has no use case: it loses the candidate when everybody does.
            _ => release.suspensions().any(|one| one.scope.is_everybody()),
        }
    }
}

/// Waits for the next publication from now on.
fn change_of(current: &Current) -> Change {
    let mut changes = current.changed.subscribe();
    Box::pin(async move {
        // It ends with the gateway, and then nothing is published any more.
        if changes.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
