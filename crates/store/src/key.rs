//! A key and what it stands for. It must not hold a secret or its hash.

use std::sync::Arc;

use domain::{
    Attributes, Caller, CallerKind, KeyId, PersonName, ReleaseName, Timestamp, UseCaseName,
};

/// Describes a key to be created.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The name that people know it by.
    pub name: String,
    /// What it is for.
    pub kind: NewKeyKind,
    /// When it ends; none means that only revocation ends it.
    pub expires_at: Option<Timestamp>,
    /// Who issued it; none means whoever sits at the data directory.
    pub issuer: Option<PersonName>,
}

/// Says what a new key is for.
#[derive(Clone, Debug)]
pub enum NewKeyKind {
    /// An application's key.
    Caller {
        /// Its team.
        team: Option<String>,
        /// Its attributes.
        attributes: Attributes,
        /// The use cases it may claim; the first is the default.
        use_cases: Vec<UseCaseName>,
    },
    /// An eval run's key, bound to one release.
    Evaluator {
        /// The release.
        release: ReleaseName,
    },
    /// A person's key for commands.
    Operator {
        /// The person.
        person: PersonName,
    },
}

/// Describes a stored key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its public id.
    pub id: KeyId,
    /// The name that people know it by.
    pub name: String,
    /// Who holds it.
    pub holder: Holder,
    /// Who issued it.
    pub issuer: Option<PersonName>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// What a usage row says of its holder.
    pub usage: Arc<UsageCaller>,
}

impl Key {
    /// Shows the caller that `decide` asks for; an operator is none.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        match &self.holder {
            Holder::Caller(caller) => Some(caller),
            Holder::Operator { .. } => None,
        }
    }

    /// Names the person whose operator key it is.
    #[must_use]
    pub fn operator(&self) -> Option<&PersonName> {
        match &self.holder {
            Holder::Operator { person, .. } => Some(person),
            Holder::Caller(_) => None,
        }
    }
}

/// Says who holds a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// An application or an eval run.
    Caller(Caller),
    /// A person.
    Operator {
        /// The person.
        person: PersonName,
        /// Whether the ledger's entry for its issue stands; before that it opens nothing.
        accepted: bool,
    },
}

impl Holder {
    /// Tells the letter that stands for the kind in a key's text.
    pub(crate) fn letter(&self) -> u8 {
        match self {
            Self::Caller(Caller { kind, .. }) => match kind {
                CallerKind::Application => b'c',
                CallerKind::Evaluator { .. } => b'e',
            },
            Self::Operator { .. } => b'o',
        }
    }
}

/// Says who asked, as a usage row keeps it: the names as they were at that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageCaller {
    /// The key.
    pub key: KeyId,
    /// The key's name.
    pub name: String,
    /// Its team.
    pub team: Option<String>,
    /// Whether it was an evaluation key, so that the row is part of an eval run.
    pub is_evaluator: bool,
}
