//! What was found as SARIF 2.1.0, for code scanning: each break, each retirement and each name is
//! a result, with its rule, its fix and whether the baseline suppresses it. It must not know what a
//! platform shows of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::finding::{Break, Edit, Finding, Retirement};
use crate::report::address::percent_encoded;
use crate::report::render::{RenderFault, Report, Written};
use crate::report::retires::leaves;
use crate::report::survey::{Listed, Survey};
use crate::site::{Certainty, Span};

/// Where the schema of the form is published.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Stands for the folder in which the scan began.
const ROOT: &str = "SRCROOT";
/// What a finding is told by over several runs.
const FINGERPRINT: &str = "tiergateFinding/v1";

const NAMED: &str = "model-named";
const GONE: &str = "model-retired";
const GOES: &str = "model-retires";

pub(super) const REPORT: Report = Report {
    name: "sarif",
    about: "SARIF 2.1.0, for code scanning",
    written: Written::ToFile,
    render,
};

fn render(survey: &Survey) -> Result<String, RenderFault> {
    let mut rules = Rules::default();
    let results: Vec<Value> = survey
        .found
        .iter()
        .flat_map(|found| results(survey, found, &mut rules))
        .collect();
    let skipped = survey.files.skipped.iter().map(|file| {
        json!({
            "level": "note",
            "message": { "text": format!("left out: {}", file.reason) },
            "locations": [{ "physicalLocation": { "artifactLocation": artifact(&file.path) } }],
        })
    });
    let run = json!({
        "tool": { "driver": {
            "name": "tiergate scan",
            "version": survey.version,
            "semanticVersion": survey.version,
            "rules": rules.rows,
        } },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            ROOT: { "description": { "text": "The folder in which the scan began." } },
        },
        "invocations": [{
            "executionSuccessful": true,
            "startTimeUtc": survey.at.to_string(),
            "toolExecutionNotifications": skipped.collect::<Vec<Value>>(),
        }],
        "properties": { "target": survey.target, "asOf": survey.day.to_string() },
        "results": results,
    });
    let log = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    Ok(serde_json::to_string_pretty(&log)? + "\n")
}

/// Gathers the rules that results name, each once.
#[derive(Default)]
struct Rules {
    rows: Vec<Value>,
    places: BTreeMap<String, usize>,
}

impl Rules {
    /// Tells a rule's place; adds it where it is not there yet.
    fn place(&mut self, id: &str, make: impl FnOnce() -> Value) -> usize {
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        let place = self.rows.len();
        self.rows.push(make());
        self.places.insert(id.to_owned(), place);
        place
    }
}

/// Lists a finding's results: that it names a model, what breaks, and when the model goes.
fn results(survey: &Survey, found: &Listed, rules: &mut Rules) -> Vec<Value> {
    let finding = &found.finding;
    let mut all = vec![named(found, rules)];
    all.extend(finding.breaks.iter().map(|one| broken(finding, one, rules)));
    let retirement = finding.retirement.as_ref();
    if finding.site.role.is_live()
        && let Some(retirement) = retirement.filter(|one| one.retires_on.is_some())
    {
        all.push(retires(finding, retirement, rules));
    }
    for result in &mut all {
        result["partialFingerprints"] = json!({ FINGERPRINT: finding.fingerprint });
        if survey.has_baseline {
            // Either all results of a run say whether they are suppressed, or none does.
            result["suppressions"] = suppressions(found);
        }
        if !finding.owners.is_empty() {
            result["properties"]["owners"] = json!(finding.owners);
        }
    }
    all
}

fn suppressions(found: &Listed) -> Value {
    if found.is_accepted {
        let why = "the baseline accepts it";
        json!([{ "kind": "external", "status": "accepted", "justification": why }])
    } else {
        json!([])
    }
}

fn named(found: &Listed, rules: &mut Rules) -> Value {
    let finding = &found.finding;
    let site = &finding.site;
    let place = rules.place(NAMED, || {
        rule(
            NAMED,
            "Code names a model",
            "A model's name stands in a file. Where a request may go to the model because of it, \
             it has to change when the model does.",
            "note",
        )
    });
    let (id, role) = (&site.model.id, site.role.as_str().replace('_', " "));
    let rows = if site.names > 1 {
        format!(", and {} more names", site.names - 1)
    } else {
        String::new()
    };
    let text = format!("`{id}` is named here{rows} ({role}): {}", site.reason);
    let mut result = json!({
        "ruleId": NAMED,
        "ruleIndex": place,
        "level": "note",
        "message": { "text": text },
        "locations": [location(finding, site.span)],
        "rank": rank(site.confidence),
        "properties": {
            "model": id,
            "platform": site.model.platform,
            "role": site.role,
            "language": site.language,
            "lines": site.lines,
        },
    });
    if !site.role.is_live() {
        // Nothing to do, where no request goes to the model because of it.
        result["kind"] = json!("informational");
        result["level"] = json!("none");
    }
    if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) {
        result["fixes"] = json!([{
            "description": { "text": fix.says },
            "artifactChanges": [{
                "artifactLocation": artifact(&site.path),
                "replacements": fix.edits.iter().map(replacement).collect::<Vec<_>>(),
            }],
        }]);
        result["properties"]["fixSafety"] = json!(fix.safety);
    }
    result
}

fn broken(finding: &Finding, one: &Break, rules: &mut Rules) -> Value {
    let place = rules.place(&one.rule, || {
        let mut row = rule(&one.rule, &one.says, &one.remedy, level(one));
        if let Some(source) = one.sources.first() {
            row["helpUri"] = json!(source.url);
        }
        let sources: Vec<String> = one
            .sources
            .iter()
            .map(|source| format!("{} (read on {})", source.url, source.read_on))
            .collect();
        let help = format!(
            "{}\n\n{}: {}",
            one.remedy,
            one.confidence,
            sources.join(", ")
        );
        row["help"] = json!({ "text": help });
        row["properties"] = json!({
            "tags": ["model-swap", one.effect, one.confidence],
            "effect": one.effect,
            "confidence": one.confidence,
            "disputed": one.disputed,
        });
        row
    });
    let site = &finding.site;
    let mut text = format!("{}: {}", site.model.id, one.says);
    if !one.because.is_empty() {
        text = format!("{text} ({})", one.because);
    }
    let mut result = json!({
        "ruleId": one.rule,
        "ruleIndex": place,
        "level": if one.seen { level(one) } else { "note" },
        "message": { "text": text },
        "locations": [location(finding, site.span)],
        "rank": rank(one.certainty),
        "properties": { "seen": one.seen, "effect": one.effect },
    });
    if let Some(line) = one.line.filter(|line| *line != site.span.line) {
        result["relatedLocations"] = json!([{
            "id": 1,
            "message": { "text": "what sets it off" },
            "physicalLocation": {
                "artifactLocation": artifact(&site.path),
                "region": { "startLine": line },
            },
        }]);
    }
    result
}

fn retires(finding: &Finding, retirement: &Retirement, rules: &mut Rules) -> Value {
    let is_gone = retirement.days_left.is_some_and(|days| days < 0);
    let (id, title, level) = if is_gone {
        (GONE, "Code names a model that is gone", "error")
    } else {
        (
            GOES,
            "Code names a model with an announced last day",
            "warning",
        )
    };
    let place = rules.place(id, || {
        let help = "Name the model that its vendor recommends, or a tier of the gateway.";
        rule(id, title, help, level)
    });
    json!({
        "ruleId": id,
        "ruleIndex": place,
        "level": level,
        "message": { "text": leaves(retirement) },
        "locations": [location(finding, finding.site.span)],
        "properties": {
            "retiresOn": retirement.retires_on.map(|day| day.to_string()),
            "daysLeft": retirement.days_left,
            "confidence": retirement.confidence,
            "sources": retirement.sources,
            "disputed": retirement.disputed,
        },
    })
}

fn rule(id: &str, short: &str, full: &str, level: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": short },
        "fullDescription": { "text": full },
        "help": { "text": full },
        "defaultConfiguration": { "level": level },
    })
}

fn level(one: &Break) -> &'static str {
    match one.effect {
        "error" => "error",
        "silent" => "warning",
        _ => "note",
    }
}

/// Says from 0 to 100 how sure a result is.
fn rank(certainty: Certainty) -> f64 {
    match certainty {
        Certainty::Low => 30.0,
        Certainty::Medium => 60.0,
        Certainty::High => 90.0,
    }
}

fn artifact(path: &str) -> Value {
    json!({ "uri": percent_encoded(path), "uriBaseId": ROOT })
}

fn location(finding: &Finding, span: Span) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": artifact(&finding.site.path),
        "region": region(span),
    } })
}

fn region(span: Span) -> Value {
    json!({
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    })
}

fn replacement(edit: &Edit) -> Value {
    json!({
        "deletedRegion": region(edit.span),
        "insertedContent": { "text": edit.text },
    })
}
