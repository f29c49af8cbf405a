//! The canonical form into a request. It must not know where it came from. The model and whether
//! events are asked for go into the path, so they are not in the body.

use std::borrow::Cow;

use crate::canonical::{CallForm, Message, Part, Request, Role, Source, ToolResult, ToolUse};
use crate::dialect::{Encoded, Target};
use crate::fault::{BadRequest, Loss};
use crate::free_text;
use crate::gemini::parts::media_type_of;
use crate::gemini::seal::PLACEHOLDER;
use crate::gemini::vocabulary::NAME;
use crate::gemini::{edit, settings, tools};
use crate::json::cursor::whole_object;
use crate::json::write::Writer;
use crate::sealed::Sealed;
use crate::tool_names::ToolNames;
use crate::turns;

/// Collects what the writing finds on its way.
#[derive(Default)]
struct Encoder<'r> {
    losses: Vec<Loss>,
    names: ToolNames,
    /// The calls until now: id and name as written.
    calls: Vec<(&'r str, String)>,
}

/// Writes the request.
pub(super) fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, BadRequest> {
    turns::check(request)?;
    check_calls(request)?;
    let mut encoder = Encoder::default();
    let mut out = Writer::new();
    let mut written = Ok(());
    out.object(|out| {
        encoder.system(request, out);
        out.key("contents")
            .array(|out| encoder.contents(request, out));
        written = tools::write(request, &mut encoder.names, &mut encoder.losses, out)
            .and_then(|()| settings::write(request, &mut encoder.losses, out));
    });
    written?;
    Ok(Encoded {
        body: edit::fix(out.finish(), target.fixed),
        losses: encoder.losses,
        tool_names: encoder.names,
    })
}

/// Refuses arguments that are no object, and answers to calls that nobody made: the API would,
/// without naming the field.
fn check_calls(request: &Request) -> Result<(), BadRequest> {
    let mut known: Vec<&str> = Vec::new();
    for (at, message) in request.messages.iter().enumerate() {
        for part in &message.parts {
            match part {
                Part::ToolUse(call) => {
                    if call.form == CallForm::Json && whole_object(&call.arguments).is_none() {
                        return Err(BadRequest::of(
                            format!("messages[{at}].tool_calls"),
                            format!(
                                "the arguments of {:?} are no JSON object, or one too deep",
                                call.name
                            ),
                        ));
                    }
                    known.push(&call.id);
                }
                Part::ToolResult(result) if !known.contains(&result.id.as_str()) => {
                    return Err(BadRequest::of(
                        format!("messages[{at}]"),
                        format!("{:?} answers no call of the conversation", result.id),
                    ));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Gives a call's arguments as an object; free text is wrapped.
pub(super) fn arguments(form: CallForm, arguments: &str) -> Option<Cow<'_, str>> {
    match form {
        CallForm::Json => whole_object(arguments).map(Cow::Borrowed),
        CallForm::Text => Some(Cow::Owned(free_text::wrap(arguments))),
    }
}

/// Names where a part stands.
fn path(at: usize, part: usize) -> String {
    format!("messages[{at}].content[{part}]")
}

impl<'r> Encoder<'r> {
    fn lose(&mut self, path: impl Into<String>, why: &str) {
        self.losses.push(Loss::new(path, why));
    }

    fn system(&mut self, request: &Request, out: &mut Writer) {
        if request.system.is_empty() {
            return;
        }
        out.key("systemInstruction").object(|out| {
            out.key("parts").array(|out| {
                for text in &request.system {
                    out.object(|out| out.key("text").string(text));
                }
            });
        });
    }

    /// Writes the turns; neighbours of one speaker are one.
    fn contents(&mut self, request: &'r Request, out: &mut Writer) {
        let role = |message: &Message| match message.role {
            Role::Assistant => "model",
            Role::User | Role::System => "user",
        };
        let mut at = 0;
        while let Some(first) = request.messages.get(at) {
            let rest = request.messages.get(at..).unwrap_or_default();
            let turn: Vec<_> = rest
                .iter()
                .take_while(|message| role(message) == role(first))
                .collect();
            for (place, message) in turn.iter().enumerate() {
                if message.role == Role::System {
                    self.lose(
                        format!("messages[{}].role", at + place),
                        "became the user's",
                    );
                }
            }
            out.object(|out| {
                out.key("role").string(role(first));
                out.key("parts").array(|out| self.turn(at, &turn, out));
            });
            at += turn.len();
        }
    }

    /// Writes the parts of a turn: the answers of functions first, for the call stands before.
    fn turn(&mut self, start: usize, turn: &[&'r Message], out: &mut Writer) {
        let parts = || {
            turn.iter().enumerate().flat_map(|(place, message)| {
                let parts = message.parts.iter().enumerate();
                parts.map(move |(part, said)| (start + place, part, said))
            })
        };
        let is_said = |part: &Part| !matches!(part, Part::Text(text) if text.is_empty());
        let mut has_call = false;
        for (at, _, part) in parts() {
            if let Part::ToolResult(result) = part {
                self.result(at, result, out);
            }
        }
        for (at, place, part) in parts() {
            match part {
                Part::ToolResult(_) => {}
                Part::ToolUse(call) => {
                    let is_first = !std::mem::replace(&mut has_call, true);
                    self.call(&path(at, place), call, is_first, out);
                }
                part if is_said(part) => self.part(&path(at, place), part, out),
                _ => {}
            }
        }
    }

    fn part(&mut self, path: &str, part: &Part, out: &mut Writer) {
        match part {
            Part::Text(text) | Part::Refusal(text) => {
                out.object(|out| out.key("text").string(text));
            }
            Part::Image(source) | Part::Audio(source) => {
                out.object(|out| write_source(source, out));
            }
            Part::Document { source, name } => {
                if name.is_some() {
                    self.lose(path, "a document's name has no field");
                }
                out.object(|out| write_source(source, out));
            }
            Part::Thinking { text, signature } => {
                let own = self.own(path, signature.as_ref());
                if own.is_none() && signature.is_some() {
                    return;
                }
                out.object(|out| {
                    out.key("text").string(text);
                    out.key("thought").bool(true);
                    out.string_field("thoughtSignature", own);
                });
            }
            Part::HiddenThinking(sealed) => {
                if let Some(own) = self.own(path, Some(sealed)) {
                    out.object(|out| {
                        out.key("text").string("");
                        out.key("thoughtSignature").string(own);
                    });
                }
            }
            Part::Citation(_) => self.lose(path, "a citation has no field in a request"),
            Part::Logprobs(_) => self.lose(path, "probabilities have no field in a request"),
            Part::ToolUse(_) | Part::ToolResult(_) => {}
        }
    }

    /// Gives a seal that this dialect's provider made; any other is lost.
    fn own<'s>(&mut self, path: &str, sealed: Option<&'s Sealed>) -> Option<&'s str> {
        let own = sealed?.for_maker(NAME);
        if own.is_none() {
            self.lose(path, "thoughts are of use to their own maker alone");
        }
        own
    }

    fn call(&mut self, path: &str, call: &'r ToolUse, is_first: bool, out: &mut Writer) {
        let name = tools::fit(&mut self.names, &call.name);
        let own = self.own(path, call.signature.as_ref());
        let own = own.or(is_first.then_some(PLACEHOLDER));
        out.object(|out| {
            out.key("functionCall").object(|out| {
                out.key("id").string(&call.id);
                out.key("name").string(&name);
                let arguments = arguments(call.form, &call.arguments);
                out.key("args").raw(arguments.as_deref().unwrap_or("{}"));
            });
            out.string_field("thoughtSignature", own);
        });
        self.calls.push((&call.id, name));
    }

    /// Writes the answer of a function: its texts under `output` or `error`, the rest beside it.
    fn result(&mut self, at: usize, result: &ToolResult, out: &mut Writer) {
        let mut texts = Vec::new();
        let mut media = Vec::new();
        for part in &result.parts {
            match part {
                Part::Text(text) => texts.push(text.as_str()),
                Part::Image(source) | Part::Audio(source) => media.push(source),
                Part::Document { source, name } => {
                    if name.is_some() {
                        self.lose(format!("messages[{at}]"), "a document's name has no field");
                    }
                    media.push(source);
                }
                _ => self.lose(format!("messages[{at}]"), "a part that no answer can hold"),
            }
        }
        if texts.len() > 1 {
            self.lose(
                format!("messages[{at}]"),
                "the texts of an answer were joined",
            );
        }
        // The newest first: an id that is used again means its last call.
        let name = self.calls.iter().rev().find(|(id, _)| *id == result.id);
        let name = name.map_or("", |(_, name)| name);
        out.object(|out| {
            out.key("functionResponse").object(|out| {
                out.key("id").string(&result.id);
                out.key("name").string(name);
                out.key("response").object(|out| {
                    let key = if result.failed { "error" } else { "output" };
                    if !texts.is_empty() || result.failed {
                        out.key(key).string(&texts.join("\n"));
                    }
                });
                if !media.is_empty() {
                    out.key("parts").array(|out| {
                        for source in media {
                            out.object(|out| write_source(source, out));
                        }
                    });
                }
            });
        });
    }
}

fn write_source(source: &Source, out: &mut Writer) {
    match source {
        Source::Inline { media_type, base64 } => out.key("inlineData").object(|out| {
            out.key("mimeType").string(media_type);
            out.key("data").string(base64);
        }),
        Source::Url(url) => out.key("fileData").object(|out| {
            out.string_field("mimeType", media_type_of(url));
            out.key("fileUri").string(url);
        }),
    }
}
