//! What the clients did as a document. It must not know how they were run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::Timestamp;

use crate::bed::MODELS;
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
             client ran unmodified, in an\nenvironment of its own, against a gateway with a \
             scripted provider behind it: one tool call and an answer.\nThe columns say which \
             dialect the provider spoke.\n\n| Client | Version | Asked in |"
        );
        for model in MODELS {
            let upstream = model.strip_prefix("task-").unwrap_or(model);
            text += &format!(" {upstream} |");
        }
        text += "\n|---|---|---|---|---|\n";
        let mut failures = BTreeSet::new();
        for trial in trials.iter().filter(|trial| trial.model == MODELS[0]) {
            let (client, version, dialect) = (trial.client, &trial.version, trial.dialect);
            text += &format!("| {client} | {version} | {dialect} |");
            for model in MODELS {
                let is_it =
                    |it: &&Trial| (it.client, it.dialect, it.model) == (client, dialect, model);
                let works = trials.iter().find(is_it).is_some_and(Trial::works);
                text += if works { " works |" } else { " fails |" };
            }
            text.push('\n');
        }
        for trial in trials.iter().filter(|trial| !trial.works()) {
            failures.insert(trial.line());
        }
        if !failures.is_empty() {
            text += "\n## What failed\n\n";
        }
        for line in failures {
            text += &format!("- {line}\n");
        }
        Self { text }
    }

    /// Writes it.
    pub fn write(&self, path: &Path) -> Result<(), ClientsError> {
        let written = fs::write(path, &self.text);
        written.map_err(|error| ClientsError::File(path.to_owned(), error))
    }
}
