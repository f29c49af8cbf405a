//! The gates: one file and one row each; help and configuration checks follow from the rows. It
//! must not know a store or a clock.

mod approval;
mod attack_success_rate;
mod bounded;
mod budget;
mod canary;
mod eval_floor;
mod eval_noninferior;
mod evals;
mod external_order;
mod gate;
mod incident_free;
mod over_refusal;
mod paired;
mod parameter;
mod replay_paired;
mod sample_ratio_mismatch;
mod soak;

use domain::GateSpec;

use crate::dossier::Dossier;
use crate::verdict::{Judgement, Verdict};

pub use gate::{Acts, Gate};
pub use paired::{Unpaired, paired_difference};
pub use parameter::{Kind, Parameter, SpecFault};

/// Lists the gates.
pub static GATES: &[&dyn Gate] = &[
    &eval_floor::EvalFloor,
    &eval_noninferior::EvalNoninferior,
    &attack_success_rate::AttackSuccessRate,
    &over_refusal::OverRefusal,
    &approval::Approvals,
    &soak::Soak,
    &replay_paired::ReplayPaired,
    &canary::Canary,
    &sample_ratio_mismatch::SampleRatioMismatch,
    &budget::Budget,
    &incident_free::IncidentFree,
    &external_order::ExternalOrder,
];

/// Checks a gate's name and parameters.
///
/// # Errors
/// Returns the first thing wrong, with the way to mend it.
pub fn check(spec: &GateSpec) -> Result<(), SpecFault> {
    let names = || {
        GATES
            .iter()
            .map(|gate| gate.name())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let gate = GATES
        .iter()
        .find(|gate| gate.name() == spec.gate)
        .ok_or_else(|| SpecFault {
            parameter: None,
            what: format!("there is no gate `{}`", spec.gate),
            mend: format!("use one of: {}", names()),
        })?;
    parameter::check(gate.parameters(), spec)?;
    gate.check(spec)
}

/// Checks a criterion for staying in a stage: its name and parameters, and that its gate looks at
/// what a stage brings by itself.
///
/// # Errors
/// Returns the first thing wrong, with the way to mend it.
pub fn check_standing(spec: &GateSpec) -> Result<(), SpecFault> {
    check(spec)?;
    if acts(spec).is_some() {
        return Ok(());
    }
    let standing = GATES.iter().filter(|gate| gate.acts().is_some());
    let names: Vec<&str> = standing.map(|gate| gate.name()).collect();
    Err(SpecFault {
        parameter: None,
        what: format!(
            "gate `{}` is no criterion for staying in a stage",
            spec.gate
        ),
        mend: format!(
            "put it into `gates` of the stage, or use one of: {}",
            names.join(", ")
        ),
    })
}

/// Tells what the failure of a criterion for staying does.
#[must_use]
pub fn acts(spec: &GateSpec) -> Option<Acts> {
    let gate = GATES.iter().find(|gate| gate.name() == spec.gate)?;
    gate.acts()
}

/// Judges one criterion; an unknown gate or a wrong parameter is inconclusive.
#[must_use]
pub fn judge(spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
    if let Err(fault) = check(spec) {
        let reason = format!("{}: {}", fault.what, fault.mend);
        return Verdict::new(&spec.gate, Judgement::Inconclusive, reason);
    }
    let found = GATES.iter().find(|gate| gate.name() == spec.gate);
    found.map_or_else(
        || Verdict::new(&spec.gate, Judgement::Inconclusive, "there is no such gate"),
        |gate| gate.judge(spec, dossier),
    )
}
