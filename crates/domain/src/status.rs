//! The release status: one immutable snapshot with a generation, where both flows meet. It must
//! not know how it came about.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::ModelDigest;
use crate::names::{PersonName, ReleaseName};
use crate::suspension::Suspension;
use crate::time::Timestamp;

/// Says how far a release has come.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Invisible to everyone but evaluation keys.
    #[default]
    Sealed,
    /// Open to those the plan admits first.
    EarlyAccess,
    /// Open to a wider circle.
    Expanded,
    /// Open to everyone whom the tier serves.
    General,
}

impl Stage {
    /// Lists the stages in their order.
    pub const ALL: [Self; 4] = [
        Self::Sealed,
        Self::EarlyAccess,
        Self::Expanded,
        Self::General,
    ];

    /// Shows the word used in configuration, HTTP and documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::EarlyAccess => "early_access",
            Self::Expanded => "expanded",
            Self::General => "general",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Holds a percentage of conversations, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(u8);

impl Share {
    /// Nobody.
    pub const NONE: Self = Self(0);
    /// Everybody.
    pub const ALL: Self = Self(100);

    /// Takes whole percent from 0 to 100, and nothing else.
    #[must_use]
    pub fn percent(value: u64) -> Option<Self> {
        u8::try_from(value)
            .ok()
            .filter(|percent| *percent <= 100)
            .map(Self)
    }

    /// Shows the percentage.
    #[must_use]
    pub fn as_percent(self) -> u8 {
        self.0
    }

    /// Tells whether a bucket (0 to 9999) is within the share; what is in stays in as it rises.
    #[must_use]
    pub fn covers(self, bucket: u16) -> bool {
        bucket < u16::from(self.0) * 100
    }
}

/// Restricts a release beside its stage; several may hold at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "condition")]
pub enum Condition {
    /// No move forward until a person resumes it.
    Held {
        /// Who held it.
        by: PersonName,
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// The candidate is taken away from a group of callers, until a person restores it.
    Suspended(Suspension),
    /// One candidate goes no further, whatever its evidence; another one begins anew.
    Withdrawn {
        /// The candidate.
        digest: ModelDigest,
        /// Who withdrew it.
        by: PersonName,
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// One candidate is no longer served from a day on, and goes no further until then.
    Retired {
        /// The candidate.
        digest: ModelDigest,
        /// From when on nobody gets it.
        on: Timestamp,
        /// Who said so.
        by: PersonName,
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

/// Holds where one release stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseStatus {
    /// The stage reached.
    pub stage: Stage,
    /// Percent of the admitted conversations that get the candidate.
    pub share: Share,
    /// Conditions in force.
    pub conditions: Vec<Condition>,
    /// The candidate that this status is about; it says nothing of any other.
    pub digest: ModelDigest,
    /// Seeds the share's hash; it never changes while the release lives.
    pub salt: String,
    /// When the stage was entered.
    pub stage_since: Timestamp,
    /// The generation of the move that last changed this release; 0 before the first.
    pub generation: u64,
}

impl ReleaseStatus {
    /// Describes a release about which nothing has been decided.
    #[must_use]
    pub fn sealed(release: &ReleaseName, digest: ModelDigest, at: Timestamp) -> Self {
        Self {
            stage: Stage::Sealed,
            share: Share::NONE,
            conditions: Vec::new(),
            digest,
            salt: release.as_str().to_owned(),
            stage_since: at,
            generation: 0,
        }
    }

    /// Tells whether a hold is in force.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.conditions
            .iter()
            .any(|condition| matches!(condition, Condition::Held { .. }))
    }

    /// Tells whether this candidate was withdrawn.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.conditions
            .iter()
            .any(|one| matches!(one, Condition::Withdrawn { digest, .. } if *digest == self.digest))
    }

    /// Tells from when on this candidate is no longer served, where that was said.
    #[must_use]
    pub fn retires_on(&self) -> Option<Timestamp> {
        self.conditions.iter().find_map(|one| match one {
            Condition::Retired { digest, on, .. } if *digest == self.digest => Some(*on),
            _ => None,
        })
    }

    /// Lists the suspensions in force.
    pub fn suspensions(&self) -> impl Iterator<Item = &Suspension> {
        self.conditions
            .iter()
            .filter_map(|condition| match condition {
                Condition::Suspended(suspension) => Some(suspension),
                _ => None,
            })
    }
}

/// Holds where every release stands; a release that is absent is sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Rises by one with every move.
    pub generation: u64,
    /// The releases about which something was decided.
    pub releases: BTreeMap<ReleaseName, ReleaseStatus>,
}
