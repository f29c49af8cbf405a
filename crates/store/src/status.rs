//! The last published status, kept so that a start need not read the whole ledger. It must not
//! be taken for the truth: the ledger is.

use domain::Status;
use rusqlite::{OptionalExtension as _, params};

use crate::error::StoreError;
use crate::lease::Lease;
use crate::row::as_column;
use crate::store::Store;

impl Store {
    /// Keeps a status as the current one; only the lease's holder may.
    ///
    /// # Errors
    /// Fails when the database does, or when the lease was lost.
    pub fn put_status(&self, lease: &Lease, status: &Status) -> Result<(), StoreError> {
        const ATTEMPT: &str = "keep the status";
        self.confirm(lease, ATTEMPT)?;
        let body = serde_json::to_string(status).map_err(|source| StoreError::Json {
            attempt: ATTEMPT,
            source,
        })?;
        // A holder that was overtaken between the check and here changes nothing.
        let put = "INSERT INTO status (only, generation, body) SELECT 1, ?1, ?2 \
                   WHERE (SELECT value FROM counters WHERE name = 'lease') = ?3 \
                   ON CONFLICT (only) DO UPDATE SET generation = ?1, body = ?2";
        let generation = as_column(status.generation);
        self.writing(ATTEMPT)?
            .execute(put, params![generation, body, as_column(lease.number())])
            .map_err(StoreError::during(ATTEMPT))?;
        Ok(())
    }

    /// Reads the status kept last; none before the first.
    ///
    /// # Errors
    /// Fails when the database does, or when the row is not a status.
    pub fn status(&self) -> Result<Option<Status>, StoreError> {
        const ATTEMPT: &str = "read the status";
        let body: Option<String> = self
            .reading()
            .query_row("SELECT body FROM status", [], |row| row.get(0))
            .optional()
            .map_err(StoreError::during(ATTEMPT))?;
        let parsed = body.map(|body| serde_json::from_str(&body)).transpose();
        parsed.map_err(|source| StoreError::Json {
            attempt: ATTEMPT,
            source,
        })
    }

    /// Reads the generation of the status kept last; cheap enough to poll.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn status_generation(&self) -> Result<Option<u64>, StoreError> {
        let failed = StoreError::during("read the status generation");
        let reader = self.reading();
        let mut select = reader
            .prepare_cached("SELECT generation FROM status")
            .map_err(&failed)?;
        let generation: Option<i64> = select
            .query_row([], |row| row.get(0))
            .optional()
            .map_err(&failed)?;
        Ok(generation.map(i64::cast_unsigned))
    }
}
