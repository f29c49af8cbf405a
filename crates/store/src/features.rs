//! What callers' requests use, without their content: counts of features by caller. It must not
//! know which features there are.

use std::collections::BTreeMap;

use domain::{KeyId, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::decision::DecisionId;
use crate::error::StoreError;
use crate::row::{count, name};
use crate::store::Store;

/// Lines of features that one answer holds at most, all callers together: the names asked for
/// are the callers' own, and there may be any number of them.
const MAX_LINES: i64 = 10_000;

/// Holds what one caller's requests used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerFeatures {
    /// The key.
    pub key: KeyId,
    /// Its name, as it was last.
    pub name: String,
    /// How many requests it sent.
    pub requests: u64,
    /// What they used, by feature, the most frequent value first.
    pub features: Vec<FeatureCount>,
}

/// Counts the requests that used one feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureCount {
    /// The feature's name.
    pub feature: String,
    /// Its value where it is a word; none where it is a number or a yes.
    pub value: Option<String>,
    /// How many requests used it.
    pub requests: u64,
}

// What a release's rows say of conversations and answers is no feature of a request.
// A text counts by its value, a number or a yes by being there at all.
const FEATURES: &str = "
SELECT key, feature, value, count(*) AS requests FROM (
    SELECT key, 'requested' AS feature, requested AS value FROM usage_rows
    WHERE decision >= ?1
    UNION ALL
    SELECT key, 'dialect', dialect FROM usage_rows WHERE decision >= ?1
    UNION ALL
    SELECT usage_rows.key, found.key, CASE found.type WHEN 'text' THEN found.atom END
    FROM usage_rows, json_each(usage_rows.features) AS found
    WHERE decision >= ?1 AND json_valid(features)
      AND found.key NOT IN ('form', 'begun', 'unchecked', 'tool_calls', 'tool_call_invalid',
          'schema_checked', 'schema_invalid')
      AND found.type IN ('text', 'true', 'integer', 'real') AND found.atom NOT IN (0, '')
)
GROUP BY key, feature, value ORDER BY key, feature, requests DESC, value LIMIT ?2";

// With a single max(), SQLite takes the bare columns from the row that has it.
const CALLERS: &str = "SELECT key, caller, count(*) AS requests, max(decision) FROM usage_rows \
                       WHERE decision >= ?1 GROUP BY key ORDER BY requests DESC, key";

impl Store {
    /// Counts the features that each caller's requests used since an instant, the caller with
    /// the most requests first.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn features_by_caller(&self, since: Timestamp) -> Result<Vec<CallerFeatures>, StoreError> {
        const ATTEMPT: &str = "count the features";
        let failed = StoreError::during(ATTEMPT);
        let since = DecisionId::first_at(since);
        let reader = self.report(ATTEMPT)?;
        let mut features = features_by_key(&reader, since).map_err(&failed)?;
        let mut callers = reader.prepare(CALLERS).map_err(&failed)?;
        let found = callers.query_map([since], |row| {
            let key: KeyId = name(row, "key")?;
            Ok(CallerFeatures {
                features: features.remove(&key).unwrap_or_default(),
                key,
                name: row.get("caller")?,
                requests: count(row, "requests")?,
            })
        });
        let found = found.map_err(&failed)?;
        found.collect::<Result<_, _>>().map_err(&failed)
    }
}

fn features_by_key(
    connection: &Connection,
    since: DecisionId,
) -> rusqlite::Result<BTreeMap<KeyId, Vec<FeatureCount>>> {
    let mut select = connection.prepare(FEATURES)?;
    let mut rows = select.query(params![since, MAX_LINES])?;
    let mut features: BTreeMap<KeyId, Vec<FeatureCount>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let key = name(row, "key")?;
        features.entry(key).or_default().push(feature_in(row)?);
    }
    Ok(features)
}

fn feature_in(row: &Row<'_>) -> rusqlite::Result<FeatureCount> {
    Ok(FeatureCount {
        feature: row.get("feature")?,
        value: row.get("value")?,
        requests: count(row, "requests")?,
    })
}
