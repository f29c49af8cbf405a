//! The gate `approval`: so many people of some roles have said yes to exactly this.

use std::collections::BTreeSet;

use domain::{GateSpec, PersonName};

use super::gate::Gate;
use super::parameter::{Kind, Parameter, count, names};
use crate::dossier::{Approval, Dossier};
use crate::verdict::{Judgement, Verdict};

/// Judges whether enough people approved this stage, this candidate and this plan.
pub(super) struct Approvals;

const NAME: &str = "approval";
const DAYS: u64 = 14;
const MS_PER_DAY: i64 = 86_400_000;

impl Gate for Approvals {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Passes when `of` people who hold one of `roles` have approved this stage of this \
         candidate under this plan within `days`, and since the release last went back. People \
         count, not keys. Not counted are whoever asks for the move, anyone for whom that person \
         ever issued an operator key, and whoever issued a key that another approval was given \
         with."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter {
                name: "roles",
                kind: Kind::Names,
                default: None,
                about: "roles whose people may approve",
            },
            Parameter {
                name: "of",
                kind: Kind::Count,
                default: Some("1"),
                about: "how many people must approve",
            },
            Parameter {
                name: "days",
                kind: Kind::Count,
                default: Some("14"),
                about: "how many days an approval counts",
            },
        ]
    }

    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        let roles = names(spec, "roles");
        let needed = count(spec, "of", 1);
        let valid: Vec<&Approval> = dossier
            .approvals
            .iter()
            .filter(|one| is_valid(one, spec, dossier, &roles))
            .collect();
        let people = counted(&valid, dossier);
        let have = people.len() as u64;
        let who: Vec<&str> = people.iter().map(|person| person.as_str()).collect();
        let (judgement, reason) = if have >= needed {
            (Judgement::Pass, format!("approved by {}", who.join(", ")))
        } else {
            let reason = format!(
                "{have} of {needed} approvals by people with a role of [{}], other than {} who \
                 asks: one of them runs `tiergate release approve {}`{}",
                roles.join(", "),
                dossier.requester,
                dossier.plan.name,
                passed_over(&valid, &people, dossier)
            );
            (Judgement::Inconclusive, reason)
        };
        Verdict::new(NAME, judgement, reason)
            .with("approvals", have as f64)
            .with("needed", needed as f64)
    }
}

fn is_valid(one: &Approval, spec: &GateSpec, dossier: &Dossier<'_>, roles: &[&str]) -> bool {
    let days = i64::try_from(count(spec, "days", DAYS)).unwrap_or(i64::MAX);
    let age_ms = dossier.now.ms_since(one.at);
    let is_fresh = (0..=days.saturating_mul(MS_PER_DAY)).contains(&age_ms);
    let has_role = dossier.people.get(&one.person).is_some_and(|person| {
        person
            .roles
            .iter()
            .any(|role| roles.contains(&role.as_str()))
    });
    let is_about_this = dossier
        .next_step()
        .is_some_and(|step| step.stage.stage == one.stage)
        && one.digest == dossier.plan.candidate.digest
        && one.plan == dossier.plan.digest
        && !one.plan.is_empty();
    is_fresh && has_role && is_about_this && one.person != *dossier.requester
}

/// Tells whether the requester may hold a key of this approval's person, as whoever issues a key
/// has seen it.
fn is_of_requester(one: &Approval, dossier: &Dossier<'_>) -> bool {
    let requester = dossier.requester;
    let mut issued = dossier.issued.iter();
    one.issuer.as_ref() == Some(requester)
        || issued.any(|key| key.person == one.person && key.by == *requester)
}

/// Says whose approval stands and does not count, and why.
fn passed_over(
    valid: &[&Approval],
    counted: &BTreeSet<&PersonName>,
    dossier: &Dossier<'_>,
) -> String {
    let why = |one: &&Approval| {
        let person = &one.person;
        if is_of_requester(one, dossier) {
            let requester = dossier.requester;
            format!("; {person} does not count while {requester} asks, who issued {person} a key")
        } else {
            format!("; {person} does not count beside a key that {person} issued")
        }
    };
    let passed = valid.iter().filter(|one| !counted.contains(&one.person));
    let told: BTreeSet<String> = passed.map(why).collect();
    told.into_iter().collect()
}

/// Counts people once each, without those for whom the requester issued a key and those who
/// issued a key that another of them used.
fn counted<'a>(valid: &[&'a Approval], dossier: &Dossier<'_>) -> BTreeSet<&'a PersonName> {
    let valid = || valid.iter().filter(|one| !is_of_requester(one, dossier));
    let issuers: BTreeSet<&PersonName> = valid()
        .filter(|one| one.issuer.as_ref() != Some(&one.person))
        .filter_map(|one| one.issuer.as_ref())
        .collect();
    valid()
        .map(|one| &one.person)
        .filter(|person| !issuers.contains(person))
        .collect()
}
