//! Runs that were made with an evaluation key and never brought in: each may have been left out
//! because it was bad. It must not know what a gate makes of them.

use std::collections::{BTreeMap, BTreeSet};

use domain::{KeyId, ModelDigest, ReleaseName, Timestamp};
use serde::Serialize;
use store::{Arm, Store};

use crate::error::ControlError;
use crate::record::{EvidenceTaken, Record};

/// Describes a run that was never brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeverBrought {
    /// The evaluation key that it was made with.
    pub key: KeyId,
    /// The model that answered it.
    pub digest: ModelDigest,
    /// Which arm that was, by the last answer.
    pub arm: Option<String>,
    /// How many requests it answered, or began to.
    pub requests: usize,
    /// When the last one was decided.
    pub last: Timestamp,
}

/// Counts, by model, the keys of a release under which it answered and of which no run of it was
/// brought in.
pub(crate) fn count<'t>(
    asked: BTreeSet<(KeyId, ModelDigest)>,
    brought: impl Iterator<Item = &'t EvidenceTaken>,
) -> BTreeMap<ModelDigest, u32> {
    let mut counts = BTreeMap::new();
    for (_, digest) in left_out(asked, brought) {
        *counts.entry(digest).or_default() += 1;
    }
    counts
}

/// Lists what was never brought in of a release, for whoever wants to see it.
///
/// # Errors
/// Fails when ledger or store cannot be read.
pub fn never_brought(
    store: &Store,
    release: &ReleaseName,
) -> Result<Vec<NeverBrought>, ControlError> {
    let mut brought = Vec::new();
    for entry in store.ledger()?.entries(0..u64::MAX)? {
        if let Some(taken) = EvidenceTaken::read(&entry.kind, &entry.body) {
            brought.push(taken?);
        }
    }
    let of_release = brought.iter().filter(|taken| taken.release == *release);
    let mut listed = Vec::new();
    for (key, digest) in left_out(store.asked_for(release)?, of_release) {
        let rows = store.usage_of_key(&key)?;
        let rows = rows
            .iter()
            .filter(|row| row.digest.as_ref() == Some(&digest));
        let last = rows.clone().next_back();
        listed.push(NeverBrought {
            arm: last.and_then(|row| row.arm).map(arm),
            requests: rows.count(),
            last: last.map_or(Timestamp(0), |row| row.decision.at()),
            key,
            digest,
        });
    }
    listed.sort_by_key(|one| one.last);
    Ok(listed)
}

fn arm(arm: Arm) -> String {
    arm.as_str().to_owned()
}

fn left_out<'t>(
    mut asked: BTreeSet<(KeyId, ModelDigest)>,
    brought: impl Iterator<Item = &'t EvidenceTaken>,
) -> BTreeSet<(KeyId, ModelDigest)> {
    for taken in brought {
        if let Some((key, _)) = taken.key_and_arm() {
            asked.remove(&(KeyId::new(key), taken.digest.clone()));
        }
    }
    asked
}
