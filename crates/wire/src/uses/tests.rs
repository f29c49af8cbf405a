//! Requests of each dialect and what they use, as a table.

use bytes::Bytes;

use super::uses;
use crate::dialects::{CHAT, GEMINI, MESSAGES, RESPONSES, dialect};

fn check(name: &str, body: &str, expected: &[&str]) {
    let call = (name == GEMINI).then_some("models/m:generateContent");
    let body = Bytes::copy_from_slice(body.as_bytes());
    let reading = uses(dialect(name).unwrap(), &body, call).unwrap();
    let shown = reading.uses.iter().map(|one| match &one.value {
        Some(value) => format!("{} {value}", one.feature),
        None => one.feature.to_owned(),
    });
    assert_eq!(shown.collect::<Vec<_>>(), expected, "{body:?}");
}

#[test]
fn each_dialect_says_the_same_things_in_its_own_fields() {
    check(
        MESSAGES,
        r#"{"model":"m","max_tokens":9,"temperature":0.2,"top_k":4,
            "thinking":{"type":"enabled","budget_tokens":2048},
            "output_config":{"effort":"high","format":{"type":"json_schema","schema":{}}},
            "service_tier":"auto","output_format":{"type":"json_schema"},
            "tools":[{"type":"computer_20251124","name":"c"},{"name":"f"}],
            "tool_choice":{"type":"any"},
            "messages":[{"role":"user","content":"a"},
                {"role":"assistant","content":[{"type":"thinking","thinking":"t"}]},
                {"role":"user","content":[{"type":"image"}]},{"role":"system","content":"s"},
                {"role":"assistant","content":"{"}]}"#,
        &[
            "temperature 0.2",
            "top_k 4",
            "effort high",
            "thinking_budget 2048",
            "max_tokens 9",
            "forced_tool",
            "prefill",
            "service_tier auto",
            "older_output_format {\"type\":\"json_schema\"}",
            "strict_schema",
            "tools 2",
            "thinking_history 1",
            "images 1",
            "mid_system 1",
            "tool_type computer_20251124",
        ],
    );
    check(
        CHAT,
        r#"{"model":"m","max_tokens":9,"temperature":1.0,"logit_bias":{"1":2},"n":2,
            "reasoning_effort":"none","thinking":{"type":"disabled"},
            "messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}],
            "response_format":{"type":"json_schema","json_schema":{"schema":{},"strict":true}}}"#,
        &[
            "temperature 1.0",
            "logit_bias {\"1\":2}",
            "effort none",
            "max_tokens 9",
            "older_max_tokens 9",
            "strict_schema",
            "tools 1",
            "candidates",
        ],
    );
    check(
        RESPONSES,
        r#"{"model":"m","max_output_tokens":9,"top_logprobs":3,"input":"a",
            "reasoning":{"effort":"low"},"tool_choice":"required"}"#,
        &[
            "top_logprobs 3",
            "effort low",
            "max_tokens 9",
            "forced_tool",
        ],
    );
    check(
        GEMINI,
        r#"{"contents":[{"role":"user","parts":[{"text":"a"}]}],
            "generationConfig":{"temperature":0,"thinkingConfig":{"thinkingBudget":128}}}"#,
        &["temperature 0", "thinking_budget 128"],
    );
}

#[test]
fn a_form_of_thinking_that_is_not_known_leaves_it_open() {
    let read = |form: &str| {
        let body = format!(
            r#"{{"model":"m","max_tokens":9,"messages":[],"thinking":{{"type":"{form}"}}}}"#
        );
        uses(dialect(MESSAGES).unwrap(), &Bytes::from(body), None).unwrap()
    };
    assert!(read("between_tools").open.contains(&"thinking_unset"));
    assert!(!read("adaptive").open.contains(&"thinking_unset"));
    assert!(read("adaptive").open.contains(&"beta"));
}
