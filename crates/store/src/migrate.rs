//! The database's format: a slice of steps, each run once, in order. It must not know what the
//! tables are used for.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::config::Access;
use crate::error::OpenError;

/// Makes the tables, one step a format; a step that has shipped never changes.
pub(crate) const STEPS: &[&str] = &[
    KEYS_AND_STATUS,
    USAGE,
    EVIDENCE,
    CHOSEN,
    OUTCOMES,
    COMMITMENT_KEYS,
];

/// The format that this build reads and writes.
pub const FORMAT: i64 = STEPS.len() as i64;

// `keys_changed` rises in the transaction of every change to `keys`: usage is written many times
// a second beside it, and the ring is read again only for what concerns it.
const KEYS_AND_STATUS: &str = "
CREATE TABLE keys (
    id          TEXT PRIMARY KEY,
    hash        BLOB NOT NULL,
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    holder      TEXT NOT NULL,
    issuer      TEXT,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    revoked_at  INTEGER,
    accepted    INTEGER NOT NULL,
    end_logged  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE status (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    generation  INTEGER NOT NULL,
    body        TEXT NOT NULL
) STRICT;
CREATE TABLE counters (
    name        TEXT PRIMARY KEY,
    value       INTEGER NOT NULL
) STRICT;
INSERT INTO counters (name, value) VALUES ('keys_changed', 0), ('lease', 0);
";

// Ids begin with the time, so the one tree is both appended to and searched by time. A row is
// written for every request: its table checks no types, and what many rows share stands once.
const USAGE: &str = "
CREATE TABLE usage_profiles (
    id             INTEGER PRIMARY KEY,
    day            INTEGER NOT NULL,
    key            TEXT NOT NULL,
    caller         TEXT NOT NULL,
    team           TEXT,
    use_case       TEXT,
    step           TEXT,
    tier           TEXT,
    model          TEXT,
    digest         TEXT,
    release        TEXT,
    stage          INTEGER,
    arm            INTEGER,
    requested      TEXT NOT NULL,
    dialect        TEXT NOT NULL,
    price_basis    TEXT
) STRICT;
CREATE INDEX usage_profiles_of_key ON usage_profiles (key);
CREATE TABLE usage (
    decision       BLOB PRIMARY KEY,
    profile        INTEGER NOT NULL,
    run            INTEGER,
    status         INTEGER NOT NULL,
    outcome        INTEGER NOT NULL,
    input          INTEGER NOT NULL,
    cached         INTEGER NOT NULL,
    cache_write    INTEGER NOT NULL,
    output         INTEGER NOT NULL,
    reasoning      INTEGER NOT NULL,
    cost           INTEGER,
    first_token_ms INTEGER,
    total_ms       INTEGER NOT NULL,
    attempts       TEXT,
    conversation   INTEGER,
    features       TEXT
) WITHOUT ROWID;
CREATE INDEX usage_of_eval_runs ON usage (profile) WHERE run IS NOT NULL;
CREATE VIEW usage_rows AS
    SELECT usage.*, key, caller, team, use_case, step, tier, model, digest, release, stage, arm,
        requested, dialect, price_basis
    FROM usage LEFT JOIN usage_profiles ON usage_profiles.id = usage.profile;
CREATE TABLE usage_days (
    release        TEXT NOT NULL,
    day            INTEGER NOT NULL,
    tokens         INTEGER NOT NULL,
    PRIMARY KEY (release, day)
) STRICT, WITHOUT ROWID;
";

const EVIDENCE: &str = "
CREATE TABLE evidence (
    id             TEXT PRIMARY KEY,
    release        TEXT NOT NULL,
    arm            INTEGER NOT NULL,
    suite          TEXT NOT NULL,
    suite_digest   TEXT NOT NULL,
    model_digest   TEXT NOT NULL,
    taken_at       INTEGER NOT NULL,
    attempt        INTEGER NOT NULL,
    body           TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_of_release ON evidence (release, taken_at);
";

// Of older rows it is not known which arm was chosen, and nothing is counted of them.
const CHOSEN: &str = "
ALTER TABLE usage_profiles ADD COLUMN chosen INTEGER;
DROP VIEW usage_rows;
CREATE VIEW usage_rows AS
    SELECT usage.*, key, caller, team, use_case, step, tier, model, digest, release, stage, chosen,
        arm, requested, dialect, price_basis
    FROM usage LEFT JOIN usage_profiles ON usage_profiles.id = usage.profile;
";

// Who reported what of which release stands in the decision's usage row, and goes with it.
const OUTCOMES: &str = "
CREATE TABLE outcomes (
    number         INTEGER PRIMARY KEY,
    decision       BLOB NOT NULL UNIQUE,
    at             INTEGER NOT NULL,
    success        INTEGER,
    score          REAL
) STRICT;
";

// The ledger is bound to older rows by a plain hash, which has no key.
const COMMITMENT_KEYS: &str = "
ALTER TABLE evidence ADD COLUMN commitment_key BLOB;
";

/// Brings a database to this build's format.
pub(crate) fn migrate(
    connection: &mut Connection,
    path: &Path,
    access: Access,
) -> Result<(), OpenError> {
    let found = format_of(connection).map_err(|source| OpenError::Database {
        path: path.to_owned(),
        source,
    })?;
    if found > FORMAT {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known: FORMAT,
        });
    }
    if found < FORMAT && access == Access::Read {
        return Err(OpenError::Older {
            path: path.to_owned(),
            found,
            known: FORMAT,
        });
    }
    for (to, step) in (1_i64..).zip(STEPS) {
        run(connection, to, step).map_err(|source| OpenError::Migrate {
            path: path.to_owned(),
            to,
            source,
        })?;
    }
    Ok(())
}

/// Runs one step, unless another process has done so meanwhile.
fn run(connection: &mut Connection, to: i64, step: &str) -> rusqlite::Result<()> {
    if format_of(connection)? >= to {
        return Ok(());
    }
    let step_alone = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if format_of(&step_alone)? < to {
        step_alone.execute_batch(step)?;
        step_alone.pragma_update(None, "user_version", to)?;
    }
    step_alone.commit()
}

pub(crate) fn format_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests;
