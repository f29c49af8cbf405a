//! What one scan found, as reports are made from it: findings with the service each belongs to,
//! files read and left out, and the counts over them. It must not know how a report looks.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Date, Timestamp};
use serde::Serialize;

use crate::cost::SwitchingCost;
use crate::finding::{Break, Finding, Retirement};
use crate::pipeline::Pipeline;
use crate::readiness::{LockIn, Readiness};
use crate::role::Role;
use crate::traffic::{SiteTraffic, Traffic};

/// How many days ahead a retirement counts as near.
pub const NEAR_DAYS: i64 = 90;

/// The service of what lies in no folder of its own.
const ROOT: &str = ".";

/// Holds what one scan found.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The version of the program.
    pub version: String,
    /// What was scanned, by a name to show.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// The day as of which models are judged.
    pub day: Date,
    /// The model that the code is to move to, where one was named.
    pub target: Option<Aim>,
    /// What was found, in the order of paths and lines.
    pub found: Vec<Listed>,
    /// What was read and what was not.
    pub files: Files,
    /// Whether there was a baseline.
    pub has_baseline: bool,
    /// Whether the files that were left out are listed to people.
    pub is_verbose: bool,
    /// How ready each service is.
    pub readiness: Vec<Readiness>,
    /// How much hangs on one model.
    pub lock_in: Option<LockIn>,
    /// What a move to the target costs, where there is one.
    pub cost: Option<SwitchingCost>,
    /// A unified diff of each file that has a safe fix.
    pub patch: Vec<String>,
    /// How text looks on the terminal.
    pub paint: Paint,
    /// What callers have sent, where that was looked at.
    pub traffic: Option<Traffic>,
    /// The steps of agents, in traffic and in code.
    pub pipelines: Vec<Pipeline>,
}

/// Names the model that code is judged against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Aim {
    /// As it was asked for: a tier, or a model.
    pub asked: String,
    /// The platform.
    pub platform: String,
    /// The id there.
    pub id: String,
}

/// Is one finding in its surroundings.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The finding.
    pub finding: Finding,
    /// The service that it belongs to; `.` for the root's.
    pub service: String,
    /// Whether the baseline accepts it as it is.
    pub is_accepted: bool,
    /// Whether the caller that its code is asks for it, where that is known.
    pub traffic: Option<SiteTraffic>,
}

/// Counts the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// How many were read.
    pub read: usize,
    /// How many bytes they have.
    pub bytes: u64,
    /// Those whose syntax was not understood, and which were read as plain words.
    pub as_words: Vec<String>,
    /// Those that were left out.
    pub skipped: Vec<Skipped>,
}

/// Is one file that was left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Skipped {
    /// Why, in a word or two.
    pub reason: String,
    /// The file.
    pub path: String,
}

/// Says whether text has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// As it is.
    Plain,
    /// With the colours of a terminal.
    Colours,
}

/// Counts what was found. What the baseline accepts is counted in `accepted` alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Findings.
    pub findings: usize,
    /// Names, each row of a catalogue counted.
    pub names: usize,
    /// Files with findings.
    pub files: usize,
    /// Models that are named.
    pub models: usize,
    /// Findings through which a request may go to the model.
    pub live: usize,
    /// Live findings at which something that stands there is an error.
    pub error: usize,
    /// Live findings at which something that stands there changes in silence, and nothing is an
    /// error.
    pub silent: usize,
    /// Live findings that could not be judged wholly.
    pub unknown: usize,
    /// Live findings whose model is gone.
    pub retired: usize,
    /// Live findings whose model goes within [`NEAR_DAYS`].
    pub retiring: usize,
    /// Findings with a fix that may be made unseen.
    pub fixable: usize,
    /// Findings with a fix that somebody should look at.
    pub suggested: usize,
    /// Findings that the baseline accepts.
    pub accepted: usize,
    /// Files read.
    pub files_read: usize,
    /// Files left out.
    pub files_skipped: usize,
}

/// Is one model that goes, with the live findings that name it.
#[derive(Clone, Debug)]
pub struct Leaving<'s> {
    /// When, and what instead.
    pub retirement: &'s Retirement,
    /// Its last day.
    pub on: Date,
    /// Where it is named.
    pub at: Vec<&'s Listed>,
}

impl Listed {
    /// Tells whether a request may go to the model because of it, and nobody has accepted that.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.finding.site.role.is_live() && !self.is_accepted
    }

    /// Lists what breaks of what was seen at the site; the rest holds for any request.
    pub fn seen(&self) -> impl Iterator<Item = &Break> {
        self.finding.breaks.iter().filter(|one| one.seen)
    }

    /// Tells whether something seen at the site has the effect.
    #[must_use]
    pub fn has_effect(&self, effect: &str) -> bool {
        self.seen().any(|one| one.effect == effect)
    }

    /// Tells the days until its model is gone, where a day is announced.
    #[must_use]
    pub fn days_left(&self) -> Option<i64> {
        self.finding.retirement.as_ref()?.days_left
    }
}

impl Survey {
    /// Counts what was found.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary {
            findings: self.found.len(),
            files_read: self.files.read,
            files_skipped: self.files.skipped.len(),
            ..Summary::default()
        };
        let (mut files, mut models) = (BTreeSet::new(), BTreeSet::new());
        for found in &self.found {
            let site = &found.finding.site;
            files.insert(&site.path);
            models.insert((&site.model.platform, &site.model.id));
            summary.names += site.names;
            summary.accepted += usize::from(found.is_accepted);
            if let Some(fix) = &found.finding.fix {
                summary.fixable += usize::from(fix.is_safe());
                summary.suggested += usize::from(!fix.is_safe());
            }
            summary.count_open(found);
        }
        (summary.files, summary.models) = (files.len(), models.len());
        summary
    }

    /// Groups the findings by service, and within it by role, the most live first.
    #[must_use]
    pub fn by_service(&self) -> BTreeMap<&str, BTreeMap<Role, Vec<&Listed>>> {
        let mut services: BTreeMap<&str, BTreeMap<Role, Vec<&Listed>>> = BTreeMap::new();
        for found in &self.found {
            let roles = services.entry(&found.service).or_default();
            let role = found.finding.site.role;
            roles.entry(role).or_default().push(found);
        }
        services
    }

    /// Lists the models with an announced last day that live findings name, the earliest first.
    #[must_use]
    pub fn leaving(&self) -> Vec<Leaving<'_>> {
        let mut leaving: BTreeMap<_, Leaving<'_>> = BTreeMap::new();
        for found in self.found.iter().filter(|found| found.is_open()) {
            let Some(retirement) = &found.finding.retirement else {
                continue;
            };
            let Some(on) = retirement.retires_on else {
                continue;
            };
            let key = (on, &retirement.model, &retirement.platform);
            let one = leaving.entry(key).or_insert_with(|| Leaving {
                retirement,
                on,
                at: Vec::new(),
            });
            one.at.push(found);
        }
        leaving.into_values().collect()
    }

    /// Lists what any live request meets on the target, each rule once, with how many findings
    /// it stands at.
    #[must_use]
    pub fn expected(&self) -> Vec<(&Break, usize)> {
        let mut rules: BTreeMap<&str, (&Break, usize)> = BTreeMap::new();
        for found in self.found.iter().filter(|found| found.is_open()) {
            for one in found.finding.breaks.iter().filter(|one| !one.seen) {
                rules.entry(&one.rule).or_insert((one, 0)).1 += 1;
            }
        }
        rules.into_values().collect()
    }

    /// Counts the files that were left out, by reason.
    #[must_use]
    pub fn skipped(&self) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        for skipped in &self.files.skipped {
            *reasons.entry(skipped.reason.as_str()).or_default() += 1;
        }
        reasons
    }

    /// Names a service to people.
    #[must_use]
    pub fn name_of<'s>(&'s self, service: &'s str) -> &'s str {
        if service == ROOT { &self.name } else { service }
    }
}

impl Summary {
    fn count_open(&mut self, found: &Listed) {
        if !found.is_open() {
            return;
        }
        self.live += 1;
        let is_error = found.has_effect("error");
        self.error += usize::from(is_error);
        self.silent += usize::from(!is_error && found.has_effect("silent"));
        self.unknown += usize::from(!found.finding.unknown.is_empty());
        match found.days_left() {
            Some(days) if days < 0 => self.retired += 1,
            Some(days) if days <= NEAR_DAYS => self.retiring += 1,
            _ => {}
        }
    }
}
