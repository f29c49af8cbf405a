//! What the ledger's entries say, kind by kind. It must not know how they are stored or signed.

use std::collections::BTreeMap;

use domain::{
    KeyId, ModelDigest, PersonName, PolicyDigest, ReleaseName, Stage, SuiteName, Timestamp,
};
use release::{Incident, KnownError, Waiver};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A fact that has a kind of entry of its own.
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// Names the kind.
    const KIND: &'static str;

    /// Reads the fact from an entry, if the entry is of its kind.
    fn read(kind: &str, body: &Value) -> Option<Result<Self, serde_json::Error>> {
        (kind == Self::KIND).then(|| Self::deserialize(body))
    }
}

/// A configuration was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolicyLoaded {
    /// The configuration's digest.
    pub(crate) policy: PolicyDigest,
}

impl Record for PolicyLoaded {
    const KIND: &'static str = "policy.loaded";
}

/// An operator key was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyIssued {
    /// The key's public id.
    pub(crate) key: KeyId,
    /// Whose key it is.
    pub(crate) person: PersonName,
    /// Who issued it; none means whoever sat at the data directory.
    pub(crate) issuer: Option<PersonName>,
}

impl Record for KeyIssued {
    const KIND: &'static str = "key.issued";
}

/// An operator key was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRevoked {
    /// The key's public id.
    pub(crate) key: KeyId,
}

impl Record for KeyRevoked {
    const KIND: &'static str = "key.revoked";
}

/// A person approved a release's next stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Approved {
    /// The release.
    pub(crate) release: ReleaseName,
    /// The stage to be entered.
    pub(crate) stage: Stage,
    /// Who approves.
    pub(crate) person: PersonName,
    /// The key it was given with.
    pub(crate) key: KeyId,
    /// Who issued that key.
    pub(crate) issuer: Option<PersonName>,
    /// The candidate approved, and no other.
    pub(crate) digest: ModelDigest,
    /// The plan approved, and no other.
    pub(crate) plan: String,
    /// When.
    pub(crate) at: Timestamp,
}

impl Record for Approved {
    const KIND: &'static str = "release.approved";
}

/// A person answers for a criterion of a release's next stage that does not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waived {
    /// The release.
    pub(crate) release: ReleaseName,
    /// The waiver.
    #[serde(flatten)]
    pub(crate) waiver: Waiver,
}

impl Record for Waived {
    const KIND: &'static str = "release.waived";
}

/// Something happened with a release's candidate that a gate asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Happened {
    /// The release.
    pub(crate) release: ReleaseName,
    /// What happened.
    #[serde(flatten)]
    pub(crate) incident: Incident,
}

impl Record for Happened {
    const KIND: &'static str = "incident.reported";
}

/// Evidence was taken in; the rows themselves stand in the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EvidenceTaken {
    /// The evidence's id.
    pub(crate) id: String,
    /// The release it is for.
    pub(crate) release: ReleaseName,
    /// The suite.
    pub(crate) suite: SuiteName,
    /// The suite's digest.
    pub(crate) suite_digest: String,
    /// The model it is about.
    pub(crate) digest: ModelDigest,
    /// SHA-256 of the rows' canonical JSON.
    pub(crate) rows: String,
    /// Who brought it.
    pub(crate) by: PersonName,
    /// The file that it was read out of, where another tool made the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<FileTaken>,
}

/// Describes another tool's file, and what became of it beside the gateway's own accounting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileTaken {
    /// SHA-256 of its bytes.
    pub(crate) digest: String,
    /// The source that read it.
    pub(crate) source: String,
    /// The version of the tool that wrote it, where it says one.
    pub(crate) tool_version: Option<String>,
    /// The scorer that counts; none where it could not be told.
    pub(crate) scorer: Option<String>,
    /// How often that scorer errs, where that was measured.
    pub(crate) known_error: Option<KnownError>,
    /// How the requests ended that were accounted for under the run's key.
    pub(crate) requests: BTreeMap<String, u64>,
    /// What is odd about it, and does no harm.
    pub(crate) warnings: Vec<String>,
    /// Why it is no evidence; any reason makes the whole run inconclusive.
    pub(crate) spoilt: Vec<String>,
}

impl Record for EvidenceTaken {
    const KIND: &'static str = "evidence.taken";
}
