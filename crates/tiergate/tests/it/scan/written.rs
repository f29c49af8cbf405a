//! The reports that are written to files, as the programs that they are for read them.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::repository::{PYTHON, Repository};
use crate::home::Ended;
use crate::patience::PATIENCE;

/// A model with an announced last day, from the day of the tests.
const GOES: &str = "gpt-4o";

fn chat() -> String {
    format!(
        "from openai import OpenAI\n\nOpenAI().chat.completions.create(model=\"{GOES}\", \
         messages=[])\n"
    )
}

#[test]
fn all_reports_are_written_in_one_scan() {
    let repository = Repository::new(&[("a.py", PYTHON), ("b.py", &chat())]);
    let outputs = [
        "--sarif",
        "out.sarif",
        "--cyclonedx",
        "out.cdx.json",
        "--html",
        "out.html",
        "--ics",
        "out.ics",
        "--patch",
        "out.patch",
    ];
    let ended = repository
        .scan(&[&[".", "--json"], &outputs[..]].concat())
        .is(0);
    let document = ended.json();
    let sarif: Value = serde_json::from_str(&repository.read("out.sarif")).unwrap();
    assert_eq!(sarif["version"], json!("2.1.0"));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let named = results
        .iter()
        .filter(|one| one["ruleId"] == json!("model-named"));
    assert_eq!(
        named.count(),
        document["findings"].as_array().unwrap().len()
    );
    let bill: Value = serde_json::from_str(&repository.read("out.cdx.json")).unwrap();
    assert_eq!(bill["specVersion"], json!("1.6"));
    assert_eq!(bill["components"].as_array().unwrap().len(), 2);
    let page = repository.read("out.html");
    assert!(
        page.contains("a.py:8:16") && page.contains("Readiness"),
        "{page}"
    );
    assert!(!page.contains("<script"), "{page}");
    assert!(repository.read("out.ics").contains("BEGIN:VEVENT\r\n"));
    // Standard output takes one of them in place of the text.
    let alone = repository
        .scan(&[".", "--exclude", "out.*", "--sarif", "-"])
        .is(0);
    let again: Value = serde_json::from_str(&alone.out).unwrap();
    assert_eq!(again["runs"][0]["results"], sarif["runs"][0]["results"]);
}

#[test]
fn another_program_reads_the_calendar() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join("target/venvs/scan-reports/bin/python");
    if !python.exists() {
        assert!(
            std::env::var_os("CI").is_none(),
            "the environment scan-reports is absent"
        );
        println!("skipped: a reader of calendars (there is no environment scan-reports)");
        return;
    }
    let read = |repository: &Repository| -> Value {
        repository.scan(&[".", "--ics", "out.ics"]).is(0);
        let mut command = Command::new(&python);
        command.arg(root.join("clients/scan-reports/read_calendar.py"));
        command.arg(repository.at("out.ics")).env_clear();
        Ended::of(command, PATIENCE).is(0).json()
    };
    let repository = Repository::new(&[("b.py", &chat()), ("deep/ü, x;y.py", &chat())]);
    let calendar = read(&repository);
    assert_eq!(calendar["broken"], json!([]), "{calendar}");
    let events = calendar["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{calendar}");
    assert_eq!(events[0]["begins"], json!("2027-01-14"));
    assert_eq!(events[0]["ends"], json!("2027-01-15"));
    assert_eq!(events[0]["alarms"], json!(2));
    let description = events[0]["description"].as_str().unwrap();
    assert!(
        description.ends_with("\nb.py:3\ndeep/ü, x;y.py:3"),
        "{description}"
    );
    let empty = read(&Repository::new(&[("a.txt", "nothing\n")]));
    assert_eq!(
        (&empty["broken"], &empty["events"]),
        (&json!([]), &json!([])),
        "{empty}"
    );
}
