//! What the translation table names as lossy, a row a topic: which reported paths belong to it, and
//! which differences of two SDKs' views it explains. It must not know a recording.

use serde_json::Value;

use super::views::at;

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
            "reasoning_content",
            "reasoning_details",
        ],
        blocks: &["thinking", "redacted_thinking", "reasoning"],
        explains: &["thinking", "seals"],
    },
    Row {
        topic: "citations",
        names: &["citations", "citations_delta", "annotations"],
        blocks: &[],
        explains: &["citations"],
    },
    Row {
        topic: "citations",
        names: &["citations.quote", "citations.span"],
        blocks: &[],
        explains: &[],
    },
    Row {
        topic: "stop reasons",
        names: &["stop_reason", "finish_reason", "stop_sequence", "category"],
        blocks: &[],
        explains: &["stop", "stop_sequence", "category"],
    },
    Row {
        // Gemini says that a call is malformed instead of showing it.
        topic: "stop reasons",
        names: &["tool_calls"],
        blocks: &[],
        explains: &["calls", "order"],
    },
    Row {
        topic: "server/hosted tools",
        names: &[],
        blocks: HOSTED,
        explains: &["other"],
    },
    Row {
        topic: "server/hosted tools",
        names: &["caller", "toolset_name"],
        blocks: &[],
        explains: &[],
    },
    Row {
        topic: "custom/freeform tools",
        names: &["tool_calls[]"],
        blocks: &[],
        explains: &["form"],
    },
    Row {
        topic: "custom/freeform tools, namespaces",
        names: &["namespace"],
        blocks: &[],
        explains: &[],
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
        names: &["content.text"],
        blocks: &[],
        explains: &["order"],
    },
    Row {
        topic: "cache",
        names: &["usage.cache_write"],
        blocks: &[],
        explains: &["cache_write"],
    },
    Row {
        topic: "logprobs",
        names: &["logprobs"],
        blocks: &[],
        explains: &["logprobs"],
    },
    Row {
        topic: "state",
        names: &["container", "context_management", "conversation"],
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

/// Names what a provider's own tools leave in an answer.
const HOSTED: &[&str] = &[
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
    "web_search_call",
    "file_search_call",
    "mcp_list_tools",
    "mcp_call",
    "mcp_approval_request",
    "tool_search_call",
    "tool_search_output",
    "program",
    "program_output",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
];

/// Names what every dialect has: a report of it would be a loss that the table does not allow.
const CARRIED: [&str; 18] = [
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
    "output",
    "candidates",
    "parts",
    "functionCall",
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
    let bare = last.split('[').next().unwrap_or_default();
    let kind = at(path, answer).and_then(|block| block["type"].as_str());
    let listed = format!("{bare}[]");
    let names = [path, last, if last == bare { last } else { &listed }];
    let is_named = |row: &&Row| names.iter().any(|name| row.names.contains(name));
    let is_block = |row: &&Row| {
        row.blocks.contains(&last) || kind.is_some_and(|kind| row.blocks.contains(&kind))
    };
    let row = ROWS.iter().find(is_named);
    let row = row.or_else(|| ROWS.iter().find(is_block));
    row.or((!CARRIED.contains(&bare)).then_some(&UNKNOWN))
}
