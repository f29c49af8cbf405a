//! Writes the tables: to the terminal, and as the page that is committed. It must not count.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::scan_bench::score::{HEADINGS, Score};

/// Shows the scores of one set of labels, or of one fix commit, by scanner in the order asked.
pub type Table = BTreeMap<(usize, String), Score>;

/// Holds all that was measured.
#[derive(Debug, Default)]
pub struct Measured {
    /// The day, as `2026-11-27`.
    pub day: String,
    /// What was asked, with versions.
    pub asked: Vec<String>,
    /// By set of labels.
    pub sets: Vec<(String, Table)>,
    /// By repository and fix commit.
    pub fixes: Vec<(String, Table)>,
    /// What was not asked, and why.
    pub skips: Vec<String>,
}

/// Shows one table to the terminal.
pub fn lines(title: &str, table: &Table) -> String {
    let mut text = format!("\n{title}\n{:18}", "");
    for heading in HEADINGS {
        let _ = write!(text, "{heading:20}");
    }
    for ((_, name), score) in table {
        let _ = write!(text, "\n{name:18}");
        for cell in score.cells() {
            let _ = write!(text, "{cell:20}");
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Makes the page.
pub fn page(measured: &Measured) -> String {
    let mut text = format!("{HEAD}\n\nMeasured on {}, with ", measured.day);
    text.push_str(&measured.asked.join(", "));
    text.push_str(".\n");
    for (title, table) in &measured.sets {
        let _ = write!(text, "\n## `{title}`\n\n");
        text.push_str(&rows(table));
    }
    text.push_str("\n## By fix commit\n\n");
    text.push_str(FIXES);
    for (title, table) in &measured.fixes {
        let _ = write!(text, "\n### {title}\n\n");
        text.push_str(&rows(table));
    }
    if !measured.skips.is_empty() {
        text.push_str("\n## Skipped\n\n");
        for skip in &measured.skips {
            let _ = writeln!(text, "- {skip}");
        }
    }
    text
}

fn rows(table: &Table) -> String {
    let mut text = format!("| | {} |\n|---|", HEADINGS.join(" | "));
    text.push_str(&"---|".repeat(HEADINGS.len()));
    for ((_, name), score) in table {
        let _ = write!(text, "\n| {name} | {} |", score.cells().join(" | "));
    }
    text.push('\n');
    text
}

const HEAD: &str = "\
# `tiergate scan` by labelled lines

Written by `cargo xtask scan-bench DIR`; the labels, and how to lay out the checkouts, are in
[their README](../crates/xtask/truth/README.md). No scanner was told what to look for.

- *found*: lines that have to be found: of a fix commit those that it changed, else all that name
  a model.
- *left told apart*: lines of a fix commit that it left: not reported, or in the right role.
- *reported in vain*: of the labelled lines that are reported: left ones in another role, and such
  that name no model.
- *false of the whole*: of all places of the checkout at which a fix commit's model is told: left
  ones in another role, and such as the labels do not list. They list one spelling alone, so that
  another, such as `Claude Haiku 4.5` for `claude-haiku-4-5`, counts against who reports it.
- *roles right*: of the lines that are found: those in the right role.

Plain search finds every line that holds the name, and tells no role. A scanner that names no model
where it points to a line has no share of the whole; any finding on a line counts as found.";

const FIXES: &str = "\
The lines that name a model in the parent of a commit that leaves it. Two of the commits change no
such line: one takes a parameter away, one is a mistake (see the README).
";

#[cfg(test)]
mod tests;
