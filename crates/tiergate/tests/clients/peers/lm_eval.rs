//! lm-evaluation-harness: a task of its own, results and samples.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::bench::{Asked, ended};
use super::{ITEMS, Peer, decides, item};
use crate::environment::LM_EVAL;

#[test]
fn lm_eval_samples_decide() {
    decides(&Peer {
        name: "lm_eval",
        environment: &LM_EVAL,
        run,
        edit,
    });
}

fn run(peer: &Peer, asked: &Asked<'_>) -> Result<Vec<PathBuf>, String> {
    let items = (0..ITEMS).map(item);
    let lines: Vec<String> = items
        .map(|(word, target)| json!({ "word": word, "target": target }).to_string())
        .collect();
    asked.write("items.jsonl", &lines.join("\n"));
    let arguments = [
        format!("model={}", asked.model),
        format!("base_url={}/chat/completions", asked.base_url),
        "num_concurrent=1".to_owned(),
        "max_retries=1".to_owned(),
        "tokenizer_backend=None".to_owned(),
    ];
    let mut command = peer.environment.program(peer.name)?;
    asked.at_home(&mut command);
    command
        .args(["run", "--model", "local-chat-completions"])
        .args(["--model_args", &arguments.join(",")])
        .arg("--include_path")
        .arg(peer.environment.beside(""))
        .args(["--tasks", "echoes", "--apply_chat_template"])
        .args(["--log_samples", "--output_path", "out", "--batch_size", "1"])
        .env("OPENAI_API_KEY", asked.key);
    ended(command, &[0])?;
    // The results stand before the samples that they are of.
    let results = asked.written("out", ".json");
    Ok([results, asked.written("out", ".jsonl")].concat())
}

/// Calls the first answer right, which is a wrong one.
fn edit(files: &[PathBuf]) {
    let text = fs::read_to_string(&files[1]).unwrap();
    let mut lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["exact_match"], json!(0.0));
    lines[0]["exact_match"] = json!(1.0);
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(&files[1], lines.join("\n")).unwrap();
}
