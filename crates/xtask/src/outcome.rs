//! Reads what `cargo test` prints, line by line, into an account by kind of test.
//! It must not run anything.

#[cfg(test)]
mod tests;

use crate::tally::{Count, Tally};

/// Tells whether a line is worth showing while the tests run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Show it.
    Line,
    /// Keep quiet: a test that passed, or what it printed.
    Nothing,
}

/// Reads the lines in order.
#[derive(Default)]
pub struct Reader {
    tally: Tally,
    binary: String,
    /// What was counted by name in this binary, to compare with its own sum.
    counted: Count,
    /// The test whose output is being read.
    speaker: String,
    is_in_successes: bool,
}

impl Reader {
    /// Reads one line.
    pub fn line(&mut self, line: &str) -> Show {
        let trimmed = line.trim();
        if let Some(binary) = binary(trimmed) {
            self.binary = binary;
            self.counted = Count::default();
            self.is_in_successes = false;
            return Show::Line;
        }
        if let Some(skip) = trimmed.strip_prefix("skipped:") {
            self.skip(skip.trim());
            return Show::Line;
        }
        if let Some(result) = trimmed.strip_prefix("test result:") {
            self.is_in_successes = false;
            self.compare(result);
            return Show::Line;
        }
        match trimmed {
            "successes:" => self.is_in_successes = true,
            "failures:" => self.is_in_successes = false,
            _ => {}
        }
        if let Some(speaker) = speaker(trimmed) {
            speaker.clone_into(&mut self.speaker);
        }
        if !self.is_in_successes
            && let Some((name, ending)) = ended_test(trimmed)
        {
            return self.count(name, ending);
        }
        if self.is_in_successes || trimmed.is_empty() {
            Show::Nothing
        } else {
            Show::Line
        }
    }

    /// Returns the account.
    pub fn finish(self) -> Tally {
        self.tally
    }

    fn count(&mut self, name: &str, ending: &str) -> Show {
        let kind = kind(&self.binary, name);
        if ending.starts_with("ok") {
            self.counted.passed += 1;
            self.tally.kind(&kind).passed += 1;
            return Show::Nothing;
        }
        let full = format!("{} {name}", self.binary);
        if ending.starts_with("ignored") {
            self.counted.skipped += 1;
            self.tally.skip(&kind, 1, format!("{full} (ignored)"));
        } else {
            self.counted.failed += 1;
            self.tally.fail(&kind, full);
        }
        Show::Line
    }

    fn skip(&mut self, why: &str) {
        let count = why
            .split_whitespace()
            .next()
            .and_then(|first| first.parse().ok());
        let kind = kind(&self.binary, &self.speaker);
        self.tally.skip(
            &kind,
            count.unwrap_or(1),
            format!("{} {}: {why}", self.binary, self.speaker),
        );
    }

    /// Counts what the binary summed up beyond the lines read, which happens when a test's own
    /// child writes into the middle of a line. The unknown is not lost.
    fn compare(&mut self, result: &str) {
        let sum = |word: &str| {
            let part = result
                .split([';', '.'])
                .find(|part| part.trim().ends_with(word));
            part.and_then(|part| part.trim().trim_end_matches(word).trim().parse().ok())
                .unwrap_or(0_usize)
        };
        let passed = sum("passed").saturating_sub(self.counted.passed);
        let failed = sum("failed").saturating_sub(self.counted.failed);
        if passed + failed > 0 {
            let kind = kind(&self.binary, "");
            self.tally.kind(&kind).passed += passed;
            for _ in 0..failed {
                self.tally.fail(
                    &kind,
                    format!("{} (a test whose line was cut)", self.binary),
                );
            }
        }
        self.speaker.clear();
    }
}

/// Reads `Running … (target/release/deps/NAME-HASH)` and `Doc-tests NAME`.
fn binary(line: &str) -> Option<String> {
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(format!("{name} (doc)"));
    }
    let (_, file) = line.strip_prefix("Running ")?.rsplit_once('(')?;
    let name = file.trim_end_matches(')').rsplit(['/', '\\']).next()?;
    Some(
        name.rsplit_once('-')
            .map_or(name, |(name, _)| name)
            .to_owned(),
    )
}

fn speaker(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

fn ended_test(line: &str) -> Option<(&str, &str)> {
    let (name, ending) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    Some((name.trim_end_matches(" - should panic"), ending))
}

/// Kinds that a part of a test's path tells, in the words of `STYLE.md`.
const TELLING: &[(&str, &str)] = &[
    ("properties", "property"),
    ("property", "property"),
    ("exposure", "exposure"),
    ("client", "client"),
    ("clients", "client"),
    ("scenario", "scenario"),
    ("scenarios", "scenario"),
    ("transcript", "golden transcript"),
    ("transcripts", "golden transcript"),
    ("golden", "golden transcript"),
];

/// Names the kind of a test: by a telling part of its path, else by its binary.
fn kind(binary: &str, name: &str) -> String {
    let mut parts = name.split("::");
    let telling = parts.find_map(|part| TELLING.iter().find(|(told, _)| *told == part));
    let is_oracle = binary == "release" && name.split("::").any(|part| part == "stats");
    match telling {
        _ if binary.ends_with("(doc)") => "doc".to_owned(),
        Some((_, kind)) if binary == "it" => (*kind).to_owned(),
        Some((_, kind)) => format!("{kind}, {binary}"),
        None if is_oracle => format!("oracle, {binary}"),
        None if binary == "it" => "end to end".to_owned(),
        None if binary == "clients" => "client".to_owned(),
        None => format!("unit, {binary}"),
    }
}
