//! Models and the providers that serve them, and the digest that names a model in evidence. It
//! must not know how a provider is spoken to.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::facts::Takes;
use crate::names::{ModelName, ProviderName};
use crate::prices::Prices;

/// Declares where models are served.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// The name in the configuration.
    pub name: ProviderName,
    /// The adapter that speaks to it, as `dialect` names it in the configuration.
    pub dialect: String,
    /// The base URL, empty for a model in this process.
    pub base_url: String,
}

/// Limits what one request to a model may ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The most output tokens a request may ask for; also what is asked where a dialect requires
    /// a number and the caller gave none.
    pub max_output_tokens: Option<u64>,
}

/// Declares one deployment that answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The name in the configuration.
    pub name: ModelName,
    /// Where it is served.
    pub provider: Arc<Provider>,
    /// The provider's own id for it.
    pub id: String,
    /// The safeguard profile; another profile is another model.
    pub safeguards: Option<String>,
    /// Parameters written into every request, by top-level field.
    pub params: Map<String, Value>,
    /// The hash of the weights where they are known.
    pub weights: Option<String>,
    /// Limits of one request.
    pub limits: Limits,
    /// Prices where they are known; unknown stays unknown.
    pub prices: Option<Prices>,
    /// What is known of what it refuses and changes.
    pub takes: Takes,
    /// Names exactly this model in evidence.
    pub digest: ModelDigest,
}

/// Names one model in evidence: SHA-256 of the canonical JSON (RFC 8785) of provider kind, base
/// URL, id, safeguard profile, fixed parameters and weights' hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelDigest(pub Arc<str>);

impl ModelDigest {
    /// Computes the digest of a model's identity; price, limits and keys are not part of it.
    ///
    /// # Errors
    /// Fails when a fixed parameter has no canonical JSON (a number that is not finite).
    pub fn of(
        provider: &Provider,
        id: &str,
        safeguards: Option<&str>,
        params: &Map<String, Value>,
        weights: Option<&str>,
    ) -> Result<Self, serde_json::Error> {
        let identity = json!({
            "base_url": provider.base_url,
            "id": id,
            "params": params,
            "provider": provider.dialect,
            "safeguards": safeguards,
            "weights": weights,
        });
        let bytes = serde_json_canonicalizer::to_vec(&identity)?;
        Ok(Self(hex(&Sha256::digest(&bytes)).into()))
    }

    /// Shows the digest as `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn hex(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("sha256:");
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
