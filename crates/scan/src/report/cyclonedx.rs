//! What was found as a CycloneDX 1.6 bill of materials: each model that is named is a component,
//! with the places that name it as its evidence. It must not list what is not named.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::report::render::{RenderFault, Report, Written};
use crate::report::survey::{Listed, Survey};
use crate::site::{Certainty, Site};

/// Refers to what was scanned.
const SCANNED: &str = "scanned";
/// What stands before the names of properties of ours.
const OURS: &str = "tiergate:scan";

pub(super) const REPORT: Report = Report {
    name: "cyclonedx",
    about: "a CycloneDX 1.6 bill of materials with the models as components",
    written: Written::ToFile,
    render,
};

/// Names a model: its platform where that is known, and its id.
type Key<'s> = (Option<&'s str>, &'s str);

fn render(survey: &Survey) -> Result<String, RenderFault> {
    let mut models: BTreeMap<Key<'_>, Vec<&Listed>> = BTreeMap::new();
    for found in &survey.found {
        let model = &found.finding.site.model;
        let key = (model.platform.as_deref(), model.id.as_str());
        models.entry(key).or_default().push(found);
    }
    let refs: Vec<String> = models.keys().map(reference).collect();
    let components = models.iter().map(|(key, found)| component(key, found));
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": survey.at.to_string(),
            "tools": { "components": [{
                "type": "application",
                "name": "tiergate scan",
                "version": survey.version,
            }] },
            "component": { "type": "application", "bom-ref": SCANNED, "name": survey.name },
            "properties": metadata(survey),
        },
        "components": components.collect::<Vec<Value>>(),
        "dependencies": [{ "ref": SCANNED, "dependsOn": refs }],
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn metadata(survey: &Survey) -> Vec<Value> {
    let mut rows = vec![property("as_of", survey.day)];
    if let Some(target) = &survey.target {
        let asked = format!("{} ({}/{})", target.asked, target.platform, target.id);
        rows.push(property("target", asked));
    }
    rows
}

fn reference((platform, id): &Key<'_>) -> String {
    match platform {
        Some(platform) => format!("model:{platform}/{id}"),
        None => format!("model:{id}"),
    }
}

fn component(key: &Key<'_>, found: &[&Listed]) -> Value {
    let (platform, id) = key;
    let occurrences = found.iter().map(|found| occurrence(&found.finding.site));
    let surest = found
        .iter()
        .map(|found| found.finding.site.confidence)
        .max();
    let confidence = surest.map_or(0.0, confidence);
    let technique = json!({ "technique": "source-code-analysis", "confidence": confidence });
    let mut component = json!({
        "type": "machine-learning-model",
        "bom-ref": reference(key),
        "name": id,
        "evidence": {
            "identity": [{
                "field": "name",
                "confidence": confidence,
                "methods": [technique],
            }],
            "occurrences": occurrences.collect::<Vec<Value>>(),
        },
        "properties": properties(found),
    });
    if let Some(platform) = platform {
        component["group"] = json!(platform);
    }
    let known = found
        .iter()
        .find_map(|found| found.finding.site.model.known.as_ref());
    if let Some(known) = known {
        component["description"] = json!(known);
    }
    component
}

/// Shows one place. What stands beside the name there is its context: the form has no field for
/// the parameters of a call.
fn occurrence(site: &Site) -> Value {
    let mut context = format!("{} ({})", site.role, site.language);
    for parameter in &site.parameters {
        let value = parameter.value.as_deref().unwrap_or("…");
        context.push_str(&format!(
            "; {}={value}, line {}",
            parameter.feature, parameter.line
        ));
    }
    json!({
        "location": site.path,
        "line": site.span.line,
        "offset": site.span.start,
        "symbol": site.model.written,
        "additionalContext": context,
    })
}

fn properties(found: &[&Listed]) -> Vec<Value> {
    let mut roles: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut rules, mut owners) = (BTreeSet::new(), BTreeSet::new());
    for one in found {
        *roles.entry(one.finding.site.role.as_str()).or_default() += 1;
        rules.extend(
            one.seen()
                .map(|seen| format!("{}: {}", seen.effect, seen.rule)),
        );
        owners.extend(one.finding.owners.iter());
    }
    let mut rows: Vec<Value> = roles
        .iter()
        .map(|(role, count)| property(&format!("role:{role}"), count))
        .collect();
    rows.extend(rules.iter().map(|rule| property("break", rule)));
    rows.extend(owners.iter().map(|owner| property("owner", owner)));
    let retirement = found.iter().find_map(|one| one.finding.retirement.as_ref());
    if let Some(retirement) = retirement {
        let days = [
            ("retires_on", retirement.retires_on),
            ("not_retired_before", retirement.not_before),
        ];
        for (name, day) in days {
            rows.extend(day.map(|day| property(name, day)));
        }
        let instead = retirement.replacement.as_ref();
        rows.extend(instead.map(|instead| property("replacement", instead)));
    }
    rows
}

fn property(name: &str, value: impl ToString) -> Value {
    json!({ "name": format!("{OURS}:{name}"), "value": value.to_string() })
}

fn confidence(certainty: Certainty) -> f64 {
    match certainty {
        Certainty::Low => 0.3,
        Certainty::Medium => 0.6,
        Certainty::High => 0.9,
    }
}
