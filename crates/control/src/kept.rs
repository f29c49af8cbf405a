//! Compares what the store keeps of evidence with what the ledger names: what fits, what was
//! erased, and what is neither. It must not change either.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::ReleaseName;
use store::{EvidenceRow, Store};

use crate::error::ControlError;
use crate::payload::{self, Unfit};
use crate::record::{EvidenceErased, EvidenceTaken, Record};

/// Says how the store's evidence stands beside the ledger's.
#[derive(Debug, Default)]
pub struct Kept {
    /// How many pieces fit what the ledger names.
    pub fitting: usize,
    /// How many were erased, as the ledger says.
    pub erased: usize,
    /// Those that do not fit.
    pub unfit: Vec<UnfitEvidence>,
    /// Ids of those that were erased and are in the store still; the next start of the gateway
    /// erases them.
    pub left: Vec<String>,
    /// Ids of those that the ledger does not name; they count for nothing.
    pub unnamed: Vec<String>,
}

/// Names a piece of evidence that is not as the ledger names it.
#[derive(Debug)]
pub struct UnfitEvidence {
    /// The entry that names it.
    pub entry: u64,
    /// Its id.
    pub evidence: String,
    /// The release.
    pub release: ReleaseName,
    /// What is wrong.
    pub why: Unfit,
}

/// Compares the evidence of every release.
///
/// # Errors
/// Fails when ledger or store cannot be read.
pub fn compare(store: &Store) -> Result<Kept, ControlError> {
    let mut named: BTreeMap<ReleaseName, Vec<(u64, EvidenceTaken)>> = BTreeMap::new();
    let mut erased = BTreeSet::new();
    for entry in store.ledger()?.entries(0..u64::MAX)? {
        if let Some(taken) = EvidenceTaken::read(&entry.kind, &entry.body) {
            let taken = taken?;
            let of_release = named.entry(taken.release.clone()).or_default();
            of_release.push((entry.index, taken));
        }
        if let Some(one) = EvidenceErased::read(&entry.kind, &entry.body) {
            erased.insert(one?.id);
        }
    }
    let mut kept = Kept {
        erased: erased.len(),
        ..Kept::default()
    };
    for (release, taken) in &named {
        let rows = store.evidence_of(release)?;
        compare_release(release, taken, (&rows, &erased), &mut kept);
    }
    let of_all = named.values().flatten();
    let ids: BTreeSet<&str> = of_all.map(|(_, taken)| taken.id.as_str()).collect();
    for id in store.evidence_ids()? {
        if erased.contains(&id.0) {
            kept.left.push(id.0);
        } else if !ids.contains(id.0.as_str()) {
            kept.unnamed.push(id.0);
        }
    }
    Ok(kept)
}

fn compare_release(
    release: &ReleaseName,
    taken: &[(u64, EvidenceTaken)],
    (rows, erased): (&[EvidenceRow], &BTreeSet<String>),
    kept: &mut Kept,
) {
    let rows: HashMap<&str, &EvidenceRow> =
        rows.iter().map(|row| (row.id.0.as_str(), row)).collect();
    for (entry, taken) in taken.iter().filter(|(_, one)| !erased.contains(&one.id)) {
        match payload::read(taken, rows.get(taken.id.as_str()).copied()) {
            Ok(_) => kept.fitting += 1,
            Err(why) => kept.unfit.push(UnfitEvidence {
                entry: *entry,
                evidence: taken.id.clone(),
                release: release.clone(),
                why,
            }),
        }
    }
}
