//! The gate `sample_ratio_mismatch`: conversations begin in the arms as the share says.

use domain::GateSpec;

use super::gate::{Acts, Gate};
use super::parameter::Parameter;
use crate::dossier::Dossier;
use crate::stats::FEWEST_CLUSTERS;
use crate::verdict::{Judgement, Verdict};
use crate::watch::SPLIT_ALPHA;

/// Judges whether the traffic splits as declared.
pub(super) struct SampleRatioMismatch;

const NAME: &str = "sample_ratio_mismatch";
/// The fewest conversations of both arms together.
const FEWEST: u64 = FEWEST_CLUSTERS as u64;

impl Gate for SampleRatioMismatch {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Fails when conversations do not begin in the two arms as the share declares, by a \
         Bernoulli confidence sequence at 99.9 % over all looks, and then holds the release: what \
         comes of a skewed split compares different callers. Conversations that went on from \
         before are not counted. Says nothing under 30 conversations, and passes where everybody \
         gets the candidate."
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn acts(&self) -> Option<Acts> {
        Some(Acts::Hold)
    }

    fn judge(&self, _spec: &GateSpec, dossier: &Dossier<'_>) -> Verdict {
        let Some(watch) = dossier.watch else {
            let reason = "no traffic is watched: the release is in no open stage";
            return Verdict::new(NAME, Judgement::Inconclusive, reason);
        };
        let split = watch.split();
        let [ours, theirs] = split.counts();
        let percent = split.share().as_percent();
        let counts =
            format!("{ours} began with the candidate and {theirs} beside it at {percent} %");
        let (judgement, reason) = if ours + theirs < FEWEST {
            let reason = format!("under {FEWEST} conversations: {counts}");
            (Judgement::Inconclusive, reason)
        } else if split.is_mismatch() {
            let reason = format!("the split is not the one declared: {counts}");
            (Judgement::Fail, reason)
        } else {
            (
                Judgement::Pass,
                format!("the split is as declared: {counts}"),
            )
        };
        let interval = split.interval();
        Verdict::new(NAME, judgement, reason)
            .with("conversations", ours as f64)
            .with("incumbent_conversations", theirs as f64)
            .with("share", f64::from(percent) / 100.0)
            .with("lower", interval.lower)
            .with("upper", interval.upper)
            .with("alpha", SPLIT_ALPHA)
    }
}
