//! What of a card may be shown to anybody: callers, people, and what people wrote are left out;
//! roles, numbers and digests stay, and so does each fact's hash and proof. Whatever is added to a
//! card is left out here until it is written down. It must not change a number.

use domain::AUTOMATION;

use super::shown::{
    Answered, Approval, By, Card, Comparison, Erasure, Fact, File, Group, Incident, Judged, Moved,
    Restriction, Run, Spoilt, Standing, TEAM, USE_CASE, Waiver,
};
use crate::payload;

/// Makes the card that may be shown to anybody.
#[must_use]
pub fn public(card: &Card) -> Card {
    Card {
        format: card.format,
        release: card.release.clone(),
        tier: card.tier.clone(),
        candidate: card.candidate.clone(),
        drawn_at: card.drawn_at,
        is_public: true,
        standing: standing(&card.standing),
        moves: card.moves.iter().map(moved).collect(),
        approvals: card.approvals.iter().map(approval).collect(),
        waivers: card.waivers.iter().map(waiver).collect(),
        incidents: card.incidents.iter().map(incident).collect(),
        evidence: card.evidence.iter().map(run).collect(),
        erasures: card.erasures.iter().map(erasure).collect(),
        comparisons: card.comparisons.iter().map(comparison).collect(),
        policies: card.policies.clone(),
        log: card.log.clone(),
    }
}

/// Shows a fact with the names of the fields that are left out.
fn without<T, U>(fact: &Fact<T>, hidden: &[(&str, bool)], shown: U) -> Fact<U> {
    let held = hidden.iter().filter(|(_, is_held)| *is_held);
    Fact {
        hidden: held.map(|(name, _)| (*name).to_owned()).collect(),
        ..fact.with(shown)
    }
}

fn moved(fact: &Fact<Moved>) -> Fact<Moved> {
    let one = &fact.shown;
    let shown = Moved {
        kind: one.kind,
        from: one.from,
        to: one.to,
        generation: one.generation,
        took_effect: one.took_effect,
        by: roles(&one.by),
        reason: None,
        digest: one.digest.clone(),
        policy: one.policy.clone(),
        plan: one.plan.clone(),
        verdicts: one.verdicts.iter().map(judged).collect(),
        scope: one.scope.as_ref().map(group),
        order: None,
        suspension: one.suspension,
        until: one.until,
    };
    let has_words = one.scope.as_ref().is_some_and(|one| one.words.is_some());
    let hidden = [
        ("by", one.by.person.is_some()),
        ("reason", one.reason.is_some()),
        ("scope", has_words),
        ("order", one.order.is_some()),
        ("verdicts", !one.verdicts.is_empty()),
    ];
    without(fact, &hidden, shown)
}

fn judged(one: &Judged) -> Judged {
    Judged {
        gate: one.gate.clone(),
        verdict: one.verdict,
        // A gate's reason may name who approved, or an item.
        reason: None,
        numbers: one.numbers.clone(),
        waived: one.waived.as_ref().map(|waived| Answered {
            by: roles(&waived.by),
            reason: None,
            until: waived.until,
        }),
    }
}

fn approval(fact: &Fact<Approval>) -> Fact<Approval> {
    let one = &fact.shown;
    let shown = Approval {
        stage: one.stage,
        by: roles(&one.by),
        digest: one.digest.clone(),
        plan: one.plan.clone(),
        is_void: one.is_void,
    };
    without(fact, &[("by", one.by.person.is_some())], shown)
}

fn waiver(fact: &Fact<Waiver>) -> Fact<Waiver> {
    let one = &fact.shown;
    let shown = Waiver {
        stage: one.stage,
        gate: one.gate.clone(),
        criterion: None,
        by: roles(&one.by),
        reason: None,
        until: one.until,
        digest: one.digest.clone(),
        is_void: one.is_void,
    };
    let hidden = [
        ("by", one.by.person.is_some()),
        ("reason", one.reason.is_some()),
        ("criterion", one.criterion.is_some()),
    ];
    without(fact, &hidden, shown)
}

fn incident(fact: &Fact<Incident>) -> Fact<Incident> {
    let one = &fact.shown;
    let shown = Incident {
        what: None,
        by: roles(&one.by),
        digest: one.digest.clone(),
    };
    let hidden = [
        ("by", one.by.person.is_some()),
        ("what", one.what.is_some()),
    ];
    without(fact, &hidden, shown)
}

fn run(fact: &Fact<Run>) -> Fact<Run> {
    let one = &fact.shown;
    let shown = Run {
        // The id bears that of the key that the run was made with.
        evidence: None,
        arm: one.arm.clone(),
        suite: one.suite.clone(),
        suite_digest: one.suite_digest.clone(),
        digest: one.digest.clone(),
        attempt: one.attempt,
        by: roles(&one.by),
        rows: one.rows.clone().filter(|rows| !payload::is_plain(rows)),
        items: one.items,
        clusters: one.clusters,
        mean: one.mean,
        spoilt: one.spoilt.iter().map(spoilt).collect(),
        file: one.file.as_ref().map(file),
        erased: one.erased,
    };
    let hidden = [
        ("by", one.by.person.is_some()),
        ("evidence", one.evidence.is_some()),
        ("rows", one.rows.as_deref().is_some_and(payload::is_plain)),
        ("spoilt", !one.spoilt.is_empty()),
        ("file", one.file.is_some()),
    ];
    without(fact, &hidden, shown)
}

fn erasure(fact: &Fact<Erasure>) -> Fact<Erasure> {
    let one = &fact.shown;
    let shown = Erasure {
        of: one.of,
        evidence: None,
        by: roles(&one.by),
        reason: None,
    };
    let hidden = [
        ("by", one.by.person.is_some()),
        ("evidence", one.evidence.is_some()),
        ("reason", one.reason.is_some()),
    ];
    without(fact, &hidden, shown)
}

/// Keeps what names and counts; a tool's own words may tell of the items, and whoever can guess
/// the file can confirm the guess by its digest.
fn file(one: &File) -> File {
    File {
        digest: None,
        source: one.source.clone(),
        tool_version: None,
        scorer: None,
        sensitivity: one.sensitivity,
        specificity: one.specificity,
        requests: one.requests.clone(),
        warnings: Vec::new(),
    }
}

fn spoilt(one: &Spoilt) -> Spoilt {
    Spoilt {
        reason: None,
        items: one.items,
    }
}

fn comparison(one: &Comparison) -> Comparison {
    Comparison {
        suite: one.suite.clone(),
        candidate: one.candidate,
        incumbent: one.incumbent,
        items: one.items,
        clusters: one.clusters,
        difference: one.difference,
        why_not: one.why_not.clone(),
    }
}

fn standing(one: &Standing) -> Standing {
    Standing {
        stage: one.stage,
        share: one.share,
        generation: one.generation,
        digest: one.digest.clone(),
        since: one.since,
        conditions: one.conditions.iter().map(restriction).collect(),
    }
}

fn restriction(one: &Restriction) -> Restriction {
    Restriction {
        condition: one.condition.clone(),
        index: one.index,
        by: roles(&one.by),
        reason: None,
        scope: one.scope.as_ref().map(group),
        order: None,
        until: one.until,
        restored: one.restored.iter().map(group).collect(),
    }
}

/// Keeps what kinds of conditions tell a group; a name or a value may tell who a caller is.
fn group(one: &Group) -> Group {
    let kind = |name: &String| match name.as_str() {
        TEAM | USE_CASE => name.clone(),
        _ => "attribute".to_owned(),
    };
    Group {
        told_by: one.told_by.iter().map(kind).collect(),
        words: None,
    }
}

/// Keeps the roles; what moves by itself is nobody, and is named.
pub(super) fn roles(by: &By) -> By {
    let is_nobody = |name: &&String| name.as_str() == AUTOMATION;
    By {
        person: by.person.as_ref().filter(is_nobody).cloned(),
        roles: by.roles.clone(),
    }
}
