//! The newest SDKs: `anthropic-version: 2026-10-21`, and the key as a bearer token.
//! It must not know what a script holds.

use crate::bed::Upstream::{Chat, Messages};
use crate::environment::CURRENT;
use crate::sent;
use crate::walk::{answers, leaves, refused, run};

#[test]
fn openai_answers_over_chat() {
    answers(&CURRENT, "openai_answers", Chat);
}

#[test]
fn openai_async_answers_over_chat() {
    answers(&CURRENT, "openai_async", Chat);
}

#[test]
fn openai_helpers_over_chat() {
    answers(&CURRENT, "openai_helpers", Chat);
}

#[test]
fn openai_parses_over_chat() {
    run(&CURRENT, "openai_parse", Chat, sent::schema_of_parse);
}

#[test]
fn openai_calls_tools_over_chat() {
    run(&CURRENT, "openai_tools", Chat, sent::tools);
}

#[test]
fn openai_raises_what_chat_says() {
    answers(&CURRENT, "openai_provider_errors", Chat);
}

#[test]
fn openai_leaves_chat() {
    leaves(&CURRENT, "openai_cancel", Chat);
}

#[test]
fn openai_answers_over_messages() {
    answers(&CURRENT, "openai_answers", Messages);
}

#[test]
fn openai_async_answers_over_messages() {
    answers(&CURRENT, "openai_async", Messages);
}

#[test]
fn openai_helpers_over_messages() {
    answers(&CURRENT, "openai_helpers", Messages);
}

#[test]
fn openai_parses_over_messages() {
    run(&CURRENT, "openai_parse", Messages, sent::schema_of_parse);
}

#[test]
fn openai_calls_tools_over_messages() {
    run(&CURRENT, "openai_tools", Messages, sent::tools);
}

#[test]
fn openai_raises_what_messages_says() {
    answers(&CURRENT, "openai_provider_errors", Messages);
}

#[test]
fn openai_leaves_messages() {
    leaves(&CURRENT, "openai_cancel", Messages);
}

#[test]
fn openai_raises_what_the_gateway_says() {
    refused(&CURRENT, "openai_errors", Chat);
}

#[test]
fn openai_lists_models() {
    answers(&CURRENT, "openai_models", Chat);
}

#[test]
fn anthropic_answers_over_chat() {
    answers(&CURRENT, "anthropic_answers", Chat);
}

#[test]
fn anthropic_async_answers_over_chat() {
    answers(&CURRENT, "anthropic_async", Chat);
}

#[test]
fn anthropic_helpers_over_chat() {
    answers(&CURRENT, "anthropic_helpers", Chat);
}

#[test]
fn anthropic_parses_over_chat() {
    run(&CURRENT, "anthropic_parse", Chat, sent::schema_of_parse);
}

#[test]
fn anthropic_calls_tools_over_chat() {
    run(&CURRENT, "anthropic_tools", Chat, sent::tools);
}

#[test]
fn anthropic_raises_what_chat_says() {
    answers(&CURRENT, "anthropic_provider_errors", Chat);
}

#[test]
fn anthropic_leaves_chat() {
    leaves(&CURRENT, "anthropic_cancel", Chat);
}

#[test]
fn anthropic_versions_and_credentials_over_chat() {
    run(&CURRENT, "anthropic_versions", Chat, |bed| {
        sent::versions(bed, "2026-10-21");
    });
}

#[test]
fn anthropic_answers_over_messages() {
    answers(&CURRENT, "anthropic_answers", Messages);
}

#[test]
fn anthropic_async_answers_over_messages() {
    answers(&CURRENT, "anthropic_async", Messages);
}

#[test]
fn anthropic_helpers_over_messages() {
    answers(&CURRENT, "anthropic_helpers", Messages);
}

#[test]
fn anthropic_parses_over_messages() {
    run(&CURRENT, "anthropic_parse", Messages, sent::schema_of_parse);
}

#[test]
fn anthropic_calls_tools_over_messages() {
    run(&CURRENT, "anthropic_tools", Messages, sent::tools);
}

#[test]
fn anthropic_raises_what_messages_says() {
    answers(&CURRENT, "anthropic_provider_errors", Messages);
}

#[test]
fn anthropic_leaves_messages() {
    leaves(&CURRENT, "anthropic_cancel", Messages);
}

#[test]
fn anthropic_versions_and_credentials_over_messages() {
    run(&CURRENT, "anthropic_versions", Messages, |bed| {
        sent::versions(bed, "2026-10-21");
    });
}

#[test]
fn anthropic_raises_what_the_gateway_says() {
    refused(&CURRENT, "anthropic_errors", Messages);
}

#[test]
fn anthropic_lists_models() {
    answers(&CURRENT, "anthropic_models", Messages);
}

#[test]
fn openai_answers_in_responses_over_chat() {
    answers(&CURRENT, "openai_responses", Chat);
}

#[test]
fn openai_answers_in_responses_over_messages() {
    answers(&CURRENT, "openai_responses", Messages);
}
