//! Watches live releases: what accounting tells goes into one watch a release, and each look
//! makes the moves that make themselves. Whoever waits for the monitor in vain freezes shares and
//! then lets them fall. It must not judge: gates do.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{ModelDigest, ReleaseName, ReleasePlan, ReleaseStatus, Share, Stage, Timestamp};
use release::Watch;
use store::DecisionId;

use crate::observed::Told;

/// The most that waits for a look; what comes beyond is read from the store again.
const MOST_WAITING: usize = 100_000;

/// Says how long the monitor may be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until nothing goes forward any more.
    pub freeze: Duration,
    /// Until the releases that it watches go back.
    pub fall: Duration,
}

impl Patience {
    /// What holds where nothing is set.
    pub const STANDARD: Self = Self {
        freeze: Duration::from_secs(30),
        fall: Duration::from_secs(300),
    };
}

/// Says how accounting stands, since what is not accounted for is not watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accounting {
    /// Rows that wait to become durable.
    pub waiting: usize,
    /// Rows that became durable.
    pub durable: u64,
}

/// Holds what is watched.
pub(crate) struct Monitor {
    inbox: Mutex<Inbox>,
    /// Locked after the logbook, never before.
    watches: Mutex<Watches>,
    /// When the last look came to its end, in milliseconds.
    looked: AtomicI64,
}

#[derive(Default)]
struct Inbox {
    told: Vec<Told>,
    /// Set where something found no place.
    has_overflown: bool,
}

/// Holds one watch a release that is in an open stage.
#[derive(Default)]
pub(crate) struct Watches {
    by_release: BTreeMap<ReleaseName, Watched>,
    /// What was read back from the store, and may be told as well.
    recalled: HashSet<(DecisionId, bool)>,
    /// How accounting stood when it last got on, and when that was.
    accounting: Option<(Accounting, Timestamp)>,
}

/// Holds the watch of one stay in one stage.
struct Watched {
    stay: Stay,
    share: Share,
    watch: Watch,
    /// When it is next asked whether the share rises: that reads the evidence.
    rise_at: Timestamp,
}

/// Names one stay of one candidate in one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stay {
    digest: ModelDigest,
    plan: String,
    stage: Stage,
    since: Timestamp,
}

impl Stay {
    fn of(plan: &ReleasePlan, status: &ReleaseStatus) -> Self {
        Self {
            digest: status.digest.clone(),
            plan: plan.digest.clone(),
            stage: status.stage,
            since: status.stage_since,
        }
    }
}

impl Monitor {
    /// Starts with nothing watched; until the first look counts as one.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            inbox: Mutex::default(),
            watches: Mutex::default(),
            looked: AtomicI64::new(now.0),
        }
    }

    /// Takes in what is told, without waiting for a look.
    pub(crate) fn tell(&self, told: impl IntoIterator<Item = Told>) {
        let mut inbox = locked(&self.inbox);
        for one in told {
            if inbox.told.len() >= MOST_WAITING {
                inbox.has_overflown = true;
                return;
            }
            inbox.told.push(one);
        }
    }

    /// Takes out what was told; none where some of it found no place.
    pub(crate) fn take(&self) -> Option<Vec<Told>> {
        let inbox = std::mem::take(&mut *locked(&self.inbox));
        (!inbox.has_overflown).then_some(inbox.told)
    }

    /// Gives the watches; whoever holds the logbook takes them after it.
    pub(crate) fn watches(&self) -> MutexGuard<'_, Watches> {
        locked(&self.watches)
    }

    /// Notes that a look came to its end.
    pub(crate) fn looked(&self, now: Timestamp) {
        self.looked.store(now.0, Ordering::Release);
    }

    /// Tells how long ago the last look was.
    pub(crate) fn silent_for(&self, now: Timestamp) -> Duration {
        let last = Timestamp(self.looked.load(Ordering::Acquire));
        Duration::from_millis(u64::try_from(now.ms_since(last)).unwrap_or_default())
    }
}

impl Watches {
    /// Finds the watch of a release's present stay.
    pub(crate) fn of(&self, plan: &ReleasePlan, status: &ReleaseStatus) -> Option<&Watch> {
        let watched = self.by_release.get(&plan.name)?;
        (watched.stay == Stay::of(plan, status)).then_some(&watched.watch)
    }

    /// Tells whether a release's present stay is watched; one that is gets to know its share.
    pub(crate) fn follows(
        &mut self,
        plan: &ReleasePlan,
        status: &ReleaseStatus,
        now: Timestamp,
    ) -> bool {
        let Some(watched) = self.by_release.get_mut(&plan.name) else {
            return false;
        };
        if watched.stay != Stay::of(plan, status) {
            return false;
        }
        if watched.share != status.share {
            watched.share = status.share;
            watched.watch.share_became(status.share, now);
        }
        true
    }

    /// Begins to watch a stay.
    pub(crate) fn begin(&mut self, plan: &ReleasePlan, status: &ReleaseStatus, watch: Watch) {
        let watched = Watched {
            stay: Stay::of(plan, status),
            share: status.share,
            watch,
            rise_at: status.stage_since,
        };
        self.by_release.insert(plan.name.clone(), watched);
    }

    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        self.by_release.clear();
        self.recalled.clear();
    }

    /// Forgets the releases that are in no open stage any more.
    pub(crate) fn keep_only(&mut self, is_open: impl Fn(&ReleaseName) -> bool) {
        self.by_release.retain(|name, _| is_open(name));
    }

    /// Gives one thing told to the watch that it is for, unless it was read back before.
    pub(crate) fn take(&mut self, told: &Told) {
        if !self.recalled.contains(&told.name()) {
            self.give(told);
        }
    }

    /// Gives one thing read back from the store to the watch that it is for. What is as young as
    /// `young` may be told as well, once the recorder comes to it.
    pub(crate) fn recall(&mut self, told: Option<Told>, young: Timestamp) {
        let Some(told) = told else { return };
        self.give(&told);
        let (decision, _) = told.name();
        if decision.at() >= young {
            self.recalled.insert(told.name());
        }
    }

    /// Gives one thing to its watch; what is of another stay is passed over.
    fn give(&mut self, told: &Told) {
        match told {
            Told::Answered(one) => {
                if let Some(watched) = self.by_release.get_mut(&one.release)
                    && watched.stay.stage == one.stage
                    && watched.stay.since <= one.decision.at()
                {
                    watched.watch.observe(&one.observation);
                }
            }
            Told::Reported(_, release, report) => {
                if let Some(watched) = self.by_release.get_mut(release) {
                    watched.watch.report(report);
                }
            }
        }
    }

    /// Lets time pass in every watch.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        for watched in self.by_release.values_mut() {
            watched.watch.advance(now);
        }
    }

    /// Tells whether it is time to ask whether a release's share rises, every `every_ms`.
    pub(crate) fn is_rise_due(
        &mut self,
        release: &ReleaseName,
        now: Timestamp,
        every_ms: i64,
    ) -> bool {
        let Some(watched) = self.by_release.get_mut(release) else {
            return false;
        };
        let is_due = watched.rise_at <= now;
        if is_due {
            watched.rise_at = Timestamp(now.0.saturating_add(every_ms));
        }
        is_due
    }

    /// Tells since when accounting has not got on, although rows wait.
    pub(crate) fn stuck_for(&mut self, found: Accounting, now: Timestamp) -> Duration {
        let moved = match self.accounting {
            Some((before, moved)) if before.durable == found.durable && found.waiting > 0 => moved,
            _ => now,
        };
        self.accounting = Some((found, moved));
        Duration::from_millis(u64::try_from(now.ms_since(moved)).unwrap_or_default())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
