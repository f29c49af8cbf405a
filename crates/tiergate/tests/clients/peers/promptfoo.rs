//! promptfoo: its own configuration and its own grading, results as JSON.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::bench::{Asked, ended};
use super::{ITEMS, Peer, decides, item};
use crate::environment::PROMPTFOO;

/// Ends a run in which some answers were wrong.
const SOME_FAILED: i32 = 100;

#[test]
fn promptfoo_results_decide() {
    decides(&Peer {
        name: "promptfoo",
        environment: &PROMPTFOO,
        run,
        edit,
    });
}

fn run(peer: &Peer, asked: &Asked<'_>) -> Result<Vec<PathBuf>, String> {
    let tests: Vec<Value> = (0..ITEMS)
        .map(item)
        .map(|(word, expected)| {
            json!({
                "vars": { "word": word },
                "assert": [{ "type": "contains", "value": expected + "." }],
            })
        })
        .collect();
    let configuration = json!({
        "description": "echoes",
        "prompts": ["Say {{word}}."],
        "providers": [format!("openai:chat:{}", asked.model)],
        "tests": tests,
    });
    asked.write("promptfooconfig.json", &configuration.to_string());
    let mut command = peer.environment.program(peer.name)?;
    asked.at_home(&mut command);
    command
        .args(["eval", "--config", "promptfooconfig.json"])
        .args(["--no-cache", "--no-write", "--no-share"])
        .args(["--no-table", "--no-progress-bar"])
        .args(["--output", "results.json"])
        .env("OPENAI_BASE_URL", &asked.base_url)
        .env("OPENAI_API_KEY", asked.key);
    ended(command, &[0, SOME_FAILED])?;
    let files = asked.written("", "results.json");
    // Each row is joined with its own decision, which promptfoo keeps among an answer's headers.
    let text = fs::read_to_string(&files[0]).unwrap();
    assert_eq!(text.matches("\"tiergate-decision\"").count(), 2 * ITEMS);
    Ok(files)
}

/// Calls the first wrong answer right.
fn edit(files: &[PathBuf]) {
    let text = fs::read_to_string(&files[0]).unwrap();
    let (wrong, right) = ("\"success\": false", "\"success\": true");
    assert!(text.contains(wrong));
    fs::write(&files[0], text.replacen(wrong, right, 1)).unwrap();
}
