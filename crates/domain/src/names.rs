//! Names of declared things as distinct types over one cheap string. It must not know what the
//! names stand for.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names one thing of kind `K`; cloning it copies a pointer.
pub struct Name<K> {
    text: Arc<str>,
    kind: PhantomData<fn() -> K>,
}

/// Marks the kind of each name; the types have no values.
pub mod kind {
    /// Marks a tier's name.
    pub enum Tier {}
    /// Marks a model's name in the configuration.
    pub enum Model {}
    /// Marks a provider's name.
    pub enum Provider {}
    /// Marks a person's name.
    pub enum Person {}
    /// Marks a use case's name.
    pub enum UseCase {}
    /// Marks a risk class.
    pub enum Risk {}
    /// Marks a release's name.
    pub enum Release {}
    /// Marks an eval suite's name.
    pub enum Suite {}
    /// Marks a key's public id.
    pub enum Key {}
}

/// Names a tier.
pub type TierName = Name<kind::Tier>;
/// Names a model.
pub type ModelName = Name<kind::Model>;
/// Names a provider.
pub type ProviderName = Name<kind::Provider>;
/// Names a person.
pub type PersonName = Name<kind::Person>;
/// Names a use case.
pub type UseCaseName = Name<kind::UseCase>;
/// Names a risk class.
pub type RiskName = Name<kind::Risk>;
/// Names a release.
pub type ReleaseName = Name<kind::Release>;
/// Names an eval suite.
pub type SuiteName = Name<kind::Suite>;
/// Identifies a key without revealing it.
pub type KeyId = Name<kind::Key>;

impl<K> Name<K> {
    /// Makes a name of any text; what is allowed in one is checked where it is declared.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            kind: PhantomData,
        }
    }

    /// Shows the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<K> Clone for Name<K> {
    fn clone(&self) -> Self {
        Self {
            text: Arc::clone(&self.text),
            kind: PhantomData,
        }
    }
}

impl<K> fmt::Debug for Name<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

impl<K> fmt::Display for Name<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl<K> PartialEq for Name<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K> Eq for Name<K> {}

impl<K> PartialOrd for Name<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Name<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<K> Hash for Name<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<K> Borrow<str> for Name<K> {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl<K> From<&str> for Name<K> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<K> Serialize for Name<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, K> Deserialize<'de> for Name<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(String::deserialize(deserializer)?))
    }
}
