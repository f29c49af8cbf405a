//! Files as promptfoo writes them, of a suite that every test's configuration declares. It must not
//! know what becomes of one.

use serde_json::{Value, json};

/// How many items the suite has.
pub(super) const ITEMS: usize = 60;

/// Writes the file of a run on an arm in which so many answers were right.
pub(super) fn promptfoo(arm: &str, hits: usize) -> Value {
    let row = |at: usize| {
        let is_right = at < hits;
        json!({
            "promptIdx": 0, "testIdx": at, "success": is_right,
            "score": if is_right { 1 } else { 0 },
            "failureReason": if is_right { 0 } else { 1 },
            "provider": { "id": format!("openai:chat:release/next/{arm}") },
            "prompt": { "raw": format!("Name the capital of country {at}.") },
            "vars": { "country": at }, "namedScores": {}, "latencyMs": 3,
            "response": { "output": "Oslo", "cached": false, "finishReason": "stop" },
        })
    };
    let rows: Vec<Value> = (0..ITEMS).map(row).collect();
    json!({
        "evalId": "eval-1",
        "results": {
            "version": 3,
            "prompts": [{ "raw": "Name the capital.", "metrics": { "score": hits } }],
            "results": rows,
            "stats": { "successes": hits, "failures": ITEMS - hits, "errors": 0 },
        },
        "config": { "description": "capitals" },
        "metadata": { "promptfooVersion": "0.121.20" },
    })
}

/// Tells the digest with which the suite is declared.
pub(super) fn suite_digest() -> String {
    let file = promptfoo("candidate", ITEMS).to_string();
    evidence::read(file.as_bytes()).unwrap().suite_digest()
}
