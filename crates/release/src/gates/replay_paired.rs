//! The gate `replay_paired`: on recorded requests that both models answered again, the candidate's
//! answers are not worse, request by request.

use domain::GateSpec;

use super::gate::Gate;
use super::paired;
use super::parameter::Parameter;
use crate::dossier::Dossier;
use crate::verdict::Verdict;

/// Judges replayed traffic, answered by both models and scored alike.
pub(super) struct ReplayPaired;

const NAME: &str = "replay_paired";

impl Gate for ReplayPaired {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Passes when on recorded requests, which both models answered again and one scorer scored, \
         the candidate is not worse than the incumbent, or than the model that `against` names, by \
         more than `margin`: as `eval_noninferior` judges, with the recorded conversations as \
         clusters. The scores are imported (`tiergate evidence import`), one run a model."
    }

    fn parameters(&self) -> &'static [Parameter] {
        paired::PARAMETERS
    }

    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        paired::judge(NAME, spec, dossier)
    }
}
