//! The official SDKs as oracles: jobs in, neutral answers out, one process for all of them. It
//! must not know what is compared.

use std::fs;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::faces::Face;
use crate::gateway::Gateway;

/// Holds what an SDK saw of one job.
#[derive(Clone, Debug, Deserialize)]
pub struct Told {
    /// The neutral answer, request or error, or what the SDK raised of its own.
    pub result: Value,
    /// Its headers.
    pub headers: Map<String, Value>,
}

impl Told {
    /// Shows a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.as_str()
    }
}

/// Prepares a dialect's script, or says that its environment is missing.
pub fn script(face: &Face) -> Result<Command, String> {
    face.environment.oracle(face.oracle)
}

/// Has every job done by the SDK of a dialect.
pub fn run(face: &Face, gateway: &Gateway, jobs: &[Value]) -> Vec<Told> {
    let folder = gateway.folder();
    let (asked, told) = (folder.join("jobs"), folder.join("told"));
    let lines: String = jobs.iter().map(|job| format!("{job}\n")).collect();
    fs::write(&asked, lines).unwrap();
    let mut command = script(face).unwrap();
    let output = command.arg(&asked).arg(&told).env("HOME", folder).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", face.oracle);
    let text = fs::read_to_string(&told).unwrap();
    let told: Vec<Told> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told.len(), jobs.len(), "{}: {said}", face.oracle);
    told
}
