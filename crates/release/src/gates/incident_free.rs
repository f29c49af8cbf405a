//! The gate `incident_free`: nobody reported an incident with the candidate for so long.

use domain::{GateSpec, MS_PER_DAY, Stage};

use super::gate::{Acts, Gate};
use super::parameter::{Kind, Parameter, count, ms_of_days};
use crate::dossier::{Dossier, Incident};
use crate::verdict::{Judgement, Verdict};

/// Judges whether the candidate has been without incident.
pub(super) struct IncidentFree;

const NAME: &str = "incident_free";
const DAYS: u64 = 14;

impl Gate for IncidentFree {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Fails while an incident with this candidate that `tiergate release incident` recorded is \
         younger than `days`. Passes once the present, opened stage has lasted so long without \
         one."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter {
            name: "days",
            kind: Kind::Count,
            default: Some("14"),
            about: "how many days an incident counts",
        }]
    }

    fn acts(&self) -> Option<Acts> {
        Some(Acts::RollBack)
    }

    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        let days = count(spec, "days", DAYS);
        let span = ms_of_days(days);
        let counts = |one: &&Incident| {
            one.digest == dossier.plan.candidate.digest && dossier.now.ms_since(one.at) <= span
        };
        let newest = dossier
            .incidents
            .iter()
            .filter(counts)
            .max_by_key(|one| one.at);
        let (judgement, reason) = match newest {
            Some(one) => {
                let (day, by, what) = (one.at.date(), &one.by, &one.what);
                (Judgement::Fail, format!("on {day} {by} reported: {what}"))
            }
            None if dossier.status.stage == Stage::Sealed => {
                let reason = "a sealed release meets nobody".to_owned();
                (Judgement::Inconclusive, reason)
            }
            None => {
                let lasted = dossier.now.ms_since(dossier.status.stage_since);
                let told = format!(
                    "no incident in {:.1} of {days} days",
                    lasted as f64 / MS_PER_DAY as f64
                );
                let judgement = if lasted >= span {
                    Judgement::Pass
                } else {
                    Judgement::Inconclusive
                };
                (judgement, told)
            }
        };
        let number = dossier.incidents.iter().filter(counts).count();
        Verdict::new(NAME, judgement, reason).with("incidents", number as f64)
    }
}
