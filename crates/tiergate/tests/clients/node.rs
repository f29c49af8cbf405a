//! The SDKs for Node, with the newest versions that run on Node 20.
//! It must not know what a script holds.

use crate::bed::Upstream::{Chat, Messages};
use crate::environment::NODE;
use crate::sent;
use crate::walk::{answers, leaves, refused, run};

#[test]
fn openai_answers_over_chat() {
    answers(&NODE, "openai_answers", Chat);
}

#[test]
fn openai_calls_tools_over_chat() {
    run(&NODE, "openai_tools", Chat, sent::tools);
}

#[test]
fn openai_raises_what_chat_says() {
    answers(&NODE, "openai_provider_errors", Chat);
}

#[test]
fn openai_leaves_chat() {
    leaves(&NODE, "openai_cancel", Chat);
}

#[test]
fn openai_answers_over_messages() {
    answers(&NODE, "openai_answers", Messages);
}

#[test]
fn openai_calls_tools_over_messages() {
    run(&NODE, "openai_tools", Messages, sent::tools);
}

#[test]
fn openai_raises_what_messages_says() {
    answers(&NODE, "openai_provider_errors", Messages);
}

#[test]
fn openai_leaves_messages() {
    leaves(&NODE, "openai_cancel", Messages);
}

#[test]
fn openai_raises_what_the_gateway_says() {
    refused(&NODE, "openai_errors", Chat);
}

#[test]
fn openai_lists_models() {
    refused(&NODE, "openai_models", Chat);
}

#[test]
fn anthropic_answers_over_chat() {
    answers(&NODE, "anthropic_answers", Chat);
}

#[test]
fn anthropic_calls_tools_over_chat() {
    run(&NODE, "anthropic_tools", Chat, sent::tools);
}

#[test]
fn anthropic_raises_what_chat_says() {
    answers(&NODE, "anthropic_provider_errors", Chat);
}

#[test]
fn anthropic_leaves_chat() {
    leaves(&NODE, "anthropic_cancel", Chat);
}

#[test]
fn anthropic_answers_over_messages() {
    answers(&NODE, "anthropic_answers", Messages);
}

#[test]
fn anthropic_calls_tools_over_messages() {
    run(&NODE, "anthropic_tools", Messages, sent::tools);
}

#[test]
fn anthropic_raises_what_messages_says() {
    answers(&NODE, "anthropic_provider_errors", Messages);
}

#[test]
fn anthropic_leaves_messages() {
    leaves(&NODE, "anthropic_cancel", Messages);
}

#[test]
fn anthropic_raises_what_the_gateway_says() {
    refused(&NODE, "anthropic_errors", Messages);
}

#[test]
fn anthropic_lists_models() {
    refused(&NODE, "anthropic_models", Messages);
}
