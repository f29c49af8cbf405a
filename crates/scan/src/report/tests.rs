//! The reports over a survey that holds each kind of finding, texts that would command a reader
//! among them.

mod schemas;
mod world;

use serde_json::{Value, json};

use self::world::{MARKUP, World};
use super::*;
use crate::finding::Finding;

fn rendered(name: &str, survey: &Survey) -> String {
    let report = REPORTS.iter().find(|report| report.name == name).unwrap();
    (report.render)(survey).unwrap()
}

fn parsed(name: &str, survey: &Survey) -> Value {
    serde_json::from_str(&rendered(name, survey)).unwrap()
}

#[test]
fn people_read_what_breaks_where_and_what_to_do() {
    insta::assert_snapshot!(rendered("terminal", &World::told().survey));
}

#[test]
fn nothing_found_is_said() {
    insta::assert_snapshot!(rendered("terminal", &World::empty().survey));
}

#[test]
fn colours_stand_only_where_they_are_asked_for_and_change_no_word() {
    let mut world = World::told();
    let plain = rendered("terminal", &world.survey);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    world.survey.paint = Paint::Colours;
    let painted = rendered("terminal", &world.survey);
    assert!(painted.contains("\u{1b}[31merror\u{1b}[0m"), "{painted}");
    let mut bare = String::new();
    for (at, piece) in painted.split("\u{1b}[").enumerate() {
        let words = if at == 0 {
            piece
        } else {
            piece.split_once('m').unwrap().1
        };
        bare.push_str(words);
    }
    assert_eq!(bare, plain);
}

#[test]
fn a_file_cannot_command_the_terminal() {
    let mut world = World::told();
    let evil = "\u{1b}]0;owned\u{7}\u{9b}31m\rclaude-x";
    for found in &mut world.survey.found {
        evil_everywhere(&mut found.finding, evil);
        found.service = evil.to_owned();
    }
    world.survey.name = evil.to_owned();
    let text = rendered("terminal", &world.survey);
    let commands = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert!(!text.contains(commands), "{text:?}");
}

fn evil_everywhere(finding: &mut Finding, evil: &str) {
    let site = &mut finding.site;
    let texts = [&mut site.path, &mut site.reason, &mut site.excerpt];
    for text in texts {
        evil.clone_into(text);
    }
    let model = &mut site.model;
    (model.written, model.id) = (evil.to_owned(), evil.to_owned());
    model.platform = Some(evil.to_owned());
    model.resolved_from = vec![evil.to_owned()];
    finding.owners = vec![evil.to_owned()];
    finding.unknown = vec![evil.to_owned()];
    for one in finding.breaks.iter_mut().chain(&mut finding.standing) {
        let texts = [
            &mut one.rule,
            &mut one.says,
            &mut one.remedy,
            &mut one.because,
        ];
        for text in texts {
            evil.clone_into(text);
        }
    }
    if let Some(retirement) = &mut finding.retirement {
        retirement.model = evil.to_owned();
        retirement.platform = evil.to_owned();
        retirement.replacement = Some(evil.to_owned());
    }
    if let Some(fix) = &mut finding.fix {
        fix.says = evil.to_owned();
    }
}

#[test]
fn json_has_the_keys_that_will_stay_and_every_line_of_a_catalogue() {
    let document = parsed("json", &World::told().survey);
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 6);
    let keys = [
        "path",
        "line",
        "column",
        "role",
        "model",
        "resolved_from",
        "confidence",
        "breaks",
        "fix",
    ];
    for finding in findings {
        for key in keys {
            assert!(finding.get(key).is_some(), "{key}: {finding}");
        }
        assert!(finding["model"].is_string() && finding["resolved_from"].is_array());
    }
    let first = &findings[0];
    assert_eq!(first["path"], json!("api/agent.py"));
    assert_eq!((&first["line"], &first["column"]), (&json!(12), &json!(12)));
    assert_eq!(first["role"], json!("live_call"));
    assert_eq!(first["confidence"], json!("high"));
    assert_eq!(first["breaks"][0]["effect"], json!("error"));
    assert_eq!(
        first["breaks"][0]["sources"][0]["read_on"],
        json!("2026-11-25")
    );
    assert_eq!(first["fix"]["safety"], json!("safe"));
    assert_eq!(first["parameters"][0]["feature"], json!("temperature"));
    let catalogue = findings
        .iter()
        .find(|one| one["role"] == json!("catalogue"))
        .unwrap();
    assert_eq!(catalogue["lines"], json!([3, 4, 9]));
    assert_eq!(document["summary"]["names"], json!(8));
    assert_eq!(document["summary"]["retired"], json!(1));
    assert_eq!(document["summary"]["retiring"], json!(0));
}

#[test]
fn an_earliest_day_is_no_retirement_in_any_report() {
    let mut world = World::told();
    world.survey.found.retain(|found| {
        let retirement = found.finding.retirement.as_ref();
        retirement.is_some_and(|one| one.retires_on.is_none())
    });
    assert_eq!(world.survey.found.len(), 1);
    let survey = &world.survey;
    assert_eq!(survey.summary().retired + survey.summary().retiring, 0);
    assert!(!rendered("ics", survey).contains("VEVENT"));
    assert!(!rendered("sarif", survey).contains("model-retire"));
    assert_eq!(parsed("json", survey)["retirements"], json!([]));
    assert!(rendered("terminal", survey).contains("has no announced retirement"));
    assert!(rendered("html", survey).contains("No live finding names a model with an announced"));
}

#[test]
fn a_calendar_folds_escapes_and_names_each_model_once() {
    let text = rendered("ics", &World::told().survey);
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
    assert!(text.contains("DTSTART;VALUE=DATE:20261124\r\n"), "{text}");
    assert!(text.contains("DTEND;VALUE=DATE:20261125\r\n"), "{text}");
    let unfolded = text.replace("\r\n ", "");
    assert!(
        unfolded.contains("SUMMARY:Claude Opus 4.5 retires on anthropic"),
        "{text}"
    );
    assert!(unfolded.contains("\\, twice\\; as \\\\n"), "{text}");
    for line in text.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains('\n'), "{line}");
    }
    assert!(text.ends_with("END:VCALENDAR\r\n"));
}

#[test]
fn a_result_is_suppressed_only_where_the_baseline_accepts_it() {
    let mut world = World::told();
    let results = |survey: &Survey| parsed("sarif", survey)["runs"][0]["results"].clone();
    for result in results(&world.survey).as_array().unwrap() {
        assert!(result.get("suppressions").is_none(), "{result}");
    }
    world.survey.has_baseline = true;
    world.survey.found[0].is_accepted = true;
    let accepted = world.survey.found[0].finding.fingerprint.clone();
    let told = results(&world.survey);
    for result in told.as_array().unwrap() {
        let is_accepted = result["partialFingerprints"]["tiergateFinding/v1"] == json!(accepted);
        let suppressions = result["suppressions"].as_array().unwrap();
        assert_eq!(suppressions.len(), usize::from(is_accepted), "{result}");
    }
    // What is accepted is counted as nothing else.
    let summary = world.survey.summary();
    assert_eq!(
        (summary.accepted, summary.error, summary.retired),
        (1, 0, 0)
    );
}

#[test]
fn sarif_tells_each_break_with_its_rule_and_each_fix() {
    let log = parsed("sarif", &World::told().survey);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    for result in results {
        let place = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[place]["id"], result["ruleId"]);
    }
    let with = |rule: &str| {
        results
            .iter()
            .filter(|one| one["ruleId"] == json!(rule))
            .count()
    };
    assert_eq!(with("model-named"), 6);
    assert_eq!((with("model-retired"), with("temperature-refused")), (1, 1));
    let broken = results
        .iter()
        .find(|one| one["ruleId"] == json!("temperature-refused"));
    assert_eq!(broken.unwrap()["level"], json!("error"));
    let rule = rules
        .iter()
        .find(|one| one["id"] == json!("temperature-refused"))
        .unwrap();
    assert_eq!(rule["helpUri"], json!("https://example.com/temperature"));
    let change = &results[0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], json!("api/agent.py"));
    let region = json!({ "startLine": 12, "startColumn": 12, "endLine": 12, "endColumn": 27 });
    assert_eq!(change["replacements"][0]["deletedRegion"], region);
    assert_eq!(
        change["replacements"][0]["insertedContent"]["text"],
        json!("opus")
    );
}

#[test]
fn a_bill_of_materials_has_each_model_once_with_all_its_places() {
    let bill = parsed("cyclonedx", &World::told().survey);
    let components = bill["components"].as_array().unwrap();
    let named = |id: &str| {
        components
            .iter()
            .find(|one| one["name"] == json!(id))
            .unwrap()
    };
    assert_eq!(components.len(), 4, "{bill}");
    let opus = named("claude-opus-4-5");
    assert_eq!(opus["type"], json!("machine-learning-model"));
    let places = opus["evidence"]["occurrences"].as_array().unwrap();
    assert_eq!(places.len(), 3);
    assert_eq!(places[0]["location"], json!("api/agent.py"));
    assert!(
        places[0]["additionalContext"]
            .as_str()
            .unwrap()
            .contains("temperature=0.2")
    );
    let retires = json!({ "name": "tiergate:scan:retires_on", "value": "2026-11-24" });
    assert!(opus["properties"].as_array().unwrap().contains(&retires));
}

#[test]
fn a_page_takes_no_text_for_markup_and_asks_for_nothing() {
    let html = rendered("html", &World::told().survey);
    assert!(
        !html.contains(MARKUP) && html.contains("&lt;script&gt;"),
        "{html}"
    );
    for outside in ["<script", "<img", "<iframe", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    for word in [
        "temperature-refused",
        "2026-11-24",
        "claude-opus-5-5",
        "leave it out",
    ] {
        assert!(html.contains(word), "{word}");
    }
}
