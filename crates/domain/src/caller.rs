//! Who asks and who commands: callers behind keys, people with roles. It must not know how a key
//! is stored or checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::names::{KeyId, PersonName, ReleaseName, UseCaseName};

/// Holds a caller's attributes such as region or programme.
pub type Attributes = BTreeMap<String, String>;

/// Describes who asks for an answer: one key and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The key's public id.
    pub key: KeyId,
    /// The name the key was created under.
    pub name: String,
    /// What the key is for.
    pub kind: CallerKind,
    /// The team it belongs to.
    #[serde(default)]
    pub team: Option<String>,
    /// Attributes that admissions may ask for.
    #[serde(default)]
    pub attributes: Attributes,
    /// The use cases that it may claim; the first is the default.
    #[serde(default)]
    pub use_cases: Vec<UseCaseName>,
}

/// Tells what a caller's key is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerKind {
    /// An application.
    Application,
    /// An eval run, bound to one release; it reaches that release's arms and nothing else.
    Evaluator {
        /// The release whose candidate and incumbent it may ask.
        release: ReleaseName,
    },
}

/// Stands in the ledger where nobody commanded: it is the name of no person.
pub const AUTOMATION: &str = "tiergate";

/// Declares a human who may command releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name in the configuration.
    pub name: PersonName,
    /// The roles whose approvals this person may give.
    pub roles: Vec<String>,
}
