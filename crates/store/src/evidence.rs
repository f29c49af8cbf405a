//! Evidence as rows: found by release, never changed, each with the key of its commitment. It must
//! not judge it, nor know what a commitment is of.

use domain::{ModelDigest, ReleaseName, SuiteName, Timestamp};
use ledger::{COMMITMENT_KEY_BYTES, CommitmentKey};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;

use crate::error::StoreError;
use crate::row::{as_column, name};
use crate::store::Store;
use crate::usage::Arm;

/// Identifies one piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvidenceId(pub String);

/// Holds one recorded fact about one model digest.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceRow {
    /// Its id.
    pub id: EvidenceId,
    /// The release it is for.
    pub release: ReleaseName,
    /// Which arm was looked at.
    pub arm: Arm,
    /// The suite's name.
    pub suite: SuiteName,
    /// The digest of the suite's cases and scorers.
    pub suite_digest: String,
    /// The model that it is about.
    pub model_digest: ModelDigest,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The how-manyeth attempt with this suite it is, from 1.
    pub attempt: u32,
    /// The fact itself.
    pub body: Value,
    /// The key under which the ledger is bound to the fact; none of rows of older formats.
    pub commitment_key: Option<CommitmentKey>,
}

impl Store {
    /// Keeps a piece of evidence, durable when this returns. Tells whether it is a new one: the
    /// same row may be brought again.
    ///
    /// # Errors
    /// Fails when the database does, or when the id stands for another row.
    pub fn put_evidence(&self, evidence: &EvidenceRow) -> Result<bool, StoreError> {
        const ATTEMPT: &str = "keep evidence";
        let failed = StoreError::during(ATTEMPT);
        let writer = self.overwriting(ATTEMPT)?;
        let inserted = writer
            .execute(
                "INSERT INTO evidence (id, release, arm, suite, suite_digest, model_digest, \
                 taken_at, attempt, body, commitment_key) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING",
                params![
                    evidence.id.0,
                    evidence.release.as_str(),
                    evidence.arm,
                    evidence.suite.as_str(),
                    evidence.suite_digest,
                    evidence.model_digest.as_str(),
                    evidence.taken_at.0,
                    as_column(u64::from(evidence.attempt)),
                    evidence.body.to_string(),
                    evidence
                        .commitment_key
                        .as_ref()
                        .map(CommitmentKey::to_bytes),
                ],
            )
            .map_err(&failed)?;
        if inserted > 0 {
            return Ok(true);
        }
        match evidence_by_id(&writer, &evidence.id).map_err(&failed)? {
            Some(stored) if stored == *evidence => Ok(false),
            _ => Err(StoreError::Conflict {
                attempt: ATTEMPT,
                id: evidence.id.0.clone(),
            }),
        }
    }

    /// Lists the evidence of a release, oldest first.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn evidence_of(&self, release: &ReleaseName) -> Result<Vec<EvidenceRow>, StoreError> {
        let failed = StoreError::during("list evidence");
        let reader = self.reading();
        let mut select = reader
            .prepare_cached("SELECT * FROM evidence WHERE release = ?1 ORDER BY taken_at, id")
            .map_err(&failed)?;
        let rows = select
            .query_map([release.as_str()], evidence_in)
            .map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }
}

fn evidence_by_id(
    connection: &Connection,
    id: &EvidenceId,
) -> rusqlite::Result<Option<EvidenceRow>> {
    let select = "SELECT * FROM evidence WHERE id = ?1";
    connection
        .query_row(select, [&id.0], evidence_in)
        .optional()
}

fn evidence_in(row: &Row<'_>) -> rusqlite::Result<EvidenceRow> {
    let body: String = row.get("body")?;
    let key: Option<[u8; COMMITMENT_KEY_BYTES]> = row.get("commitment_key")?;
    let not_json = |source| {
        let text = rusqlite::types::Type::Text;
        rusqlite::Error::FromSqlConversionFailure(0, text, Box::new(source))
    };
    Ok(EvidenceRow {
        id: EvidenceId(row.get("id")?),
        release: name(row, "release")?,
        arm: row.get("arm")?,
        suite: name(row, "suite")?,
        suite_digest: row.get("suite_digest")?,
        model_digest: ModelDigest(row.get("model_digest")?),
        taken_at: Timestamp(row.get("taken_at")?),
        attempt: row.get("attempt")?,
        body: serde_json::from_str(&body).map_err(not_json)?,
        commitment_key: key.map(CommitmentKey::from_random),
    })
}

#[cfg(test)]
mod tests;
