//! Puts a release's card together out of the ledger's entries and the rows of its evidence; pure.
//! It must not read a file, nor leave out a fact that does not please.

use std::collections::BTreeMap;

use domain::{Condition, PersonName, PolicyDigest, ReleaseName, Scope, Timestamp};
use ledger::{Entry, Receipt, Verifier, WriteEntryError};
use release::{Move, MoveKind};
use serde::Deserialize;
use store::{EvidenceRow, LedgerError, Proven, StoreError};

use super::names::Names;
use super::runs;
use super::shown::{
    Answered, Approval, CARD_FORMAT, Card, Fact, Group, Incident, Judged, Log, Moved, Policy,
    Restriction, Standing, TEAM, USE_CASE, Waiver,
};
use crate::book::{Book, BookFault, MOVE};
use crate::record::{
    Approved, EvidenceErased, EvidenceTaken, Happened, PolicyLoaded, Record, Waived,
};

/// Holds what a card is made of.
pub struct Sources<'a> {
    /// The release.
    pub release: &'a ReleaseName,
    /// The ledger, with receipts of what concerns the release.
    pub proven: &'a Proven,
    /// The ledger's key.
    pub key: &'a Verifier,
    /// The rows of its evidence.
    pub evidence: &'a [EvidenceRow],
    /// What is declared of it.
    pub declared: &'a Names,
    /// The time.
    pub now: Timestamp,
}

/// Says why there is no card.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// The ledger failed.
    #[error("read the ledger")]
    Ledger(#[from] LedgerError),
    /// The store failed.
    #[error("read the evidence")]
    Store(#[from] StoreError),
    /// The ledger holds an entry that does not read.
    #[error("read the ledger's entries")]
    Book(#[from] BookFault),
    /// An entry of the release does not read.
    #[error("read entry {index} of the ledger")]
    Entry {
        /// The entry.
        index: u64,
        /// Why not.
        source: serde_json::Error,
    },
    /// An entry has no canonical form.
    #[error("hash an entry of the ledger")]
    Hash(#[from] WriteEntryError),
    /// An entry came without a receipt.
    #[error("entry {index} of the ledger came without its proof")]
    Unproven {
        /// The entry.
        index: u64,
    },
}

/// Tells whether a card of the release shows this entry.
#[must_use]
pub fn concerns(entry: &Entry, release: &ReleaseName) -> bool {
    let of_release = entry.body.get("release").and_then(|name| name.as_str());
    entry.kind == PolicyLoaded::KIND || of_release == Some(release.as_str())
}

/// Makes the card.
///
/// # Errors
/// When an entry of the release does not read, or came without its proof.
pub fn assemble(sources: &Sources<'_>) -> Result<Card, CardError> {
    let mut book = Book::default();
    let mut gathered = Gathered::default();
    for entry in &sources.proven.entries {
        let before = book.status.generation;
        book.take(entry)?;
        if concerns(entry, sources.release) {
            let after = book.status.generation;
            let read = gathered.take(entry, sources, (before, after));
            read.map_err(|fault| fault.at(entry.index))?;
        }
    }
    gathered.void();
    let standing = standing(&book, &gathered.moves, sources);
    let (taken, erased) = (&gathered.taken, &gathered.erased);
    let names = sources.declared;
    let (evidence, comparisons) = runs::shown(taken, erased, sources.evidence, names);
    let erasures = runs::erasures(erased, taken, names);
    let size = sources.proven.entries.len() as u64;
    Ok(Card {
        format: CARD_FORMAT,
        release: sources.release.clone(),
        tier: sources.declared.tier.clone(),
        candidate: sources.declared.candidate.clone(),
        drawn_at: sources.now,
        is_public: false,
        standing,
        policies: gathered.policies_in_use(),
        moves: gathered.moves,
        approvals: gathered.approvals,
        waivers: gathered.waivers,
        incidents: gathered.incidents,
        evidence,
        erasures,
        comparisons,
        log: Log {
            origin: sources.key.name().to_string(),
            key: sources.key.to_string(),
            checkpoint: String::from_utf8_lossy(&sources.proven.checkpoint).into_owned(),
            entries: size,
        },
    })
}

/// Why one entry cannot be shown, before it is said which.
enum Unshown {
    Json(serde_json::Error),
    Hash(WriteEntryError),
    NoProof,
}

impl Unshown {
    fn at(self, index: u64) -> CardError {
        match self {
            Self::Json(source) => CardError::Entry { index, source },
            Self::Hash(error) => CardError::Hash(error),
            Self::NoProof => CardError::Unproven { index },
        }
    }
}

impl From<serde_json::Error> for Unshown {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

#[derive(Default)]
struct Gathered {
    moves: Vec<Fact<Moved>>,
    approvals: Vec<Fact<Approval>>,
    waivers: Vec<Fact<Waiver>>,
    incidents: Vec<Fact<Incident>>,
    taken: Vec<Fact<EvidenceTaken>>,
    erased: Vec<Fact<EvidenceErased>>,
    policies: Vec<Fact<Policy>>,
}

impl Gathered {
    fn take(
        &mut self,
        entry: &Entry,
        sources: &Sources<'_>,
        generations: (u64, u64),
    ) -> Result<(), Unshown> {
        let (kind, body) = (entry.kind.as_str(), &entry.body);
        let receipts = &sources.proven.receipts;
        if kind == MOVE {
            let made = Move::deserialize(body)?;
            let moved = moved(&made, generations, sources.declared);
            self.moves.push(fact(entry, receipts, moved)?);
        }
        if let Some(approved) = Approved::read(kind, body) {
            let approval = approval(approved?, sources.declared);
            self.approvals.push(fact(entry, receipts, approval)?);
        }
        if let Some(waived) = Waived::read(kind, body) {
            let waiver = waiver(waived?, sources.declared);
            self.waivers.push(fact(entry, receipts, waiver)?);
        }
        if let Some(happened) = Happened::read(kind, body) {
            let incident = incident(happened?, sources.declared);
            self.incidents.push(fact(entry, receipts, incident)?);
        }
        if let Some(taken) = EvidenceTaken::read(kind, body) {
            self.taken.push(fact(entry, receipts, taken?)?);
        }
        if let Some(erased) = EvidenceErased::read(kind, body) {
            self.erased.push(fact(entry, receipts, erased?)?);
        }
        if let Some(loaded) = PolicyLoaded::read(kind, body) {
            let policy = loaded?.policy;
            self.policies
                .push(fact(entry, receipts, Policy { policy })?);
        }
        Ok(())
    }

    /// Marks what was said before the release last went back: it counts for nothing since.
    fn void(&mut self) {
        let mut moves = self.moves.iter().rev();
        let back = moves.find(|one| one.shown.kind.voids_what_was_said());
        let Some(back) = back.map(|one| one.index) else {
            return;
        };
        for approval in &mut self.approvals {
            approval.shown.is_void = approval.index < back;
        }
        for waiver in &mut self.waivers {
            waiver.shown.is_void = waiver.index < back;
        }
    }

    /// Picks, for each policy that a move names, the entry that was in force then.
    fn policies_in_use(&self) -> Vec<Fact<Policy>> {
        let is_named = |policy: &PolicyDigest, from: u64, to: u64| {
            let within = |one: &&Fact<Moved>| (from..to).contains(&one.index);
            let named = |one: &Fact<Moved>| one.shown.policy == *policy;
            self.moves.iter().filter(within).any(named)
        };
        let ends = self.policies.iter().skip(1).map(|one| one.index);
        let spans = self.policies.iter().zip(ends.chain([u64::MAX]));
        spans
            .filter(|(one, end)| is_named(&one.shown.policy, one.index, *end))
            .map(|(one, _)| one.clone())
            .collect()
    }
}

/// Joins what an entry says with what proves it.
fn fact<T>(entry: &Entry, receipts: &BTreeMap<u64, Receipt>, shown: T) -> Result<Fact<T>, Unshown> {
    let receipt = receipts.get(&entry.index).ok_or(Unshown::NoProof)?;
    let bytes = entry.to_bytes().map_err(Unshown::Hash)?;
    Ok(Fact {
        index: entry.index,
        at: Timestamp(entry.time.0),
        leaf: ledger::leaf_hash(&bytes).to_string(),
        proof: receipt.proof.iter().map(ToString::to_string).collect(),
        hidden: Vec::new(),
        shown,
    })
}

fn moved(made: &Move, (before, after): (u64, u64), names: &Names) -> Moved {
    let suspend = made.suspend.as_ref();
    let restore = made.restore.as_ref();
    let group = restore.and_then(|one| one.group.as_ref());
    Moved {
        kind: made.kind,
        from: made.from,
        to: made.to,
        generation: after,
        took_effect: after != before,
        by: names.by(&made.by),
        reason: said(&made.reason),
        digest: made.digest.clone(),
        policy: made.policy.clone(),
        plan: made.plan.clone(),
        verdicts: made.verdicts.iter().map(|one| judged(one, names)).collect(),
        scope: suspend.map(|one| &one.scope).or(group).map(self::group),
        order: suspend.and_then(|one| one.order.clone()),
        suspension: restore.and_then(|one| one.suspension),
        until: suspend.and_then(|one| one.until).or(made.retire_on),
    }
}

fn judged(verdict: &release::Verdict, names: &Names) -> Judged {
    Judged {
        gate: verdict.gate.clone(),
        verdict: verdict.verdict,
        reason: said(&verdict.reason),
        numbers: verdict.numbers.clone(),
        waived: verdict.waived.as_ref().map(|one| Answered {
            by: names.by(&one.by),
            reason: said(&one.reason),
            until: one.until,
        }),
    }
}

fn approval(approved: Approved, names: &Names) -> Approval {
    Approval {
        stage: approved.stage,
        by: names.by(&approved.person),
        digest: approved.digest,
        plan: approved.plan,
        is_void: false,
    }
}

fn waiver(Waived { waiver, .. }: Waived, names: &Names) -> Waiver {
    let criterion: serde_json::Value = serde_json::from_str(&waiver.criterion).unwrap_or_default();
    let gate = criterion.get("gate").and_then(|gate| gate.as_str());
    Waiver {
        stage: waiver.stage,
        gate: gate.unwrap_or("a criterion").to_owned(),
        by: names.by(&waiver.person),
        reason: said(&waiver.reason),
        until: waiver.until,
        digest: waiver.digest,
        is_void: false,
        criterion: Some(waiver.criterion),
    }
}

fn incident(Happened { incident, .. }: Happened, names: &Names) -> Incident {
    Incident {
        what: said(&incident.what),
        by: names.by(&incident.by),
        digest: incident.digest,
    }
}

fn standing(book: &Book, moves: &[Fact<Moved>], sources: &Sources<'_>) -> Standing {
    let known = book.status.releases.get(sources.release);
    let conditions = known.map_or(&[][..], |one| &one.conditions);
    Standing {
        stage: known.map(|one| one.stage).unwrap_or_default(),
        share: known.map_or(0, |one| one.share.as_percent()),
        generation: book.status.generation,
        digest: known.map(|one| one.digest.clone()),
        since: known.map(|one| one.stage_since),
        conditions: conditions
            .iter()
            .map(|one| restriction(one, moves, sources.declared))
            .collect(),
    }
}

fn restriction(condition: &Condition, moves: &[Fact<Moved>], names: &Names) -> Restriction {
    let last = |kind: MoveKind| {
        let mut back = moves.iter().rev();
        back.find(|one| one.shown.kind == kind).map(|one| one.index)
    };
    let plain = |word: &str, kind: MoveKind, by: &PersonName, reason: &str| Restriction {
        condition: word.to_owned(),
        index: last(kind),
        by: names.by(by),
        reason: said(reason),
        scope: None,
        order: None,
        until: None,
        restored: Vec::new(),
    };
    match condition {
        Condition::Held { by, reason, .. } => plain("held", MoveKind::Hold, by, reason),
        Condition::Withdrawn { by, reason, .. } => {
            plain("withdrawn", MoveKind::Withdraw, by, reason)
        }
        Condition::Retired { by, reason, on, .. } => Restriction {
            until: Some(*on),
            ..plain("retired", MoveKind::Retire, by, reason)
        },
        Condition::Suspended(one) => {
            let mut made = moves.iter();
            let made = made.find(|made| made.shown.generation == one.number);
            Restriction {
                index: made.map(|made| made.index),
                scope: Some(group(&one.scope)),
                order: one.order.clone(),
                until: one.until,
                restored: one.restored.iter().map(group).collect(),
                ..plain("suspended", MoveKind::Suspend, &one.by, &one.reason)
            }
        }
    }
}

/// Tells a group in words, and by what it is told.
fn group(scope: &Scope) -> Group {
    let mut told_by = Vec::new();
    let mut words = Vec::new();
    let mut either = |name: &str, values: Vec<&str>| {
        if !values.is_empty() {
            told_by.push(name.to_owned());
            words.push(format!("{name} {}", values.join(" or ")));
        }
    };
    either(TEAM, scope.teams.iter().map(String::as_str).collect());
    let use_cases = scope.use_cases.iter().map(|name| name.as_str());
    either(USE_CASE, use_cases.collect());
    for (name, value) in &scope.attributes {
        either(name, vec![value]);
    }
    let words = if words.is_empty() {
        "everybody".to_owned()
    } else {
        words.join(", ")
    };
    Group {
        told_by,
        words: Some(words),
    }
}

fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
