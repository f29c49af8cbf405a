//! Waivers: one person answers for a criterion that does not pass, for a while, and it shows for
//! ever. It must not judge the criterion.

use domain::GateSpec;

use crate::dossier::{Dossier, Waiver};
use crate::verdict::{Verdict, Waived};

/// Gates that no one person may answer for: the people who have to agree, and an outside order.
const NEVER: [&str; 2] = ["approval", "external_order"];

/// Says why a criterion cannot be waived.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWaivable {
    /// The next stage has no such criterion, or several.
    #[error("{count} criteria of the next stage are `{gate}`{of_suite}: name exactly one")]
    NotOne {
        /// The gate named.
        gate: String,
        /// The suite named, in words.
        of_suite: String,
        /// How many there are.
        count: usize,
    },
    /// It is not one person's to waive.
    #[error("`{gate}` is not one person's to waive")]
    Never {
        /// The gate.
        gate: String,
    },
    /// A use case's risk class requires it.
    #[error("the risk class of use case {use_case}, which the stage admits, requires `{gate}`")]
    Required {
        /// The gate.
        gate: String,
        /// The use case.
        use_case: String,
    },
}

/// Finds the one criterion of the next stage that a waiver is about.
///
/// # Errors
/// Says why there is none that one person may waive.
pub fn waivable<'a>(
    dossier: &Dossier<'a>,
    gate: &str,
    suite: Option<&str>,
) -> Result<&'a GateSpec, NotWaivable> {
    let specs = dossier
        .next_step()
        .map_or(&[][..], |step| &step.stage.gates);
    let suite_of = |spec: &'a GateSpec| spec.params.get("suite").and_then(|value| value.as_str());
    let is_named =
        |spec: &&'a GateSpec| spec.gate == gate && (suite.is_none() || suite_of(spec) == suite);
    let found: Vec<&GateSpec> = specs.iter().filter(is_named).collect();
    let [spec] = found.as_slice() else {
        return Err(NotWaivable::NotOne {
            gate: gate.to_owned(),
            of_suite: suite.map_or_else(String::new, |suite| format!(" of suite `{suite}`")),
            count: found.len(),
        });
    };
    check(gate, dossier).map(|()| *spec)
}

/// Notes on a verdict that does not pass that somebody answers for it, where somebody does: for
/// this stage, candidate and plan, not over yet, and not whoever asks for the move.
pub(crate) fn noted(verdict: Verdict, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
    if verdict.is_pass() || check(&spec.gate, dossier).is_err() {
        return verdict;
    }
    let stage = dossier.next_step().map(|step| step.stage.stage);
    let criterion = criterion(spec);
    let holds = |one: &&Waiver| {
        !criterion.is_empty()
            && one.criterion == criterion
            && Some(one.stage) == stage
            && one.digest == dossier.plan.candidate.digest
            && one.plan == dossier.plan.digest
            && !one.plan.is_empty()
            && (one.at..one.until).contains(&dossier.now)
            && one.person != *dossier.requester
            && dossier.people.contains_key(&one.person)
    };
    let waived = dossier.waivers.iter().rev().find(holds);
    Verdict {
        waived: waived.map(|one| Waived {
            by: one.person.clone(),
            reason: one.reason.clone(),
            until: one.until,
        }),
        ..verdict
    }
}

/// Writes a criterion as text, the same for the same one. An empty one matches no waiver.
#[must_use]
pub fn criterion(spec: &GateSpec) -> String {
    serde_json::to_string(spec).unwrap_or_default()
}

/// Tells whether a gate may be waived at all.
fn check(gate: &str, dossier: &Dossier<'_>) -> Result<(), NotWaivable> {
    let gate = gate.to_owned();
    if NEVER.contains(&gate.as_str()) {
        return Err(NotWaivable::Never { gate });
    }
    match dossier.required.get(&gate) {
        None => Ok(()),
        Some(use_case) => Err(NotWaivable::Required {
            gate,
            use_case: use_case.to_string(),
        }),
    }
}
