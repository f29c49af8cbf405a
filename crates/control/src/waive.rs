//! Records a person's waiver of a criterion of a release's next stage. It must not judge the
//! criterion, nor say which may be waived.

use domain::{ReleasePlan, Stage, Timestamp};
use release::{NotWaivable, Refused, Waiver};

use crate::control::Control;
use crate::error::ControlError;
use crate::operator::Operator;
use crate::reconcile::{Case, declares};
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

/// Says what became of a waiver.
pub(crate) enum Given {
    /// It is in the ledger, for this stage.
    Recorded(Stage),
    /// There is no such criterion, or it is not one person's to waive.
    Not(NotWaivable),
    /// There is nothing to waive.
    Refused(Refused),
    /// The configuration has changed since the plan was looked up; nothing was done.
    Reloaded,
}

impl Control {
    /// Records a waiver.
    ///
    /// # Errors
    /// Fails when the ledger does not take it.
    pub(crate) fn waive(
        &self,
        plan: &ReleasePlan,
        operator: &Operator,
        waive: &Waive<'_>,
    ) -> Result<Given, ControlError> {
        let mut logbook = self.logbook();
        let declared = self.declared();
        if !declares(&declared, plan) {
            return Ok(Given::Reloaded);
        }
        self.settle_ledger(&mut logbook)?;
        let now = logbook.status().generation;
        if let Some(seen) = waive.seen.filter(|seen| *seen != now) {
            return Ok(Given::Refused(Refused::Stale { seen, now }));
        }
        let at = (self.hooks.clock)();
        let case = Case::of(&declared, plan, (logbook.book(), logbook.status()), at);
        let dossier = case.dossier(&operator.person);
        let Some(step) = dossier.next_step() else {
            return Ok(Given::Refused(Refused::AtTheEnd));
        };
        let spec = match release::waivable(&dossier, waive.gate, waive.suite) {
            Ok(spec) => spec,
            Err(why) => return Ok(Given::Not(why)),
        };
        let stage = step.stage.stage;
        let waiver = Waiver {
            stage,
            criterion: release::criterion(spec),
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
        logbook.append(&Waived { release, waiver }, at)?;
        Ok(Given::Recorded(stage))
    }
}
