//! What the clients did as a document. It must not know how they were run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;

use crate::bed::upstreams;
use crate::case::{Outcome, counted};
use crate::fault::ClientsError;
use crate::trial::Trial;

/// Holds the document's text.
pub struct Page {
    text: String,
}

impl Page {
    /// Makes the document of all trials.
    pub fn of(trials: &[Trial]) -> Self {
        let date: String = Timestamp::now().to_string().chars().take(10).collect();
        let mut text = format!(
            "# Clients\n\nMade by `cargo xtask clients` on {date}; do not edit by hand. Each client \
             ran unmodified, in a\npinned environment of its own, against the gateway with a \
             scripted provider behind it: a question,\na call of a tool of the client, and an \
             answer with what the tool said; the SDKs do so streamed and\nnot. The last columns say \
             which dialect the provider spoke.\n\n| Client | Version | Asks in |"
        );
        for upstream in upstreams() {
            text += &format!(" {upstream} |");
        }
        text += &format!("\n|---|---|---|{}\n", "---|".repeat(upstreams().count()));
        let mut rows = trials.iter().peekable();
        while let Some(first) = rows.next() {
            let (client, dialect) = (first.client, first.dialect);
            text += &format!(
                "| {client} | {} | {dialect} | {} |",
                first.version,
                cell(first)
            );
            let is_same = |it: &&Trial| (it.client, it.dialect) == (client, dialect);
            while let Some(next) = rows.next_if(is_same) {
                text += &format!(" {} |", cell(next));
            }
            text.push('\n');
        }
        Self {
            text: text + &unpassed(trials) + &failed(trials),
        }
    }

    /// Writes it.
    pub fn write(&self, path: &Path) -> Result<(), ClientsError> {
        let written = fs::write(path, &self.text);
        written.map_err(|error| ClientsError::File(path.to_owned(), error))
    }
}

fn cell(trial: &Trial) -> String {
    match (trial.cases.is_empty(), trial.works()) {
        (false, _) => counted(&trial.cases),
        (true, true) => "works".to_owned(),
        (true, false) => "fails".to_owned(),
    }
}

/// Lists the tests that did not pass: by suite, by test, and where.
fn unpassed(trials: &[Trial]) -> String {
    let mut found: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for trial in trials {
        let told = trial.cases.iter();
        for case in told.filter(|case| case.outcome != Outcome::Passed) {
            let key = (trial.client, case.outcome, &*case.name, &*case.why);
            let place = format!("{} → {}", trial.dialect, trial.upstream);
            found.entry(key).or_default().push(place);
        }
    }
    let mut text = String::new();
    let mut above = "";
    for ((client, outcome, name, why), places) in found {
        if above != client {
            text += &format!("\n## {client}: what did not pass\n\n");
            text += "| Test | How | Why | Where |\n|---|---|---|---|\n";
            above = client;
        }
        let (why, places) = (why.replace('|', "\\|"), places.join(", "));
        text += &format!("| `{name}` | {outcome} | {why} | {places} |\n");
    }
    text
}

fn failed(trials: &[Trial]) -> String {
    let mut lines: Vec<_> = trials.iter().filter(|trial| !trial.works()).collect();
    lines.dedup_by_key(|trial| trial.line());
    let mut text = String::new();
    for trial in lines {
        if text.is_empty() {
            text += "\n## What failed\n\n";
        }
        text += &format!("- {}\n", trial.line());
    }
    text
}
