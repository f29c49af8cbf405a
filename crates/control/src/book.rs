//! What the ledger says so far, read back in order: the status, the approvals, the evidence, the
//! keys issued, the plans moved under. It must not append.

use std::collections::BTreeMap;

use domain::{ModelDigest, PolicyDigest, ReleaseName, Stage, Status, Timestamp};
use ledger::Entry;
use release::{Approval, Incident, Move, Waiver};
use serde::Deserialize;

use crate::record::{
    Approved, EvidenceErased, EvidenceTaken, Happened, PolicyLoaded, Record, Waived,
};

/// The kind of entry that holds a move.
pub(crate) const MOVE: &str = "release.moved";

/// Holds what the ledger says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// How many entries it was read from.
    pub(crate) entries: u64,
    /// Where every release stands.
    pub(crate) status: Status,
    /// Approvals by release, given since it last went back.
    pub(crate) approvals: BTreeMap<ReleaseName, Vec<Approval>>,
    /// Waivers by release, given since it last went back.
    pub(crate) waivers: BTreeMap<ReleaseName, Vec<Waiver>>,
    /// Evidence by release, with the time it was taken in; the rows stand in the store.
    pub(crate) evidence: BTreeMap<ReleaseName, Vec<(EvidenceTaken, Timestamp)>>,
    /// Erasures by the evidence's id; the first one counts.
    pub(crate) erased: BTreeMap<String, EvidenceErased>,
    /// Incidents by release, whatever candidate they are of.
    pub(crate) incidents: BTreeMap<ReleaseName, Vec<Incident>>,
    /// How often each stage of a release was entered, by candidate.
    pub(crate) entered: BTreeMap<(ReleaseName, ModelDigest, Stage), u32>,
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
    /// Takes in the next entry. Kinds that change nothing here are passed over.
    pub(crate) fn take(&mut self, entry: &Entry) -> Result<(), BookFault> {
        self.entries = entry.index.saturating_add(1);
        self.read(entry).map_err(|source| BookFault {
            index: entry.index,
            kind: entry.kind.clone(),
            source,
        })
    }

    fn read(&mut self, entry: &Entry) -> Result<(), serde_json::Error> {
        let (kind, body) = (entry.kind.as_str(), &entry.body);
        if kind == MOVE {
            self.moved(&Move::deserialize(body)?);
        }
        if let Some(approved) = Approved::read(kind, body) {
            self.approved(approved?);
        }
        if let Some(waived) = Waived::read(kind, body) {
            let Waived { release, waiver } = waived?;
            self.waivers.entry(release).or_default().push(waiver);
        }
        if let Some(happened) = Happened::read(kind, body) {
            let Happened { release, incident } = happened?;
            self.incidents.entry(release).or_default().push(incident);
        }
        if let Some(taken) = EvidenceTaken::read(kind, body) {
            let taken = taken?;
            let of_release = self.evidence.entry(taken.release.clone()).or_default();
            of_release.push((taken, Timestamp(entry.time.0)));
        }
        if let Some(erased) = EvidenceErased::read(kind, body) {
            let erased = erased?;
            self.erased.entry(erased.id.clone()).or_insert(erased);
        }
        if let Some(loaded) = PolicyLoaded::read(kind, body) {
            self.policy = Some(loaded?.policy);
        }
        Ok(())
    }

    // INVARIANT: nothing goes forward from a status other than the one it was planned from; held
    // by `tests::ledger::a_move_forward_from_an_older_generation_is_not_in_force`.
    fn moved(&mut self, made: &Move) {
        if made.kind.goes_forward() && made.planned_from != self.status.generation {
            let release = &made.release;
            tracing::error!(%release, "the ledger holds a stale move forward; it is not in force");
            return;
        }
        self.status = release::apply(&self.status, made);
        self.plans.insert(made.release.clone(), made.plan.clone());
        if let Some(stage) = made.enters() {
            let stay = (made.release.clone(), made.digest.clone(), stage);
            *self.entered.entry(stay).or_default() += 1;
        }
        if made.kind.voids_what_was_said() {
            self.approvals.remove(&made.release);
            self.waivers.remove(&made.release);
        }
    }

    fn approved(&mut self, approved: Approved) {
        let approval = Approval {
            stage: approved.stage,
            person: approved.person,
            key: approved.key,
            issuer: approved.issuer,
            digest: approved.digest,
            plan: approved.plan,
            at: approved.at,
        };
        let of_release = self.approvals.entry(approved.release).or_default();
        of_release.push(approval);
    }
}
