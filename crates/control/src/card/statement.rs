//! One move of a card as an in-toto Statement v1 in a DSSE envelope, signed with the ledger's key.
//! Sources: in-toto/attestation `spec/v1/statement.md` and `envelope.md`, secure-systems-lab/dsse
//! `protocol.md` 1.0. It must not know where the key lies, nor say more than the card does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use ledger::Signer;
use serde_json::{Value, json};

use super::shown::{Card, Fact, Moved};

/// Names what the envelope holds.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// Names what the statement says.
pub const PREDICATE_TYPE: &str = "https://tiergate.example/release-decision/v1";
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// Begins a digest, as the subject names it.
const SHA256: &str = "sha256";

/// Says why there is no statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The release has made no such move.
    #[error("{}", absent(*.index))]
    Absent {
        /// The entry asked for.
        index: Option<u64>,
    },
    /// The candidate has no digest that a subject can bear.
    #[error("the candidate's digest `{digest}` is no SHA-256")]
    Digest {
        /// The digest.
        digest: String,
    },
    /// The key does not read.
    #[error("the ledger's key cannot sign a statement")]
    Key,
    /// The statement cannot be written as JSON.
    #[error("write the statement")]
    Json(#[from] serde_json::Error),
}

fn absent(index: Option<u64>) -> String {
    match index {
        Some(index) => format!("entry {index} of the ledger is no move of this release"),
        None => "this release has made no move".to_owned(),
    }
}

/// Makes the statement of the move in the entry `index`; of the last one where none is named.
///
/// # Errors
/// When there is no such move.
pub fn statement(card: &Card, index: Option<u64>) -> Result<Value, StatementError> {
    let mut moves = card.moves.iter().rev();
    let made = moves
        .find(|one| index.is_none_or(|index| one.index == index))
        .ok_or(StatementError::Absent { index })?;
    let name = card.candidate.as_deref().unwrap_or(card.release.as_str());
    let approvals = card.approvals.iter();
    let approvals: Vec<_> = approvals.filter(|one| is_before(one, made)).collect();
    Ok(json!({
        "_type": STATEMENT_TYPE,
        "subject": [{ "name": name, "digest": { SHA256: subject(made)? } }],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "release": card.release,
            "tier": card.tier,
            "decision": made,
            "approvals": approvals,
            "log": card.log,
        },
    }))
}

/// Tells whether something said of a candidate was said before it moved.
fn is_before<T>(said: &Fact<T>, made: &Fact<Moved>) -> bool {
    said.index < made.index
}

fn subject(made: &Fact<Moved>) -> Result<&str, StatementError> {
    let digest = made.shown.digest.as_str();
    let hex = digest
        .strip_prefix(SHA256)
        .and_then(|rest| rest.strip_prefix(':'));
    let is_hex = |hex: &&str| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.filter(is_hex).ok_or_else(|| StatementError::Digest {
        digest: digest.to_owned(),
    })
}

/// Signs a statement with the ledger's key and wraps it up.
///
/// What is signed begins with `DSSEv1 `, and a checkpoint with a log's name, which holds no
/// space: neither signature can be taken for the other.
///
/// # Errors
/// When the key does not read.
pub fn envelope(statement: &Value, signer: &Signer) -> Result<Value, StatementError> {
    let payload = serde_json::to_vec(statement)?;
    let key = signing_key(signer).ok_or(StatementError::Key)?;
    let signature = key.sign(&pre_authentication(PAYLOAD_TYPE, &payload));
    Ok(json!({
        "payloadType": PAYLOAD_TYPE,
        "payload": STANDARD.encode(payload),
        "signatures": [{
            "keyid": signer.verifier().to_string(),
            "sig": STANDARD.encode(signature.to_bytes()),
        }],
    }))
}

/// Encodes what is signed: `DSSEv1`, then type and body, each behind its length.
pub(super) fn pre_authentication(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), body.len());
    [head.as_bytes(), body].concat()
}

/// Reads the key's 32 secret bytes out of its text, which is how the ledger hands a key on.
fn signing_key(signer: &Signer) -> Option<SigningKey> {
    let text = signer.to_secret_text();
    // The name holds no `+`; base64 may.
    let encoded = text.splitn(5, '+').nth(4)?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let seed: [u8; 32] = bytes.get(1..)?.try_into().ok()?;
    Some(SigningKey::from_bytes(&seed))
}
