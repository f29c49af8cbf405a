//! How values stand in columns, read and written. It must not know which table they are in.

use std::sync::Arc;

use domain::Stage;
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::decision::DecisionId;
use crate::usage::{Arm, Outcome};

/// Reads a name of any kind.
pub(crate) fn name<K>(row: &Row<'_>, column: &str) -> rusqlite::Result<domain::Name<K>> {
    row.get::<_, Arc<str>>(column).map(domain::Name::new)
}

/// Reads a name that may be absent.
pub(crate) fn name_or_none<K>(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<domain::Name<K>>> {
    Ok(row
        .get::<_, Option<Arc<str>>>(column)?
        .map(domain::Name::new))
}

/// Reads a count, which is never negative in a column.
pub(crate) fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

/// Writes a count; what exceeds a column's range becomes its greatest value.
pub(crate) fn as_column(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Finds the value of a stored number in a list whose order is the stored one.
fn numbered<T: Copy>(value: ValueRef<'_>, all: &[T]) -> FromSqlResult<T> {
    let number = value.as_i64()?;
    usize::try_from(number)
        .ok()
        .and_then(|place| all.get(place).copied())
        .ok_or(FromSqlError::OutOfRange(number))
}

impl FromSql for Outcome {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        numbered(value, &Self::ALL)
    }
}

impl ToSql for Outcome {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(*self as i64))
    }
}

impl FromSql for Arm {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        numbered(value, &Self::ALL)
    }
}

impl ToSql for Arm {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(*self as i64))
    }
}

/// Reads a stage.
pub(crate) struct StageColumn(pub(crate) Stage);

impl FromSql for StageColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        numbered(value, &Stage::ALL).map(Self)
    }
}

/// Writes a stage as its place in the order of stages.
pub(crate) fn stage_number(stage: Stage) -> i64 {
    stage as i64
}

impl FromSql for DecisionId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        FromSql::column_result(value).map(Self::from_bytes)
    }
}

impl ToSql for DecisionId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_bytes().as_slice()))
    }
}
