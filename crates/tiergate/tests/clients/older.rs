//! The SDKs before: `anthropic-version: 2023-06-01`, the key as `x-api-key`, and openai 1.x.
//! It must not know what a script holds.

use crate::bed::Upstream::{Chat, Messages};
use crate::environment::OLDER;
use crate::sent;
use crate::walk::{answers, leaves, refused, run};

#[test]
fn openai_answers_over_chat() {
    answers(&OLDER, "openai_answers", Chat);
}

#[test]
fn openai_async_answers_over_chat() {
    answers(&OLDER, "openai_async", Chat);
}

#[test]
fn openai_helpers_over_chat() {
    answers(&OLDER, "openai_helpers", Chat);
}

#[test]
fn openai_parses_over_chat() {
    run(&OLDER, "openai_parse", Chat, sent::schema_of_parse);
}

#[test]
fn openai_calls_tools_over_chat() {
    run(&OLDER, "openai_tools", Chat, sent::tools);
}

#[test]
fn openai_raises_what_chat_says() {
    answers(&OLDER, "openai_provider_errors", Chat);
}

#[test]
fn openai_leaves_chat() {
    leaves(&OLDER, "openai_cancel", Chat);
}

#[test]
fn openai_answers_over_messages() {
    answers(&OLDER, "openai_answers", Messages);
}

#[test]
fn openai_async_answers_over_messages() {
    answers(&OLDER, "openai_async", Messages);
}

#[test]
fn openai_helpers_over_messages() {
    answers(&OLDER, "openai_helpers", Messages);
}

#[test]
fn openai_parses_over_messages() {
    run(&OLDER, "openai_parse", Messages, sent::schema_of_parse);
}

#[test]
fn openai_calls_tools_over_messages() {
    run(&OLDER, "openai_tools", Messages, sent::tools);
}

#[test]
fn openai_raises_what_messages_says() {
    answers(&OLDER, "openai_provider_errors", Messages);
}

#[test]
fn openai_leaves_messages() {
    leaves(&OLDER, "openai_cancel", Messages);
}

#[test]
fn openai_raises_what_the_gateway_says() {
    refused(&OLDER, "openai_errors", Chat);
}

#[test]
fn openai_lists_models() {
    answers(&OLDER, "openai_models", Chat);
}

#[test]
fn anthropic_answers_over_chat() {
    answers(&OLDER, "anthropic_answers", Chat);
}

#[test]
fn anthropic_async_answers_over_chat() {
    answers(&OLDER, "anthropic_async", Chat);
}

#[test]
fn anthropic_helpers_over_chat() {
    answers(&OLDER, "anthropic_helpers", Chat);
}

#[test]
fn anthropic_parses_over_chat() {
    run(&OLDER, "anthropic_parse", Chat, sent::schema_of_parse);
}

#[test]
fn anthropic_calls_tools_over_chat() {
    run(&OLDER, "anthropic_tools", Chat, sent::tools);
}

#[test]
fn anthropic_raises_what_chat_says() {
    answers(&OLDER, "anthropic_provider_errors", Chat);
}

#[test]
fn anthropic_leaves_chat() {
    leaves(&OLDER, "anthropic_cancel", Chat);
}

#[test]
fn anthropic_versions_and_credentials_over_chat() {
    run(&OLDER, "anthropic_versions", Chat, |bed| {
        sent::versions(bed, "2023-06-01");
    });
}

#[test]
fn anthropic_answers_over_messages() {
    answers(&OLDER, "anthropic_answers", Messages);
}

#[test]
fn anthropic_async_answers_over_messages() {
    answers(&OLDER, "anthropic_async", Messages);
}

#[test]
fn anthropic_helpers_over_messages() {
    answers(&OLDER, "anthropic_helpers", Messages);
}

#[test]
fn anthropic_parses_over_messages() {
    run(&OLDER, "anthropic_parse", Messages, sent::schema_of_parse);
}

#[test]
fn anthropic_calls_tools_over_messages() {
    run(&OLDER, "anthropic_tools", Messages, sent::tools);
}

#[test]
fn anthropic_raises_what_messages_says() {
    answers(&OLDER, "anthropic_provider_errors", Messages);
}

#[test]
fn anthropic_leaves_messages() {
    leaves(&OLDER, "anthropic_cancel", Messages);
}

#[test]
fn anthropic_versions_and_credentials_over_messages() {
    run(&OLDER, "anthropic_versions", Messages, |bed| {
        sent::versions(bed, "2023-06-01");
    });
}

#[test]
fn anthropic_raises_what_the_gateway_says() {
    refused(&OLDER, "anthropic_errors", Messages);
}

#[test]
fn anthropic_lists_models() {
    answers(&OLDER, "anthropic_models", Messages);
}

#[test]
fn openai_answers_in_responses_over_chat() {
    answers(&OLDER, "openai_responses", Chat);
}

#[test]
fn openai_answers_in_responses_over_messages() {
    answers(&OLDER, "openai_responses", Messages);
}
