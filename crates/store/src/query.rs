//! Reads usage back: totals by groups, one decision, one eval run, a day's tokens. It must not
//! know what the numbers are shown for.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use domain::{KeyId, ModelDigest, PicoUsd, ReleaseName, Timestamp, Tokens};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::decision::DecisionId;
use crate::error::StoreError;
use crate::key::UsageCaller;
use crate::row::{StageColumn, count, name, name_or_none};
use crate::store::Store;
use crate::usage::{Arm, Outcome, UsageRow};

/// Asks for totals of usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageQuery {
    /// From this instant.
    pub since: Timestamp,
    /// Before this one.
    pub until: Timestamp,
    /// What to tell apart; nothing gives one line for all.
    pub groups: Vec<Group>,
}

/// Names what totals can be told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The tier that answered.
    Tier,
    /// The key's name.
    Caller,
    /// The use case.
    UseCase,
    /// The agent's step.
    Step,
    /// The model that served.
    Model,
    /// The caller's team.
    Team,
}

impl Group {
    /// Lists all.
    pub const ALL: [Self; 6] = [
        Self::Tier,
        Self::Caller,
        Self::UseCase,
        Self::Step,
        Self::Model,
        Self::Team,
    ];

    /// Shows the word used in commands and JSON, which is the column's too.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Caller => "caller",
            Self::UseCase => "use_case",
            Self::Step => "step",
            Self::Model => "model",
            Self::Team => "team",
        }
    }
}

/// Holds the totals of one group of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageTotals {
    /// The group's values, in the order of the query's groups; none where a row had none.
    pub groups: Vec<Option<String>>,
    /// How many requests.
    pub requests: u64,
    /// How they ended.
    pub outcomes: OutcomeCounts,
    /// Their tokens.
    pub tokens: Tokens,
    /// What they cost, as far as prices are known.
    pub cost: PicoUsd,
    /// How many requests used tokens that no price is known for.
    pub unpriced: u64,
}

/// Counts requests by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutcomeCounts([u64; Outcome::ALL.len()]);

impl OutcomeCounts {
    /// Tells how many ended so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.0.get(outcome as usize).copied().unwrap_or_default()
    }
}

impl Store {
    /// Sums usage by groups, the group with the most requests first.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn usage(&self, query: &UsageQuery) -> Result<Vec<UsageTotals>, StoreError> {
        const ATTEMPT: &str = "sum the usage";
        let failed = StoreError::during(ATTEMPT);
        let reader = self.report(ATTEMPT)?;
        let mut select = reader
            .prepare(&totals_sql(&query.groups))
            .map_err(&failed)?;
        let since = DecisionId::first_at(query.since);
        let until = DecisionId::first_at(query.until);
        let totals = select
            .query_map(params![since, until], |row| totals_in(row, &query.groups))
            .map_err(&failed)?;
        totals.collect::<Result<_, _>>().map_err(&failed)
    }

    /// Lists the rows of an evaluation key, oldest first.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn usage_of_key(&self, key: &KeyId) -> Result<Vec<UsageRow>, StoreError> {
        let failed = StoreError::during("read the usage of an eval run");
        let reader = self.reading();
        let mut select = reader
            .prepare_cached(
                "SELECT * FROM usage_rows WHERE run IS NOT NULL AND profile IN \
                 (SELECT id FROM usage_profiles WHERE key = ?1) ORDER BY decision",
            )
            .map_err(&failed)?;
        let rows = select.query_map([key.as_str()], row_in).map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }

    /// Lists the evaluation keys under which a model answered as an arm of a release, with that
    /// model. What ended without a word of an answer showed nothing of the model.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn asked_for(
        &self,
        release: &ReleaseName,
    ) -> Result<BTreeSet<(KeyId, ModelDigest)>, StoreError> {
        let failed = StoreError::during("list the runs of a release");
        let reader = self.reading();
        let mut select = reader.prepare_cached(ASKED).map_err(&failed)?;
        let silent = [Outcome::Error, Outcome::Denied].map(|outcome| outcome as i64);
        let name_of = |arm: Arm| format!("release/{release}/{arm}");
        let (candidate, incumbent) = (name_of(Arm::Candidate), name_of(Arm::Incumbent));
        let values = params![candidate, incumbent, silent[0], silent[1]];
        let asked = select
            .query_map(values, |row| {
                let digest: Arc<str> = row.get("digest")?;
                Ok((name(row, "key")?, ModelDigest(digest)))
            })
            .map_err(&failed)?;
        asked.collect::<Result<_, _>>().map_err(&failed)
    }

    /// Finds what a decision came to.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn decision(&self, id: &DecisionId) -> Result<Option<UsageRow>, StoreError> {
        let select = "SELECT * FROM usage_rows WHERE decision = ?1";
        self.reading()
            .query_row(select, [id], row_in)
            .optional()
            .map_err(StoreError::during("read a decision"))
    }

    /// Sums the tokens that the candidate of a release has spent for callers on the UTC day of
    /// `now`; eval runs are not counted.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn tokens_today(&self, release: &ReleaseName, now: Timestamp) -> Result<u64, StoreError> {
        let failed = StoreError::during("read the tokens of a day");
        let reader = self.reading();
        let mut select = reader
            .prepare_cached("SELECT tokens FROM usage_days WHERE release = ?1 AND day = ?2")
            .map_err(&failed)?;
        let day = now.date().start();
        select
            .query_row(params![release.as_str(), day.0], |row| count(row, "tokens"))
            .optional()
            .map(Option::unwrap_or_default)
            .map_err(&failed)
    }
}

/// A profile is shared by many rows, of which one is enough. What a judge was asked under the same
/// key has another name.
const ASKED: &str = "SELECT DISTINCT key, digest FROM usage_profiles \
    WHERE requested IN (?1, ?2) AND digest IS NOT NULL AND EXISTS \
    (SELECT 1 FROM usage WHERE profile = usage_profiles.id AND run IS NOT NULL \
    AND (outcome NOT IN (?3, ?4) OR output > 0))";

/// Writes the statement; nothing in it comes from outside.
fn totals_sql(groups: &[Group]) -> String {
    let mut sql = String::from("SELECT count(*) AS requests");
    let columns = ["input", "cached", "cache_write", "output", "reasoning"];
    // Writing to a String cannot fail.
    for column in columns {
        let _ = write!(sql, ", sum({column}) AS {column}");
    }
    for outcome in Outcome::ALL {
        let number = outcome as i64;
        let _ = write!(sql, ", sum(outcome = {number}) AS {}", outcome.as_str());
    }
    // Summed in two parts: one sum would end at some nine million dollars.
    let _ = write!(
        sql,
        ", coalesce(sum(cost / {MILLION}), 0) AS micros, coalesce(sum(cost % {MILLION}), 0) AS \
         picos, sum(cost IS NULL AND input + output > 0) AS unpriced"
    );
    for (place, group) in groups.iter().enumerate() {
        let _ = write!(sql, ", {} AS g{place}", group.as_str());
    }
    sql.push_str(" FROM usage_rows WHERE decision >= ?1 AND decision < ?2");
    let by: Vec<_> = (0..groups.len()).map(|place| format!("g{place}")).collect();
    if by.is_empty() {
        sql.push_str(" HAVING count(*) > 0");
    } else {
        let by = by.join(", ");
        let _ = write!(sql, " GROUP BY {by} ORDER BY requests DESC, {by}");
    }
    sql
}

const MILLION: i64 = 1_000_000;

fn totals_in(row: &Row<'_>, groups: &[Group]) -> rusqlite::Result<UsageTotals> {
    let mut values = Vec::with_capacity(groups.len());
    for place in 0..groups.len() {
        values.push(row.get(format!("g{place}").as_str())?);
    }
    let mut outcomes = OutcomeCounts::default();
    for (count_of, outcome) in outcomes.0.iter_mut().zip(Outcome::ALL) {
        *count_of = count(row, outcome.as_str())?;
    }
    let micros: i64 = row.get("micros")?;
    let picos: i64 = row.get("picos")?;
    Ok(UsageTotals {
        groups: values,
        requests: count(row, "requests")?,
        outcomes,
        tokens: tokens_in(row)?,
        cost: PicoUsd(micros.saturating_mul(MILLION).saturating_add(picos)),
        unpriced: count(row, "unpriced")?,
    })
}

fn tokens_in(row: &Row<'_>) -> rusqlite::Result<Tokens> {
    Ok(Tokens {
        input: count(row, "input")?,
        cached: count(row, "cached")?,
        cache_write: count(row, "cache_write")?,
        cache_write_1h: 0,
        output: count(row, "output")?,
        reasoning: count(row, "reasoning")?,
    })
}

pub(crate) fn row_in(row: &Row<'_>) -> rusqlite::Result<UsageRow> {
    let caller = UsageCaller {
        key: name(row, "key")?,
        name: row.get("caller")?,
        team: row.get("team")?,
        is_evaluator: row.get::<_, Option<i64>>("run")?.is_some(),
    };
    let stage: Option<StageColumn> = row.get("stage")?;
    let release = name_or_none(row, "release")?;
    let text = |column| {
        let text: Option<String> = row.get(column)?;
        Ok::<_, rusqlite::Error>(text.map(String::into_boxed_str))
    };
    Ok(UsageRow {
        decision: row.get("decision")?,
        caller: Arc::new(caller),
        use_case: name_or_none(row, "use_case")?,
        step: text("step")?,
        tier: name_or_none(row, "tier")?,
        model: name_or_none(row, "model")?,
        digest: row.get::<_, Option<Arc<str>>>("digest")?.map(ModelDigest),
        release: release.zip(stage.map(|stage| stage.0)),
        chosen: row.get("chosen")?,
        arm: row.get("arm")?,
        requested: text("requested")?.unwrap_or_default(),
        dialect: row.get::<_, String>("dialect")?.into(),
        status: row.get("status")?,
        outcome: row.get("outcome")?,
        tokens: tokens_in(row)?,
        cost: row.get::<_, Option<i64>>("cost")?.map(PicoUsd),
        price_basis: row.get("price_basis")?,
        first_token_ms: row.get("first_token_ms")?,
        total_ms: row.get("total_ms")?,
        attempts: text("attempts")?,
        conversation: row
            .get::<_, Option<i64>>("conversation")?
            .map(i64::cast_unsigned),
        features: text("features")?.map(String::from),
    })
}

#[cfg(test)]
mod tests;
