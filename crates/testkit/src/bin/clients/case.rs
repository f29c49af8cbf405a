//! One test of a client's own suite, as its script tells of it. It must not know which suite.

use std::fmt;

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// As it should.
    Passed,
    /// Otherwise.
    Failed,
    /// Otherwise, as is known, for a reason that is given.
    Xfailed,
    /// It was not run, for a reason that is given.
    Skipped,
}

impl Outcome {
    /// Lists them all.
    pub const ALL: [Self; 4] = [Self::Passed, Self::Failed, Self::Xfailed, Self::Skipped];

    fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Xfailed => "xfailed",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Is one test that was or was not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// How it ended.
    pub outcome: Outcome,
    /// Its name.
    pub name: String,
    /// Why it did not pass.
    pub why: String,
}

impl Case {
    /// Reads a line such as `case xfailed test_name: why`.
    pub fn read(line: &str) -> Option<Self> {
        let (word, told) = line.strip_prefix("case ")?.split_once(' ')?;
        let outcome = Outcome::ALL.into_iter().find(|it| it.word() == word)?;
        let (name, why) = told.split_once(": ").unwrap_or((told, ""));
        Some(Self {
            outcome,
            name: name.trim().to_owned(),
            why: why.trim().to_owned(),
        })
    }
}

/// Counts how tests ended, in a line.
pub fn counted(cases: &[Case]) -> String {
    let counts = Outcome::ALL.into_iter().filter_map(|outcome| {
        let count = cases.iter().filter(|case| case.outcome == outcome).count();
        (count > 0).then(|| format!("{count} {outcome}"))
    });
    counts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Case, Outcome, counted};

    #[test]
    fn lines_of_cases_are_read_and_counted() {
        let lines = [
            "version 1.1.9",
            "case passed test_a[x: y]",
            "case xfailed test_b: the API has no field: none",
            "case passed test_c",
            "case lost test_d",
        ];
        let cases: Vec<_> = lines.iter().filter_map(|line| Case::read(line)).collect();
        assert_eq!(counted(&cases), "2 passed, 1 xfailed");
        let known = Case {
            outcome: Outcome::Xfailed,
            name: "test_b".to_owned(),
            why: "the API has no field: none".to_owned(),
        };
        assert_eq!(cases[1], known);
    }
}
