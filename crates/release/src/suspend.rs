//! Taking the candidate away from a group of callers, and giving it back: what is asked, what
//! refuses it, and what it makes of the conditions in force. It must not judge evidence: a
//! suspension needs none, and an order to restore is a person's to judge.

use domain::{Condition, ReleaseStatus, Scope, Timestamp};
use serde::{Deserialize, Serialize};

/// Says whom to take the candidate away from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspend {
    /// The group of callers.
    pub scope: Scope,
    /// The outside order behind it, as its issuer names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// When it is to be looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Says which suspension to undo, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    /// The suspension's number; in a command none means the only one in force.
    pub suspension: Option<u64>,
    /// The group that has the candidate back; everybody whom it cuts where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Scope>,
}

/// Finds the suspension that a restore is about, and names it by its number; else lists the
/// numbers of those in force.
pub(crate) fn found(release: &ReleaseStatus, wanted: &Restore) -> Result<Restore, Vec<u64>> {
    let numbers: Vec<u64> = release.suspensions().map(|one| one.number).collect();
    let number = match (wanted.suspension, numbers.as_slice()) {
        (None, [only]) => *only,
        (Some(number), numbers) if numbers.contains(&number) => number,
        _ => return Err(numbers),
    };
    let group = wanted.group.clone().filter(|group| !group.is_everybody());
    Ok(Restore {
        suspension: Some(number),
        group,
    })
}

/// Undoes a suspension, whole or for a group.
pub(crate) fn restore(release: &mut ReleaseStatus, asked: &Restore) {
    let is_it = |condition: &Condition| match condition {
        Condition::Suspended(one) => Some(one.number) == asked.suspension,
        _ => false,
    };
    let Some(group) = &asked.group else {
        release.conditions.retain(|condition| !is_it(condition));
        return;
    };
    for condition in &mut release.conditions {
        if is_it(condition)
            && let Condition::Suspended(one) = condition
        {
            one.restored.push(group.clone());
        }
    }
}
