//! The gate `eval_floor`: a suite's score is at least so high.

use domain::GateSpec;

use super::evals::{ALPHA, MAX_AGE, MAX_AGE_DAYS, SUITE, newest, too_few};
use super::gate::Gate;
use super::parameter::{Kind, Parameter, count, fraction, name};
use crate::dossier::Dossier;
use crate::stats::{alpha_of_attempt, clustered_mean, wilson_lower};
use crate::verdict::{Judgement, Verdict};

/// Judges whether the candidate's score on a suite is at least a floor.
pub(super) struct EvalFloor;

const NAME: &str = "eval_floor";

impl Gate for EvalFloor {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Passes when the candidate's mean score on a suite is above a floor beyond doubt: the \
         one-sided Wilson lower bound at 95 %, over clusters, is at least `at_least`. The error \
         rate is split over every run made on this model and suite, so each rerun has a higher bar."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            SUITE,
            Parameter {
                name: "at_least",
                kind: Kind::Fraction,
                default: None,
                about: "the floor of the mean score, 0 to 1",
            },
            MAX_AGE,
        ]
    }

    fn judge(&self, spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        let unclear = |reason: String| Verdict::unclear(NAME, reason);
        let suite = name(spec, "suite");
        let max_age = count(spec, "max_age_days", MAX_AGE_DAYS);
        let counted = match newest(dossier, suite, &dossier.plan.candidate.digest, max_age) {
            Ok(counted) => counted,
            Err(why) => return Verdict::unclear(NAME, why),
        };
        let items = counted
            .run
            .items
            .iter()
            .map(|item| (item.cluster.as_str(), item.score));
        let Some(mean) = clustered_mean(items) else {
            return unclear(format!("the run of suite `{suite}` has no items"));
        };
        if let Some(reason) = too_few(mean.clusters) {
            return unclear(reason);
        }
        let alpha = alpha_of_attempt(ALPHA, counted.attempts);
        let clusters = mean.clusters as f64;
        let floor = fraction(spec, "at_least", 1.0);
        let lower = wilson_lower(mean.mean * clusters, clusters, alpha);
        let (judgement, word) = if lower >= floor {
            (Judgement::Pass, "is at least")
        } else {
            (Judgement::Fail, "is below")
        };
        let reason = format!(
            "the lower bound {lower:.4} of the mean score {:.4} on suite `{suite}` {word} {floor}",
            mean.mean
        );
        Verdict::new(NAME, judgement, reason)
            .with("items", mean.count as f64)
            .with("clusters", clusters)
            .with("mean", mean.mean)
            .with("lower", lower)
            .with("at_least", floor)
            .with("alpha", alpha)
            .with("attempts", f64::from(counted.attempts))
            .with_some("never_brought", counted.never_brought)
    }
}
