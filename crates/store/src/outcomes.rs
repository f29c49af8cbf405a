//! What callers report of their decisions' outcomes: one report a decision, never changed. It must
//! not judge them.

use domain::{KeyId, ReleaseName, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::decision::DecisionId;
use crate::error::StoreError;
use crate::row::name;
use crate::store::Store;
use crate::usage::Arm;

/// Reports that are read at a time.
const PAGE_ROWS: usize = 1_000;

const LIST: &str = "list outcomes";

const PAGE: &str = "SELECT outcomes.*, release, chosen, conversation FROM outcomes \
     JOIN usage_rows USING (decision) WHERE number > ?1 AND decision > ?2 AND run IS NULL \
     AND release = ?3 AND chosen IS NOT NULL ORDER BY number LIMIT ?4";

const ONE: &str = "SELECT outcomes.*, release, chosen, conversation FROM outcomes \
     JOIN usage_rows USING (decision) WHERE decision = ?1 AND run IS NULL \
     AND release IS NOT NULL AND chosen IS NOT NULL";

/// Holds what a caller says of one decision's outcome: whether it succeeded, how well, or both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutcomeReport {
    /// Whether what the answer was for succeeded.
    pub success: Option<bool>,
    /// How good it was, from 0 to 1.
    pub score: Option<f64>,
}

impl OutcomeReport {
    /// Tells its value from 0 to 1: the score, which says more, else the success. None where
    /// neither is there, or where the score is no such number.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let success = self.success.map(|success| f64::from(u8::from(success)));
        let value = self.score.or(success)?;
        (0.0..=1.0).contains(&value).then_some(value)
    }
}

/// Holds a report on a decision that was made within a release.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeRow {
    /// The decision; its time is when it was made.
    pub decision: DecisionId,
    /// The release.
    pub release: ReleaseName,
    /// Which arm was chosen.
    pub arm: Arm,
    /// A hash of the conversation.
    pub conversation: Option<u64>,
    /// When it was reported.
    pub at: Timestamp,
    /// What was reported.
    pub report: OutcomeReport,
}

/// Says what became of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Reported {
    /// It is kept; with its row where one of a release's arms answered a caller.
    New(Option<Box<OutcomeRow>>),
    /// The same was reported before.
    Again,
    /// Something else was reported before, and stays.
    Otherwise,
    /// No decision of this key has that id.
    Unknown,
}

impl Store {
    /// Keeps a caller's report on a decision of its own, durable when this returns. The first
    /// report stays: who looks at every report as it comes must not have one changed afterwards.
    /// So there are never more reports than decisions, and they go when those go.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn report_outcome(
        &self,
        key: &KeyId,
        decision: &DecisionId,
        report: OutcomeReport,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        const ATTEMPT: &str = "keep an outcome";
        let failed = StoreError::during(ATTEMPT);
        let writer = self.writing(ATTEMPT)?;
        let inserted = writer
            .execute(
                "INSERT INTO outcomes (decision, at, success, score) SELECT decision, ?3, ?4, ?5 \
                 FROM usage_rows WHERE decision = ?1 AND key = ?2 \
                 ON CONFLICT (decision) DO NOTHING",
                params![decision, key.as_str(), now.0, report.success, report.score],
            )
            .map_err(&failed)?;
        if inserted > 0 {
            let row = writer.query_row(ONE, [decision], row_in).optional();
            return Ok(Reported::New(row.map_err(&failed)?.map(Box::new)));
        }
        Ok(match report_of(&writer, key, decision).map_err(&failed)? {
            None => Reported::Unknown,
            Some(known) if known == report => Reported::Again,
            Some(_) => Reported::Otherwise,
        })
    }

    /// Walks over the reports on decisions that a release's arms made since an instant, in the
    /// order in which they came; eval runs are left out.
    ///
    /// # Errors
    /// Fails when the database does.
    pub fn outcomes_of(
        &self,
        release: &ReleaseName,
        since: Timestamp,
    ) -> Result<Outcomes, StoreError> {
        Ok(Outcomes {
            connection: self.report(LIST)?,
            release: release.clone(),
            since: DecisionId::first_at(since),
            after: 0,
            page: Vec::new(),
            is_read: false,
        })
    }
}

fn report_of(
    connection: &Connection,
    key: &KeyId,
    decision: &DecisionId,
) -> rusqlite::Result<Option<OutcomeReport>> {
    let select = "SELECT outcomes.* FROM outcomes JOIN usage_rows USING (decision) \
                  WHERE decision = ?1 AND key = ?2";
    connection
        .query_row(select, params![decision, key.as_str()], report_in)
        .optional()
}

pub(crate) fn report_in(row: &Row<'_>) -> rusqlite::Result<OutcomeReport> {
    Ok(OutcomeReport {
        success: row.get("success")?,
        score: row.get("score")?,
    })
}

fn row_in(row: &Row<'_>) -> rusqlite::Result<OutcomeRow> {
    let conversation: Option<i64> = row.get("conversation")?;
    Ok(OutcomeRow {
        decision: row.get("decision")?,
        release: name(row, "release")?,
        arm: row.get("chosen")?,
        conversation: conversation.map(i64::cast_unsigned),
        at: Timestamp(row.get("at")?),
        report: report_in(row)?,
    })
}

/// Walks over the reports on one release's decisions, page by page.
pub struct Outcomes {
    connection: Connection,
    release: ReleaseName,
    since: DecisionId,
    after: i64,
    /// What was read and not given out, the next one last.
    page: Vec<OutcomeRow>,
    is_read: bool,
}

impl Outcomes {
    fn read_page(&mut self) -> rusqlite::Result<()> {
        let mut select = self.connection.prepare_cached(PAGE)?;
        let values = params![
            self.after,
            self.since,
            self.release.as_str(),
            PAGE_ROWS as i64
        ];
        let mut rows = select.query(values)?;
        while let Some(row) = rows.next()? {
            self.after = row.get("number")?;
            self.page.push(row_in(row)?);
        }
        self.is_read = self.page.len() < PAGE_ROWS;
        self.page.reverse();
        Ok(())
    }
}

impl Iterator for Outcomes {
    type Item = Result<OutcomeRow, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && !self.is_read
            && let Err(fault) = self.read_page()
        {
            self.is_read = true;
            self.page.clear();
            return Some(Err(StoreError::during(LIST)(fault)));
        }
        self.page.pop().map(Ok)
    }
}

#[cfg(test)]
mod tests;
