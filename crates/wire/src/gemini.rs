//! The dialect `gemini`: Google's generateContent and streamGenerateContent. It must not know
//! another dialect, nor any provider's own ways.

mod call;
mod calls;
mod candidates;
mod citations;
mod edit;
mod errors;
mod events;
mod logprobs;
mod names;
mod partial;
mod parts;
mod peek;
mod prompt;
mod reply;
mod request;
mod saying;
mod schema;
mod seal;
mod settings;
mod tap;
mod thoughts;
mod tools;
mod vocabulary;
mod writer;

use std::time::Duration;

use bytes::Bytes;

use crate::canonical::{Reply, Request, UsageChunk};
use crate::dialect::{
    DecodeEvents, Dialect, EncodeEvents, Encoded, ListedModel, Observed, Stripped, Tap, Target,
    Translated,
};
use crate::fault::{BadRequest, Malformed, WireError};
use crate::frames::Framing;
use crate::peek::{Edits, Peek};

pub use call::decode as decode_segment;
pub(crate) use vocabulary::NAME;

/// Speaks the Gemini API.
#[derive(Clone, Copy, Debug)]
pub struct Gemini;

impl Dialect for Gemini {
    fn name(&self) -> &'static str {
        NAME
    }

    fn own_header(&self) -> Option<&'static str> {
        self.key_header()
    }

    fn key_header(&self) -> Option<&'static str> {
        Some("x-goog-api-key")
    }

    fn key_parameter(&self) -> Option<&'static str> {
        Some("key")
    }

    fn answers(&self, call: &str) -> bool {
        call::read(call).is_some()
    }

    fn framing(&self, query: Option<&str>) -> Framing {
        let mut fields = query.unwrap_or_default().split('&');
        if fields.any(|field| matches!(field, "alt=sse" | "$alt=sse" | "%24alt=sse")) {
            Framing::Events
        } else {
            Framing::Array
        }
    }

    fn call(&self, model: &str, stream: bool) -> Option<String> {
        Some(call::write(model, stream))
    }

    fn request_id_header(&self) -> &'static str {
        "x-request-id"
    }

    fn peek<'a>(&self, body: &'a [u8], call: Option<&'a str>) -> Result<Peek<'a>, BadRequest> {
        peek::peek(body, call)
    }

    fn edit(&self, body: &Bytes, peek: &Peek<'_>, edits: &Edits<'_>) -> Bytes {
        edit::edit(body, peek, edits)
    }

    fn without_thoughts(&self, body: &[u8], below: u32) -> Option<Stripped> {
        thoughts::without(body, below)
    }

    fn decode_request(
        &self,
        body: &[u8],
        _version: Option<&str>,
    ) -> Result<Translated<Request>, BadRequest> {
        request::decode(body)
    }

    fn encode_request(
        &self,
        request: &Request,
        target: &Target<'_>,
    ) -> Result<Encoded, BadRequest> {
        prompt::encode(request, target)
    }

    fn decode_reply(&self, body: &[u8]) -> Result<Translated<Reply>, Malformed> {
        reply::decode(body)
    }

    fn encode_reply(&self, reply: &Reply) -> Translated<Vec<u8>> {
        reply::encode(reply)
    }

    fn events(&self) -> Box<dyn DecodeEvents> {
        Box::new(events::Events::default())
    }

    fn writer(&self, _usage: UsageChunk) -> Box<dyn EncodeEvents> {
        Box::new(writer::Chunks::default())
    }

    fn tap(&self, _usage: UsageChunk) -> Box<dyn Tap> {
        Box::new(tap::GeminiTap::default())
    }

    fn observe(&self, body: &[u8]) -> Observed {
        tap::observe(body)
    }

    fn status_of(&self, error: &WireError) -> u16 {
        errors::status_of(error)
    }

    fn error_body(&self, error: &WireError) -> Vec<u8> {
        errors::body(error)
    }

    fn error_event(&self, error: &WireError) -> Vec<u8> {
        errors::event(error)
    }

    fn read_error(&self, status: u16, body: &[u8]) -> WireError {
        errors::read(status, body)
    }

    fn retry_after(&self, body: &[u8]) -> Option<Duration> {
        errors::retry_after(body)
    }

    fn models_page(&self, models: &[ListedModel<'_>]) -> Vec<u8> {
        errors::models_page(models)
    }

    fn model(&self, model: &ListedModel<'_>) -> Vec<u8> {
        errors::model(model)
    }
}

#[cfg(test)]
mod tests;
