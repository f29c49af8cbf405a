//! The gate `budget`: what the candidate cost in its present stage.

use domain::GateSpec;

use super::gate::{Acts, Gate};
use super::parameter::{Kind, Parameter, fraction};
use crate::dossier::Dossier;
use crate::verdict::{Judgement, Verdict};

/// Judges what the candidate cost.
pub(super) struct Budget;

const NAME: &str = "budget";

impl Gate for Budget {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Fails when the candidate's requests in the present stage cost more than `usd`, by the \
         prices that accounting used. Requests without a price leave it inconclusive, unless what \
         is known is too much already."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter {
            name: "usd",
            kind: Kind::Amount,
            default: None,
            about: "US dollars that the stage may cost",
        }]
    }

    fn acts(&self) -> Option<Acts> {
        Some(Acts::RollBack)
    }

    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        let Some(watch) = dossier.watch else {
            let reason = "no traffic is watched: the release is in no open stage";
            return Verdict::new(NAME, Judgement::Inconclusive, reason);
        };
        let most = fraction(spec, "usd", 0.0);
        let spent = watch.spent();
        let usd = spent.cost.in_usd();
        let requests = spent.requests;
        let told = format!("{usd:.6} of {most} USD for {requests} requests");
        let (judgement, reason) = if usd > most {
            (Judgement::Fail, format!("spent: {told}"))
        } else if spent.unpriced > 0 {
            let reason = format!("{} requests have no price; {told}", spent.unpriced);
            (Judgement::Inconclusive, reason)
        } else if requests == 0 {
            (Judgement::Inconclusive, "no request yet".to_owned())
        } else {
            (Judgement::Pass, told)
        };
        Verdict::new(NAME, judgement, reason)
            .with("usd", usd)
            .with("at_most", most)
            .with("requests", requests as f64)
            .with("unpriced", spent.unpriced as f64)
    }
}
