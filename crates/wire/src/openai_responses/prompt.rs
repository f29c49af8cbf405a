//! The canonical form into a Responses request. It must not know where it came from. Nothing is
//! kept at the provider: what an answer needs of earlier ones stands in the request itself.

use crate::adapt::effort_of;
use crate::canonical::{
    CallForm, Format, Json, Message, Part, Request, Role, Stream, Thinking, Thoughts, ToolResult,
    ToolUse,
};
use crate::dialect::{Encoded, Target};
use crate::fault::{BadRequest, Loss};
use crate::json::write::Writer;
use crate::openai::format::write_schema;
use crate::openai::queues::tier_word;
use crate::openai_responses::tools::{self, NAME_LIMIT};
use crate::openai_responses::{content, reasoning, vocabulary};
use crate::tool_names::{ToolNames, fit_id};
use crate::{splice, turns};

/// Collects what the writing finds on its way.
struct Encoder<'r> {
    request: &'r Request,
    losses: Vec<Loss>,
    names: ToolNames,
    /// Whether a turn holds thoughts of this API.
    has_own_thoughts: bool,
    /// Ids of calls whose arguments are free text: their outputs have a name of their own.
    text_calls: Vec<&'r str>,
}

/// Writes the request.
pub(super) fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, BadRequest> {
    turns::check(request)?;
    check_foreign(request)?;
    let mut encoder = Encoder {
        request,
        losses: Vec::new(),
        names: ToolNames::default(),
        has_own_thoughts: false,
        text_calls: Vec::new(),
    };
    let mut out = Writer::new();
    out.object(|out| {
        out.key("model").string(target.model);
        let mut system = request.system.iter();
        out.string_field("instructions", system.next().map(String::as_str));
        out.key("input").array(|out| {
            for text in system {
                encoder.message("system", &[&Part::Text(text.clone())], out);
            }
            encoder.turns(out);
        });
        tools::write(request, &mut encoder.names, out);
        encoder.settings(out);
        encoder.reasoning(out);
        encoder.text(out);
        encoder.include(out);
        out.key("store").bool(false);
        if matches!(request.stream, Stream::Events(_)) {
            out.key("stream").bool(true);
        }
    });
    Ok(Encoded {
        body: splice::fix(out.finish().into(), super::peek::peek, target.fixed)?,
        losses: encoder.losses,
        tool_names: encoder.names,
    })
}

/// Refuses what the API has no field for and the answer would lack.
fn check_foreign(request: &Request) -> Result<(), BadRequest> {
    if !request.stop.is_empty() {
        let why = "the model's API knows no stop sequences; leave them out";
        return Err(BadRequest::of("stop", why));
    }
    for (at, message) in request.messages.iter().enumerate() {
        let is_audio = |part: &Part| matches!(part, Part::Audio(_));
        let holds = message.parts.iter().any(|part| match part {
            Part::ToolResult(result) => result.parts.iter().any(is_audio),
            part => is_audio(part),
        });
        if holds {
            let why = "the model's API takes no sound recordings";
            return Err(BadRequest::of(format!("messages[{at}].content"), why));
        }
    }
    Ok(())
}

fn raw(json: Option<&Json>) -> Option<&str> {
    json.map(|json| json.0.as_str())
}

/// Names where a part stands.
fn path(at: usize, part: usize) -> String {
    format!("messages[{at}].content[{part}]")
}

impl<'r> Encoder<'r> {
    fn lose(&mut self, path: impl Into<String>, why: &str) {
        self.losses.push(Loss::new(path, why));
    }

    fn settings(&mut self, out: &mut Writer) {
        let request = self.request;
        let sampling = &request.sampling;
        if let Some(most) = request.max_tokens {
            out.key("max_output_tokens").number(most);
        }
        out.raw_field("temperature", raw(sampling.temperature.as_ref()));
        out.raw_field("top_p", raw(sampling.top_p.as_ref()));
        if let Some(most) = request.logprobs.filter(|most| *most > 0) {
            out.key("top_logprobs").number(most);
        }
        out.string_field("user", request.user.as_deref());
        out.string_field("prompt_cache_key", request.cache_key.as_deref());
        out.string_field("service_tier", request.service_tier.as_ref().map(tier_word));
        if !request.metadata.is_empty() {
            out.key("metadata").object(|out| {
                for (key, value) in &request.metadata {
                    out.key(key).string(value);
                }
            });
        }
        let foreign = [
            ("top_k", &sampling.top_k),
            ("presence_penalty", &sampling.presence_penalty),
            ("frequency_penalty", &sampling.frequency_penalty),
            ("seed", &sampling.seed),
        ];
        for (name, value) in foreign {
            if value.is_some() {
                self.lose(name, "the model's API has no such parameter");
            }
        }
    }

    fn reasoning(&mut self, out: &mut Writer) {
        let request = self.request;
        let mut effort = request.effort.as_deref();
        match request.thinking {
            None => {}
            Some(Thinking::Adaptive) if effort.is_some() => {}
            Some(Thinking::Budget(budget)) if effort.is_none() => {
                effort = Some(effort_of(budget));
                self.lose("thinking.budget_tokens", "became an effort in words");
            }
            Some(_) => self.lose("thinking", "the model's API knows an effort alone"),
        }
        let summary = match request.thoughts {
            None | Some(Thoughts::Omitted) => None,
            Some(Thoughts::Told) => Some("auto"),
            Some(Thoughts::Concise) => Some("concise"),
            Some(Thoughts::Detailed) => Some("detailed"),
        };
        if effort.is_some() || summary.is_some() {
            out.key("reasoning").object(|out| {
                out.string_field("effort", effort);
                out.string_field("summary", summary);
            });
        }
    }

    fn text(&self, out: &mut Writer) {
        let request = self.request;
        if request.verbosity.is_none() && request.format.is_none() {
            return;
        }
        out.key("text").object(|out| {
            out.string_field("verbosity", request.verbosity.as_deref());
            let Some(format) = &request.format else {
                return;
            };
            out.key("format").object(|out| match format {
                Format::JsonObject => out.key("type").string("json_object"),
                Format::Schema { .. } => {
                    out.key("type").string("json_schema");
                    write_schema(format, out);
                }
            });
        });
    }

    /// Asks for thoughts in the form in which they can come back, where the request shows that the
    /// model thinks: one that does not refuses to be asked.
    fn include(&self, out: &mut Writer) {
        let request = self.request;
        let thinks = request.effort.as_deref().is_some_and(|word| word != "none")
            || matches!(
                request.thinking,
                Some(Thinking::Adaptive | Thinking::Budget(_))
            )
            || request.thoughts.is_some()
            || self.has_own_thoughts;
        if !thinks && request.logprobs.is_none() {
            return;
        }
        out.key("include").array(|out| {
            if thinks {
                out.string("reasoning.encrypted_content");
            }
            if request.logprobs.is_some() {
                out.string("message.output_text.logprobs");
            }
        });
    }

    fn turns(&mut self, out: &mut Writer) {
        for (at, message) in self.request.messages.iter().enumerate() {
            match message.role {
                Role::Assistant => self.assistant(at, message, out),
                Role::System => self.said(at, "system", message, out),
                Role::User => {
                    // Each output stands alone, and before anything else that is said.
                    for part in &message.parts {
                        if let Part::ToolResult(result) = part {
                            self.result(at, result, out);
                        }
                    }
                    self.said(at, "user", message, out);
                }
            }
        }
    }

    /// Writes what a user's or system's turn says beside the outputs of tools.
    fn said(&mut self, at: usize, role: &str, message: &'r Message, out: &mut Writer) {
        let mut said = Vec::new();
        for (place, part) in message.parts.iter().enumerate() {
            match part {
                Part::ToolResult(_) => {}
                Part::Text(_) | Part::Image(_) | Part::Document { .. } => said.push(part),
                _ => self.lose(path(at, place), "a part that this turn cannot hold"),
            }
        }
        if !said.is_empty() {
            self.message(role, &said, out);
        }
    }

    fn message(&self, role: &str, parts: &[&Part], out: &mut Writer) {
        out.object(|out| {
            out.key("type").string("message");
            out.key("role").string(role);
            let out = out.key("content");
            match parts {
                [Part::Text(text)] => out.string(text),
                parts => out.array(|out| {
                    for part in parts {
                        content::write_input(part, out);
                    }
                }),
            }
        });
    }

    fn result(&mut self, at: usize, result: &ToolResult, out: &mut Writer) {
        let place = format!("messages[{at}].content");
        if result.failed {
            self.lose(&place, "is_error became the prefix \"Error: \"");
        }
        let prefix = if result.failed { "Error: " } else { "" };
        let is_text = self.text_calls.contains(&result.id.as_str());
        let form = if is_text {
            "custom_tool_call_output"
        } else {
            "function_call_output"
        };
        let mut is_foreign = false;
        out.object(|out| {
            out.key("type").string(form);
            out.key("call_id").string(&fit_id(&result.id));
            let out = out.key("output");
            match result.parts.as_slice() {
                [] => out.string(prefix),
                [Part::Text(text)] => out.string(&format!("{prefix}{text}")),
                parts => out.array(|out| {
                    if result.failed {
                        content::write_input(&Part::Text(prefix.to_owned()), out);
                    }
                    for part in parts {
                        is_foreign |= !content::write_input(part, out);
                    }
                }),
            }
        });
        if is_foreign {
            self.lose(&place, "a part that no output can hold");
        }
    }

    /// Writes a turn of the model: its messages, calls and thoughts in their order.
    fn assistant(&mut self, at: usize, message: &'r Message, out: &mut Writer) {
        let mut said: Vec<&Part> = Vec::new();
        for (place, part) in message.parts.iter().enumerate() {
            match part {
                Part::Text(_) | Part::Refusal(_) => {
                    said.push(part);
                    continue;
                }
                Part::Citation(citation) => {
                    let own = citation.own.as_ref();
                    let is_own = own.is_some_and(|own| own.maker == vocabulary::NAME);
                    if is_own && !said.is_empty() {
                        said.push(part);
                    } else {
                        let why = "a citation can go back to its own maker alone";
                        self.lose(path(at, place), why);
                    }
                    continue;
                }
                Part::Logprobs(_) => {
                    self.lose(path(at, place), "the model's API takes no probabilities");
                    continue;
                }
                _ => {}
            }
            write_said(&std::mem::take(&mut said), out);
            self.beside(&path(at, place), part, out);
        }
        write_said(&said, out);
    }

    /// Writes a part that is an item of its own.
    fn beside(&mut self, path: &str, part: &'r Part, out: &mut Writer) {
        let foreign = "thoughts are of use to their own maker alone";
        match part {
            Part::ToolUse(call) => self.call(path, call, out),
            Part::Thinking { signature, .. } => match signature.as_ref().and_then(reasoning::own) {
                Some(item) => self.own(item, out),
                None => self.lose(path, foreign),
            },
            Part::HiddenThinking(sealed) => match reasoning::own(sealed) {
                Some(item) => self.own(item, out),
                None => self.lose(path, foreign),
            },
            _ => self.lose(path, "a part that this turn cannot hold"),
        }
    }

    fn own(&mut self, item: &str, out: &mut Writer) {
        self.has_own_thoughts = true;
        out.raw(item);
    }

    fn call(&mut self, path: &str, call: &'r ToolUse, out: &mut Writer) {
        if call.signature.is_some() {
            let why = "a call's signature is of use to its maker alone";
            self.lose(path, why);
        }
        let name = self.names.fit(&call.name, NAME_LIMIT);
        let is_empty = call.arguments.trim().is_empty();
        let (form, field, arguments) = match call.form {
            CallForm::Text => ("custom_tool_call", "input", call.arguments.as_str()),
            CallForm::Json if is_empty => ("function_call", "arguments", "{}"),
            CallForm::Json => ("function_call", "arguments", call.arguments.as_str()),
        };
        if call.form == CallForm::Text {
            self.text_calls.push(&call.id);
        }
        out.object(|out| {
            out.key("type").string(form);
            out.key("call_id").string(&fit_id(&call.id));
            out.key("name").string(&name);
            out.key(field).string(arguments);
        });
    }
}

/// Writes what the model said until now as one message.
fn write_said(parts: &[&Part], out: &mut Writer) {
    if parts.is_empty() {
        return;
    }
    out.object(|out| {
        out.key("type").string("message");
        out.key("role").string("assistant");
        out.key("content").array(|out| {
            for (at, part) in parts.iter().enumerate() {
                match part {
                    Part::Text(text) => out.object(|out| {
                        out.key("type").string("output_text");
                        out.key("text").string(text);
                        write_annotations(parts.get(at + 1..).unwrap_or_default(), out);
                    }),
                    Part::Refusal(text) => out.object(|out| {
                        out.key("type").string("refusal");
                        out.key("refusal").string(text);
                    }),
                    _ => {}
                }
            }
        });
    });
}

/// Gives the citations right behind a text back to their maker.
fn write_annotations(behind: &[&Part], out: &mut Writer) {
    let own = behind.iter().map_while(|part| match part {
        Part::Citation(citation) => citation.own.as_ref(),
        _ => None,
    });
    let own: Vec<_> = own.collect();
    if !own.is_empty() {
        out.key("annotations")
            .array(|out| own.iter().for_each(|own| out.raw(&own.text)));
    }
}
