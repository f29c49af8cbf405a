//! Suspensions: who a release's candidate is taken away from, by whose order, and for whom that
//! was undone since. It must not know how it was ordered, nor lift itself.

use serde::{Deserialize, Serialize};

use crate::caller::{Attributes, Caller};
use crate::names::{PersonName, UseCaseName};
use crate::time::Timestamp;

/// Describes a group of callers: those who meet every given condition. Without one it is
/// everybody, evaluation keys included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Teams of which the caller is in one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// Use cases of which the request is in one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub use_cases: Vec<UseCaseName>,
    /// Attributes that the caller has, by exact value.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

/// Says what is asked of a caller of whom something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unknown {
    CountsAsInside,
    CountsAsOutside,
}

impl Scope {
    /// Tells whether it is everybody.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        *self == Self::default()
    }

    /// Tells whether a caller may be one of the group: who has no team, or not the attribute,
    /// cannot be told apart from it.
    #[must_use]
    pub fn may_hold(&self, caller: &Caller, use_case: &UseCaseName) -> bool {
        self.fits(caller, use_case, Unknown::CountsAsInside)
    }

    /// Tells whether a caller is one of the group for certain.
    #[must_use]
    pub fn holds(&self, caller: &Caller, use_case: &UseCaseName) -> bool {
        self.fits(caller, use_case, Unknown::CountsAsOutside)
    }

    fn fits(&self, caller: &Caller, use_case: &UseCaseName, unknown: Unknown) -> bool {
        let by_default = unknown == Unknown::CountsAsInside;
        let is_in_team = self.teams.is_empty()
            || caller
                .team
                .as_ref()
                .map_or(by_default, |team| self.teams.contains(team));
        let is_in_use = self.use_cases.is_empty() || self.use_cases.contains(use_case);
        let has_attributes = self.attributes.iter().all(|(name, value)| {
            let held = caller.attributes.get(name);
            held.map_or(by_default, |held| held == value)
        });
        is_in_team && is_in_use && has_attributes
    }
}

/// Describes one suspension in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The generation of the move that made it; a restore names it by this number.
    pub number: u64,
    /// Who the candidate is taken away from.
    pub scope: Scope,
    /// Why.
    pub reason: String,
    /// The outside order behind it, as its issuer names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// When it is to be looked at again. It does not end then: only a person restores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who gave the command.
    pub by: PersonName,
    /// When.
    pub at: Timestamp,
    /// Groups within the scope that have the candidate back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restored: Vec<Scope>,
}

impl Suspension {
    /// Tells whether it takes the candidate away from a caller. What is not known closes: such a
    /// caller counts as in the scope, and as in no group that was restored.
    #[must_use]
    pub fn cuts(&self, caller: &Caller, use_case: &UseCaseName) -> bool {
        let is_restored = |group: &Scope| group.holds(caller, use_case);
        self.scope.may_hold(caller, use_case) && !self.restored.iter().any(is_restored)
    }

    /// Names it for people: its order, else its number.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.order {
            Some(order) => format!("suspension {} (order {order})", self.number),
            None => format!("suspension {}", self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Suspension};
    use crate::caller::{Caller, CallerKind};
    use crate::time::Timestamp;

    fn caller(team: Option<&str>, region: Option<&str>) -> Caller {
        let region = region.map(|value| ("region".to_owned(), value.to_owned()));
        Caller {
            key: "k".into(),
            name: "app".to_owned(),
            kind: CallerKind::Application,
            team: team.map(str::to_owned),
            attributes: region.into_iter().collect(),
            use_cases: Vec::new(),
        }
    }

    fn region(value: &str) -> Scope {
        Scope {
            attributes: [("region".to_owned(), value.to_owned())].into(),
            ..Scope::default()
        }
    }

    fn suspension(scope: Scope, restored: Vec<Scope>) -> Suspension {
        Suspension {
            number: 7,
            scope,
            reason: "an order".to_owned(),
            order: None,
            until: None,
            by: "ada".into(),
            at: Timestamp(0),
            restored,
        }
    }

    #[test]
    fn only_the_ordered_scope_loses_the_candidate() {
        let order = suspension(region("north"), Vec::new());
        assert!(order.cuts(&caller(None, Some("north")), &"triage".into()));
        assert!(!order.cuts(&caller(None, Some("south")), &"triage".into()));
    }

    #[test]
    fn who_cannot_be_told_apart_is_cut_and_not_restored() {
        let order = suspension(region("north"), Vec::new());
        assert!(order.cuts(&caller(Some("blue"), None), &"triage".into()));
        let blue = Scope {
            teams: vec!["blue".to_owned()],
            ..Scope::default()
        };
        let everybody = suspension(Scope::default(), vec![blue]);
        assert!(everybody.cuts(&caller(None, None), &"triage".into()));
        assert!(everybody.cuts(&caller(Some("red"), None), &"triage".into()));
        assert!(!everybody.cuts(&caller(Some("blue"), None), &"triage".into()));
    }

    #[test]
    fn every_condition_of_a_scope_counts() {
        let scope = Scope {
            teams: vec!["blue".to_owned()],
            use_cases: vec!["triage".into()],
            ..region("north")
        };
        let order = suspension(scope, Vec::new());
        let north = |team| caller(Some(team), Some("north"));
        assert!(order.cuts(&north("blue"), &"triage".into()));
        assert!(!order.cuts(&north("red"), &"triage".into()));
        assert!(!order.cuts(&north("blue"), &"drafting".into()));
        assert!(!order.cuts(&caller(Some("blue"), Some("south")), &"triage".into()));
    }
}
