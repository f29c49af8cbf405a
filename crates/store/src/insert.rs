//! Writes usage rows: one transaction, prepared statements, and the day's tokens with them. It
//! must not know where the rows waited.

use std::collections::BTreeMap;

use domain::{ReleaseName, Timestamp, Tokens};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql, TransactionBehavior, params};

use crate::profile::Profiles;
use crate::row::as_column;
use crate::usage::{Arm, UsageRow};

const INSERT: &str = "INSERT INTO usage (decision, profile, run, status, outcome, input, cached, \
     cache_write, output, reasoning, cost, first_token_ms, total_ms, attempts, conversation, \
     features) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (decision) DO NOTHING";

const ADD_DAY: &str = "INSERT INTO usage_days (release, day, tokens) VALUES (?1, ?2, ?3) \
     ON CONFLICT (release, day) DO UPDATE SET tokens = tokens + excluded.tokens";

/// Sums the tokens of a batch by release and day.
type Days<'r> = BTreeMap<(&'r ReleaseName, Timestamp), u64>;

/// Writes rows in one transaction; a decision that is there already is left as it is.
pub(crate) fn insert(
    connection: &mut Connection,
    profiles: &mut Profiles,
    rows: &[UsageRow],
) -> rusqlite::Result<()> {
    let inserted = insert_all(connection, profiles, rows);
    if inserted.is_err() {
        profiles.forget();
    }
    inserted
}

fn insert_all(
    connection: &mut Connection,
    profiles: &mut Profiles,
    rows: &[UsageRow],
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut days = Days::new();
    {
        let mut statement = transaction.prepare_cached(INSERT)?;
        let mut bound = None;
        for row in rows {
            let values = values(row, profiles.id(&transaction, row)?);
            bind(&mut statement, &values, bound.as_ref())?;
            bound = Some(values);
            let is_new = statement.raw_execute()? > 0;
            if is_new && let Some((release, day, tokens)) = spent(row) {
                let sum = days.entry((release, day)).or_default();
                *sum = sum.saturating_add(tokens);
            }
        }
        let mut add = transaction.prepare_cached(ADD_DAY)?;
        for ((release, day), tokens) in days {
            add.execute(params![release.as_str(), day.0, as_column(tokens)])?;
        }
    }
    transaction.commit()
}

/// Tells what a row takes from its stage's daily tokens: what the candidate spent for callers.
/// An eval run spends nothing of it, since it needs no admission.
fn spent(row: &UsageRow) -> Option<(&ReleaseName, Timestamp, u64)> {
    let (release, _) = row.release.as_ref()?;
    if row.arm != Some(Arm::Candidate) || row.caller.is_evaluator {
        return None;
    }
    Some((release, row.at().date().start(), total(row.tokens)))
}

fn total(tokens: Tokens) -> u64 {
    tokens.input.saturating_add(tokens.output)
}

/// The values of a row, in the order in which `INSERT` names its columns.
type Values<'r> = [ValueRef<'r>; 16];

fn values(row: &UsageRow, profile: i64) -> Values<'_> {
    let Tokens {
        input,
        cached,
        cache_write,
        output,
        reasoning,
    } = row.tokens;
    let ms = |ms: u32| ValueRef::Integer(i64::from(ms));
    let is_run = row.caller.is_evaluator;
    [
        ValueRef::Blob(row.decision.as_bytes()),
        ValueRef::Integer(profile),
        if is_run {
            ValueRef::Integer(1)
        } else {
            ValueRef::Null
        },
        ValueRef::Integer(i64::from(row.status)),
        ValueRef::Integer(row.outcome as i64),
        count(input),
        count(cached),
        count(cache_write),
        count(output),
        count(reasoning),
        row.cost
            .map_or(ValueRef::Null, |cost| ValueRef::Integer(cost.0)),
        row.first_token_ms.map_or(ValueRef::Null, ms),
        ms(row.total_ms),
        text(row.attempts.as_deref()),
        row.conversation
            .map_or(ValueRef::Null, |hash| ValueRef::Integer(hash.cast_signed())),
        text(row.features.as_deref()),
    ]
}

/// Binds the values; what the row before bound to the same value is still bound.
fn bind(
    statement: &mut CachedStatement<'_>,
    values: &Values<'_>,
    bound: Option<&Values<'_>>,
) -> rusqlite::Result<()> {
    for (place, value) in (1_usize..).zip(values) {
        let before = bound.and_then(|bound| bound.get(place - 1));
        if before != Some(value) {
            statement.raw_bind_parameter(place, Borrowed(*value))?;
        }
    }
    Ok(())
}

/// Lends a value to the statement without a copy of ours.
struct Borrowed<'r>(ValueRef<'r>);

impl ToSql for Borrowed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

fn text(text: Option<&str>) -> ValueRef<'_> {
    text.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes()))
}

fn count(count: u64) -> ValueRef<'static> {
    ValueRef::Integer(as_column(count))
}

#[cfg(test)]
mod tests;
