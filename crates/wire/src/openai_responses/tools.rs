//! Tools, the choice among them and calls of them in Responses, both ways. Tools of a namespace
//! stand with the others, under a name made of both. It must not know whose turn a call stands in.

use crate::canonical::{CallForm, Grammar, Json, Request, Tool, ToolChoice, ToolInput, ToolUse};
use crate::fault::{BadRequest, Loss};
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::openai::choice;
use crate::openai_responses::content::ELSEWHERE;
use crate::openai_responses::vocabulary::full_name;
use crate::tool_names::ToolNames;

/// Limits a tool's name.
pub(super) const NAME_LIMIT: usize = 64;

/// Describes the arguments of a tool that takes none; the API wants a schema of every function.
const NONE_TAKEN: &str = r#"{"type":"object","properties":{}}"#;

/// Reads a list of tools to behind those that are known.
pub(super) fn read(
    list: &[Value<'_>],
    tools: &mut Vec<Tool>,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    for tool in list {
        let mut fields = tool.fields()?;
        let form = fields.must("type")?;
        if form.string()? != "namespace" {
            tools.push(read_tool(&form, None, fields, losses)?);
            continue;
        }
        let namespace = fields.must_string("name")?;
        for inner in fields.elements("tools")? {
            let mut inner = inner.fields()?;
            let form = inner.must("type")?;
            tools.push(read_tool(&form, Some(&namespace), inner, losses)?);
        }
        let why = "the namespace became the front of its tools' names";
        losses.push(Loss::new(tool.path(), why));
        fields.rest(losses);
    }
    Ok(())
}

fn read_tool(
    form: &Value<'_>,
    namespace: Option<&str>,
    mut fields: Fields<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Tool, BadRequest> {
    let word = form.string()?;
    let input = match &*word {
        "custom" => ToolInput::Text(read_format(&mut fields, losses)?),
        "function" => {
            let schema = fields.take("parameters");
            ToolInput::Json {
                schema: schema.map(|schema| Json(schema.raw().to_owned())),
                strict: fields.bool("strict")?,
            }
        }
        other => return Err(form.fault(format!("the hosted tool {other:?} {ELSEWHERE}"))),
    };
    let tool = Tool {
        name: full_name(namespace, fields.must_string("name")?),
        description: fields.string("description")?,
        input,
    };
    fields.rest(losses);
    Ok(tool)
}

fn read_format(
    tool: &mut Fields<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Option<Grammar>, BadRequest> {
    let Some(mut format) = tool.fields("format")? else {
        return Ok(None);
    };
    let form = format.must("type")?;
    let grammar = match &*form.string()? {
        "text" => None,
        "grammar" => Some(Grammar {
            syntax: format.must_string("syntax")?,
            definition: format.must_string("definition")?,
        }),
        _ => return Err(form.fault("must be text or grammar")),
    };
    format.rest(losses);
    Ok(grammar)
}

/// Reads which tool may or must be called.
pub(super) fn read_choice(fields: &mut Fields<'_>) -> Result<Option<ToolChoice>, BadRequest> {
    choice::read(fields, Ok, named)
}

/// Reads the name of a tool that is pointed at.
fn named(tool: &Value<'_>) -> Result<String, BadRequest> {
    let mut fields = tool.fields()?;
    let form = fields.must("type")?;
    match &*form.string()? {
        "function" | "custom" => {
            let namespace = fields.string("namespace")?;
            Ok(full_name(namespace.as_deref(), fields.must_string("name")?))
        }
        other => Err(form.fault(format!("the hosted tool {other:?} {ELSEWHERE}"))),
    }
}

/// Reads a call of an answer. The tool's name alone is what a client of another API knows it by: it
/// declared none in a namespace.
pub(super) fn read_answered(
    form: CallForm,
    fields: &mut Fields<'_>,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<ToolUse, BadRequest> {
    if fields.string("namespace")?.is_some() {
        let why = "the client's API knows no namespaces of tools";
        losses.push(Loss::new(format!("{path}.namespace"), why));
    }
    read_call(form, fields)
}

/// Reads a call, of which the type is known.
pub(super) fn read_call(form: CallForm, fields: &mut Fields<'_>) -> Result<ToolUse, BadRequest> {
    let namespace = fields.string("namespace")?;
    let arguments = match form {
        CallForm::Json => fields.string("arguments")?,
        CallForm::Text => fields.string("input")?,
    };
    let mut arguments = arguments.unwrap_or_default();
    if form == CallForm::Json && arguments.trim().is_empty() {
        "{}".clone_into(&mut arguments);
    }
    // Another id of the same call, and how far it came: the call's own id says enough.
    for name in ["id", "status"] {
        drop(fields.take(name));
    }
    Ok(ToolUse {
        id: fields.must_string("call_id")?,
        name: full_name(namespace.as_deref(), fields.must_string("name")?),
        arguments,
        form,
        signature: None,
    })
}

/// Writes the tools and the choice among them.
pub(super) fn write(request: &Request, names: &mut ToolNames, out: &mut Writer) {
    if !request.tools.is_empty() {
        out.key("tools").array(|out| {
            for tool in &request.tools {
                write_tool(tool, &names.fit(&tool.name, NAME_LIMIT), out);
            }
        });
    }
    if let Some(choice) = &request.tool_choice {
        let out = out.key("tool_choice");
        match choice {
            ToolChoice::Auto => out.string("auto"),
            ToolChoice::Any => out.string("required"),
            ToolChoice::None => out.string("none"),
            ToolChoice::Tool(name) => write_named(request, name, names, out),
            ToolChoice::Allowed {
                names: list,
                is_required,
            } => out.object(|out| {
                out.key("type").string("allowed_tools");
                let mode = if *is_required { "required" } else { "auto" };
                out.key("mode").string(mode);
                out.key("tools").array(|out| {
                    for name in list {
                        write_named(request, name, names, out);
                    }
                });
            }),
        }
    }
    if let Some(parallel) = request.parallel_tools {
        out.key("parallel_tool_calls").bool(parallel);
    }
}

/// Points at a tool.
fn write_named(request: &Request, name: &str, names: &mut ToolNames, out: &mut Writer) {
    let mut tools = request.tools.iter();
    let is_text = tools.any(|tool| tool.name == name && matches!(tool.input, ToolInput::Text(_)));
    out.object(|out| {
        let form = if is_text { "custom" } else { "function" };
        out.key("type").string(form);
        out.key("name").string(&names.fit(name, NAME_LIMIT));
    });
}

fn write_tool(tool: &Tool, name: &str, out: &mut Writer) {
    out.object(|out| match &tool.input {
        ToolInput::Json { schema, strict } => {
            out.key("type").string("function");
            out.key("name").string(name);
            out.string_field("description", tool.description.as_deref());
            let schema = schema.as_ref().map(|schema| schema.0.as_str());
            out.key("parameters").raw(schema.unwrap_or(NONE_TAKEN));
            // The API follows a schema strictly where nothing is said, unlike any other.
            out.key("strict").bool(strict.unwrap_or(false));
        }
        ToolInput::Text(grammar) => {
            out.key("type").string("custom");
            out.key("name").string(name);
            out.string_field("description", tool.description.as_deref());
            if let Some(grammar) = grammar {
                out.key("format").object(|out| {
                    out.key("type").string("grammar");
                    out.key("syntax").string(&grammar.syntax);
                    out.key("definition").string(&grammar.definition);
                });
            }
        }
    });
}
