//! The canonical form into a Messages request, for the version that the provider is asked under.
//! It must not know where it came from.

use crate::anthropic_messages::blocks::{object, write_content};
use crate::anthropic_messages::vocabulary::refuses_sampling;
use crate::canonical::{Format, Json, Part, Request, Role, Stream, Thinking, Tool, ToolChoice};
use crate::dialect::{Encoded, Target};
use crate::fault::{BadRequest, Loss};
use crate::json::write::Writer;
use crate::tool_names::ToolNames;
use crate::{splice, turns};

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
        if let Some(user) = &request.user {
            out.key("metadata")
                .object(|out| out.key("user_id").string(user));
        }
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
                && object(&call.arguments).is_none()
            {
                return Err(BadRequest::of(
                    format!("messages[{at}].tool_calls"),
                    format!("the arguments of {:?} are not a JSON object", call.name),
                ));
            }
        }
    }
    Ok(())
}

fn check_choice(request: &Request) -> Result<(), BadRequest> {
    let is_forced = matches!(
        request.tool_choice,
        Some(ToolChoice::Any | ToolChoice::Tool(_))
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
            write_content(parts.iter(), &mut str::to_owned, out.key("system"));
        }
    }

    fn messages(&mut self, out: &mut Writer) {
        for message in &self.request.messages {
            let role = match message.role {
                Role::System => "system",
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            let names = &mut self.names;
            let mut name = |name: &str| names.fit(name, NAME_LIMIT).into_owned();
            out.object(|out| {
                out.key("role").string(role);
                // The results of calls must stand before anything else that is said.
                let is_result = |part: &&Part| matches!(part, Part::ToolResult(_));
                let results = message.parts.iter().filter(is_result);
                let rest = message.parts.iter().filter(|part| !is_result(part));
                write_content(results.chain(rest), &mut name, out.key("content"));
            });
        }
    }

    fn tools(&mut self, out: &mut Writer) {
        let request = self.request;
        if request.tools.is_empty() {
            if request.tool_choice.is_some() || request.parallel_tools.is_some() {
                self.lose("tool_choice", "there are no tools to choose from");
            }
            return;
        }
        out.key("tools").array(|out| {
            for tool in &request.tools {
                out.object(|out| self.tool(tool, out));
            }
        });
        let choice = match (&request.tool_choice, request.parallel_tools) {
            (None, None) => return,
            (None, Some(_)) => &ToolChoice::Auto,
            (Some(choice), _) => choice,
        };
        out.key("tool_choice").object(|out| {
            match choice {
                ToolChoice::Auto => out.key("type").string("auto"),
                ToolChoice::Any => out.key("type").string("any"),
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

    fn tool(&mut self, tool: &Tool, out: &mut Writer) {
        out.key("name")
            .string(&self.names.fit(&tool.name, NAME_LIMIT));
        out.string_field("description", tool.description.as_deref());
        let none = r#"{"type":"object","properties":{}}"#;
        let schema = tool.schema.as_ref().map(|schema| schema.0.as_str());
        out.key("input_schema").raw(schema.unwrap_or(none));
        if let Some(strict) = tool.strict {
            out.key("strict").bool(strict);
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
        let Some(thinking) = self.request.thinking else {
            return;
        };
        out.key("thinking").object(|out| match thinking {
            Thinking::Disabled => out.key("type").string("disabled"),
            Thinking::Adaptive => out.key("type").string("adaptive"),
            Thinking::Budget(most) => {
                out.key("type").string("enabled");
                out.key("budget_tokens").number(most);
            }
        });
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
