//! The rows of one release in the order in which their requests ended, page by page. It must not
//! judge them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::{ReleaseName, Timestamp};
use rusqlite::{Connection, params};

use crate::decision::DecisionId;
use crate::error::StoreError;
use crate::query::row_in;
use crate::store::Store;
use crate::usage::UsageRow;

/// Rows that are read at a time: there may be millions.
const PAGE_ROWS: usize = 1_000;

const ATTEMPT: &str = "read the rows of a release";

const PAGE: &str = "SELECT * FROM usage_rows WHERE decision > ?1 AND run IS NULL \
     AND profile IN (SELECT id FROM usage_profiles WHERE release = ?2 AND chosen IS NOT NULL) \
     ORDER BY decision LIMIT ?3";

/// Walks over the rows of one release. Rows are found in the order in which their decisions were
/// made. One that ended is given out once no later decision can have ended before it, so what is
/// kept back is as much as was under way at the same time, and one page.
pub struct ReleaseRows {
    connection: Connection,
    release: ReleaseName,
    /// The last decision that was read; the lowest id of the first instant stands before all.
    after: DecisionId,
    waiting: BinaryHeap<Reverse<Ended>>,
    is_read: bool,
}

/// Holds a row, ordered by its end and then by its decision.
struct Ended(Box<UsageRow>);

impl Ended {
    fn key(&self) -> (Timestamp, DecisionId) {
        (self.0.ended_at(), self.0.decision)
    }
}

impl PartialEq for Ended {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Ended {}

impl PartialOrd for Ended {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ended {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Store {
    /// Walks over the rows of a release whose decisions were made since an instant and were
    /// made within it, in the order in which they ended; eval runs are left out.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn release_rows(
        &self,
        release: &ReleaseName,
        since: Timestamp,
    ) -> Result<ReleaseRows, StoreError> {
        Ok(ReleaseRows {
            connection: self.report(ATTEMPT)?,
            release: release.clone(),
            after: DecisionId::first_at(since),
            waiting: BinaryHeap::new(),
            is_read: false,
        })
    }
}

impl ReleaseRows {
    fn read_page(&mut self) -> rusqlite::Result<()> {
        let mut select = self.connection.prepare_cached(PAGE)?;
        let values = params![self.after, self.release.as_str(), PAGE_ROWS as i64];
        let mut count = 0;
        for row in select.query_map(values, row_in)? {
            let row = row?;
            self.after = row.decision;
            self.waiting.push(Reverse(Ended(Box::new(row))));
            count += 1;
        }
        self.is_read = count < PAGE_ROWS;
        Ok(())
    }

    fn may_go(&self) -> bool {
        let first = self.waiting.peek();
        self.is_read || first.is_some_and(|first| first.0.0.ended_at() < self.after.at())
    }
}

impl Iterator for ReleaseRows {
    type Item = Result<UsageRow, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.may_go() {
            if let Err(fault) = self.read_page() {
                // Nothing follows a fault: what was not read cannot be put in order.
                self.is_read = true;
                self.waiting.clear();
                return Some(Err(StoreError::during(ATTEMPT)(fault)));
            }
        }
        self.waiting.pop().map(|Reverse(first)| Ok(*first.0))
    }
}

#[cfg(test)]
mod tests;
