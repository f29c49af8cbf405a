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
            "# Clients\n\nMade by `cargo xtask clients` on {date}; do not edit by hand. Each \
             client ran unmodified, in a\npinned environment of its own, against the gateway \
             with a scripted provider behind it: a question,\na call of a tool of the client, \
             and an answer with what the tool said; libraries do so streamed and\nnot. \"Asks \
             in\" is the dialect between client and gateway, as the gateway counted it; the \
             last\ncolumns are the dialects between gateway and provider. A suite of tests \
             has its counts.\n\n| Client | Version | Asks in |"
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
            text: text + &notes(trials) + &unpassed(trials) + &failed(trials),
        }
    }

    /// Writes it.
    pub fn write(&self, path: &Path) -> Result<(), ClientsError> {
        let written = fs::write(path, &self.text);
        written.map_err(|error| ClientsError::File(path.to_owned(), error))
    }
}

fn notes(trials: &[Trial]) -> String {
    let mut noted: Vec<_> = trials.iter().map(|it| (it.client, it.note)).collect();
    noted.retain(|(_, note)| !note.is_empty());
    noted.dedup();
    let lines = noted
        .iter()
        .map(|(client, note)| format!("\n{client}: {note}\n"));
    lines.collect()
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

#[cfg(test)]
mod tests {
    use super::Page;
    use crate::bed::upstreams;
    use crate::case::{Case, Outcome};
    use crate::trial::Trial;

    fn trials(client: &'static str, cases: &[Case]) -> Vec<Trial> {
        let trial = |upstream| Trial {
            client,
            note: "As it comes.",
            version: "1.2".to_owned(),
            dialect: "spoken",
            upstream,
            cases: cases.to_vec(),
            failed: None,
        };
        upstreams().map(trial).collect()
    }

    #[test]
    fn a_page_shows_each_client_once_and_what_did_not_pass() {
        let known = Case {
            outcome: Outcome::Xfailed,
            name: "test_a".to_owned(),
            why: "no field | for it".to_owned(),
        };
        let mut all = trials("Client", &[]);
        all[1].failed = Some("ended with 1".to_owned());
        all.extend(trials("Suite", &[known]));
        let page = Page::of(&all).text;
        let lines: Vec<_> = page.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(
            lines[1],
            "| Client | 1.2 | spoken | works | fails | works | works |"
        );
        let one = "1 xfailed | ".repeat(4);
        assert_eq!(
            lines[2],
            format!("| Suite | 1.2 | spoken | {}", one.trim_end())
        );
        assert!(lines[4].starts_with("| `test_a` | xfailed | no field \\| for it | spoken → "));
        assert_eq!(page.matches("As it comes.").count(), 2);
        let failed = page.split("## What failed").nth(1).unwrap();
        assert_eq!(failed.matches("ended with 1").count(), 1);
    }
}
