//! The canonical form into a Chat Completions request. It must not know where it came from.

use crate::adapt::effort_of;
use crate::canonical::{
    CallForm, Format, Json, Message, Part, Request, Role, Source, Stream, Thinking, Thoughts,
    ToolChoice, ToolInput, ToolResult, ToolUse,
};
use crate::dialect::{Encoded, Target};
use crate::fault::{BadRequest, Loss};
use crate::json::write::Writer;
use crate::openai::format::write_schema;
use crate::openai::queues::tier_word;
use crate::openai_chat::thoughts::{self, DETAILS};
use crate::openai_chat::tools::{self, NAME_LIMIT, is_extra, write_call};
use crate::openai_chat::vocabulary::{MOVED, NAME};
use crate::sealed::{CHANGED, Sealed};
use crate::tool_names::{ToolNames, fit_id};
use crate::{sources, splice, turns};

/// Collects what the writing finds on its way.
struct Encoder<'r> {
    request: &'r Request,
    losses: Vec<Loss>,
    names: ToolNames,
}

/// Writes the request.
pub(super) fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, BadRequest> {
    turns::check(request)?;
    check_sources(request)?;
    let mut encoder = Encoder {
        request,
        losses: Vec::new(),
        names: ToolNames::default(),
    };
    let mut out = Writer::new();
    out.object(|out| {
        out.key("model").string(target.model);
        out.key("messages").array(|out| encoder.messages(out));
        encoder.tools(out);
        encoder.settings(out);
        encoder.effort(out);
        encoder.format(out);
        if matches!(request.stream, Stream::Events(_)) {
            out.key("stream").bool(true);
            out.key("stream_options")
                .object(|out| out.key("include_usage").bool(true));
        }
    });
    Ok(Encoded {
        body: splice::fix(out.finish().into(), super::peek::peek, target.fixed)?,
        losses: encoder.losses,
        tool_names: encoder.names,
    })
}

/// Refuses what stands at an address where this dialect takes it inline alone, and recordings of a
/// kind that it does not take.
fn check_sources(request: &Request) -> Result<(), BadRequest> {
    let fault = |part: &Part| match part {
        Part::Document {
            source: Source::Url(_),
            ..
        } => Some("a document at an address cannot be carried to this model's API; send it inline"),
        Part::Audio(source) if sound(source).is_none() => {
            Some("the model's API takes sound recordings inline, as wav or mp3")
        }
        _ => None,
    };
    for (at, message) in request.messages.iter().enumerate() {
        let mut parts = message.parts.iter();
        let found = parts.find_map(|part| match part {
            Part::ToolResult(result) => result.parts.iter().find_map(fault),
            part => fault(part),
        });
        if let Some(why) = found {
            return Err(BadRequest::of(format!("messages[{at}].content"), why));
        }
    }
    Ok(())
}

/// Gives a recording's form and bytes as this dialect takes them.
fn sound(source: &Source) -> Option<(&'static str, &str)> {
    let Source::Inline { media_type, base64 } = source else {
        return None;
    };
    let form = match media_type.as_str() {
        "audio/wav" | "audio/x-wav" | "audio/wave" => "wav",
        "audio/mp3" | "audio/mpeg" => "mp3",
        _ => return None,
    };
    Some((form, base64))
}

fn raw(json: Option<&Json>) -> Option<&str> {
    json.map(|json| json.0.as_str())
}

impl Encoder<'_> {
    fn lose(&mut self, path: impl Into<String>, why: &str) {
        self.losses.push(Loss::new(path, why));
    }

    fn settings(&mut self, out: &mut Writer) {
        let request = self.request;
        let sampling = &request.sampling;
        if let Some(most) = request.max_tokens {
            out.key("max_completion_tokens").number(most);
        }
        if !request.stop.is_empty() {
            out.key("stop").array(|out| {
                for text in &request.stop {
                    out.string(text);
                }
            });
        }
        out.raw_field("temperature", raw(sampling.temperature.as_ref()));
        out.raw_field("top_p", raw(sampling.top_p.as_ref()));
        out.raw_field("presence_penalty", raw(sampling.presence_penalty.as_ref()));
        out.raw_field(
            "frequency_penalty",
            raw(sampling.frequency_penalty.as_ref()),
        );
        out.raw_field("seed", raw(sampling.seed.as_ref()));
        out.string_field("user", request.user.as_deref());
        out.string_field("verbosity", request.verbosity.as_deref());
        out.string_field("prompt_cache_key", request.cache_key.as_deref());
        out.string_field("service_tier", request.service_tier.as_ref().map(tier_word));
        if !request.metadata.is_empty() {
            out.key("metadata").object(|out| {
                for (key, value) in &request.metadata {
                    out.key(key).string(value);
                }
            });
        }
        if let Some(most) = request.logprobs {
            out.key("logprobs").bool(true);
            if most > 0 {
                out.key("top_logprobs").number(most);
            }
        }
        if sampling.top_k.is_some() {
            self.lose("top_k", "the model's API has no such parameter");
        }
    }

    fn effort(&mut self, out: &mut Writer) {
        let effort = self.request.effort.as_deref();
        out.string_field("reasoning_effort", effort);
        match self.request.thinking {
            None => {}
            Some(Thinking::Adaptive) if effort.is_some() => {}
            Some(Thinking::Budget(budget)) if effort.is_none() => {
                out.key("reasoning_effort").string(effort_of(budget));
                self.lose("thinking.budget_tokens", "became an effort in words");
            }
            Some(_) => self.lose("thinking", "the model's API knows an effort alone"),
        }
        let thoughts = self.request.thoughts;
        if thoughts.is_some_and(|thoughts| thoughts != Thoughts::Omitted) {
            let why = "thoughts are told as the model's server does";
            self.lose("reasoning.summary", why);
        }
    }

    fn format(&mut self, out: &mut Writer) {
        let Some(format) = &self.request.format else {
            return;
        };
        out.key("response_format").object(|out| match format {
            Format::JsonObject => out.key("type").string("json_object"),
            Format::Schema { .. } => {
                out.key("type").string("json_schema");
                out.key("json_schema")
                    .object(|out| write_schema(format, out));
            }
        });
    }

    fn tools(&mut self, out: &mut Writer) {
        let request = self.request;
        if !request.tools.is_empty() {
            out.key("tools").array(|out| {
                for tool in &request.tools {
                    tools::write(tool, &self.names.fit(&tool.name, NAME_LIMIT), out);
                }
            });
        }
        if let Some(choice) = &request.tool_choice {
            let out = out.key("tool_choice");
            match choice {
                ToolChoice::Auto => out.string("auto"),
                ToolChoice::Any => out.string("required"),
                ToolChoice::None => out.string("none"),
                ToolChoice::Tool(name) => self.named(name, out),
                ToolChoice::Allowed { names, is_required } => out.object(|out| {
                    out.key("type").string("allowed_tools");
                    out.key("allowed_tools").object(|out| {
                        let mode = if *is_required { "required" } else { "auto" };
                        out.key("mode").string(mode);
                        out.key("tools")
                            .array(|out| names.iter().for_each(|name| self.named(name, out)));
                    });
                }),
            }
        }
        if let Some(parallel) = request.parallel_tools {
            out.key("parallel_tool_calls").bool(parallel);
        }
    }

    fn named(&mut self, name: &str, out: &mut Writer) {
        let mut tools = self.request.tools.iter();
        let is_text =
            tools.any(|tool| tool.name == name && matches!(tool.input, ToolInput::Text(_)));
        let form = if is_text {
            CallForm::Text
        } else {
            CallForm::Json
        };
        tools::write_named(form, &self.names.fit(name, NAME_LIMIT), out);
    }

    fn messages(&mut self, out: &mut Writer) {
        let request = self.request;
        if !request.system.is_empty() {
            let texts: Vec<_> = request.system.iter().cloned().map(Part::Text).collect();
            self.message("system", &texts.iter().collect::<Vec<_>>(), out);
        }
        for (at, message) in request.messages.iter().enumerate() {
            match message.role {
                Role::Assistant => self.assistant(at, message, out),
                Role::System => {
                    self.message("system", &message.parts.iter().collect::<Vec<_>>(), out)
                }
                Role::User => self.user(at, message, out),
            }
        }
    }

    /// Writes a user's turn: first a message for each result, then the rest with the pictures that
    /// a result may not hold here.
    fn user(&mut self, at: usize, message: &Message, out: &mut Writer) {
        let mut rest: Vec<&Part> = Vec::new();
        for part in &message.parts {
            match part {
                Part::ToolResult(result) => self.result(at, result, &mut rest, out),
                part => rest.push(part),
            }
        }
        if !rest.is_empty() {
            self.message("user", &rest, out);
        }
    }

    fn result<'p>(
        &mut self,
        at: usize,
        result: &'p ToolResult,
        rest: &mut Vec<&'p Part>,
        out: &mut Writer,
    ) {
        let path = format!("messages[{at}].content");
        let mut texts = Vec::new();
        for part in &result.parts {
            match part {
                Part::Text(text) => texts.push(text.as_str()),
                part => {
                    rest.push(part);
                    self.lose(&path, "a tool's picture or document became the user's");
                }
            }
        }
        if result.failed {
            self.lose(&path, "is_error became the prefix \"Error: \"");
        }
        out.object(|out| {
            out.key("role").string("tool");
            out.key("tool_call_id").string(&fit_id(&result.id));
            let out = out.key("content");
            let prefix = if result.failed { "Error: " } else { "" };
            match texts.as_slice() {
                [] => out.string(prefix),
                [text] => out.string(&format!("{prefix}{text}")),
                [first, others @ ..] => out.array(|out| {
                    text_part(&format!("{prefix}{first}"), out);
                    others.iter().for_each(|text| text_part(text, out));
                }),
            }
        });
    }

    fn message(&mut self, role: &str, parts: &[&Part], out: &mut Writer) {
        out.object(|out| {
            out.key("role").string(role);
            let out = out.key("content");
            match parts {
                [Part::Text(text)] => out.string(text),
                parts => out.array(|out| parts.iter().for_each(|part| self.part(part, out))),
            }
        });
    }

    fn part(&mut self, part: &Part, out: &mut Writer) {
        match part {
            Part::Text(text) => text_part(text, out),
            Part::Refusal(text) => out.object(|out| {
                out.key("type").string("refusal");
                out.key("refusal").string(text);
            }),
            Part::Image(source) => out.object(|out| {
                out.key("type").string("image_url");
                out.key("image_url")
                    .object(|out| out.key("url").string(&sources::write(source)));
            }),
            Part::Document { source, name } => out.object(|out| {
                out.key("type").string("file");
                out.key("file").object(|out| {
                    out.string_field("filename", name.as_deref());
                    out.key("file_data").string(&sources::write(source));
                });
            }),
            Part::Audio(source) => {
                let Some((form, base64)) = sound(source) else {
                    return;
                };
                out.object(|out| {
                    out.key("type").string("input_audio");
                    out.key("input_audio").object(|out| {
                        out.key("data").string(base64);
                        out.key("format").string(form);
                    });
                });
            }
            Part::ToolUse(_)
            | Part::ToolResult(_)
            | Part::Thinking { .. }
            | Part::HiddenThinking(_)
            | Part::Citation(_)
            | Part::Logprobs(_) => self.lose("messages", "a part that this turn cannot hold"),
        }
    }

    fn assistant(&mut self, at: usize, message: &Message, out: &mut Writer) {
        let mut said: Vec<&Part> = Vec::new();
        let mut calls: Vec<&ToolUse> = Vec::new();
        let mut thoughts = Vec::new();
        let path = |part: usize| format!("messages[{at}].content[{part}]");
        for (place, part) in message.parts.iter().enumerate() {
            match part {
                Part::ToolUse(call) => {
                    if let Some(why) = call.signature.as_ref().and_then(lost_signature) {
                        self.lose(path(place), why);
                    }
                    calls.push(call);
                }
                Part::Thinking { text, signature } => {
                    let own = signature.as_ref().and_then(|seal| seal.for_maker(NAME));
                    match own {
                        Some(sealed) => {
                            if !thoughts::is_whole(sealed) {
                                self.lose(path(place), CHANGED);
                            }
                            thoughts.push((sealed, text.as_str()));
                        }
                        None => {
                            let why = "thoughts are of use to their own maker alone";
                            self.lose(path(place), why);
                        }
                    }
                }
                Part::HiddenThinking(_) => {
                    self.lose(path(place), "thoughts are of use to their own maker alone");
                }
                Part::Citation(_) | Part::Logprobs(_) => {
                    self.lose(path(place), "the model's API takes none back");
                }
                part => {
                    if !calls.is_empty() {
                        self.lose(path(place), MOVED);
                    }
                    said.push(part);
                }
            }
        }
        if said.is_empty() && calls.is_empty() && thoughts.is_empty() && !message.parts.is_empty() {
            return;
        }
        out.object(|out| {
            out.key("role").string("assistant");
            match said.as_slice() {
                [] => out.key("content").raw("null"),
                [Part::Text(text)] => out.key("content").string(text),
                [Part::Refusal(text)] => out.key("refusal").string(text),
                parts => out
                    .key("content")
                    .array(|out| parts.iter().for_each(|part| self.part(part, out))),
            }
            write_thoughts(&thoughts, out);
            if !calls.is_empty() {
                out.key("tool_calls").array(|out| {
                    for call in calls {
                        let name = self.names.fit(&call.name, NAME_LIMIT).into_owned();
                        write_call(call, &name, out);
                    }
                });
            }
        });
    }
}

/// Gives thoughts back to the server that told them, in the field that it told them in.
/// Says why a call's signature cannot stand in a body, if it cannot.
fn lost_signature(sealed: &Sealed) -> Option<&'static str> {
    match sealed {
        sealed if sealed.maker != NAME => Some("a call's signature is of use to its maker alone"),
        sealed if !is_extra(sealed) => Some(CHANGED),
        _ => None,
    }
}

fn write_thoughts(thoughts: &[(&str, &str)], out: &mut Writer) {
    let Some((sealed, _)) = thoughts.first() else {
        return;
    };
    let (field, own) = thoughts::unseal(sealed);
    let text: String = thoughts.iter().map(|(_, text)| *text).collect();
    if !text.is_empty() {
        out.key(field).string(&text);
    }
    out.raw_field(DETAILS, own);
}

fn text_part(text: &str, out: &mut Writer) {
    out.object(|out| {
        out.key("type").string("text");
        out.key("text").string(text);
    });
}
