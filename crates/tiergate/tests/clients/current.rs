//! The newest SDKs: `anthropic-version: 2026-10-21`, and the key as a bearer token.
//! It must not know what a script holds.

use crate::bed::Upstream::{Chat, Messages};
use crate::sent;
use crate::walk::{answers, leaves, refused, run};

const ENVIRONMENT: &str = "python-current";

#[test]
fn openai_answers_over_chat() {
    answers(ENVIRONMENT, "openai_answers", Chat);
}

#[test]
fn openai_async_answers_over_chat() {
    answers(ENVIRONMENT, "openai_async", Chat);
}

#[test]
fn openai_helpers_over_chat() {
    answers(ENVIRONMENT, "openai_helpers", Chat);
}

#[test]
fn openai_parses_over_chat() {
    run(ENVIRONMENT, "openai_parse", Chat, sent::schema_of_parse);
}

#[test]
fn openai_calls_tools_over_chat() {
    run(ENVIRONMENT, "openai_tools", Chat, sent::tools);
}

#[test]
fn openai_raises_what_chat_says() {
    answers(ENVIRONMENT, "openai_provider_errors", Chat);
}

#[test]
fn openai_leaves_chat() {
    leaves(ENVIRONMENT, "openai_cancel", Chat);
}

#[test]
fn openai_answers_over_messages() {
    answers(ENVIRONMENT, "openai_answers", Messages);
}

#[test]
fn openai_async_answers_over_messages() {
    answers(ENVIRONMENT, "openai_async", Messages);
}

#[test]
fn openai_helpers_over_messages() {
    answers(ENVIRONMENT, "openai_helpers", Messages);
}

#[test]
fn openai_parses_over_messages() {
    run(ENVIRONMENT, "openai_parse", Messages, sent::schema_of_parse);
}

#[test]
fn openai_calls_tools_over_messages() {
    run(ENVIRONMENT, "openai_tools", Messages, sent::tools);
}

#[test]
fn openai_raises_what_messages_says() {
    answers(ENVIRONMENT, "openai_provider_errors", Messages);
}

#[test]
fn openai_leaves_messages() {
    leaves(ENVIRONMENT, "openai_cancel", Messages);
}

#[test]
fn openai_raises_what_the_gateway_says() {
    refused(ENVIRONMENT, "openai_errors", Chat);
}

#[test]
fn openai_lists_models() {
    answers(ENVIRONMENT, "openai_models", Chat);
}

#[test]
fn anthropic_answers_over_chat() {
    answers(ENVIRONMENT, "anthropic_answers", Chat);
}

#[test]
fn anthropic_async_answers_over_chat() {
    answers(ENVIRONMENT, "anthropic_async", Chat);
}

#[test]
fn anthropic_helpers_over_chat() {
    answers(ENVIRONMENT, "anthropic_helpers", Chat);
}

#[test]
fn anthropic_parses_over_chat() {
    run(ENVIRONMENT, "anthropic_parse", Chat, sent::schema_of_parse);
}

#[test]
fn anthropic_calls_tools_over_chat() {
    run(ENVIRONMENT, "anthropic_tools", Chat, sent::tools);
}

#[test]
fn anthropic_raises_what_chat_says() {
    answers(ENVIRONMENT, "anthropic_provider_errors", Chat);
}

#[test]
fn anthropic_leaves_chat() {
    leaves(ENVIRONMENT, "anthropic_cancel", Chat);
}

#[test]
fn anthropic_versions_and_credentials_over_chat() {
    run(ENVIRONMENT, "anthropic_versions", Chat, |bed| {
        sent::versions(bed, "2026-10-21");
    });
}

#[test]
fn anthropic_answers_over_messages() {
    answers(ENVIRONMENT, "anthropic_answers", Messages);
}

#[test]
fn anthropic_async_answers_over_messages() {
    answers(ENVIRONMENT, "anthropic_async", Messages);
}

#[test]
fn anthropic_helpers_over_messages() {
    answers(ENVIRONMENT, "anthropic_helpers", Messages);
}

#[test]
fn anthropic_parses_over_messages() {
    run(
        ENVIRONMENT,
        "anthropic_parse",
        Messages,
        sent::schema_of_parse,
    );
}

#[test]
fn anthropic_calls_tools_over_messages() {
    run(ENVIRONMENT, "anthropic_tools", Messages, sent::tools);
}

#[test]
fn anthropic_raises_what_messages_says() {
    answers(ENVIRONMENT, "anthropic_provider_errors", Messages);
}

#[test]
fn anthropic_leaves_messages() {
    leaves(ENVIRONMENT, "anthropic_cancel", Messages);
}

#[test]
fn anthropic_versions_and_credentials_over_messages() {
    run(ENVIRONMENT, "anthropic_versions", Messages, |bed| {
        sent::versions(bed, "2026-10-21");
    });
}

#[test]
fn anthropic_raises_what_the_gateway_says() {
    refused(ENVIRONMENT, "anthropic_errors", Messages);
}

#[test]
fn anthropic_lists_models() {
    answers(ENVIRONMENT, "anthropic_models", Messages);
}
