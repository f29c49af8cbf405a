//! What was found as one page of HTML that needs nothing else: no script, no network, no file
//! beside it. It must not decide what is shown of a finding: the survey does.

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use crate::cost::SwitchingCost;
use crate::finding::{Break, Finding, Fix, Retirement};
use crate::readiness::{LockIn, Readiness};
use crate::report::render::{RenderFault, Report, Written};
use crate::report::retires::leaves;
use crate::report::survey::{Aim, Listed, Skipped, Summary, Survey};
use crate::role::Role;
use crate::shown::traffic_page;
use crate::traffic::SiteTraffic;

/// Ends in `.html`, so that every value is escaped.
const NAME: &str = "page.html";
const TEMPLATE: &str = include_str!("page.html");

pub(super) const REPORT: Report = Report {
    name: "html",
    about: "one page with readiness, findings and retirements, which needs nothing else",
    written: Written::ToFile,
    render,
};

/// Holds what the template takes.
#[derive(Serialize)]
struct Drawn<'s> {
    /// Sections that are markup already.
    traffic: String,
    name: &'s str,
    version: &'s str,
    day: String,
    target: Option<&'s Aim>,
    summary: Summary,
    has_baseline: bool,
    readiness: &'s [Readiness],
    lock_in: Option<&'s LockIn>,
    cost: Option<&'s SwitchingCost>,
    services: Vec<Service<'s>>,
    months: Vec<Month<'s>>,
    expected: Vec<Expected<'s>>,
    skipped: &'s [Skipped],
    reasons: Vec<(&'s str, usize)>,
}

#[derive(Serialize)]
struct Service<'s> {
    name: &'s str,
    live: Vec<Row<'s>>,
    other: Vec<Row<'s>>,
}

#[derive(Serialize)]
struct Row<'s> {
    path: &'s str,
    line: u32,
    column: u32,
    role: Role,
    model: &'s str,
    platform: Option<&'s str>,
    names: usize,
    reason: &'s str,
    resolved_from: &'s [String],
    /// The line: what stands before the name, the name, and what stands after it.
    excerpt: [&'s str; 3],
    breaks: Vec<&'s Break>,
    standing: Vec<&'s Break>,
    unknown: &'s [String],
    leaves: Option<String>,
    is_gone: bool,
    fix: Option<&'s Fix>,
    owners: &'s [String],
    is_accepted: bool,
    traffic: Option<&'s SiteTraffic>,
}

#[derive(Serialize)]
struct Month<'s> {
    name: String,
    days: Vec<Day<'s>>,
}

#[derive(Serialize)]
struct Day<'s> {
    on: String,
    days_left: Option<i64>,
    model: &'s str,
    platform: &'s str,
    replacement: Option<&'s str>,
    /// Who says so.
    basis: &'s Retirement,
    places: Vec<String>,
}

#[derive(Serialize)]
struct Expected<'s> {
    rule: &'s Break,
    findings: usize,
}

fn render(survey: &Survey) -> Result<String, RenderFault> {
    let mut environment = Environment::new();
    environment.add_template(NAME, TEMPLATE)?;
    let micros = |micros: u64| format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    environment.add_filter("usd", move |one: u64| {
        let text = micros(one);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    });
    environment.add_filter("words", |text: String| text.replace('_', " "));
    let expected = survey.expected().into_iter();
    let drawn = Drawn {
        traffic: traffic_page(survey.traffic.as_ref(), &survey.pipelines),
        name: &survey.name,
        version: &survey.version,
        day: survey.day.to_string(),
        target: survey.target.as_ref(),
        summary: survey.summary(),
        has_baseline: survey.has_baseline,
        readiness: &survey.readiness,
        lock_in: survey.lock_in.as_ref(),
        cost: survey.cost.as_ref(),
        services: services(survey),
        months: months(survey),
        expected: expected
            .map(|(rule, findings)| Expected { rule, findings })
            .collect(),
        skipped: &survey.files.skipped,
        reasons: survey.skipped().into_iter().collect(),
    };
    Ok(environment.get_template(NAME)?.render(Serde(&drawn))?)
}

fn services(survey: &Survey) -> Vec<Service<'_>> {
    let services = survey.by_service().into_iter();
    services
        .map(|(service, roles)| {
            let in_order = Role::ALL.iter().filter_map(|role| roles.get(role));
            let rows = in_order.flatten().map(|found| Row::of(found));
            let (live, other) = rows.partition(|row| row.role.is_live());
            Service {
                name: survey.name_of(service),
                live,
                other,
            }
        })
        .collect()
}

impl<'s> Row<'s> {
    fn of(found: &'s Listed) -> Self {
        let finding = &found.finding;
        let site = &finding.site;
        Self {
            path: &site.path,
            line: site.span.line,
            column: site.span.column,
            role: site.role,
            model: &site.model.id,
            platform: site.model.platform.as_deref(),
            names: site.names,
            reason: &site.reason,
            resolved_from: &site.model.resolved_from,
            excerpt: excerpt(finding),
            breaks: found.seen().collect(),
            standing: finding.standing.iter().filter(|one| one.seen).collect(),
            unknown: &finding.unknown,
            leaves: finding.retirement.as_ref().map(leaves),
            is_gone: found.days_left().is_some_and(|days| days < 0),
            fix: finding.fix.as_ref(),
            owners: &finding.owners,
            is_accepted: found.is_accepted,
            traffic: found.traffic.as_ref(),
        }
    }
}

fn excerpt(finding: &Finding) -> [&str; 3] {
    let (text, written) = (finding.site.excerpt.trim(), &finding.site.model.written);
    match text.split_once(written.as_str()) {
        Some((before, after)) => [before, written, after],
        None => [text, "", ""],
    }
}

fn months(survey: &Survey) -> Vec<Month<'_>> {
    let mut months: Vec<Month<'_>> = Vec::new();
    for one in survey.leaving() {
        let on = one.on.to_string();
        let name = on.get(..7).unwrap_or(&on).to_owned();
        let places = one.at.iter().map(|found| {
            let site = &found.finding.site;
            format!("{}:{}", site.path, site.span.line)
        });
        let day = Day {
            days_left: one.retirement.days_left,
            model: &one.retirement.model,
            platform: &one.retirement.platform,
            replacement: one.retirement.replacement.as_deref(),
            basis: one.retirement,
            places: places.collect(),
            on,
        };
        match months.last_mut().filter(|month| month.name == name) {
            Some(month) => month.days.push(day),
            None => months.push(Month {
                name,
                days: vec![day],
            }),
        }
    }
    months
}
