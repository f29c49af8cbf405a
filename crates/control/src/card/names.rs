//! Names that stand in the configuration and not in the ledger: what a card calls the tier, the
//! candidate and a person's roles. It must not know what a person did.

use std::collections::BTreeMap;

use domain::{PersonName, ReleaseName};

use super::shown::By;

/// Holds names that the ledger does not bear, as the configuration declares them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The tier.
    pub tier: Option<String>,
    /// The candidate.
    pub candidate: Option<String>,
    /// The roles of each person.
    pub roles: BTreeMap<PersonName, Vec<String>>,
}

impl Names {
    /// Takes what a policy declares of a release.
    #[must_use]
    pub fn of(policy: &domain::Policy, release: &ReleaseName) -> Self {
        let plan = policy.releases.get(release);
        let people = policy.people.values();
        Self {
            tier: plan.map(|plan| plan.tier.to_string()),
            candidate: plan.map(|plan| plan.candidate.name.to_string()),
            roles: people
                .map(|person| (person.name.clone(), person.roles.clone()))
                .collect(),
        }
    }

    pub(super) fn by(&self, person: &PersonName) -> By {
        By {
            person: Some(person.to_string()),
            roles: self.roles.get(person).cloned().unwrap_or_default(),
        }
    }
}
