//! What passed, failed and was skipped, by kind, and the table that shows it.
//! It must not know where the numbers come from.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Is how many of one kind ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Held.
    pub passed: usize,
    /// Did not hold.
    pub failed: usize,
    /// Could not be asked.
    pub skipped: usize,
}

/// Is the whole account of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Counts by kind.
    pub kinds: BTreeMap<String, Count>,
    /// Each skip, by name and reason.
    pub skips: Vec<String>,
    /// Each failure, by name.
    pub failures: Vec<String>,
}

impl Tally {
    /// Finds the count of a kind.
    pub fn kind(&mut self, kind: &str) -> &mut Count {
        self.kinds.entry(kind.to_owned()).or_default()
    }

    /// Notes a failure.
    pub fn fail(&mut self, kind: &str, what: impl Into<String>) {
        self.kind(kind).failed += 1;
        self.failures.push(what.into());
    }

    /// Notes skips of the same reason.
    pub fn skip(&mut self, kind: &str, count: usize, why: impl Into<String>) {
        self.kind(kind).skipped += count;
        self.skips.push(why.into());
    }

    /// Adds another account to this one.
    pub fn add(&mut self, other: Self) {
        for (kind, count) in other.kinds {
            let sum = self.kind(&kind);
            sum.passed += count.passed;
            sum.failed += count.failed;
            sum.skipped += count.skipped;
        }
        self.skips.extend(other.skips);
        self.failures.extend(other.failures);
    }

    /// Sums all kinds.
    pub fn total(&self) -> Count {
        self.kinds
            .values()
            .fold(Count::default(), |sum, count| Count {
                passed: sum.passed + count.passed,
                failed: sum.failed + count.failed,
                skipped: sum.skipped + count.skipped,
            })
    }

    /// Writes the table, then skips and failures by name, then the closing line.
    pub fn report(&self) -> String {
        let width = self
            .kinds
            .keys()
            .map(|kind| kind.chars().count())
            .max()
            .unwrap_or(4)
            .max(4);
        let mut text = format!("{:width$}  passed  failed  skipped\n", "kind");
        // INVARIANT: writing to a String does not fail.
        for (
            kind,
            Count {
                passed,
                failed,
                skipped,
            },
        ) in &self.kinds
        {
            let _ = writeln!(text, "{kind:width$}  {passed:6}  {failed:6}  {skipped:7}");
        }
        for skip in &self.skips {
            let _ = writeln!(text, "skipped: {skip}");
        }
        for failure in &self.failures {
            let _ = writeln!(text, "failed: {failure}");
        }
        let Count {
            passed,
            failed,
            skipped,
        } = self.total();
        let _ = writeln!(
            text,
            "\n{passed} passed, {failed} failed, {skipped} skipped"
        );
        text
    }
}
