//! Tests on recorded streams of real providers, from the folder beside the checkout.

use std::fs;
use std::path::{Path, PathBuf};

use super::{decode, frames, sum};
use crate::canonical::{Close, Ending, StopReason, UsageChunk};
use crate::dialect::{Dialect, Observed};
use crate::dialects::dialect;

/// Finds the recordings; says what is skipped where there are none.
fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = root.join("data").join("transcripts");
    if folder.is_dir() {
        return Some(folder);
    }
    let is_ci = std::env::var_os("CI").is_some();
    assert!(!is_ci, "the recorded transcripts are missing");
    #[allow(clippy::print_stdout)]
    {
        println!("skipped: 1 test of recorded transcripts (no shared folder beside the checkout)");
    }
    None
}

/// Takes the streams out of a file: bare, one payload a line, or block texts in a cassette.
fn streams(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let name = path.to_string_lossy();
    if name.ends_with(".chunks.txt") {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        return vec![lines.map(|line| format!("data: {line}\n\n")).collect()];
    }
    if !name.ends_with(".yaml") {
        return vec![text];
    }
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.trim_start().starts_with("string: |") {
            continue;
        }
        let outer = line.len() - line.trim_start().len();
        let mut stream = String::new();
        let inside =
            |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() > outer;
        while let Some(line) = lines.next_if(inside) {
            stream.push_str(line.get(outer + 2..).unwrap_or_default());
            stream.push('\n');
        }
        found.push(stream);
    }
    found.retain(|stream| {
        ["data:", "event:", ": "]
            .iter()
            .any(|start| stream.starts_with(start))
    });
    found
}

fn watch(dialect: &dyn Dialect, stream: &str) -> (Observed, Ending) {
    let frames = frames(stream.as_bytes());
    let raw: Vec<u8> = frames
        .iter()
        .flat_map(|frame| frame.raw().to_vec())
        .collect();
    assert_eq!(raw, stream.as_bytes());
    let mut tap = dialect.tap(UsageChunk::Hide);
    for frame in &frames {
        tap.see(frame);
    }
    let ending = tap.ending(Close::Clean);
    (tap.observed().clone(), ending)
}

/// Each recording with the dialect of its streams. Cassettes whose streams are quoted YAML texts
/// are left out: their line ends are folded.
const RECORDINGS: &[(&str, &str)] = &[
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/basic_response.txt",
    ),
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/compaction_response.txt",
    ),
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/fallback_credit_response.txt",
    ),
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/fallback_response.txt",
    ),
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/incomplete_partial_json_response.txt",
    ),
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/refusal_response.txt",
    ),
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/stream-a-refusal.sse",
    ),
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/stream-a-toolrefusal.sse",
    ),
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/stream-b-fallback.sse",
    ),
    (
        "anthropic-messages",
        "anthropic-sdk-python/streaming/tool_use_response.txt",
    ),
    (
        "anthropic-messages",
        "pydantic-ai/test_anthropic/test_anthropic_code_execution_tool_stream.yaml",
    ),
    (
        "anthropic-messages",
        "pydantic-ai/test_anthropic/test_anthropic_mcp_servers_stream.yaml",
    ),
    (
        "anthropic-messages",
        "pydantic-ai/test_anthropic/test_anthropic_model_thinking_part_redacted_stream.yaml",
    ),
    (
        "anthropic-messages",
        "pydantic-ai/test_anthropic/test_anthropic_model_thinking_part_stream.yaml",
    ),
    (
        "anthropic-messages",
        "pydantic-ai/test_anthropic/test_anthropic_web_fetch_tool_stream.yaml",
    ),
    (
        "anthropic-messages",
        "vercel-ai/anthropic/anthropic-fallback.chunks.txt",
    ),
    (
        "anthropic-messages",
        "vercel-ai/anthropic/anthropic-mcp.1.chunks.txt",
    ),
    (
        "anthropic-messages",
        "vercel-ai/anthropic/anthropic-message-delta-input-tokens.chunks.txt",
    ),
    (
        "anthropic-messages",
        "vercel-ai/anthropic/anthropic-refusal.chunks.txt",
    ),
    (
        "anthropic-messages",
        "vercel-ai/anthropic/anthropic-tool-search-regex.1.chunks.txt",
    ),
    (
        "anthropic-messages",
        "vercel-ai/anthropic/duplicate-message-start.chunks.txt",
    ),
    (
        "openai-chat",
        "pydantic-ai/test_openai/test_run_stream_sync_streams_real_model.yaml",
    ),
    (
        "openai-chat",
        "vercel-ai/openai-chat/azure-model-router.1.chunks.txt",
    ),
    (
        "openai-chat",
        "vercel-ai/openai-compatible-chat/anthropic-fallback-tool-call.sse",
    ),
    (
        "openai-chat",
        "vercel-ai/openai-compatible-chat/xai-tool-call.chunks.txt",
    ),
    (
        "openai-chat",
        "pydantic-ai/test_openrouter/test_openrouter_streaming_reasoning.yaml",
    ),
    (
        "openai-chat",
        "pydantic-ai/test_openrouter/test_openrouter_stream_error.yaml",
    ),
    (
        "gemini",
        "vercel-ai/google/google-stream-tool-call-arguments.chunks.txt",
    ),
    (
        "gemini",
        "vercel-ai/google/google-tool-call-gemini3.chunks.txt",
    ),
];

#[test]
fn recorded_streams_are_read_as_they_were() {
    let Some(folder) = folder() else { return };
    let mut report = String::new();
    for (name, file) in RECORDINGS {
        let dialect = dialect(name).unwrap();
        let streams = streams(&folder.join(file));
        assert!(!streams.is_empty(), "{file} holds no stream");
        for stream in streams {
            let (seen, ending) = watch(dialect, &stream);
            let (events, read) = decode(dialect, stream.as_bytes(), Close::Clean);
            assert_eq!(read, ending, "{file}");
            if ending == Ending::Complete {
                let reply = sum(&events);
                assert_eq!(reply.usage, seen.usage, "{file}");
                assert_eq!(Some(reply.model), seen.model, "{file}");
                let stop = seen.stop.as_ref().map(|stop| stop.reason.clone());
                assert_eq!(reply.stop.reason, settled(stop, &events), "{file}");
            }
            let usage = seen.usage.map(|usage| {
                [
                    usage.input,
                    usage.cached,
                    usage.cache_write,
                    usage.output,
                    usage.reasoning,
                ]
            });
            let stop = seen.stop.map(|stop| stop.reason);
            let how = match ending {
                Ending::Complete => "complete".to_owned(),
                Ending::Unfinished => "unfinished".to_owned(),
                Ending::Failed(error) => format!("failed {:?}", error.kind),
            };
            report += &format!("{file}\n    {how} {stop:?} {usage:?} {:?}\n", seen.model);
        }
    }
    insta::assert_snapshot!(report);
}

/// What the provider says of its stop, where calls speak for themselves.
fn settled(stop: Option<StopReason>, events: &[crate::stream::Event]) -> StopReason {
    let calls = events
        .iter()
        .any(|event| matches!(event, crate::stream::Event::ToolStart { .. }));
    match stop {
        Some(StopReason::End) if calls => StopReason::ToolUse,
        stop => stop.unwrap_or_default(),
    }
}
