//! What an answer says, part by part, streamed or not, and what stands beside it at its end. It
//! must not know where the answer came from.

use crate::canonical::{CallForm, Citation, Json, ServiceTier, Stop, StopReason, ToolUse, Usage};
use crate::fault::Loss;
use crate::gemini::citations::{self, Said};
use crate::gemini::vocabulary::{
    NAME, finish_reason, lost_stop, lost_usage, tier_word, write_usage,
};
use crate::gemini::{logprobs, prompt, seal};
use crate::json::write::Writer;
use crate::sealed::{Sealed, Seals};

/// Writes one answer's parts and its end.
#[derive(Debug, Default)]
pub(super) struct Saying {
    id: String,
    model: String,
    pub(super) usage: Option<Usage>,
    pub(super) tier: Option<ServiceTier>,
    pub(super) said: Said,
    citations: Vec<String>,
    pub(super) logprobs: Vec<Json>,
    has_cut_call: bool,
    /// Whether the model refused in words of its own.
    pub(super) has_refused: bool,
    /// Calls until now.
    calls: u32,
    pub(super) losses: Vec<Loss>,
}

impl Saying {
    /// Notes whose answer it is.
    pub(super) fn begin(&mut self, id: &str, model: &str) {
        id.clone_into(&mut self.id);
        model.clone_into(&mut self.model);
    }

    /// Notes a loss once.
    pub(super) fn lose(&mut self, path: &str, why: &str) {
        if self.losses.iter().all(|loss| loss.path != path) {
            self.losses.push(Loss::new(path, why));
        }
    }

    /// Writes a text.
    pub(super) fn text(&mut self, text: &str, out: &mut Writer) {
        self.said.push(text);
        out.object(|out| out.key("text").string(text));
    }

    /// Gives what a refusal says that was not said in words of its own: clients show the text, and
    /// no message beside the reason.
    pub(super) fn unsaid<'s>(&self, stop: &'s Stop) -> Option<&'s str> {
        let is_unsaid = stop.reason == StopReason::Refusal && !self.has_refused;
        let why = stop.explanation.as_deref().filter(|_| is_unsaid);
        why.filter(|why| !why.is_empty())
    }

    /// Writes thoughts.
    pub(super) fn thought(&mut self, text: &str, signature: Option<&Sealed>, out: &mut Writer) {
        out.object(|out| {
            out.key("text").string(text);
            out.key("thought").bool(true);
            if let Some(signature) = signature {
                let text = seal::carry(signature, Seals::Thoughts);
                out.key("thoughtSignature").string(&text);
            }
        });
    }

    /// Writes thoughts that only their maker can read: a part without text.
    pub(super) fn hidden(&mut self, sealed: &Sealed, out: &mut Writer) {
        let is_own = sealed.for_maker(NAME).is_some();
        out.object(|out| {
            out.key("text").string("");
            if !is_own {
                out.key("thought").bool(true);
            }
            let text = seal::carry(sealed, Seals::Hidden);
            out.key("thoughtSignature").string(&text);
        });
    }

    /// Writes a call; says whether it did. One whose arguments were cut off has no form here, and
    /// one with other arguments would be another call.
    pub(super) fn call(&mut self, call: &ToolUse, out: &mut Writer) -> bool {
        let number = self.calls;
        self.calls += 1;
        if call.form == CallForm::Text {
            let why = "the call's free text became the field input of an object";
            self.lose(&format!("tool_calls[{number}]"), why);
        }
        let Some(arguments) = prompt::arguments(call.form, &call.arguments) else {
            self.has_cut_call = true;
            let why = "the arguments are no whole object, so the call is left out";
            self.lose("tool_calls", why);
            return false;
        };
        out.object(|out| {
            out.key("functionCall").object(|out| {
                out.key("id").string(&call.id);
                out.key("name").string(&call.name);
                out.key("args").raw(&arguments);
            });
            if let Some(signature) = &call.signature {
                let text = seal::carry(signature, Seals::Call);
                out.key("thoughtSignature").string(&text);
            }
        });
        true
    }

    /// Keeps a citation for the end.
    pub(super) fn cite(&mut self, citation: &Citation) {
        match citations::write(citation, &self.said) {
            Some(written) => self.citations.push(written),
            None => self.lose("citations", "one without address or title has no form"),
        }
        let own = citation.own.as_ref().and_then(|own| own.for_maker(NAME));
        if citation.quote.is_some() && own.is_none() {
            self.lose("citations.quote", "the source's own words have no field");
        }
    }

    /// Writes a chunk with parts that go on.
    pub(super) fn chunk(&self, parts: &str, out: &mut Writer) {
        out.object(|out| {
            out.key("candidates").array(|out| {
                out.object(|out| write_content(parts, out));
            });
            self.write_names(out);
        });
    }

    /// Writes a chunk with the answer's last parts and all that stands at its end.
    pub(super) fn last_chunk(&mut self, stop: &Stop, parts: &str, out: &mut Writer) {
        let (word, own) = finish_reason(stop);
        let is_cut = self.has_cut_call && stop.reason != StopReason::MaxTokens;
        let word = if is_cut {
            "MALFORMED_FUNCTION_CALL"
        } else {
            word
        };
        let result = match self.logprobs.as_slice() {
            [] => None,
            lists => logprobs::write(lists),
        };
        out.object(|out| {
            out.key("candidates").array(|out| {
                out.object(|out| {
                    write_content(parts, out);
                    out.key("finishReason").string(word);
                    let native = stop.native.as_deref().filter(|native| *native != word);
                    out.string_field("nativeFinishReason", native.or(own));
                    if !self.citations.is_empty() {
                        let list = self.citations.join(",");
                        out.key("citationMetadata")
                            .object(|out| out.key("citationSources").raw(&format!("[{list}]")));
                    }
                    out.raw_field("logprobsResult", result.as_deref());
                });
            });
            if let Some(usage) = &self.usage {
                write_usage(out.key("usageMetadata"), usage, self.tier.as_ref());
            }
            self.write_names(out);
        });
        if result.is_none() && !self.logprobs.is_empty() {
            self.lose("logprobs", "the list cannot be read");
        }
        if self
            .tier
            .as_ref()
            .is_some_and(|tier| tier_word(tier).is_none())
        {
            self.lose("service_tier", "there is no word for it");
        }
        self.losses.extend(lost_usage(self.usage.as_ref()));
        self.losses.extend(lost_stop(stop));
    }

    fn write_names(&self, out: &mut Writer) {
        out.key("modelVersion").string(&self.model);
        out.key("responseId").string(&self.id);
    }
}

fn write_content(parts: &str, out: &mut Writer) {
    out.key("content").object(|out| {
        out.key("parts").raw(parts);
        out.key("role").string("model");
    });
    out.key("index").number(0);
}
