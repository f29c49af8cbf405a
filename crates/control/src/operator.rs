//! Who commands: a person, through one operator key. It must not know what is commanded.

use domain::{KeyId, PersonName, Timestamp};
use store::{KeyFault, Store};

/// Names the person who commands, and the key used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The person.
    pub person: PersonName,
    /// The key.
    pub key: KeyId,
    /// Who issued the key.
    pub issuer: Option<PersonName>,
}

/// Checks an operator's credential; a caller's key is none.
pub(crate) fn identify(
    store: &Store,
    authorization: Option<&str>,
    now: Timestamp,
) -> Result<Operator, KeyFault> {
    let presented = authorization.and_then(|header| {
        header
            .strip_prefix("Bearer ")
            .or_else(|| header.strip_prefix("bearer "))
    });
    let key = store.check_key(presented.ok_or(KeyFault::Unknown)?.trim(), now)?;
    let person = key.operator().cloned().ok_or(KeyFault::Unknown)?;
    Ok(Operator {
        person,
        key: key.id.clone(),
        issuer: key.issuer.clone(),
    })
}
