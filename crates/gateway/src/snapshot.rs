//! What the request path reads: the policy, the status and where each model is reached, as one
//! value that is swapped whole. It must not change in place, but for the day's token counts.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use domain::{MS_PER_DAY, Model, Policy, ProviderName, ReleaseName, Status, Timestamp};
use providers::{Adapter, Endpoint};

use crate::config::Config;

/// Holds one state of everything that a request is decided by.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What is declared.
    pub policy: Arc<Policy>,
    /// Where every release stands.
    pub status: Arc<Status>,
    /// Where each provider is reached.
    pub providers: Arc<HashMap<ProviderName, Target>>,
    /// Limits and deadlines.
    pub config: Config,
    /// Today's tokens of each release's candidate.
    pub today: Arc<Today>,
}

/// Says how a provider is reached.
#[derive(Clone)]
pub struct Target {
    /// Speaks to it.
    pub adapter: &'static dyn Adapter,
    /// Where it is.
    pub endpoint: Arc<Endpoint>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}, {:?})", self.adapter.name(), self.endpoint)
    }
}

impl Snapshot {
    /// Finds how a model is reached; none where its provider is not set up.
    #[must_use]
    pub fn target(&self, model: &Model) -> Option<&Target> {
        self.providers.get(&model.provider.name)
    }
}

/// Counts the tokens of each release's candidate since midnight, UTC. The counts are of this
/// process; whoever wires it seeds them from the store.
#[derive(Debug, Default)]
pub struct Today {
    releases: HashMap<ReleaseName, Count>,
}

#[derive(Debug, Default)]
struct Count {
    day: AtomicI64,
    tokens: AtomicU64,
}

fn day_of(now: Timestamp) -> i64 {
    now.0.div_euclid(MS_PER_DAY)
}

impl Today {
    /// Starts counting for the releases given, each with what it has used so far today.
    #[must_use]
    pub fn starting(now: Timestamp, used: impl IntoIterator<Item = (ReleaseName, u64)>) -> Self {
        let count = |tokens| Count {
            day: AtomicI64::new(day_of(now)),
            tokens: AtomicU64::new(tokens),
        };
        let releases = used.into_iter().map(|(name, used)| (name, count(used)));
        Self {
            releases: releases.collect(),
        }
    }

    /// Starts counting for a changed set of releases; a release that stays keeps its count.
    #[must_use]
    pub fn carried<'a>(
        &self,
        now: Timestamp,
        names: impl IntoIterator<Item = &'a ReleaseName>,
    ) -> Self {
        let used = names
            .into_iter()
            .map(|name| (name.clone(), self.used(name, now)));
        Self::starting(now, used)
    }

    /// Tells what a release's candidate has used today; nothing is known of others.
    #[must_use]
    pub fn used(&self, release: &ReleaseName, now: Timestamp) -> u64 {
        let Some(count) = self.releases.get(release) else {
            return 0;
        };
        if count.day.load(Ordering::Acquire) == day_of(now) {
            count.tokens.load(Ordering::Acquire)
        } else {
            0
        }
    }

    /// Adds what an answer used. Around midnight two requests may disagree on the day; the count
    /// then errs by their tokens, once.
    pub fn add(&self, release: &ReleaseName, now: Timestamp, tokens: u64) {
        let Some(count) = self.releases.get(release) else {
            return;
        };
        let today = day_of(now);
        if count.day.swap(today, Ordering::AcqRel) != today {
            count.tokens.store(0, Ordering::Release);
        }
        count.tokens.fetch_add(tokens, Ordering::AcqRel);
    }
}
