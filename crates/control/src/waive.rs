//! Records a person's waiver of a criterion of a release's next stage. It must not judge the
//! criterion, nor say which may be waived.

use domain::{ReleasePlan, Timestamp};
use release::Waiver;

use crate::control::Control;
use crate::error::ControlError;
use crate::operator::Operator;
use crate::reconcile::{Case, Recorded, Unrecorded};
use crate::record::Waived;

/// What a person waives, why, and how long.
pub(crate) struct Waive<'a> {
    /// The gate.
    pub(crate) gate: &'a str,
    /// The suite, where the stage has several criteria of that gate.
    pub(crate) suite: Option<&'a str>,
    /// Why.
    pub(crate) reason: &'a str,
    /// When it ends.
    pub(crate) until: Timestamp,
    /// The generation that the person saw.
    pub(crate) seen: Option<u64>,
}

impl Control {
    /// Records a waiver of a criterion of a release's next stage, and tells which stage that is.
    ///
    /// # Errors
    /// Fails when the ledger does not take it.
    pub(crate) fn waive(
        &self,
        plan: &ReleasePlan,
        operator: &Operator,
        waive: &Waive<'_>,
    ) -> Result<Recorded, ControlError> {
        self.record(plan, waive.seen, |logbook, declared, (stage, at)| {
            let case = Case::of(declared, plan, (logbook.book(), logbook.status()), at);
            let dossier = case.dossier(&operator.person);
            let criterion = match release::waivable(&dossier, waive.gate, waive.suite) {
                Ok(spec) => release::criterion(spec),
                Err(why) => return Ok(Err(Unrecorded::NotWaivable(why))),
            };
            let waiver = Waiver {
                stage,
                criterion,
                person: operator.person.clone(),
                key: operator.key.clone(),
                issuer: operator.issuer.clone(),
                reason: waive.reason.to_owned(),
                until: waive.until,
                digest: plan.candidate.digest.clone(),
                plan: plan.digest.clone(),
                at,
            };
            let release = plan.name.clone();
            let waived = Waived { release, waiver };
            logbook.append(&waived, at).map(|()| Ok(stage))
        })
    }
}
