//! Handovers: the entries by which a log's key names the one that follows it. It must not know
//! which key is in force, nor where keys lie.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::checkpoint::TreeHead;
use crate::entry::{Draft, Entry};
use crate::keys::{KeyError, Origin, Signer, Verifier};
use crate::note::NoteError;

/// Names the kind of entry that hands over a log's key.
pub const HANDOVER_KIND: &str = "ledger.handed_over";

/// One handover, its statement checked: the key that it is from vouches for the one that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Counts the entries before the handover's own, all of them under the earlier key.
    pub entry: u64,
    /// The key that hands over.
    pub from: Verifier,
    /// The key that follows it.
    pub to: Verifier,
}

/// Says why an entry hands nothing over.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// The body does not have a handover's shape.
    #[error("it hands over the log's key, but does not have a handover's form")]
    Body(#[source] serde_json::Error),
    /// What it names is no key.
    #[error("it hands over the log's key, but what it names is no key")]
    Key(#[source] KeyError),
    /// It names another log's key.
    #[error("it hands over a key of `{found}`, which is another log")]
    Origin {
        /// The log whose key it names.
        found: String,
    },
    /// What was signed is not this handover, at this place behind these entries.
    #[error("its statement is of another handover, or of another place")]
    Statement,
    /// The key that it is from did not sign it.
    #[error("it hands over the log's key, but the key that it is from did not sign it")]
    Unsigned(#[source] NoteError),
    /// Another key is in force.
    #[error("it hands over from the key {from}, while {in_force} is in force")]
    NotInForce {
        /// The key that it is from.
        from: Box<Verifier>,
        /// The key that could hand over.
        in_force: Box<Verifier>,
    },
    /// The key that is to follow was the log's before.
    #[error("it hands over to the key {to}, which was the log's before")]
    Retired {
        /// The key that it names.
        to: Box<Verifier>,
    },
}

/// A handover as its entry's body says it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    from: String,
    to: String,
    /// The signed note by which the one vouches for the other.
    statement: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Handover {
    /// Drafts the entry that hands over behind the tree `before`.
    pub(crate) fn draft(
        before: TreeHead,
        from: &Signer,
        to: &Verifier,
        reason: Option<String>,
    ) -> Draft {
        let statement = from.sign(&statement(to.name(), before, to));
        let body = Body {
            from: from.verifier().to_string(),
            to: to.to_string(),
            // A note is text; nothing is lost.
            statement: String::from_utf8_lossy(&statement).into_owned(),
            reason,
        };
        Draft {
            kind: HANDOVER_KIND.to_owned(),
            // A body of strings has a form in JSON; one that had none would not be read back.
            body: serde_json::to_value(body).unwrap_or(Value::Null),
        }
    }

    /// Reads the handover that an entry makes in the log of this origin; nothing where it makes
    /// none. `before` is the tree of the entries that precede it, recomputed.
    pub(crate) fn read(
        entry: &Entry,
        before: TreeHead,
        origin: &Origin,
    ) -> Result<Option<Self>, HandoverError> {
        if entry.kind != HANDOVER_KIND {
            return Ok(None);
        }
        let body = Body::deserialize(&entry.body).map_err(HandoverError::Body)?;
        let from = read_key(&body.from, origin)?;
        let to = read_key(&body.to, origin)?;
        let said = from.open(body.statement.as_bytes());
        if said.map_err(HandoverError::Unsigned)? != statement(origin, before, &to) {
            return Err(HandoverError::Statement);
        }
        let entry = entry.index;
        Ok(Some(Self { entry, from, to }))
    }
}

/// Tells what the earlier key signs. The second line keeps it from being taken for a checkpoint,
/// and size and root from being taken for a handover of another place or history.
fn statement(origin: &Origin, before: TreeHead, to: &Verifier) -> String {
    let TreeHead { size, root } = before;
    format!("{origin}\nhandover in entry {size}\n{root}\n{to}\n")
}

fn read_key(text: &str, origin: &Origin) -> Result<Verifier, HandoverError> {
    let key: Verifier = text.parse().map_err(HandoverError::Key)?;
    if key.name() == origin {
        return Ok(key);
    }
    let found = key.name().to_string();
    Err(HandoverError::Origin { found })
}
