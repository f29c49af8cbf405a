//! Google's own SDK: the dialect `gemini`, with models behind it that speak another.
//! It must not know what a script holds.

use crate::bed::Upstream::{Chat, Messages};
use crate::environment::GOOGLE;
use crate::walk::{answers, refused};

#[test]
fn google_answers_over_chat() {
    answers(&GOOGLE, "google_answers", Chat);
}

#[test]
fn google_answers_over_messages() {
    answers(&GOOGLE, "google_answers", Messages);
}

#[test]
fn google_calls_tools_over_chat() {
    answers(&GOOGLE, "google_tools", Chat);
}

#[test]
fn google_calls_tools_over_messages() {
    answers(&GOOGLE, "google_tools", Messages);
}

#[test]
fn a_key_in_the_query_goes_no_further_and_a_stream_may_be_an_array() {
    answers(&GOOGLE, "google_raw", Chat);
}

#[test]
fn google_raises_what_the_gateway_says() {
    refused(&GOOGLE, "google_errors", Chat);
}
