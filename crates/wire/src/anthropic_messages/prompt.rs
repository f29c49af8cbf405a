//! The canonical form into a Messages request, for the version that the provider is asked under.
//! It must not know where it came from.

use crate::anthropic_messages::blocks::write_content;
use crate::anthropic_messages::vocabulary::{NAME, refuses_sampling};
use crate::canonical::{
    CallForm, Format, Json, Message, Part, Request, Role, ServiceTier, Stream, Thinking, Thoughts,
    Tool, ToolChoice, ToolInput,
};
use crate::dialect::{Encoded, Target};
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::whole_object;
use crate::json::write::Writer;
use crate::sealed::Sealed;
use crate::tool_names::ToolNames;
use crate::{free_text, splice, turns};

/// Limits a tool's name.
const NAME_LIMIT: usize = 128;

/// Collects what the writing finds on its way.
struct Encoder<'r> {
    request: &'r Request,
    losses: Vec<Loss>,
    names: ToolNames,
}

/// Writes the request.
pub(super) fn encode(request: &Request, target: &Target<'_>) -> Result<Encoded, BadRequest> {
    turns::check(request)?;
    check_arguments(request)?;
    check_choice(request)?;
    check_foreign(request)?;
    let mut encoder = Encoder {
        request,
        losses: Vec::new(),
        names: ToolNames::default(),
    };
    let most = request.max_tokens.unwrap_or(target.default_max_tokens);
    let mut out = Writer::new();
    out.object(|out| {
        out.key("model").string(target.model);
        out.key("max_tokens").number(most);
        encoder.system(out);
        out.key("messages").array(|out| encoder.messages(out));
        encoder.tools(out);
        encoder.sampling(target.version, out);
        encoder.thinking(out);
        encoder.output(out);
        encoder.books(out);
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

/// Refuses arguments that are no object: the API would, without naming the field.
fn check_arguments(request: &Request) -> Result<(), BadRequest> {
    for (at, message) in request.messages.iter().enumerate() {
        for part in &message.parts {
            if let Part::ToolUse(call) = part
                && call.form == CallForm::Json
                && whole_object(&call.arguments).is_none()
            {
                return Err(BadRequest::of(
                    format!("messages[{at}].tool_calls"),
                    format!(
                        "the arguments of {:?} are no JSON object, or one too deep",
                        call.name
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// Refuses what the API has no field for and the answer would lack.
fn check_foreign(request: &Request) -> Result<(), BadRequest> {
    if request.logprobs.is_some() {
        let why = "the model's API tells no probabilities; leave it out";
        return Err(BadRequest::of("logprobs", why));
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
    for (at, tool) in request.tools.iter().enumerate() {
        if let ToolInput::Text(Some(_)) = tool.input {
            let why = "the model's API knows no grammar for a tool's text; drop the format";
            return Err(BadRequest::of(format!("tools[{at}].format"), why));
        }
    }
    Ok(())
}

fn check_choice(request: &Request) -> Result<(), BadRequest> {
    if let Some(ToolChoice::Allowed { names, .. }) = &request.tool_choice
        && !request.tools.iter().any(|tool| names.contains(&tool.name))
    {
        let why = "none of the allowed tools is declared";
        return Err(BadRequest::of("tool_choice", why));
    }
    let is_forced = matches!(
        request.tool_choice,
        Some(
            ToolChoice::Any
                | ToolChoice::Tool(_)
                | ToolChoice::Allowed {
                    is_required: true,
                    ..
                }
        )
    );
    let thinks = matches!(
        request.thinking,
        Some(Thinking::Adaptive | Thinking::Budget(_))
    );
    if is_forced && thinks {
        return Err(BadRequest::of(
            "tool_choice",
            "a forced tool cannot be had together with thinking; drop one of them",
        ));
    }
    Ok(())
}

impl Encoder<'_> {
    fn lose(&mut self, path: &str, why: &str) {
        self.losses.push(Loss::new(path, why));
    }

    fn system(&mut self, out: &mut Writer) {
        let texts = &self.request.system;
        let parts: Vec<_> = texts.iter().cloned().map(Part::Text).collect();
        if !parts.is_empty() {
            let parts: Vec<_> = parts.iter().collect();
            write_content(&parts, &mut str::to_owned, out.key("system"));
        }
    }

    fn messages(&mut self, out: &mut Writer) {
        for (at, message) in self.request.messages.iter().enumerate() {
            let role = match message.role {
                Role::System => "system",
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            let parts = self.kept(at, message);
            if parts.is_empty() && !message.parts.is_empty() {
                continue;
            }
            let parts: Vec<_> = parts.iter().collect();
            let names = &mut self.names;
            let mut name = |name: &str| names.fit(name, NAME_LIMIT).into_owned();
            out.object(|out| {
                out.key("role").string(role);
                write_content(&parts, &mut name, out.key("content"));
            });
        }
    }

    /// Lists what of a turn goes on, in the order that the API wants: the results of calls stand
    /// before anything else that is said. What another maker sealed stays behind.
    fn kept(&mut self, at: usize, message: &Message) -> Vec<Part> {
        let is_result = |part: &Part| matches!(part, Part::ToolResult(_));
        let mut results = Vec::new();
        let mut rest = Vec::new();
        for (place, part) in message.parts.iter().enumerate() {
            let why = match part {
                Part::Thinking { signature, .. } if !is_own(signature.as_ref()) => {
                    Some("thoughts are of use to their own maker alone")
                }
                Part::HiddenThinking(sealed) if sealed.maker != NAME => {
                    Some("thoughts are of use to their own maker alone")
                }
                Part::Citation(citation)
                    if message.role != Role::Assistant || !is_own(citation.own.as_ref()) =>
                {
                    Some("a citation can go back to its own maker alone")
                }
                Part::Logprobs(_) => Some("the model's API takes no probabilities"),
                _ => None,
            };
            let path = || format!("messages[{at}].content[{place}]");
            if let Some(why) = why {
                self.lose(&path(), why);
                continue;
            }
            let mut part = part.clone();
            if let Part::ToolUse(call) = &mut part {
                if call.signature.take().is_some() {
                    self.lose(&path(), "a call's signature is of use to its maker alone");
                }
                if call.form == CallForm::Text {
                    self.names.wrap(&call.name);
                }
            }
            let list = if is_result(&part) {
                &mut results
            } else {
                &mut rest
            };
            list.push(part);
        }
        results.append(&mut rest);
        results
    }

    fn tools(&mut self, out: &mut Writer) {
        let request = self.request;
        if request.tools.is_empty() {
            if request.tool_choice.is_some() || request.parallel_tools.is_some() {
                self.lose("tool_choice", "there are no tools to choose from");
            }
            return;
        }
        let allowed = match &request.tool_choice {
            Some(ToolChoice::Allowed { names, .. }) => {
                let why = "the other tools are not sent";
                self.lose("tool_choice.allowed_tools", why);
                Some(names)
            }
            _ => None,
        };
        out.key("tools").array(|out| {
            for (at, tool) in request.tools.iter().enumerate() {
                if allowed.is_none_or(|names| names.contains(&tool.name)) {
                    out.object(|out| self.tool(at, tool, out));
                }
            }
        });
        let choice = match (&request.tool_choice, request.parallel_tools) {
            (None, None) => return,
            (None, Some(_)) => &ToolChoice::Auto,
            (Some(choice), _) => choice,
        };
        out.key("tool_choice").object(|out| {
            match choice {
                ToolChoice::Auto
                | ToolChoice::Allowed {
                    is_required: false, ..
                } => out.key("type").string("auto"),
                ToolChoice::Any | ToolChoice::Allowed { .. } => out.key("type").string("any"),
                ToolChoice::None => out.key("type").string("none"),
                ToolChoice::Tool(name) => {
                    out.key("type").string("tool");
                    out.key("name").string(&self.names.fit(name, NAME_LIMIT));
                }
            }
            // Where no call is allowed there is nothing to be parallel, and the flag is refused.
            let parallel = request
                .parallel_tools
                .filter(|_| *choice != ToolChoice::None);
            if let Some(parallel) = parallel {
                out.key("disable_parallel_tool_use").bool(!parallel);
            }
        });
    }

    fn tool(&mut self, at: usize, tool: &Tool, out: &mut Writer) {
        out.key("name")
            .string(&self.names.fit(&tool.name, NAME_LIMIT));
        out.string_field("description", tool.description.as_deref());
        let none = r#"{"type":"object","properties":{}}"#;
        match &tool.input {
            ToolInput::Json { schema, strict } => {
                let schema = schema.as_ref().map(|schema| schema.0.as_str());
                out.key("input_schema").raw(schema.unwrap_or(none));
                if let Some(strict) = strict {
                    out.key("strict").bool(*strict);
                }
            }
            ToolInput::Text(_) => {
                out.key("input_schema").raw(free_text::SCHEMA);
                self.names.wrap(&tool.name);
                let why = "the tool's free text became the field input of an object";
                self.lose(&format!("tools[{at}]"), why);
            }
        }
    }

    fn sampling(&mut self, version: Option<&str>, out: &mut Writer) {
        let request = self.request;
        let sampling = &request.sampling;
        if !request.stop.is_empty() {
            out.key("stop_sequences").array(|out| {
                for text in &request.stop {
                    out.string(text);
                }
            });
        }
        let taken = [
            ("temperature", &sampling.temperature),
            ("top_p", &sampling.top_p),
            ("top_k", &sampling.top_k),
        ];
        for (name, value) in taken {
            let Some(Json(value)) = value else { continue };
            if refuses_sampling(version) {
                self.lose(name, "the model's API takes no sampling parameters");
            } else if name == "temperature" && value.parse().is_ok_and(|value: f64| value > 1.0) {
                out.key(name).raw("1");
                self.lose(
                    name,
                    "was lowered to 1, the most that the model's API takes",
                );
            } else {
                out.key(name).raw(value);
            }
        }
        let foreign = [
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

    fn thinking(&mut self, out: &mut Writer) {
        let thoughts = self.request.thoughts;
        let Some(thinking) = self.request.thinking else {
            if thoughts.is_some_and(|thoughts| thoughts != Thoughts::Omitted) {
                let why = "thoughts are told as the model usually does";
                self.lose("reasoning.summary", why);
            }
            return;
        };
        let is_budget = matches!(thinking, Thinking::Budget(_));
        if is_budget && lacks_thoughts(self.request) {
            let why = "was left out: calls came back without the thoughts before them";
            self.lose("thinking", why);
            return;
        }
        out.key("thinking").object(|out| {
            match thinking {
                Thinking::Disabled => {
                    out.key("type").string("disabled");
                    return;
                }
                Thinking::Adaptive => out.key("type").string("adaptive"),
                Thinking::Budget(most) => {
                    out.key("type").string("enabled");
                    out.key("budget_tokens").number(most);
                }
            }
            match thoughts {
                None => {}
                Some(Thoughts::Omitted) => out.key("display").string("omitted"),
                Some(_) => out.key("display").string("summarized"),
            }
        });
        if matches!(thoughts, Some(Thoughts::Concise | Thoughts::Detailed)) {
            self.lose("reasoning.summary", "became a summary of the usual length");
        }
    }

    /// Writes what is for the provider's books and queues rather than for the model.
    fn books(&mut self, out: &mut Writer) {
        let request = self.request;
        if let Some(user) = &request.user {
            out.key("metadata")
                .object(|out| out.key("user_id").string(user));
        }
        match &request.service_tier {
            None => {}
            Some(ServiceTier::Auto) => out.key("service_tier").string("auto"),
            Some(ServiceTier::Standard) => out.key("service_tier").string("standard_only"),
            Some(_) => {
                out.key("service_tier").string("auto");
                self.lose("service_tier", "became auto");
            }
        }
        let foreign = [
            ("metadata", !request.metadata.is_empty()),
            ("prompt_cache_key", request.cache_key.is_some()),
            ("verbosity", request.verbosity.is_some()),
        ];
        for (name, is_set) in foreign {
            if is_set {
                self.lose(name, "the model's API has no such field");
            }
        }
    }

    fn output(&mut self, out: &mut Writer) {
        let effort = match self.request.effort.as_deref() {
            Some("none") => {
                self.lose("reasoning_effort", "none: the model makes its usual effort");
                None
            }
            Some("minimal") => {
                self.lose("reasoning_effort", "minimal became low");
                Some("low")
            }
            effort => effort,
        };
        let schema = self.schema();
        if effort.is_none() && schema.is_none() {
            return;
        }
        out.key("output_config").object(|out| {
            out.string_field("effort", effort);
            if let Some(schema) = schema {
                out.key("format").object(|out| {
                    out.key("type").string("json_schema");
                    out.key("schema").raw(&schema.0);
                });
            }
        });
    }

    /// Gives the schema that the answer must follow. Its name is a label without effect, so its
    /// absence here is no loss.
    fn schema(&mut self) -> Option<Json> {
        match self.request.format.clone()? {
            Format::JsonObject => {
                self.lose(
                    "response_format",
                    "json_object: JSON is not enforced without a schema",
                );
                None
            }
            Format::Schema {
                description,
                schema,
                strict,
                ..
            } => {
                if description.is_some() {
                    self.lose("response_format.json_schema.description", "has no field");
                }
                if strict == Some(false) {
                    self.lose("response_format.json_schema.strict", "is always so here");
                }
                Some(schema)
            }
        }
    }
}

fn is_own(sealed: Option<&Sealed>) -> bool {
    sealed.is_some_and(|sealed| sealed.maker == NAME)
}

/// Tells whether the calls that are answered last lack the thoughts that the API then wants
/// before them: their client did not give them back.
fn lacks_thoughts(request: &Request) -> bool {
    let model = |message: &&Message| message.role == Role::Assistant;
    let Some(last) = request.messages.iter().rev().find(model) else {
        return false;
    };
    let has_call = last
        .parts
        .iter()
        .any(|part| matches!(part, Part::ToolUse(_)));
    let has_thoughts = last.parts.iter().any(|part| match part {
        Part::Thinking { signature, .. } => is_own(signature.as_ref()),
        Part::HiddenThinking(sealed) => sealed.maker == NAME,
        _ => false,
    });
    let behind = request.messages.last();
    let is_answered = behind.is_some_and(|message| {
        let mut parts = message.parts.iter();
        parts.any(|part| matches!(part, Part::ToolResult(_)))
    });
    has_call && is_answered && !has_thoughts
}
