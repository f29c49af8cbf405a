//! Keys in the store: created, listed, revoked, accepted. It must not keep or show a secret.

use std::sync::Arc;

use domain::{KeyId, PersonName, Timestamp};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::error::StoreError;
use crate::key::{Key, NewKey, NewKeyKind};
use crate::key_rows::{columns_of, load_one, load_where};
use crate::lease::Lease;
use crate::ring::{KeyFault, KeyRing};
use crate::row::as_column;
use crate::secret::Secret;
use crate::store::{Store, locked};

impl Store {
    /// Creates a key; its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// Fails when the database does, or when there are no random bytes.
    pub fn create_key(&self, new: &NewKey, now: Timestamp) -> Result<(KeyId, Secret), StoreError> {
        const ATTEMPT: &str = "create a key";
        let (kind, letter, holder) = columns_of(&new.kind);
        let (id, secret) = Secret::draw(letter).map_err(|source| StoreError::Random {
            attempt: ATTEMPT,
            source,
        })?;
        let holder = serde_json::to_string(&holder).map_err(|source| StoreError::Json {
            attempt: ATTEMPT,
            source,
        })?;
        let is_accepted = !matches!(new.kind, NewKeyKind::Operator { .. });
        self.change_keys(ATTEMPT, |keys| {
            keys.execute(
                "INSERT INTO keys (id, hash, name, kind, holder, issuer, created_at, expires_at, \
                 accepted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    id.as_str(),
                    secret.hash().0,
                    new.name,
                    kind,
                    holder,
                    new.issuer.as_ref().map(PersonName::as_str),
                    now.0,
                    new.expires_at.map(|end| end.0),
                    is_accepted,
                ],
            )
        })?;
        Ok((id, secret))
    }

    /// Lists the keys, oldest first, those that open nothing any more included.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn list_keys(&self) -> Result<Vec<Arc<Key>>, StoreError> {
        load_where(&self.reading(), "true")
    }

    /// Finds one key.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn key(&self, id: &KeyId) -> Result<Option<Arc<Key>>, StoreError> {
        load_one(&self.reading(), id)
    }

    /// Lists the operator keys in force whose issue the ledger does not hold yet.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn keys_to_accept(&self) -> Result<Vec<Arc<Key>>, StoreError> {
        load_where(
            &self.reading(),
            "kind = 'operator' AND accepted = 0 AND revoked_at IS NULL",
        )
    }

    /// Lets an operator key open what it is for, once the ledger holds its issue. Tells whether
    /// this changed anything.
    ///
    /// # Errors
    /// Fails when the database does, or when the lease was lost.
    pub fn accept_key(&self, lease: &Lease, id: &KeyId) -> Result<bool, StoreError> {
        let accept = "UPDATE keys SET accepted = 1 WHERE id = ?1 AND accepted = 0";
        self.note_logged(lease, id, "accept an operator key", accept)
    }

    /// Lists the revoked operator keys whose issue the ledger holds and whose end it does not.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn revocations_to_log(&self) -> Result<Vec<Arc<Key>>, StoreError> {
        load_where(
            &self.reading(),
            "kind = 'operator' AND accepted = 1 AND revoked_at IS NOT NULL AND end_logged = 0",
        )
    }

    /// Notes that the ledger holds the revocation of an operator key. Tells whether this changed
    /// anything.
    ///
    /// # Errors
    /// Fails when the database does, or when the lease was lost.
    pub fn note_revocation_logged(&self, lease: &Lease, id: &KeyId) -> Result<bool, StoreError> {
        let note = "UPDATE keys SET end_logged = 1 \
                    WHERE id = ?1 AND revoked_at IS NOT NULL AND end_logged = 0";
        self.note_logged(lease, id, "note a logged revocation", note)
    }

    /// Notes what the ledger holds of a key; a holder that was overtaken changes nothing.
    fn note_logged(
        &self,
        lease: &Lease,
        id: &KeyId,
        attempt: &'static str,
        update: &str,
    ) -> Result<bool, StoreError> {
        self.confirm(lease, attempt)?;
        let update = format!("{update} AND (SELECT value FROM counters WHERE name = 'lease') = ?2");
        let changed = self.change_keys(attempt, |keys| {
            keys.execute(&update, params![id.as_str(), as_column(lease.number())])
        })?;
        Ok(changed > 0)
    }

    /// Revokes a key for good. Tells whether there was one in force under the id.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn revoke_key(&self, id: &KeyId, now: Timestamp) -> Result<bool, StoreError> {
        let changed = self.change_keys("revoke a key", |keys| {
            keys.execute(
                "UPDATE keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
                params![id.as_str(), now.0],
            )
        })?;
        Ok(changed > 0)
    }

    /// Takes over what other processes changed about keys; cheap when there is nothing. Tells
    /// whether the ring is a new one.
    ///
    /// # Errors
    /// Fails when the database does; the ring then stays as it was.
    pub fn refresh_keys(&self) -> Result<bool, StoreError> {
        // Stored under the lock, so that an older ring never replaces a newer one.
        let mut watch = locked(&self.watch);
        let changed = watch.changed_ring()?.map(Arc::new);
        let is_new = changed.is_some();
        changed.into_iter().for_each(|ring| self.ring.store(ring));
        Ok(is_new)
    }

    /// Tells the number of the last change of a key that is in force here; it rises with every
    /// change, whichever process makes it.
    #[must_use]
    pub fn key_changes(&self) -> i64 {
        locked(&self.watch).changes()
    }

    /// Checks a presented key against the snapshot of keys.
    ///
    /// # Errors
    /// Says why it opens nothing.
    pub fn check_key(&self, presented: &str, now: Timestamp) -> Result<Arc<Key>, KeyFault> {
        self.ring.load().check(presented, now).map(Arc::clone)
    }

    /// Shares the snapshot of keys.
    #[must_use]
    pub fn key_ring(&self) -> Arc<KeyRing> {
        self.ring.load_full()
    }

    /// Changes keys in one transaction and takes the change into the ring.
    pub(crate) fn change_keys(
        &self,
        attempt: &'static str,
        change: impl FnOnce(&Connection) -> rusqlite::Result<usize>,
    ) -> Result<usize, StoreError> {
        let failed = StoreError::during(attempt);
        let mut connection = self.writing(attempt)?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        let changed = change(&transaction).map_err(&failed)?;
        if changed > 0 {
            let rise = "UPDATE counters SET value = value + 1 WHERE name = 'keys_changed'";
            transaction.execute(rise, []).map_err(&failed)?;
        }
        transaction.commit().map_err(&failed)?;
        drop(connection);
        self.refresh_keys()?;
        Ok(changed)
    }
}

#[cfg(test)]
mod tests;
