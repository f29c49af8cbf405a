//! Keys as rows: read into a ring, watched for changes. It must not change one.

use std::sync::Arc;

use domain::{
    Attributes, Caller, CallerKind, KeyId, PersonName, ReleaseName, Timestamp, UseCaseName,
};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::key::{Holder, Key, NewKeyKind, UsageCaller};
use crate::ring::KeyRing;
use crate::row::{name, name_or_none};
use crate::secret::SecretHash;

const COLUMNS: &str = "SELECT id, hash, name, kind, holder, issuer, created_at, expires_at, \
                       revoked_at, accepted FROM keys";

/// Looks for changes of keys that others make.
pub(crate) struct KeyWatch {
    connection: Connection,
    /// Moves with every commit of another connection.
    commits: i64,
    /// Moves with every change of a key.
    changes: i64,
}

impl KeyWatch {
    pub(crate) fn begin(connection: Connection) -> Result<Self, StoreError> {
        let failed = StoreError::during("watch the keys");
        let commits = commits_seen(&connection).map_err(&failed)?;
        let changes = changes_of_keys(&connection).map_err(&failed)?;
        Ok(Self {
            connection,
            commits,
            changes,
        })
    }

    /// Reads the ring.
    pub(crate) fn ring(&self) -> Result<KeyRing, StoreError> {
        load_ring(&self.connection)
    }

    /// Tells the number of the last change of a key that was taken in.
    pub(crate) fn changes(&self) -> i64 {
        self.changes
    }

    /// Reads the ring again where keys have changed since the last time.
    pub(crate) fn changed_ring(&mut self) -> Result<Option<KeyRing>, StoreError> {
        let failed = StoreError::during("look for new keys");
        let commits = commits_seen(&self.connection).map_err(&failed)?;
        if commits == self.commits {
            return Ok(None);
        }
        let changes = changes_of_keys(&self.connection).map_err(&failed)?;
        let ring = if changes == self.changes {
            None
        } else {
            Some(load_ring(&self.connection)?)
        };
        // Noted last, so that what failed is looked at again.
        self.commits = commits;
        self.changes = changes;
        Ok(ring)
    }
}

fn commits_seen(connection: &Connection) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached("PRAGMA data_version")?;
    statement.query_row([], |row| row.get(0))
}

fn changes_of_keys(connection: &Connection) -> rusqlite::Result<i64> {
    let mut statement =
        connection.prepare_cached("SELECT value FROM counters WHERE name = 'keys_changed'")?;
    statement.query_row([], |row| row.get(0))
}

/// Holds what differs between kinds of keys, as one JSON column.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct HolderColumn {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    use_cases: Vec<UseCaseName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release: Option<ReleaseName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<PersonName>,
}

/// Tells a kind's name, its letter in keys and its own column.
pub(crate) fn columns_of(kind: &NewKeyKind) -> (&'static str, char, HolderColumn) {
    match kind {
        NewKeyKind::Caller {
            team,
            attributes,
            use_cases,
        } => {
            let holder = HolderColumn {
                team: team.clone(),
                attributes: attributes.clone(),
                use_cases: use_cases.clone(),
                ..HolderColumn::default()
            };
            ("caller", 'c', holder)
        }
        NewKeyKind::Evaluator { release } => {
            let holder = HolderColumn {
                release: Some(release.clone()),
                ..HolderColumn::default()
            };
            ("evaluator", 'e', holder)
        }
        NewKeyKind::Operator { person } => {
            let holder = HolderColumn {
                person: Some(person.clone()),
                ..HolderColumn::default()
            };
            ("operator", 'o', holder)
        }
    }
}

/// Reads all keys into a ring.
pub(crate) fn load_ring(connection: &Connection) -> Result<KeyRing, StoreError> {
    load(connection, COLUMNS, &[]).map(KeyRing::new)
}

/// Reads the keys that a condition of ours holds for, oldest first.
pub(crate) fn load_where(
    connection: &Connection,
    condition: &str,
) -> Result<Vec<Arc<Key>>, StoreError> {
    let select = format!("{COLUMNS} WHERE {condition} ORDER BY created_at, id");
    let keys = load(connection, &select, &[])?;
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// Reads one key.
pub(crate) fn load_one(
    connection: &Connection,
    id: &KeyId,
) -> Result<Option<Arc<Key>>, StoreError> {
    let keys = load(
        connection,
        &format!("{COLUMNS} WHERE id = ?1"),
        &[id.as_str()],
    )?;
    Ok(keys.into_iter().next().map(|(_, key)| key))
}

fn load(
    connection: &Connection,
    select: &str,
    parameters: &[&str],
) -> Result<Vec<(SecretHash, Arc<Key>)>, StoreError> {
    let failed = StoreError::during("read the keys");
    let mut statement = connection.prepare_cached(select).map_err(&failed)?;
    let mut rows = statement
        .query(rusqlite::params_from_iter(parameters))
        .map_err(&failed)?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next().map_err(&failed)? {
        let hash = row.get("hash").map(SecretHash).map_err(&failed)?;
        keys.push((hash, Arc::new(key_of(row)?)));
    }
    Ok(keys)
}

fn key_of(row: &Row<'_>) -> Result<Key, StoreError> {
    const ATTEMPT: &str = "read a key";
    let failed = StoreError::during(ATTEMPT);
    let id: KeyId = name(row, "id").map_err(&failed)?;
    let text = |column: &str| row.get::<_, String>(column).map_err(&failed);
    let time = |column: &str| {
        let ms: Option<i64> = row.get(column).map_err(&failed)?;
        Ok::<_, StoreError>(ms.map(Timestamp))
    };
    let column = serde_json::from_str(&text("holder")?).map_err(|source| StoreError::Json {
        attempt: ATTEMPT,
        source,
    })?;
    let key_name = text("name")?;
    let is_accepted = row.get("accepted").map_err(&failed)?;
    let kind = text("kind")?;
    let holder = holder_of(&kind, &id, &key_name, column, is_accepted).ok_or_else(|| {
        StoreError::Corrupt {
            attempt: ATTEMPT,
            what: "kind of key",
            value: kind,
        }
    })?;
    let usage = usage_of(&id, &key_name, &holder);
    Ok(Key {
        id,
        name: key_name,
        holder,
        issuer: name_or_none(row, "issuer").map_err(&failed)?,
        created_at: time("created_at")?.unwrap_or_default(),
        expires_at: time("expires_at")?,
        revoked_at: time("revoked_at")?,
        usage: Arc::new(usage),
    })
}

fn usage_of(id: &KeyId, key_name: &str, holder: &Holder) -> UsageCaller {
    let caller = match holder {
        Holder::Caller(caller) => Some(caller),
        Holder::Operator { .. } => None,
    };
    UsageCaller {
        key: id.clone(),
        name: key_name.to_owned(),
        team: caller.and_then(|caller| caller.team.clone()),
        is_evaluator: caller.is_some_and(|c| matches!(c.kind, CallerKind::Evaluator { .. })),
    }
}

/// Puts a holder together; a kind that is not known is no holder at all.
fn holder_of(
    kind: &str,
    id: &KeyId,
    key_name: &str,
    column: HolderColumn,
    accepted: bool,
) -> Option<Holder> {
    let kind = match kind {
        "caller" => CallerKind::Application,
        "evaluator" => CallerKind::Evaluator {
            release: column.release?,
        },
        "operator" => {
            return Some(Holder::Operator {
                person: column.person?,
                accepted,
            });
        }
        _ => return None,
    };
    Some(Holder::Caller(Caller {
        key: id.clone(),
        name: key_name.to_owned(),
        kind,
        team: column.team,
        attributes: column.attributes,
        use_cases: column.use_cases,
    }))
}
