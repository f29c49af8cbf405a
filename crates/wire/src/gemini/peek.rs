//! Reading what a decision needs of a request: of its body, and of the path that names its model.
//! It must not judge what only the provider can.

use std::borrow::Cow;
use std::ops::Range;

use crate::fault::BadRequest;
use crate::gemini::call;
use crate::gemini::names::camel;
use crate::gemini::seal::is_placeholder;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::known;
use crate::peek::{Features, IncludeUsage, Opening, Peek};
use crate::survey::walk;

/// Collects what the pass finds.
#[derive(Debug, Default)]
struct Draft<'a> {
    model_span: Range<usize>,
    has_contents: bool,
    max_tokens: Option<u64>,
    opening: Opening<'a>,
    features: Features,
}

/// Reads the body and its path's variable segment.
pub(super) fn peek<'a>(body: &'a [u8], call: Option<&'a str>) -> Result<Peek<'a>, BadRequest> {
    let Some(call) = call.and_then(call::read) else {
        return Err(BadRequest::of(
            "model",
            "is named by the path, as in models/MODEL:generateContent",
        ));
    };
    let mut draft = Draft::default();
    let insert_at = walk(body, spelt, |cursor, name| draft.field(cursor, name))?;
    if !draft.has_contents {
        return Err(BadRequest::of("contents", "is required"));
    }
    draft.features.stream = call.stream;
    Ok(Peek {
        model: call.model,
        model_span: draft.model_span,
        stream: call.stream,
        include_usage: IncludeUsage::NotNeeded,
        max_tokens: draft.max_tokens,
        conversation: None,
        opening: draft.opening,
        features: draft.features,
        insert_at,
    })
}

fn spelt(key: Cow<'_, str>) -> Cow<'_, str> {
    let other = match camel(&key) {
        Cow::Borrowed(_) => None,
        Cow::Owned(name) => Some(name),
    };
    other.map_or(key, Cow::Owned)
}

impl<'a> Draft<'a> {
    fn field(&mut self, cursor: &mut Cursor<'a>, name: &str) -> Scan<()> {
        match name {
            "model" => {
                if cursor.kind()? != Kind::String {
                    return cursor.wrong("model", "a string");
                }
                self.model_span = cursor.skip()?;
            }
            "contents" => {
                if cursor.kind()? != Kind::Array {
                    return cursor.wrong("contents", "an array");
                }
                self.has_contents = true;
                cursor.array(|cursor| self.content(cursor))?;
            }
            "systemInstruction" => {
                let is_set = cursor.kind()? != Kind::Null;
                let span = cursor.skip()?;
                self.features.system = is_set;
                self.opening.system = is_set.then(|| cursor.slice(span));
            }
            "tools" => cursor.array_or_skip(|cursor| self.tools(cursor))?,
            "toolConfig" => cursor.object_or_skip(|cursor, key| match &*camel(&key) {
                "functionCallingConfig" => self.choice(cursor),
                _ => cursor.pass(),
            })?,
            "generationConfig" => {
                cursor.object_or_skip(|cursor, key| self.setting(cursor, &camel(&key)))?;
            }
            "cachedContent" => {
                self.features.cache_control = cursor.kind()? != Kind::Null;
                cursor.pass()?;
            }
            _ => cursor.pass()?,
        }
        Ok(())
    }

    fn content(&mut self, cursor: &mut Cursor<'a>) -> Scan<()> {
        self.features.messages += 1;
        let mut role = None;
        let mut parts = None;
        cursor.object_or_skip(|cursor, key| {
            match &*key {
                "role" => role = cursor.string_or_skip()?,
                "parts" => {
                    cursor.kind()?;
                    let start = cursor.at();
                    cursor.array_or_skip(|cursor| self.part(cursor))?;
                    parts = Some(cursor.slice(start..cursor.at()));
                }
                _ => cursor.pass()?,
            }
            Ok(())
        })?;
        self.features.prefill = role.as_deref() == Some("model");
        self.features.answers += u32::from(self.features.prefill);
        if !self.features.prefill {
            self.opening.user = self.opening.user.or(parts);
        }
        Ok(())
    }

    /// Counts a part; the answer of a function may hold parts of its own.
    fn part(&mut self, cursor: &mut Cursor<'a>) -> Scan<()> {
        let mut thinks = false;
        cursor.object_or_skip(|cursor, key| match &*camel(&key) {
            "thought" => {
                let span = cursor.skip()?;
                thinks |= cursor.slice(span) == "true";
                Ok(())
            }
            "thoughtSignature" => {
                let sealed = cursor.string_or_skip()?;
                thinks |= sealed.is_some_and(|sealed| !is_placeholder(&sealed));
                Ok(())
            }
            "inlineData" | "fileData" => self.media(cursor),
            "functionResponse" => cursor.object_or_skip(|cursor, key| match &*key {
                "parts" => cursor.array_or_skip(|cursor| {
                    cursor.object_or_skip(|cursor, key| match &*camel(&key) {
                        "inlineData" | "fileData" => self.media(cursor),
                        _ => cursor.pass(),
                    })
                }),
                _ => cursor.pass(),
            }),
            _ => cursor.pass(),
        })?;
        self.features.thoughts += u32::from(thinks);
        Ok(())
    }

    fn media(&mut self, cursor: &mut Cursor<'a>) -> Scan<()> {
        let mut kind = None;
        cursor.object_or_skip(|cursor, key| {
            match &*camel(&key) {
                "mimeType" => kind = cursor.string_or_skip()?,
                _ => cursor.pass()?,
            }
            Ok(())
        })?;
        let kind = kind.unwrap_or_default();
        match kind.split('/').next() {
            Some("image") => self.features.images += 1,
            Some("audio") => self.features.audio += 1,
            _ => self.features.documents += 1,
        }
        Ok(())
    }

    /// Counts the functions that a tool declares; one of the provider's own counts as one.
    fn tools(&mut self, cursor: &mut Cursor<'a>) -> Scan<()> {
        cursor.object_or_skip(|cursor, key| {
            if &*camel(&key) == "functionDeclarations" {
                return cursor.array_or_skip(|cursor| {
                    self.features.tools += 1;
                    cursor.pass()
                });
            }
            self.features.tools += u32::from(cursor.kind()? != Kind::Null);
            cursor.pass()
        })
    }

    fn choice(&mut self, cursor: &mut Cursor<'a>) -> Scan<()> {
        cursor.object_or_skip(|cursor, key| {
            match &*key {
                "mode" => {
                    let mode = cursor.string_or_skip()?;
                    self.features.forced_tool = mode.as_deref() == Some("ANY");
                }
                _ => cursor.pass()?,
            }
            Ok(())
        })
    }

    fn setting(&mut self, cursor: &mut Cursor<'a>, name: &str) -> Scan<()> {
        let kind = cursor.kind()?;
        let features = &mut self.features;
        let sampling = match name {
            "maxOutputTokens" => {
                self.max_tokens = count(cursor)?;
                return Ok(());
            }
            "thinkingConfig" => return self.thinking(cursor),
            "stopSequences" => {
                return cursor.array_or_skip(|cursor| {
                    features.stop_sequences = true;
                    cursor.pass()
                });
            }
            "responseMimeType" => {
                let form = cursor.string_or_skip()?;
                features.structured_output |= form.is_some_and(|form| form != "text/plain");
                return Ok(());
            }
            "responseSchema" | "responseJsonSchema" => {
                features.structured_output |= kind != Kind::Null;
                return cursor.pass();
            }
            "topP" => "top_p",
            "topK" => "top_k",
            "presencePenalty" => "presence_penalty",
            "frequencyPenalty" => "frequency_penalty",
            "responseLogprobs" => "logprobs",
            "logprobs" => "top_logprobs",
            "candidateCount" => "n",
            other => other,
        };
        let span = cursor.skip()?;
        if kind != Kind::Null {
            self.features.sample(sampling, cursor.slice(span));
        }
        Ok(())
    }

    fn thinking(&mut self, cursor: &mut Cursor<'a>) -> Scan<()> {
        cursor.object_or_skip(|cursor, key| {
            match &*camel(&key) {
                "thinkingBudget" => {
                    let kind = cursor.kind()?;
                    let span = cursor.skip()?;
                    let budget = cursor.slice(span).trim_matches('"');
                    self.features.thinking |= kind != Kind::Null && budget != "0";
                    self.features.thinking_budget = budget.parse().ok();
                    self.features.thinking_form = (kind != Kind::Null).then_some(match budget {
                        "0" => "disabled",
                        "-1" => "adaptive",
                        _ => "budget",
                    });
                }
                "thinkingLevel" => {
                    self.features.thinking |= cursor.kind()? != Kind::Null;
                    let level = cursor.string_or_skip()?;
                    self.features.effort = level.map(|level| known::effort(&level));
                }
                _ => cursor.pass()?,
            }
            Ok(())
        })
    }
}

/// Reads a count, which the API takes as a string too.
fn count(cursor: &mut Cursor<'_>) -> Scan<Option<u64>> {
    if cursor.kind()? != Kind::String {
        return cursor.optional_whole("generationConfig.maxOutputTokens");
    }
    let text = cursor.string()?;
    Ok(text.parse().ok())
}
