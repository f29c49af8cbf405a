//! What the translation table names as lossy, a row a topic: which reported paths belong to it, and
//! which differences of two SDKs' views it explains. It must not know a recording.

use serde_json::Value;

/// Is one topic of the table.
#[derive(Debug)]
pub struct Row {
    /// The topic, as the table calls it.
    pub topic: &'static str,
    /// The last names of the paths that are reported for it.
    names: &'static [&'static str],
    /// The types of the blocks that are reported for it by their place.
    blocks: &'static [&'static str],
    /// The differences that it explains.
    pub explains: &'static [&'static str],
}

/// Lists the topics that an answer can lose something of.
pub static ROWS: &[Row] = &[
    Row {
        topic: "thinking state",
        names: &[
            "thinking",
            "thinking_delta",
            "signature_delta",
            "reasoning",
            "reasoning_content",
            "reasoning_details",
        ],
        blocks: &["thinking", "redacted_thinking"],
        explains: &["thinking", "hidden"],
    },
    Row {
        topic: "citations",
        names: &["citations", "citations_delta", "annotations"],
        blocks: &[],
        explains: &["citations"],
    },
    Row {
        topic: "stop reasons",
        names: &["stop_reason", "finish_reason", "stop_sequence", "category"],
        blocks: &[],
        explains: &["stop", "stop_sequence", "category"],
    },
    Row {
        topic: "server/hosted tools",
        names: &["caller", "toolset_name"],
        blocks: &[
            "server_tool_use",
            "web_search_tool_result",
            "web_fetch_tool_result",
            "code_execution_tool_result",
            "bash_code_execution_tool_result",
            "text_editor_code_execution_tool_result",
            "tool_search_tool_result",
            "mcp_tool_use",
            "mcp_tool_result",
            "container_upload",
        ],
        explains: &["other"],
    },
    Row {
        topic: "unknown fields",
        names: &[],
        blocks: &["compaction", "fallback"],
        // Another model that went on with the answer is named in its block alone.
        explains: &["other", "model"],
    },
    Row {
        topic: "turn order",
        names: &[],
        blocks: &["text"],
        explains: &["order"],
    },
    Row {
        topic: "state",
        names: &["container", "context_management"],
        blocks: &[],
        explains: &[],
    },
    Row {
        topic: "service_tier",
        names: &["service_tier"],
        blocks: &[],
        explains: &[],
    },
    Row {
        topic: "logprobs",
        names: &["logprobs"],
        blocks: &[],
        explains: &[],
    },
    Row {
        topic: "structured output",
        names: &["response_format", "strict", "description"],
        blocks: &[],
        explains: &[],
    },
    Row {
        topic: "tool results",
        names: &["is_error"],
        blocks: &[],
        explains: &[],
    },
];

/// Names what every dialect has: a report of it would be a loss that the table does not allow.
const CARRIED: [&str; 14] = [
    "id",
    "model",
    "role",
    "content",
    "text",
    "refusal",
    "tool_calls",
    "arguments",
    "input",
    "name",
    "usage",
    "choices",
    "message",
    "messages",
];

static UNKNOWN: Row = Row {
    topic: "unknown fields",
    names: &[],
    blocks: &[],
    explains: &[],
};

/// Finds the row of a reported path; none where the table lets nothing of it be lost. `answer` is
/// what the source's SDK holds, in which a path that ends in a place is looked up.
pub fn row_of(path: &str, answer: &Value) -> Option<&'static Row> {
    let last = path.rsplit('.').next().unwrap_or_default();
    if let Some(block) = block_at(last, path, answer) {
        return ROWS.iter().find(|row| row.blocks.contains(&block));
    }
    let by_name = |row: &&Row| row.names.contains(&last) || row.blocks.contains(&last);
    if let Some(row) = ROWS.iter().find(by_name) {
        return Some(row);
    }
    let bare = last.split('[').next().unwrap_or_default();
    (!CARRIED.contains(&bare)).then_some(&UNKNOWN)
}

/// Tells the type of the block that a path such as `content[2]` names.
fn block_at<'a>(last: &str, path: &str, answer: &'a Value) -> Option<&'a str> {
    if last != path {
        return None;
    }
    let place = last.strip_prefix("content[")?.strip_suffix(']')?;
    let place: usize = place.parse().ok()?;
    answer["content"][place]["type"].as_str()
}
