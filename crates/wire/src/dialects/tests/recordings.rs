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
        // Some files hold the answers of several turns, one behind the other.
        let mut found = vec![String::new()];
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if line.contains("\"type\":\"response.created\"") && found != [""] {
                found.push(String::new());
            }
            *found.last_mut().unwrap() += &format!("data: {line}\n\n");
        }
        return found;
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
/// are left out: their line ends are folded. So is a hand-made one whose events are no JSON.
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
    (
        "openai-responses",
        "vercel-ai/openai/openai-error.1.chunks.txt",
    ),
    (
        "openai-responses",
        "vercel-ai/openai/openai-reasoning-encrypted-content.1.chunks.txt",
    ),
    (
        "openai-responses",
        "vercel-ai/openai/openai-custom-tool.1.chunks.txt",
    ),
    (
        "openai-responses",
        "vercel-ai/openai/openai-tool-search.1.chunks.txt",
    ),
    (
        "openai-responses",
        "vercel-ai/openai/openai-web-search-tool.1.chunks.txt",
    ),
    (
        "openai-responses",
        "vercel-ai/openai/openai-mcp-tool-approval.2.chunks.txt",
    ),
    (
        "openai-responses",
        "vercel-ai/openai/openai-phase.1.chunks.txt",
    ),
    (
        "openai-responses",
        "vercel-ai/openai/programmatic-tool-calling.1.chunks.txt",
    ),
    (
        "openai-responses",
        "vercel-ai/openai/github-copilot-id-rotation.1.chunks.txt",
    ),
    (
        "openai-responses",
        "vercel-ai/open-responses/lmstudio-tool-call.1.chunks.txt",
    ),
    (
        "openai-responses",
        "pydantic-ai/test_openai_responses/test_openai_conversation_id_streaming_provider_details.yaml",
    ),
    (
        "openai-responses",
        "pydantic-ai/test_openai_responses/test_openai_responses_moderation_stream.yaml",
    ),
    (
        "openai-responses",
        "pydantic-ai/test_openai_responses/test_openai_responses_phase_streamed_on_part_start.yaml",
    ),
    (
        "openai-responses",
        "pydantic-ai/test_openai_responses/test_openai_responses_raw_cot_stream_openrouter.yaml",
    ),
    (
        "openai-responses",
        "pydantic-ai/test_openai_responses/test_openai_responses_streaming_usage.yaml",
    ),
    (
        "openai-responses",
        "pydantic-ai/test_deepseek_responses/test_deepseek_responses_function_tool_stream_.yaml",
    ),
    (
        "openai-responses",
        "pydantic-ai/test_openai/test_openai_instructions_with_responses_logprobs_streaming.yaml",
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
            report += &format!("{file}\n    {how} {stop:?} {usage:?}\n");
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

/// The last event of a Responses stream holds the whole answer, so each recording is its own proof.
#[test]
fn a_recorded_stream_adds_up_to_the_answer_in_its_last_event() {
    let Some(folder) = folder() else { return };
    let responses = dialect("openai-responses").unwrap();
    let (mut compared, mut whole_streams) = (0, 0);
    for (name, file) in RECORDINGS {
        for stream in streams(&folder.join(file)) {
            if *name != "openai-responses" {
                continue;
            }
            let is_whole = stream.contains("\"type\":\"response.completed\"");
            whole_streams += usize::from(is_whole);
            let (events, ending) = decode(responses, stream.as_bytes(), Close::Clean);
            if ending != Ending::Complete {
                continue;
            }
            let all = frames(stream.as_bytes());
            let payloads = all.iter().filter_map(|frame| frame.payload());
            let last = payloads.filter(|payload| *payload != b"[DONE]").last();
            let event: serde_json::Value = serde_json::from_slice(last.unwrap()).unwrap();
            let whole = event["response"].to_string();
            let mut whole = responses.decode_reply(whole.as_bytes()).unwrap().value;
            let mut streamed = sum(&events);
            for reply in [&mut streamed, &mut whole] {
                reply.id.clear();
                reply.parts.iter_mut().for_each(unsealed);
                // That server ends the thoughts behind the text, too late for their seal.
                if file.contains("raw_cot") {
                    reply.parts.iter_mut().for_each(without_signature);
                }
            }
            assert_eq!(streamed, whole, "{file}");
            compared += 1;
        }
    }
    assert_eq!(compared, whole_streams);
    assert!(compared > 0);
}

fn without_signature(part: &mut crate::canonical::Part) {
    if let crate::canonical::Part::Thinking { signature, .. } = part {
        *signature = None;
    }
}

/// Seals and lists hold what they hold as it was spelled: the order of fields is not the same in
/// each event, what is encrypted is so anew in each, and one server gives all things another id in
/// each.
fn unsealed(part: &mut crate::canonical::Part) {
    use crate::canonical::{Json, Part};
    let spelled = match part {
        Part::Thinking { signature, .. } => signature.as_mut().map(|sealed| &mut sealed.text),
        Part::HiddenThinking(sealed) => Some(&mut sealed.text),
        Part::Citation(citation) => citation.own.as_mut().map(|sealed| &mut sealed.text),
        Part::Logprobs(Json(list)) => Some(list),
        _ => None,
    };
    if let Some(spelled) = spelled {
        let mut inside: serde_json::Value = serde_json::from_str(spelled).unwrap();
        if let Some(fields) = inside.as_object_mut() {
            fields.remove("encrypted_content");
            fields.remove("id");
        }
        for token in inside.as_array_mut().into_iter().flatten() {
            // The last event rounds it.
            token.as_object_mut().unwrap().remove("logprob");
        }
        *spelled = inside.to_string();
    }
}
