//! The gate `approval`: so many people of some roles have said yes to exactly this.

use std::collections::BTreeSet;

use domain::{GateSpec, PersonName};

use super::gate::Gate;
use super::parameter::{Kind, Parameter, count, ms_of_days, names};
use crate::dossier::{Approval, Dossier};
use crate::verdict::{Judgement, Verdict};

/// Judges whether enough people approved this stage, this candidate and this plan.
pub(super) struct Approvals;

const NAME: &str = "approval";
const DAYS: u64 = 14;

impl Gate for Approvals {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Passes when `of` people who hold one of `roles` have approved this stage of this \
         candidate under this plan within `days`, and since the release last went back. People \
         count, not keys. Not counted are whoever asks for the move, and whoever issued a key that \
         another approval was given with; who issued which key stands in the ledger."
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
        let people = counted(&valid);
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
                passed_over(&valid, &people)
            );
            (Judgement::Inconclusive, reason)
        };
        Verdict::new(NAME, judgement, reason)
            .with("approvals", have as f64)
            .with("needed", needed as f64)
    }
}

fn is_valid(one: &Approval, spec: &GateSpec, dossier: &Dossier<'_>, roles: &[&str]) -> bool {
    let most_ms = ms_of_days(count(spec, "days", DAYS));
    let age_ms = dossier.now.ms_since(one.at);
    let is_fresh = (0..=most_ms).contains(&age_ms);
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

/// Says whose approval stands and does not count, and why.
fn passed_over(valid: &[&Approval], counted: &BTreeSet<&PersonName>) -> String {
    let passed = valid.iter().filter(|one| !counted.contains(&one.person));
    let told: BTreeSet<String> = passed
        .map(|one| &one.person)
        .map(|person| format!("; {person} does not count beside a key that {person} issued"))
        .collect();
    told.into_iter().collect()
}

/// Counts people once each, without those who issued a key that another of them used.
fn counted<'a>(valid: &[&'a Approval]) -> BTreeSet<&'a PersonName> {
    let issuers: BTreeSet<&PersonName> = valid
        .iter()
        .filter(|one| one.issuer.as_ref() != Some(&one.person))
        .filter_map(|one| one.issuer.as_ref())
        .collect();
    valid
        .iter()
        .map(|one| &one.person)
        .filter(|person| !issuers.contains(person))
        .collect()
}
