//! Evidence that leaves the database's file for good: its rows, the keys of their commitments, and
//! what the write-ahead log still holds of either. It must not know who asked for it, nor why.

use std::time::Duration;

use domain::ReleaseName;
use ledger::{COMMITMENT_KEY_BYTES, CommitmentKey};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::config::Access;
use crate::error::StoreError;
use crate::evidence::EvidenceId;
use crate::row::name;
use crate::store::{Store, connect};

/// How long emptying the write-ahead log waits for readers: meanwhile nobody else can write.
const EMPTY_WITHIN: Duration = Duration::from_secs(1);

/// Takes the table apart and writes it anew without one row. Where a page was split, bytes of a row
/// may stay in the free part of a page that holds others, and deleting the row overwrites those
/// nowhere; a table that is emptied as a whole gives back each of its pages, and each is zeroed.
const ANEW: &str = "
DELETE FROM evidence;
INSERT INTO evidence SELECT * FROM evidence_kept;
DROP TABLE evidence_kept;
";

impl Store {
    /// Draws the key of one commitment.
    ///
    /// # Errors
    /// Fails when the system gives no random bytes.
    pub fn draw_commitment_key(&self) -> Result<CommitmentKey, StoreError> {
        let mut random = [0; COMMITMENT_KEY_BYTES];
        getrandom::fill(&mut random).map_err(|source| StoreError::Random {
            attempt: "draw the key of a commitment",
            source,
        })?;
        Ok(CommitmentKey::from_random(random))
    }

    /// Finds the release of a piece of evidence; none where its row is not here.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn release_of_evidence(&self, id: &EvidenceId) -> Result<Option<ReleaseName>, StoreError> {
        let select = "SELECT release FROM evidence WHERE id = ?1";
        self.reading()
            .query_row(select, [&id.0], |row| name(row, "release"))
            .optional()
            .map_err(StoreError::during("find evidence"))
    }

    /// Lists the ids of all evidence that is here, in their order.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn evidence_ids(&self) -> Result<Vec<EvidenceId>, StoreError> {
        let failed = StoreError::during("list evidence");
        let reader = self.reading();
        let mut select = reader
            .prepare_cached("SELECT id FROM evidence ORDER BY id")
            .map_err(&failed)?;
        let ids = select
            .query_map([], |row| row.get(0).map(EvidenceId))
            .map_err(&failed)?;
        ids.collect::<Result<_, _>>().map_err(&failed)
    }

    /// Erases a piece of evidence with its key, durably when this returns; what is not here is
    /// erased already. The write-ahead log holds it still: see [`Store::empty_log`].
    ///
    /// # Errors
    /// Fails when the database does; the row is there as it was then.
    pub fn erase_evidence(&self, id: &EvidenceId) -> Result<(), StoreError> {
        const ATTEMPT: &str = "erase evidence";
        let failed = StoreError::during(ATTEMPT);
        let mut connection = self.overwriting(ATTEMPT)?;
        let erasure = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        let kept = "CREATE TABLE evidence_kept AS SELECT * FROM evidence WHERE id <> ?1";
        erasure.execute(kept, [&id.0]).map_err(&failed)?;
        erasure.execute_batch(ANEW).map_err(&failed)?;
        erasure.commit().map_err(&failed)
    }

    /// Writes the write-ahead log into the database and leaves it empty, so that nothing that was
    /// erased is left in it.
    ///
    /// # Errors
    /// Fails when the database does, or when somebody reads from it all the while.
    pub fn empty_log(&self) -> Result<(), StoreError> {
        const ATTEMPT: &str = "empty the write-ahead log";
        let failed = StoreError::during(ATTEMPT);
        let connection = self.overwriting(ATTEMPT)?;
        connection.busy_timeout(EMPTY_WITHIN).map_err(&failed)?;
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_busy: bool = connection
            .query_row(checkpoint, [], |row| row.get(0))
            .map_err(&failed)?;
        if is_busy {
            return Err(StoreError::Busy { attempt: ATTEMPT });
        }
        Ok(())
    }

    /// Opens a connection that writes zeros over whatever it frees, and no temporary file.
    pub(crate) fn overwriting(&self, attempt: &'static str) -> Result<Connection, StoreError> {
        if self.access() == Access::Read {
            return Err(StoreError::ReadOnly { attempt });
        }
        let opened = || {
            let connection = connect(&self.config, Access::Write)?;
            connection.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(()))?;
            connection.pragma_update(None, "temp_store", "MEMORY")?;
            Ok(connection)
        };
        opened().map_err(StoreError::during(attempt))
    }
}

#[cfg(test)]
mod tests;
