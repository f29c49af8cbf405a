//! The rows of all callers in the order in which their decisions were made, page by page, each with
//! what its caller reported of it. It must not judge them.

use domain::Timestamp;
use rusqlite::{Connection, Row, params};

use crate::decision::DecisionId;
use crate::error::StoreError;
use crate::outcomes::{OutcomeReport, report_in};
use crate::query::row_in;
use crate::store::Store;
use crate::usage::UsageRow;

/// Rows that are read at a time: there may be millions.
const PAGE_ROWS: usize = 1_000;

const ATTEMPT: &str = "read what callers asked";

const PAGE: &str = "SELECT usage_rows.*, success, score FROM usage_rows \
     LEFT JOIN outcomes USING (decision) WHERE decision > ?1 AND run IS NULL \
     ORDER BY decision LIMIT ?2";

/// Holds a request of a caller, and how it turned out where the caller has said so.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedRow {
    /// The request.
    pub row: UsageRow,
    /// What was reported of it; nothing where nobody did.
    pub report: OutcomeReport,
}

/// Walks over the rows.
pub struct AskedRows {
    connection: Connection,
    after: DecisionId,
    /// What was read and not given out, the next one last.
    page: Vec<AskedRow>,
    is_read: bool,
}

impl Store {
    /// Walks over the rows of callers whose decisions were made since an instant, the oldest first;
    /// eval runs are left out.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn asked_rows(&self, since: Timestamp) -> Result<AskedRows, StoreError> {
        Ok(AskedRows {
            connection: self.report(ATTEMPT)?,
            after: DecisionId::first_at(since),
            page: Vec::new(),
            is_read: false,
        })
    }
}

impl AskedRows {
    fn read_page(&mut self) -> rusqlite::Result<()> {
        let mut select = self.connection.prepare_cached(PAGE)?;
        let found = select.query_map(params![self.after, PAGE_ROWS as i64], asked_in)?;
        self.page = found.collect::<Result<_, _>>()?;
        self.is_read = self.page.len() < PAGE_ROWS;
        if let Some(last) = self.page.last() {
            self.after = last.row.decision;
        }
        self.page.reverse();
        Ok(())
    }
}

impl Iterator for AskedRows {
    type Item = Result<AskedRow, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && !self.is_read
            && let Err(fault) = self.read_page()
        {
            // Nothing follows a fault: half of what was asked would look like all of it.
            self.is_read = true;
            self.page.clear();
            return Some(Err(StoreError::during(ATTEMPT)(fault)));
        }
        self.page.pop().map(Ok)
    }
}

fn asked_in(row: &Row<'_>) -> rusqlite::Result<AskedRow> {
    Ok(AskedRow {
        row: row_in(row)?,
        report: report_in(row)?,
    })
}

#[cfg(test)]
mod tests;
