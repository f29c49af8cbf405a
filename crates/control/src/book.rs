//! What the ledger says so far, read back in order: the status, the approvals, the plans moved
//! under. It must not append.

use std::collections::BTreeMap;

use domain::{PolicyDigest, ReleaseName, Status};
use ledger::Entry;
use release::{Approval, Move};
use serde::Deserialize;

use crate::record::{Approved, PolicyLoaded, Record};

/// The kind of entry that holds a move.
pub(crate) const MOVE: &str = "release.moved";

/// Holds what the ledger says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// Where every release stands.
    pub(crate) status: Status,
    /// Approvals by release.
    pub(crate) approvals: BTreeMap<ReleaseName, Vec<Approval>>,
    /// The plan under which each release last moved.
    pub(crate) plans: BTreeMap<ReleaseName, String>,
    /// The policy loaded last.
    pub(crate) policy: Option<PolicyDigest>,
}

/// Says that an entry does not read.
#[derive(Debug, thiserror::Error)]
#[error("entry {index} of the ledger, of kind `{kind}`, does not read")]
pub struct BookFault {
    index: u64,
    kind: String,
    source: serde_json::Error,
}

impl Book {
    /// Reads the ledger's entries from the first.
    pub(crate) fn read(entries: &[Entry]) -> Result<Self, BookFault> {
        let mut book = Self::default();
        for entry in entries {
            book.take(&entry.kind, &entry.body)
                .map_err(|source| BookFault {
                    index: entry.index,
                    kind: entry.kind.clone(),
                    source,
                })?;
        }
        Ok(book)
    }

    /// Takes in one entry. Kinds that change nothing here are passed over.
    pub(crate) fn take(
        &mut self,
        kind: &str,
        body: &serde_json::Value,
    ) -> Result<(), serde_json::Error> {
        if kind == MOVE {
            let made = Move::deserialize(body)?;
            self.status = release::apply(&self.status, &made);
            self.plans.insert(made.release.clone(), made.plan.clone());
        }
        if let Some(approved) = Approved::read(kind, body) {
            let approved = approved?;
            let approval = Approval {
                stage: approved.stage,
                person: approved.person,
                key: approved.key,
                issuer: approved.issuer,
                digest: approved.digest,
                plan: approved.plan,
                at: approved.at,
            };
            self.approvals
                .entry(approved.release)
                .or_default()
                .push(approval);
        }
        if let Some(loaded) = PolicyLoaded::read(kind, body) {
            self.policy = Some(loaded?.policy);
        }
        Ok(())
    }
}
