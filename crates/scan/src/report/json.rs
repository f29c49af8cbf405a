//! What was found as one JSON document, for programs. It must not leave anything out that another
//! report shows.

use serde::Serialize;

use crate::cost::SwitchingCost;
use crate::finding::{Break, Fix, Retirement};
use crate::pipeline::Pipeline;
use crate::readiness::{LockIn, Readiness};
use crate::report::render::{RenderFault, Report, Written};
use crate::report::survey::{Aim, Listed, Skipped, Summary, Survey};
use crate::role::Role;
use crate::site::{Certainty, Parameter};
use crate::traffic::{SiteTraffic, Traffic};

/// The version of the document's form.
const FORMAT: u32 = 1;

pub(super) const REPORT: Report = Report {
    name: "json",
    about: "everything, as one JSON document",
    written: Written::ToScreen,
    render,
};

#[derive(Serialize)]
struct Document<'s> {
    format: u32,
    tiergate: &'s str,
    scanned: &'s str,
    at: String,
    day: String,
    target: Option<&'s Aim>,
    findings: Vec<Row<'s>>,
    summary: Summary,
    readiness: &'s [Readiness],
    lock_in: Option<&'s LockIn>,
    switching_cost: Option<&'s SwitchingCost>,
    retirements: Vec<Going<'s>>,
    skipped: &'s [Skipped],
    read_as_words: &'s [String],
    patch: Option<String>,
    traffic: Option<&'s Traffic>,
    pipelines: &'s [Pipeline],
}

/// Is one finding. The first keys are the ones that will stay.
#[derive(Serialize)]
struct Row<'s> {
    path: &'s str,
    line: u32,
    column: u32,
    role: Role,
    model: &'s str,
    resolved_from: &'s [String],
    confidence: Certainty,
    breaks: &'s [Break],
    fix: Option<&'s Fix>,
    end_line: u32,
    end_column: u32,
    lines: &'s [u32],
    names: usize,
    language: &'s str,
    reason: &'s str,
    platform: Option<&'s str>,
    written: &'s str,
    known_as: Option<&'s str>,
    dialect: Option<&'s str>,
    parameters: &'s [Parameter],
    standing: &'s [Break],
    unknown: &'s [String],
    retirement: Option<&'s Retirement>,
    service: &'s str,
    owners: &'s [String],
    excerpt: &'s str,
    accepted: bool,
    fingerprint: &'s str,
    traffic: Option<&'s SiteTraffic>,
}

#[derive(Serialize)]
struct Going<'s> {
    #[serde(flatten)]
    retirement: &'s Retirement,
    findings: Vec<&'s str>,
}

impl<'s> Row<'s> {
    fn of(survey: &'s Survey, found: &'s Listed) -> Self {
        let finding = &found.finding;
        let site = &finding.site;
        Self {
            path: &site.path,
            line: site.span.line,
            column: site.span.column,
            role: site.role,
            model: &site.model.id,
            resolved_from: &site.model.resolved_from,
            confidence: site.confidence,
            breaks: &finding.breaks,
            fix: finding.fix.as_ref(),
            end_line: site.span.end_line,
            end_column: site.span.end_column,
            lines: &site.lines,
            names: site.names,
            language: site.language,
            reason: &site.reason,
            platform: site.model.platform.as_deref(),
            written: &site.model.written,
            known_as: site.model.known.as_deref(),
            dialect: site.dialect,
            parameters: &site.parameters,
            standing: &finding.standing,
            unknown: &finding.unknown,
            retirement: finding.retirement.as_ref(),
            service: survey.name_of(&found.service),
            owners: &finding.owners,
            excerpt: &site.excerpt,
            accepted: found.is_accepted,
            fingerprint: &finding.fingerprint,
            traffic: found.traffic.as_ref(),
        }
    }
}

fn render(survey: &Survey) -> Result<String, RenderFault> {
    let rows = survey.found.iter().map(|found| Row::of(survey, found));
    let going = survey.leaving().into_iter().map(|one| {
        let findings = one.at.iter().map(|at| at.finding.fingerprint.as_str());
        Going {
            retirement: one.retirement,
            findings: findings.collect(),
        }
    });
    let document = Document {
        format: FORMAT,
        tiergate: &survey.version,
        scanned: &survey.name,
        at: survey.at.to_string(),
        day: survey.day.to_string(),
        target: survey.target.as_ref(),
        findings: rows.collect(),
        summary: survey.summary(),
        readiness: &survey.readiness,
        lock_in: survey.lock_in.as_ref(),
        switching_cost: survey.cost.as_ref(),
        retirements: going.collect(),
        skipped: &survey.files.skipped,
        read_as_words: &survey.files.as_words,
        patch: (!survey.patch.is_empty()).then(|| survey.patch.concat()),
        traffic: survey.traffic.as_ref(),
        pipelines: &survey.pipelines,
    };
    Ok(serde_json::to_string(&document)? + "\n")
}
