//! The gates that the risk classes of use cases require. It must not know a stage's gates.

use std::collections::BTreeMap;

use crate::names::{RiskName, TierName, UseCaseName};
use crate::tier::{Risk, UseCase};

/// Lists the gates that a stage may not omit, each with a use case that requires it: those that
/// the stage lists, or every one where it lists none, as far as they may ask for the tier.
pub(super) fn required<'p>(
    use_cases: &'p BTreeMap<UseCaseName, UseCase>,
    risks: &'p BTreeMap<RiskName, Risk>,
    listed: &[UseCaseName],
    tier: &str,
) -> Vec<(&'p UseCase, &'p str)> {
    let is_admitted = |case: &&UseCase| {
        let is_listed = listed.is_empty() || listed.contains(&case.name);
        is_listed
            && case
                .tiers
                .iter()
                .map(TierName::as_str)
                .any(|name| name == tier)
    };
    let gates = |case: &'p UseCase| {
        let risk = case.risk.as_ref().and_then(|risk| risks.get(risk));
        let gates = risk.into_iter().flat_map(|risk| &risk.requires);
        gates.map(move |gate| (case, gate.as_str()))
    };
    use_cases
        .values()
        .filter(is_admitted)
        .flat_map(gates)
        .collect()
}
