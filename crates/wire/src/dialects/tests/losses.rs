//! What an answer loses has one name, streamed and whole, wherever it goes.

use std::collections::BTreeSet;

use super::{events, text, tool};
use crate::canonical::{
    CallForm, Citation, Json, Part, Reply, Stop, StopReason, ToolUse, UsageChunk,
};
use crate::dialect::Dialect;
use crate::dialects::{DIALECTS, dialect};
use crate::fault::Loss;

fn paths(losses: Vec<Loss>) -> BTreeSet<String> {
    losses.into_iter().map(|loss| loss.path).collect()
}

fn streamed(dialect: &dyn Dialect, reply: &Reply) -> BTreeSet<String> {
    let mut writer = dialect.writer(UsageChunk::Hide);
    let mut out = Vec::new();
    for event in events(reply) {
        writer.write(&event, &mut out);
    }
    paths(writer.take_losses())
}

/// Lists what is lost on the way to a dialect, which must be the same both ways.
fn lost(to: &str, parts: Vec<Part>) -> Vec<String> {
    let dialect = dialect(to).unwrap();
    let reply = Reply {
        parts,
        ..Reply::default()
    };
    let whole = paths(dialect.encode_reply(&reply).losses);
    assert_eq!(whole, streamed(dialect, &reply), "{to}");
    whole.into_iter().collect()
}

fn cited(url: Option<&str>, quote: Option<&str>, span: Option<(u64, u64)>) -> Part {
    Part::Citation(Citation {
        url: url.map(str::to_owned),
        quote: quote.map(str::to_owned),
        span,
        ..Citation::default()
    })
}

fn free_text() -> Part {
    Part::ToolUse(ToolUse {
        id: "c".to_owned(),
        name: "sh".to_owned(),
        arguments: "ls".to_owned(),
        form: CallForm::Text,
        signature: None,
    })
}

#[test]
fn losses_have_one_name_streamed_and_whole() {
    let bare = || vec![text("a"), cited(None, None, None)];
    let placed = || vec![text("ab"), cited(Some("https://e.org"), None, Some((0, 1)))];
    let quoted = || vec![text("a"), cited(Some("https://e.org"), Some("b"), None)];
    let likely = || vec![text("a"), Part::Logprobs(Json("[]".to_owned()))];
    let calls = || vec![tool("a", "{}"), free_text()];
    assert_eq!(lost("anthropic-messages", bare()), ["citations"]);
    assert_eq!(lost("anthropic-messages", placed()), ["citations.span"]);
    assert_eq!(lost("anthropic-messages", likely()), ["logprobs"]);
    assert_eq!(lost("anthropic-messages", calls()), ["tool_calls[1]"]);
    assert_eq!(lost("openai-responses", bare()), ["citations"]);
    assert_eq!(lost("openai-responses", quoted()), ["citations.quote"]);
    assert_eq!(lost("openai-chat", bare()), ["annotations"]);
    assert_eq!(lost("gemini", bare()), ["citations"]);
    assert_eq!(lost("gemini", quoted()), ["citations.quote"]);
    assert_eq!(lost("gemini", calls()), ["tool_calls[1]"]);
    for dialect in DIALECTS {
        for parts in [bare(), placed(), quoted(), likely(), calls()] {
            lost(dialect.name(), parts);
        }
    }
}

#[test]
fn text_behind_a_call_that_moves_before_it_is_named() {
    let parts = || vec![text("a"), tool("a", "{}"), text("b"), text("c")];
    assert_eq!(lost("openai-chat", parts()), ["content.text"]);
    for dialect in DIALECTS.iter().filter(|it| it.name() != "openai-chat") {
        assert!(
            lost(dialect.name(), parts()).is_empty(),
            "{}",
            dialect.name()
        );
    }
    assert!(lost("openai-chat", vec![text("a"), tool("a", "{}")]).is_empty());
}

#[test]
fn stops_without_a_word_are_named_alike() {
    for reason in [
        StopReason::StopSequence,
        StopReason::Pause,
        StopReason::ContextWindow,
        StopReason::Other("odd".to_owned()),
    ] {
        for dialect in DIALECTS {
            let reply = Reply {
                stop: Stop::of(reason.clone()),
                ..Reply::default()
            };
            let whole = paths(dialect.encode_reply(&reply).losses);
            assert_eq!(whole, streamed(*dialect, &reply), "{}", dialect.name());
        }
    }
}
