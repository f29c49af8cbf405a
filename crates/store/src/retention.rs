//! Deletes what has been kept long enough, in batches that hold up nobody. It must not read a
//! clock.

use domain::Timestamp;
use rusqlite::{ToSql, params};

use crate::decision::DecisionId;
use crate::error::StoreError;
use crate::store::Store;

/// Rows deleted in one transaction: a few milliseconds, in which other writes wait.
pub const PURGE_BATCH_ROWS: usize = 1_000;

/// Counts what a purge deleted, by table. The tables not named here keep their rows: evidence,
/// and the single rows of status and lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Usage rows.
    pub usage: u64,
    /// Reports of outcomes, which go with the usage rows that they are about.
    pub outcomes: u64,
    /// Days of token counts.
    pub usage_days: u64,
    /// Profiles of usage rows.
    pub usage_profiles: u64,
    /// Keys revoked or expired long ago.
    pub keys: u64,
}

impl Store {
    /// Deletes every row older than its table's retention.
    ///
    /// # Errors
    /// Fails when the database does; the batches deleted until then stay deleted.
    pub fn purge(&self, now: Timestamp) -> Result<Purged, StoreError> {
        let retention = self.config.retention;
        let usage_from = days_before(now, retention.usage_days);
        let keys_from = days_before(now, retention.dead_key_days);
        let usage = self.delete_in_batches(
            "DELETE FROM usage WHERE decision IN \
             (SELECT decision FROM usage WHERE decision < ?1 ORDER BY decision LIMIT ?2)",
            &DecisionId::first_at(usage_from),
        )?;
        let outcomes = self.delete_in_batches(
            "DELETE FROM outcomes WHERE decision IN \
             (SELECT decision FROM outcomes WHERE decision < ?1 ORDER BY decision LIMIT ?2)",
            &DecisionId::first_at(usage_from),
        )?;
        let usage_days = self.delete_in_batches(
            "DELETE FROM usage_days WHERE (release, day) IN \
             (SELECT release, day FROM usage_days WHERE day < ?1 LIMIT ?2)",
            &usage_from.date().start().0,
        )?;
        // A profile's day is that of its last row, so the rows are gone before it goes.
        let usage_profiles = self.delete_in_batches(
            "DELETE FROM usage_profiles WHERE id IN \
             (SELECT id FROM usage_profiles WHERE day < ?1 LIMIT ?2)",
            &usage_from.date().start().0,
        )?;
        let keys = self.purge_keys(keys_from)?;
        Ok(Purged {
            usage,
            outcomes,
            usage_days,
            usage_profiles,
            keys,
        })
    }

    fn delete_in_batches(&self, delete: &str, before: &dyn ToSql) -> Result<u64, StoreError> {
        const ATTEMPT: &str = "delete old rows";
        let mut deleted = 0;
        loop {
            // Locked batch by batch, so that other writes get their turn.
            let batch = self
                .writing(ATTEMPT)?
                .execute(delete, params![before, PURGE_BATCH_ROWS as i64])
                .map_err(StoreError::during(ATTEMPT))?;
            deleted += batch as u64;
            if batch < PURGE_BATCH_ROWS {
                return Ok(deleted);
            }
        }
    }

    fn purge_keys(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut deleted = 0;
        loop {
            let batch = self.change_keys("delete old keys", |keys| {
                keys.execute(
                    "DELETE FROM keys WHERE id IN (SELECT id FROM keys \
                     WHERE min(coalesce(revoked_at, expires_at), \
                     coalesce(expires_at, revoked_at)) < ?1 LIMIT ?2)",
                    params![before.0, PURGE_BATCH_ROWS as i64],
                )
            })?;
            deleted += batch as u64;
            if batch < PURGE_BATCH_ROWS {
                return Ok(deleted);
            }
        }
    }
}

fn days_before(now: Timestamp, days: u32) -> Timestamp {
    let span = Timestamp(0).plus_days(days).0;
    Timestamp(now.0.saturating_sub(span))
}

#[cfg(test)]
mod tests;
