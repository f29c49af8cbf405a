//! Writes usage rows: one transaction, prepared statements, and the day's tokens with them. It
//! must not know where the rows waited.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::{ReleaseName, Timestamp, Tokens};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql, TransactionBehavior, params};

use crate::profile::Profiles;
use crate::row::as_column;
use crate::usage::{Arm, UsageRow};

/// Rows that one statement writes, as many as are left: its beginning and end cost as much as a
/// row.
const SIZES: [usize; 3] = [16, 4, 1];

/// The statement of each size.
static STATEMENTS: LazyLock<[String; 3]> = LazyLock::new(|| SIZES.map(insert_of));

fn insert_of(rows: usize) -> String {
    // What fails in the middle is taken back whole, for which a copy of each page is kept; a
    // statement that passes over what it cannot write needs none, and the count then tells.
    let (verb, otherwise) = match rows {
        1 => ("INSERT", "ON CONFLICT (decision) DO NOTHING"),
        _ => ("INSERT OR IGNORE", ""),
    };
    let row = "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
    let rows = vec![row; rows].join(",");
    format!(
        "{verb} INTO usage (decision, profile, run, status, outcome, input, cached, cache_write, \
         output, reasoning, cost, first_token_ms, total_ms, attempts, conversation, features) \
         VALUES {rows} {otherwise}"
    )
}

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
    let mut inserted = insert_all(connection, profiles, rows, &SIZES);
    if let Ok(Written::Repeated) = inserted {
        profiles.forget();
        inserted = insert_all(connection, profiles, rows, &[1]);
    }
    if inserted.is_err() {
        profiles.forget();
    }
    inserted.map(|_| ())
}

/// Says what became of a batch.
enum Written {
    /// It stands.
    All,
    /// Nothing was written: of some rows that are written together one was not, most likely since
    /// its decision is there already, and which one cannot be told.
    Repeated,
}

fn insert_all(
    connection: &mut Connection,
    profiles: &mut Profiles,
    mut rows: &[UsageRow],
    sizes: &[usize],
) -> rusqlite::Result<Written> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut days = Days::new();
    for (size, sql) in SIZES.into_iter().zip(&*STATEMENTS) {
        if !sizes.contains(&size) || rows.len() < size {
            continue;
        }
        let (now, later) = rows.split_at(rows.len() - rows.len() % size);
        rows = later;
        let mut statement = transaction.prepare_cached(sql)?;
        let mut bound: Vec<Values<'_>> = Vec::with_capacity(size);
        for chunk in now.chunks(size) {
            for (at, row) in chunk.iter().enumerate() {
                let values = values(row, profiles.id(&transaction, row)?);
                bind(&mut statement, at, &values, bound.get(at))?;
                match bound.get_mut(at) {
                    Some(before) => *before = values,
                    None => bound.push(values),
                }
            }
            let count = statement.raw_execute()?;
            if count < size && size > 1 {
                return Ok(Written::Repeated);
            }
            for (release, day, tokens) in chunk.iter().take(count).filter_map(spent) {
                let sum = days.entry((release, day)).or_default();
                *sum = sum.saturating_add(tokens);
            }
        }
    }
    let mut add = transaction.prepare_cached(ADD_DAY)?;
    for ((release, day), tokens) in days {
        add.execute(params![release.as_str(), day.0, as_column(tokens)])?;
    }
    drop(add);
    transaction.commit()?;
    Ok(Written::All)
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

/// The values of a row, in the order in which the statement names its columns.
type Values<'r> = [ValueRef<'r>; 16];

fn values(row: &UsageRow, profile: i64) -> Values<'_> {
    let Tokens {
        input,
        cached,
        cache_write,
        // The cost, which is kept, holds it already.
        cache_write_1h: _,
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

/// Binds the values of the row at a place of the statement; what the row that had the place before
/// bound to the same value is still bound.
fn bind(
    statement: &mut CachedStatement<'_>,
    at: usize,
    values: &Values<'_>,
    bound: Option<&Values<'_>>,
) -> rusqlite::Result<()> {
    let first = 1 + at * values.len();
    for (place, value) in values.iter().enumerate() {
        if bound.and_then(|bound| bound.get(place)) != Some(value) {
            statement.raw_bind_parameter(first + place, Borrowed(*value))?;
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
