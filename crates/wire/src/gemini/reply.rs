//! Unstreamed answers, both ways. It must not know the other dialect.

use crate::canonical::{Part, Reply};
use crate::dialect::DecodeEvents;
use crate::dialect::Translated;
use crate::fault::{BadRequest, Malformed};
use crate::gemini::events::Events;
use crate::gemini::saying::Saying;
use crate::gemini::vocabulary::malformed;
use crate::json::write::Writer;
use crate::stream::Accumulator;

/// Reads an answer, as a stream of one chunk: so both ways say the same.
pub(super) fn decode(body: &[u8]) -> Result<Translated<Reply>, Malformed> {
    let mut events = Events::default();
    let mut read = Vec::new();
    events.chunk(body, &mut read)?;
    if !events.has_answer() {
        let fault = BadRequest::of("candidates", "is required");
        return Err(malformed(fault.to_string()));
    }
    events.end(&mut read);
    let mut sum = Accumulator::default();
    for event in &read {
        let added = sum.push(event);
        added.map_err(|_| malformed("it reports an error"))?;
    }
    Ok(Translated {
        value: sum.finish(),
        losses: events.take_losses(),
    })
}

/// Writes an answer.
pub(super) fn encode(reply: &Reply) -> Translated<Vec<u8>> {
    let mut saying = Saying::default();
    saying.begin(&reply.id, &reply.model);
    saying.usage = reply.usage;
    saying.tier.clone_from(&reply.service_tier);
    let mut parts = Writer::new();
    parts.array(|out| {
        let mut any = false;
        for part in &reply.parts {
            any |= write_part(part, &mut saying, out);
        }
        let why = saying.unsaid(&reply.stop);
        if !any || why.is_some() {
            // Clients take a content without parts for a broken one.
            saying.text(why.unwrap_or_default(), out);
        }
    });
    let parts = String::from_utf8(parts.finish()).unwrap_or_default();
    let mut out = Writer::new();
    saying.last_chunk(&reply.stop, &parts, &mut out);
    Translated {
        value: out.finish(),
        losses: saying.losses,
    }
}

/// Writes a part; says whether it did.
fn write_part(part: &Part, saying: &mut Saying, out: &mut Writer) -> bool {
    if !matches!(part, Part::Citation(_) | Part::Logprobs(_)) {
        saying.said.end();
    }
    match part {
        Part::Text(text) | Part::Refusal(text) => {
            saying.has_refused |= matches!(part, Part::Refusal(_));
            if text.is_empty() {
                return false;
            }
            saying.text(text, out);
        }
        Part::Thinking { text, signature } => {
            saying.thought(text, signature.as_ref(), out);
        }
        Part::HiddenThinking(sealed) => saying.hidden(sealed, out),
        Part::ToolUse(call) => return saying.call(call, out),
        Part::Citation(citation) => {
            saying.cite(citation);
            return false;
        }
        Part::Logprobs(list) => {
            saying.logprobs.push(list.clone());
            return false;
        }
        Part::Image(_) | Part::Document { .. } | Part::Audio(_) | Part::ToolResult(_) => {
            saying.lose("content", "the client's API has no such part");
            return false;
        }
    }
    true
}
