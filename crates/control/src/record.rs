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

/// Evidence was taken in. The store keeps what it holds, and the entry is bound to that by a keyed
/// commitment: with the payload and its key erased, nothing of it can be told from the entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EvidenceTaken {
    /// The evidence's id.
    pub(crate) id: String,
    /// The release it is for.
    pub(crate) release: ReleaseName,
    /// Which arm was asked; older entries leave it to the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) arm: Option<String>,
    /// The suite.
    pub(crate) suite: SuiteName,
    /// The suite's digest.
    pub(crate) suite_digest: String,
    /// The model it is about.
    pub(crate) digest: ModelDigest,
    /// The commitment to the payload's canonical JSON; of older entries its plain SHA-256.
    pub(crate) rows: String,
    /// Who brought it.
    pub(crate) by: PersonName,
    /// The file that it was read out of, where another tool made the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<FileTaken>,
}

impl Record for EvidenceTaken {
    const KIND: &'static str = "evidence.taken";
}

impl EvidenceTaken {
    /// Reads the key and the arm out of the id; that of older entries ends with digits of a hash.
    pub(crate) fn key_and_arm(&self) -> Option<(&str, &str)> {
        let (key, rest) = self.id.split_once('-')?;
        Some((key, rest.split_once('-').map_or(rest, |(arm, _)| arm)))
    }
}

/// Describes another tool's file as far as it may be known for ever: with counts, and with nothing
/// that the file itself says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileTaken {
    /// The source that read it.
    pub(crate) source: String,
    /// How often the scorer that counts errs, where that was measured.
    pub(crate) known_error: Option<KnownError>,
    /// How the requests ended that were accounted for under the run's key.
    pub(crate) requests: BTreeMap<String, u64>,
    /// What older entries say in the open; today it stands in the payload.
    #[serde(flatten)]
    pub(crate) told: Option<FileTold>,
}

/// Holds what a file tells of itself, and what is told of it in its own words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileTold {
    /// SHA-256 of its bytes: whoever can guess the file can confirm the guess.
    pub(crate) digest: String,
    /// The version of the tool that wrote it, where it says one.
    pub(crate) tool_version: Option<String>,
    /// The scorer that counts; none where it could not be told.
    pub(crate) scorer: Option<String>,
    /// What is odd about it, and does no harm.
    pub(crate) warnings: Vec<String>,
    /// Why it is no evidence; any reason makes the whole run inconclusive.
    pub(crate) spoilt: Vec<String>,
}

/// What evidence holds is to be erased; the entry that names the evidence stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EvidenceErased {
    /// The evidence's id.
    pub(crate) id: String,
    /// The release it is for.
    pub(crate) release: ReleaseName,
    /// Who had it erased.
    pub(crate) by: PersonName,
    /// Why.
    pub(crate) reason: String,
    /// When.
    pub(crate) at: Timestamp,
}

impl Record for EvidenceErased {
    const KIND: &'static str = "evidence.erased";
}
