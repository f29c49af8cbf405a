//! A site with what breaks there and the edit that mends it: what every report is made from. It
//! must not know how a report looks.

use domain::{Basis, Date};
use serde::Serialize;

use crate::site::{Certainty, Site, Span};

/// Holds one line of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Names it across scans: made from the path, the name, the role and the words around, not
    /// from line numbers.
    pub fingerprint: String,
    /// The site.
    #[serde(flatten)]
    pub site: Site,
    /// What breaks on the target and does not at the model that is named; without a target, what
    /// breaks at the model that is named.
    pub breaks: Vec<Break>,
    /// What breaks on the target as it does at the model that is named: no news on a swap.
    pub standing: Vec<Break>,
    /// What could not be judged, and why, a sentence each. Where there is one, no break in the
    /// list says nothing.
    pub unknown: Vec<String>,
    /// When the model that is named goes, where that is known.
    pub retirement: Option<Retirement>,
    /// The edit to make.
    pub fix: Option<Fix>,
    /// Who owns the file, by `CODEOWNERS`.
    pub owners: Vec<String>,
}

/// States one thing that breaks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Break {
    /// The rule.
    pub rule: String,
    /// `error`, `silent`, `cost` or `behaviour`.
    pub effect: &'static str,
    /// What happens.
    pub says: String,
    /// What to do.
    pub remedy: String,
    /// `documented`, `probed` or `reported`.
    pub confidence: &'static str,
    /// Where it is written.
    pub sources: Vec<SourceRead>,
    /// What another source says instead.
    pub disputed: Option<String>,
    /// The line of what sets it off, where that is not the site itself.
    pub line: Option<u32>,
    /// Whether what sets it off was seen at the site; else it is what any request has to expect.
    pub seen: bool,
    /// How sure it is that the site sets it off: high where the value is written there, medium
    /// where it is set to something that is not, low where a circumstance is not told.
    pub certainty: Certainty,
    /// What sets it off, in a sentence.
    pub because: String,
    /// Places, in the site's parameters, of those that set it off.
    #[serde(skip)]
    pub by: Vec<usize>,
}

/// Names a page and when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceRead {
    /// The page.
    pub url: String,
    /// The day.
    #[serde(serialize_with = "as_text")]
    pub read_on: Date,
}

impl SourceRead {
    /// Lists the pages of a basis.
    pub(crate) fn of(basis: &Basis) -> Vec<Self> {
        let sources = basis.sources.iter().map(|source| Self {
            url: source.url.clone(),
            read_on: source.read_on,
        });
        sources.collect()
    }
}

/// Says when a model goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retirement {
    /// The model's name in the facts.
    pub model: String,
    /// The platform.
    pub platform: String,
    /// The last day, where one is announced.
    #[serde(serialize_with = "as_text_if_any")]
    pub retires_on: Option<Date>,
    /// Days from the day of the scan to that; below zero where it is past.
    pub days_left: Option<i64>,
    /// The earliest day on which it could be retired, which is no retirement.
    #[serde(serialize_with = "as_text_if_any")]
    pub not_before: Option<Date>,
    /// What its vendor recommends instead.
    pub replacement: Option<String>,
    /// `documented`, `probed` or `reported`.
    pub confidence: &'static str,
    /// Where it is written.
    pub sources: Vec<SourceRead>,
    /// What another source says instead.
    pub disputed: Option<String>,
}

/// Says how far an edit may be made unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Safety {
    /// It changes the name alone, where nothing else depends on it.
    Safe,
    /// Somebody should look.
    Suggest,
}

/// Holds the edits of one fix, all in the site's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// How far it may be made unseen.
    pub safety: Safety,
    /// What it does, in a sentence.
    pub says: String,
    /// The edits, apart from each other, in the order of the file.
    pub edits: Vec<Edit>,
}

/// Puts a text in the place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The stretch that goes.
    pub span: Span,
    /// The text that comes.
    pub text: String,
}

impl Fix {
    /// Tells whether it may be made unseen.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.safety == Safety::Safe
    }
}

fn as_text<S: serde::Serializer>(day: &Date, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(day)
}

fn as_text_if_any<S: serde::Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => to.collect_str(day),
        None => to.serialize_none(),
    }
}
