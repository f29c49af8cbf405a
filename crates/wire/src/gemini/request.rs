//! A request into the canonical form. It must not know where it goes; what no other dialect could
//! take is refused here by its field.

use crate::canonical::{CallForm, Message, Part, Request, Role, ToolResult, ToolUse};
use crate::dialect::Translated;
use crate::fault::{BadRequest, Loss};
use crate::gemini::calls::Calls;
use crate::gemini::names::Names;
use crate::gemini::parts::{self, Kind};
use crate::gemini::vocabulary::ELSEWHERE;
use crate::gemini::{settings, tools};
use crate::json::cursor::Kind as Json;
use crate::json::fields::Value;
use crate::sealed::Seals;
use crate::turns;

/// Reads the body. The model and whether events are asked for stand in the path.
pub(super) fn decode(body: &[u8]) -> Result<Translated<Request>, BadRequest> {
    let mut names = Names::of(&Value::parse(body)?)?;
    let mut losses = Vec::new();
    let mut request = Request {
        system: system(&mut names, &mut losses)?,
        tools: tools::read(&mut names, &mut losses)?,
        tool_choice: tools::choice(&mut names, &mut losses)?,
        ..Request::default()
    };
    settings::read(&mut names, &mut request, &mut losses)?;
    let mut turns = Turns {
        calls: Calls::default(),
        messages: Vec::new(),
    };
    for content in names.must("contents")?.elements()? {
        turns.read(&content, &mut losses)?;
    }
    request.messages = turns.messages;
    // The path names the model; where the body does too it says the same.
    names.ignore(&["model"]);
    names.rest(&mut losses);
    Ok(Translated {
        value: request,
        losses,
    })
}

/// Reads the system texts: a content, or in older clients a text.
fn system(names: &mut Names<'_>, losses: &mut Vec<Loss>) -> Result<Vec<String>, BadRequest> {
    let Some(system) = names.take("systemInstruction") else {
        return Ok(Vec::new());
    };
    if system.kind() == Json::String {
        return Ok(vec![system.string()?.into_owned()]);
    }
    let mut content = Names::of(&system)?;
    let mut texts = Vec::new();
    for part in content.elements("parts")? {
        match parts::read(&part, losses)?.kind {
            Kind::Text(text) if text.is_empty() => {}
            Kind::Text(text) => texts.push(text),
            _ => return Err(part.fault("must be text")),
        }
    }
    content.ignore(&["role"]);
    content.rest(losses);
    Ok(texts)
}

/// Reads the conversation, turn by turn.
struct Turns {
    calls: Calls,
    messages: Vec<Message>,
}

impl Turns {
    fn read(&mut self, content: &Value<'_>, losses: &mut Vec<Loss>) -> Result<(), BadRequest> {
        let mut names = Names::of(content)?;
        let role = match names.take("role") {
            None => Role::User,
            Some(role) => match &*role.string()? {
                "user" | "function" | "" => Role::User,
                "model" => Role::Assistant,
                _ => return Err(role.fault("must be user or model")),
            },
        };
        let last = self.messages.last().map(|message| message.role);
        if role == Role::Assistant && last != Some(role) {
            self.calls.next_turn();
        }
        let mut said = Vec::new();
        for part in names.elements("parts")? {
            self.part(role, &part, &mut said, losses)?;
        }
        names.rest(losses);
        // A turn that says nothing is what is left of an answer without words.
        if said.is_empty() {
            return Ok(());
        }
        match self.messages.last_mut() {
            Some(last) if last.role == role && role == Role::Assistant => go_on(last, said),
            _ => turns::push(&mut self.messages, role, said),
        }
        Ok(())
    }

    fn part(
        &mut self,
        role: Role,
        part: &Value<'_>,
        said: &mut Vec<Part>,
        losses: &mut Vec<Loss>,
    ) -> Result<(), BadRequest> {
        let read = parts::read(part, losses)?;
        let (seal, seals) = read.signature.unzip();
        let seals = seals.flatten();
        match read.kind {
            Kind::Foreign(name) => {
                return Err(BadRequest::of(format!("{}.{name}", part.path()), ELSEWHERE));
            }
            Kind::Call(_) if role != Role::Assistant => {
                return Err(part.fault("a call stands in a turn of the model"));
            }
            Kind::Result(_) if role == Role::Assistant => {
                return Err(part.fault("a function's answer stands in a turn of the user"));
            }
            Kind::Call(call) => {
                let call = self.call(call, losses)?;
                said.push(Part::ToolUse(ToolUse {
                    signature: seal,
                    ..call
                }));
            }
            Kind::Result(result) => said.push(self.result(result, losses)?),
            Kind::Media(media) => said.push(media),
            Kind::Thought(_) if seals == Some(Seals::Hidden) => {
                said.extend(seal.map(Part::HiddenThinking));
            }
            Kind::Thought(text) => {
                if !text.is_empty() || seal.is_some() {
                    let signature = seal;
                    said.push(Part::Thinking { text, signature });
                }
            }
            Kind::Text(text) => {
                said.extend((!text.is_empty()).then_some(Part::Text(text)));
                said.extend(seal.map(Part::HiddenThinking));
            }
        }
        Ok(())
    }

    fn call(&mut self, mut call: Names<'_>, losses: &mut Vec<Loss>) -> Result<ToolUse, BadRequest> {
        let name = call.must_string("name")?;
        let arguments = match call.take("args") {
            None => "{}",
            Some(args) if args.kind() == Json::Object => args.raw(),
            Some(args) => return Err(args.fault("must be an object")),
        };
        let id = call.string("id")?.filter(|id| !id.is_empty());
        let id = self.calls.made(id, &name, arguments);
        call.rest(losses);
        Ok(ToolUse {
            id,
            name,
            arguments: arguments.to_owned(),
            form: CallForm::Json,
            signature: None,
        })
    }

    fn result(
        &mut self,
        mut result: Names<'_>,
        losses: &mut Vec<Loss>,
    ) -> Result<Part, BadRequest> {
        let name = result.must("name")?;
        let id = result.string("id")?.filter(|id| !id.is_empty());
        let Some(id) = self.calls.answered(id.as_deref(), &name.string()?) else {
            return Err(name.fault("answers no call of the turn before it"));
        };
        let response = result.must("response")?;
        let (mut parts, failed) = answer(&response)?;
        for part in result.elements("parts")? {
            let mut fields = Names::of(&part)?;
            let Some(media) = parts::media(&mut fields, losses)? else {
                return Err(part.fault("holds no data"));
            };
            fields.rest(losses);
            parts.push(media);
        }
        result.rest(losses);
        Ok(Part::ToolResult(ToolResult { id, parts, failed }))
    }
}

/// Adds to a turn of the model. Clients keep a streamed answer as a content a chunk, so a text or
/// thoughts that the last one ended with go on.
fn go_on(turn: &mut Message, mut said: Vec<Part>) {
    let goes_on = match (turn.parts.last_mut(), said.first()) {
        (Some(Part::Text(old)), Some(Part::Text(more))) => {
            old.push_str(more);
            true
        }
        (
            Some(Part::Thinking {
                text: old,
                signature: signature @ None,
            }),
            Some(Part::Thinking {
                text: more,
                signature: sealed,
            }),
        ) => {
            old.push_str(more);
            signature.clone_from(sealed);
            true
        }
        _ => false,
    };
    if goes_on {
        drop(said.remove(0));
    }
    turn.parts.extend(said);
}

/// Reads a function's answer. One that is nothing but `output` or `error` says that; any other is
/// told as the JSON that it is.
fn answer(response: &Value<'_>) -> Result<(Vec<Part>, bool), BadRequest> {
    let mut fields = Names::of(response)?;
    let output = fields.take("output");
    let error = fields.take("error");
    let mut others = Vec::new();
    fields.rest(&mut others);
    let (said, failed) = match (&output, &error) {
        (Some(output), None) if others.is_empty() => (output, false),
        (None, Some(error)) if others.is_empty() => (error, true),
        (None, None) if others.is_empty() => return Ok((Vec::new(), false)),
        (_, error) => (response, error.is_some()),
    };
    let text = match said.kind() {
        Json::String => said.string()?.into_owned(),
        _ => said.raw().to_owned(),
    };
    Ok((vec![Part::Text(text)], failed))
}
