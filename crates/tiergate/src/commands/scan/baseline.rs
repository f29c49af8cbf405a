//! The file of findings that are accepted: a finding is accepted as long as nothing more breaks
//! there than was accepted, and its model goes when it was said to. It must not know why.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use scan::{Finding, Listed, Survey};
use serde::{Deserialize, Serialize};

use crate::exit::Fault;

/// The version of the file's form.
const FORMAT: u32 = 1;

#[derive(Deserialize, Serialize)]
struct Written {
    format: u32,
    accepted: Vec<Accepted>,
}

/// Is one finding that is accepted; what says where it is helps people alone.
#[derive(Deserialize, Serialize)]
struct Accepted {
    fingerprint: String,
    path: String,
    role: String,
    model: String,
    breaks: BTreeSet<String>,
    retires_on: Option<String>,
}

/// Holds what is accepted, by fingerprint.
pub(super) struct Baseline {
    accepted: BTreeMap<String, Accepted>,
}

impl Baseline {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let mend = "write it with --write-baseline";
        let fault = |why: &str| format!("the baseline {} {why}", path.display());
        let text = fs::read_to_string(path)
            .map_err(|error| Fault::because(error, fault("cannot be read"), mend))?;
        let written: Written = serde_json::from_str(&text)
            .map_err(|error| Fault::because(error, fault("is none"), mend))?;
        if written.format != FORMAT {
            let what = format!("{}, but {FORMAT}", fault("is not of a form that is known"));
            return Err(Fault::new(what, mend));
        }
        let accepted = written.accepted.into_iter();
        Ok(Self {
            accepted: accepted.map(|one| (one.fingerprint.clone(), one)).collect(),
        })
    }

    /// Marks what is accepted.
    pub(super) fn accept(&self, survey: &mut Survey) {
        survey.has_baseline = true;
        for found in &mut survey.found {
            let known = self.accepted.get(&found.finding.fingerprint);
            found.is_accepted = known.is_some_and(|known| known.covers(&found.finding));
        }
    }
}

impl Accepted {
    fn of(listed: &Listed) -> Self {
        let finding = &listed.finding;
        let site = &finding.site;
        Self {
            fingerprint: finding.fingerprint.clone(),
            path: site.path.clone(),
            role: site.role.to_string(),
            model: site.model.id.clone(),
            breaks: breaks(finding).map(str::to_owned).collect(),
            retires_on: retires_on(finding),
        }
    }

    fn covers(&self, finding: &Finding) -> bool {
        let is_known = |rule| self.breaks.contains(rule);
        breaks(finding).all(is_known) && self.retires_on == retires_on(finding)
    }
}

fn breaks(finding: &Finding) -> impl Iterator<Item = &str> {
    let seen = finding.breaks.iter().filter(|one| one.seen);
    seen.map(|one| one.rule.as_str())
}

fn retires_on(finding: &Finding) -> Option<String> {
    let day = finding.retirement.as_ref()?.retires_on?;
    Some(day.to_string())
}

/// Writes all findings as accepted.
pub(super) fn write(path: &Path, survey: &Survey) -> Result<(), Fault> {
    let written = Written {
        format: FORMAT,
        accepted: survey.found.iter().map(Accepted::of).collect(),
    };
    let fault = |error: std::io::Error| {
        let what = format!("the baseline {} cannot be written", path.display());
        Fault::because(error, what, "name a file in a folder that you may write to")
    };
    let text = serde_json::to_string_pretty(&written).map_err(|error| fault(error.into()))?;
    fs::write(path, text + "\n").map_err(fault)
}
