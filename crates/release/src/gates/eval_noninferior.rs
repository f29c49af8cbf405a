//! The gate `eval_noninferior`: on a suite the candidate is not worse than what it is compared
//! with, item by item.

use domain::GateSpec;

use super::gate::Gate;
use super::paired;
use super::parameter::Parameter;
use crate::dossier::Dossier;
use crate::verdict::Verdict;

/// Judges whether the candidate is not worse than the incumbent by more than a margin.
pub(super) struct EvalNoninferior;

const NAME: &str = "eval_noninferior";

impl Gate for EvalNoninferior {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Passes when the candidate is not worse than the incumbent, or than the model that \
         `against` names, by more than `margin` beyond doubt: scores are paired item by item, the \
         error is robust to clusters, and the one-sided lower bound of the mean difference at \
         95 % is above the negative margin. The error rate is split over every run made."
    }

    fn parameters(&self) -> &'static [Parameter] {
        paired::PARAMETERS
    }

    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        paired::judge(NAME, spec, dossier)
    }
}
