//! Schemathesis against both ports, by Tiergate's own description of them: whatever it makes up,
//! no answer is a fault of ours and memory stays bounded. It must not list a route.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::bed::{Bed, Upstream};
use crate::environment::{SCHEMATHESIS, skip, workspace};

/// How many requests are made up for each route.
const EXAMPLES: &str = "150";
/// Where the made-up requests begin, so that a failure comes again.
const SEED: &str = "20261126";
/// How much memory the requests may leave behind, in kilobytes.
const MOST_GROWTH_KB: u64 = 64 << 10;

/// Says which port is tried.
#[derive(Clone, Copy)]
enum Port {
    Applications,
    Operators,
}

#[test]
fn no_request_to_chat_models_makes_us_fail() {
    try_out(Port::Applications, Upstream::Chat);
}

#[test]
fn no_request_to_messages_models_makes_us_fail() {
    try_out(Port::Applications, Upstream::Messages);
}

#[test]
fn no_request_of_an_operator_makes_us_fail() {
    try_out(Port::Operators, Upstream::Chat);
}

fn try_out(port: Port, upstream: Upstream) {
    let command = match SCHEMATHESIS.program("schemathesis") {
        Ok(command) => command,
        Err(why) => return skip("made-up requests", &why),
    };
    let bed = Bed::start(upstream);
    let before = bed.gateway.resident_kb();
    let output = prepared(command, &bed, port).output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        bed.gateway.said()
    );
    let said = String::from_utf8_lossy(&output.stdout);
    let summary: Vec<&str> = said.lines().rev().take(12).collect();
    assert!(
        summary.iter().any(|line| line.contains(" generated")),
        "{said}"
    );
    let grown = bed.gateway.resident_kb().saturating_sub(before);
    assert!(grown < MOST_GROWTH_KB, "{grown} kB more than at the start");
}

fn prepared(mut command: Command, bed: &Bed, port: Port) -> Command {
    let gateway = &bed.gateway;
    let (document, address, key) = match port {
        Port::Applications => (of_applications(bed), &gateway.address, &gateway.key),
        Port::Operators => {
            let key = gateway.operator.as_ref().expect("the bed has an operator");
            (described("operators"), &gateway.admin, key)
        }
    };
    command
        .current_dir(gateway.folder())
        .env("HOME", gateway.folder())
        .arg("run")
        .arg(document)
        .args(["--url", &format!("http://{address}")])
        .args(["--header", &format!("Authorization: Bearer {key}")])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--checks", "not_a_server_error"])
        .args(["--max-examples", EXAMPLES, "--seed", SEED])
        .args(["--suppress-health-check", "all", "--no-color"]);
    command
}

fn described(port: &str) -> PathBuf {
    let file = format!("docs/reference/openapi-{port}.json");
    workspace().join(file)
}

/// Writes the applications' description with a name that is served as one of those to ask for, so
/// that most requests get past it.
fn of_applications(bed: &Bed) -> PathBuf {
    let text = fs::read(described("applications")).unwrap();
    let mut document: Value = serde_json::from_slice(&text).unwrap();
    let paths = document["paths"].as_object_mut().unwrap();
    let mut named = 0;
    for operation in paths.values_mut().filter_map(|path| path.get_mut("post")) {
        let model =
            operation.pointer_mut("/requestBody/content/application~1json/schema/properties/model");
        if let Some(model) = model {
            *model = json!({ "anyOf": [{ "const": "haiku" }, { "type": "string" }] });
            named += 1;
        }
    }
    assert!(named > 1, "some routes take a model by name");
    let file = bed.gateway.folder().join("openapi.json");
    fs::write(&file, document.to_string()).unwrap();
    file
}
