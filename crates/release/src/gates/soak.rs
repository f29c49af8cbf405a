//! The gate `soak`: the release has been in its present stage for so long.

use domain::{GateSpec, MS_PER_DAY, Stage};

use super::gate::Gate;
use super::parameter::{Kind, Parameter, count};
use crate::dossier::Dossier;
use crate::verdict::{Judgement, Verdict};

/// Judges whether the present stage has lasted long enough.
pub(super) struct Soak;

const NAME: &str = "soak";

impl Gate for Soak {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Passes when the release has been in its present, opened stage for at least `days` days."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter {
            name: "days",
            kind: Kind::Count,
            default: None,
            about: "how many days the present stage must have lasted",
        }]
    }

    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        let days = count(spec, "days", u64::MAX) as f64;
        if dossier.status.stage == Stage::Sealed {
            let reason = "a sealed release has no traffic to soak in";
            return Verdict::new(NAME, Judgement::Inconclusive, reason);
        }
        let lasted = dossier.now.ms_since(dossier.status.stage_since) as f64 / MS_PER_DAY as f64;
        let judgement = if lasted >= days {
            Judgement::Pass
        } else {
            Judgement::Inconclusive
        };
        let reason = format!(
            "{} has lasted {lasted:.1} of {days} days",
            dossier.status.stage
        );
        Verdict::new(NAME, judgement, reason)
            .with("days", lasted)
            .with("needed", days)
    }
}
