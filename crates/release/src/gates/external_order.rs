//! The gate `external_order`: no outside order against the candidate is in force. It must not
//! know whom an order cuts.

use domain::{GateSpec, Suspension};

use super::gate::Gate;
use super::parameter::Parameter;
use crate::dossier::Dossier;
use crate::verdict::{Judgement, Verdict};

/// Judges whether the release stands under an outside order.
pub(super) struct ExternalOrder;

const NAME: &str = "external_order";

impl Gate for ExternalOrder {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Passes when no suspension that names an outside order is in force, not even for one group \
         of callers. It cannot be waived: `tiergate release restore` ends a suspension."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn judge(&self, _: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        let ordered = dossier.status.suspensions();
        let labels: Vec<String> = ordered
            .filter(|one| one.order.is_some())
            .map(Suspension::label)
            .collect();
        if labels.is_empty() {
            return Verdict::new(NAME, Judgement::Pass, "no outside order is in force");
        }
        let reason = format!("in force: {}", labels.join(", "));
        Verdict::new(NAME, Judgement::Fail, reason).with("orders", labels.len() as f64)
    }
}
