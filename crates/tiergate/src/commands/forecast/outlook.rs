//! `tiergate forecast FILE`: the calendar, and our readiness beside it. It must not compute.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::{Date, DayEntry, Facts};
use plan::forecast::calendar::{Entry, Kind};
use plan::forecast::file::{self, Beside, Said};
use plan::forecast::outlook::{Contradictions, Outlook, OutlookFault, outlook};
use plan::forecast::page::page;
use serde_json::Value;

use super::{read, told};
use crate::environment;
use crate::exit::{Exit, Fault, Outcome};
use crate::options::Common;
use crate::output;

/// How many days ahead a program reminds of a retirement.
const REMIND_DAYS: [u32; 2] = [30, 7];

/// What is looked at.
#[derive(Args)]
pub struct Asked {
    /// A TOML file of releases, our plan, costs and scenarios; docs/plan-forecast.md lists what it
    /// holds [default: the retirements that are known, alone]
    file: Option<PathBuf>,
    /// Put the nearest probabilities that do not contradict each other in the place of those that
    /// do, and show each change
    #[arg(long)]
    repair: bool,
    /// See all from this day [default: `today` in the file, else this day]
    #[arg(long, value_name = "DAY")]
    today: Option<Date>,
    /// Take the points of effort from the JSON of a scan (`tiergate scan --target … --json`)
    #[arg(long, value_name = "FILE", requires = "file")]
    scan: Option<PathBuf>,
    /// Write the calendar for programs that keep calendars
    #[arg(long, value_name = "FILE")]
    ics: Option<PathBuf>,
    /// Write one page with the calendar drawn, which needs nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Asked {
    /// Tells whether anything was asked for.
    pub(super) fn is_anything(&self) -> bool {
        let paths = [&self.file, &self.scan, &self.ics, &self.html];
        self.repair || self.today.is_some() || paths.iter().any(|path| path.is_some())
    }
}

/// Looks ahead.
///
/// # Errors
/// Fails when a file does not read, contradicts itself, or names what is not known.
pub fn run(asked: &Asked, common: &Common) -> Outcome {
    let facts = Facts::shipped()?;
    let said = said(asked)?;
    let contradictions = if asked.repair {
        Contradictions::Repair
    } else {
        Contradictions::Refuse
    };
    let found = outlook(&said, &facts, contradictions).map_err(|fault| explained(fault, asked))?;
    if let Some(path) = &asked.html {
        let html = page(&found, env!("CARGO_PKG_VERSION"))?;
        write(path, &html)?;
    }
    if let Some(path) = &asked.ics {
        write(path, &ics(&found))?;
    }
    if common.json {
        output::json(&found);
    } else {
        told::tell(&found);
    }
    Ok(Exit::Done)
}

/// Reads what is said; nothing is, where no file is named.
fn said(asked: &Asked) -> Result<Said, Box<dyn Error + Send + Sync>> {
    let beside = Beside {
        asked: asked.today,
        day: environment::now().date(),
        points: asked.scan.as_deref().map(points).transpose()?,
    };
    let Some(path) = &asked.file else {
        return Ok(file::read("", beside)?);
    };
    let text = read::text(path, "name a TOML file; examples/forecast.toml is one")?;
    let said = file::read(&text, beside).map_err(|fault| {
        let what = format!("{}, {fault}", path.display());
        Fault::new(what, fault.mend)
    })?;
    Ok(said)
}

/// Reads how many points a scan counted.
fn points(path: &Path) -> Result<f64, Fault> {
    let mend = "make it with `tiergate scan PATH --target MODEL --json`";
    let shown = path.display();
    let text = read::text(path, mend)?;
    let scan: Value = serde_json::from_str(&text).map_err(|error| {
        let what = format!("{shown} is no JSON");
        Fault::because(error, what, mend)
    })?;
    let points = scan
        .pointer("/switching_cost/points")
        .and_then(Value::as_f64);
    points.ok_or_else(|| {
        let what =
            format!("{shown} has no `switching_cost.points`: no scan, or one without target");
        Fault::new(what, mend)
    })
}

fn explained(fault: OutlookFault, asked: &Asked) -> Fault {
    let mend = match &fault {
        OutlookFault::Incoherent { .. } => {
            "correct the rows, or add `--repair` for the nearest that agree, each change shown"
        }
        OutlookFault::Unknown { .. } => {
            "name a model by its name or an id; `tiergate forecast` lists those that retire, and \
             `[[retirements]]` takes one that no fact knows"
        }
        OutlookFault::Platform { .. } => "name one of those, or leave `platform` out",
        OutlookFault::Scenario { .. } | OutlookFault::Sums { .. } => {
            "lower that scenario's `release_factor`"
        }
        OutlookFault::Horizon { .. } => "set `horizon` to a later day, or leave it out",
    };
    let file = asked
        .file
        .as_ref()
        .map(|path| format!("{}, ", path.display()));
    Fault::new(format!("{}{fault}", file.unwrap_or_default()), mend)
}

fn write(path: &Path, text: &str) -> Result<(), Fault> {
    fs::write(path, text).map_err(|error| {
        let what = format!("{} cannot be written", path.display());
        Fault::because(error, what, "name a file in a folder that you may write to")
    })
}

/// Writes what is to come as a calendar; what is over has no entry.
fn ics(found: &Outlook) -> String {
    let ahead = found.entries.iter().filter(|one| one.days_left >= 0);
    let mut entries: Vec<DayEntry> = ahead.map(entry).collect();
    let best = found.mixed.as_ref().or(found.as_said.as_ref());
    for target in best.iter().flat_map(|future| &future.targets) {
        let Some(day) = target.timing.best_day.likely else {
            continue;
        };
        entries.push(DayEntry {
            uid: format!(
                "best-{}-{}@tiergate-forecast",
                place(&target.platform),
                target.model
            ),
            on: day,
            summary: format!("best day to be ready for {}", target.model),
            description: format!(
                "Late and early cost least on this day.\nWith our plan we are in time with {}.",
                told::percent(target.timing.in_time.likely)
            ),
            category: "readiness".to_owned(),
            remind_days: Vec::new(),
        });
    }
    let day = found.ready.as_ref().and_then(|ready| ready.p50.likely);
    entries.extend(day.map(|on| DayEntry {
        uid: "ready@tiergate-forecast".to_owned(),
        on,
        summary: "we are ready by now with 50 %".to_owned(),
        description: "The day by which our plan is done with chance 0.5.".to_owned(),
        category: "readiness".to_owned(),
        remind_days: Vec::new(),
    }));
    domain::calendar("tiergate forecast", environment::now(), &entries)
}

fn place(platform: &Option<String>) -> &str {
    platform.as_deref().unwrap_or("any")
}

fn entry(one: &Entry) -> DayEntry {
    let (platform, model) = (place(&one.platform), &one.model);
    let sources = one
        .sources
        .iter()
        .map(|read| format!("\n{} ({})", read.source, read.read_on));
    let sources: String = sources.collect();
    let instead = one.replacement.as_ref();
    let instead = instead.map(|one| format!("\nIts vendor recommends {one}."));
    let at = one.platform.as_ref().map(|at| format!(" on {at}"));
    let (summary, category, remind_days) = match one.kind {
        Kind::Retirement => (
            format!("last day of {model}{}", at.unwrap_or_default()),
            "model retirement",
            REMIND_DAYS.to_vec(),
        ),
        Kind::Release => (
            format!("{} that {model} is out", told::percent(one.probability)),
            "model release",
            Vec::new(),
        ),
    };
    DayEntry {
        uid: match one.kind {
            Kind::Retirement => format!("{platform}-{model}@tiergate-forecast"),
            Kind::Release => format!("{model}-{}@tiergate-forecast", one.day),
        },
        on: one.day,
        summary,
        description: format!("{}{}{sources}", one.confidence, instead.unwrap_or_default()),
        category: category.to_owned(),
        remind_days,
    }
}
