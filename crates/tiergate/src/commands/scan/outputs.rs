//! Where a scan's reports go: a file each, or standard output. It must not know what is in them.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches};
use scan::{REPORTS, Report, Survey, Written};

use super::options::Options;
use crate::exit::Fault;
use crate::options::Common;
use crate::output;

/// Stands for standard output.
const STANDARD: &str = "-";
/// The report that is a patch.
const PATCH: &str = "patch";

/// Holds the reports that were asked for.
pub(super) struct Outputs {
    asked: Vec<(&'static Report, Option<PathBuf>)>,
}

/// Adds an option for each report that is written to a file.
pub(super) fn augment(command: clap::Command) -> clap::Command {
    let rows = REPORTS.iter().filter(|row| row.written == Written::ToFile);
    let options = rows.map(|row| {
        Arg::new(row.name)
            .long(row.name)
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help(format!("Write {}; `-` is standard output", row.about))
    });
    command.args(options)
}

/// Tells what was asked for. Standard output takes one report: text, where nothing else goes there.
pub(super) fn asked(
    arguments: &ArgMatches,
    options: &Options,
    common: &Common,
) -> Result<Outputs, Fault> {
    let named = |row: &&Report| -> Option<&PathBuf> {
        (row.written == Written::ToFile).then(|| arguments.get_one::<PathBuf>(row.name))?
    };
    let mut asked = Vec::new();
    for row in REPORTS {
        if let Some(path) = named(&row) {
            let is_standard = path.as_os_str() == STANDARD;
            asked.push((row, (!is_standard).then(|| path.clone())));
        }
    }
    let has = |name: &str| asked.iter().any(|(row, _)| row.name == name);
    let patch_is_wanted = options.fix.is_some() && !has(PATCH) && !common.json;
    let to_standard = asked.iter().filter(|(_, path)| path.is_none()).count();
    let more: Vec<&str> = match (common.json, patch_is_wanted) {
        (true, _) => vec!["json"],
        (false, true) => vec![PATCH],
        (false, false) if to_standard == 0 => vec!["terminal"],
        (false, false) => Vec::new(),
    };
    let rows = REPORTS.iter().filter(|row| more.contains(&row.name));
    asked.extend(rows.map(|row| (row, None)));
    if to_standard + more.len() > 1 {
        let what = "two reports go to standard output";
        return Err(Fault::new(what, "give each but one of them a file"));
    }
    Ok(Outputs { asked })
}

impl Outputs {
    /// Tells whether a patch is among them.
    pub(super) fn has_patch(&self) -> bool {
        self.asked.iter().any(|(row, _)| row.name == PATCH)
    }

    /// Lists the files that are written.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.asked.iter().filter_map(|(_, path)| path.as_deref())
    }

    /// Writes them.
    pub(super) fn write(&self, survey: &Survey) -> Result<(), Box<dyn Error + Send + Sync>> {
        for (row, path) in &self.asked {
            let text = (row.render)(survey)?;
            match path {
                Some(path) => write(path, &text)?,
                None => output::text(&text),
            }
        }
        if self.has_patch() {
            let summary = survey.summary();
            let fixes = counted(summary.fixable, "safe fix", "safe fixes");
            let files = counted(survey.patch.len(), "file", "files");
            let left = counted(summary.suggested, "suggestion is", "suggestions are");
            output::note(format!("{fixes} in {files}; {left} left to people"));
        }
        Ok(())
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn write(path: &Path, text: &str) -> Result<(), Fault> {
    fs::write(path, text).map_err(|error| {
        let what = format!("{} cannot be written", path.display());
        Fault::because(error, what, "name a file in a folder that you may write to")
    })
}
