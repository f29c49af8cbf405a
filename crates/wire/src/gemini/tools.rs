//! Tools and the choice among them, both ways. It must not know the conversation.

use crate::canonical::{Json, Request, Tool, ToolChoice, ToolInput};
use crate::fault::{BadRequest, Loss};
use crate::free_text;
use crate::gemini::names::Names;
use crate::gemini::schema;
use crate::gemini::vocabulary::ELSEWHERE;
use crate::json::fields::Value;
use crate::json::write::Writer;
use crate::tool_names::ToolNames;

/// Limits a tool's name.
const NAME_LIMIT: usize = 64;

/// Reads the functions; a tool of the provider's own is refused.
pub(super) fn read(names: &mut Names<'_>, losses: &mut Vec<Loss>) -> Result<Vec<Tool>, BadRequest> {
    let mut tools = Vec::new();
    for tool in names.elements("tools")? {
        let mut fields = Names::of(&tool)?;
        for function in fields.elements("functionDeclarations")? {
            tools.push(read_function(&function, losses)?);
        }
        let mut hosted = Vec::new();
        fields.rest(&mut hosted);
        if let Some(loss) = hosted.into_iter().next() {
            return Err(BadRequest::of(
                loss.path,
                format!("a tool of the provider's own {ELSEWHERE}"),
            ));
        }
    }
    Ok(tools)
}

fn read_function(function: &Value<'_>, losses: &mut Vec<Loss>) -> Result<Tool, BadRequest> {
    let mut fields = Names::of(function)?;
    let newer = fields.take("parametersJsonSchema");
    let schema = match (newer, fields.take("parameters")) {
        (Some(schema), older) => {
            let both = "is given beside parametersJsonSchema; keep one";
            older.map_or(Ok(()), |older| Err(older.fault(both)))?;
            Some(Json(schema.raw().to_owned()))
        }
        (None, older) => older.map(|older| Json(schema::rewrite(older.raw()))),
    };
    let description = fields.string("description")?;
    let tool = Tool {
        name: fields.must_string("name")?,
        description: description.filter(|text| !text.is_empty()),
        input: ToolInput::Json {
            schema,
            strict: None,
        },
    };
    fields.rest(losses);
    Ok(tool)
}

/// Reads the choice.
pub(super) fn choice(
    names: &mut Names<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Option<ToolChoice>, BadRequest> {
    let Some(mut outer) = names.names("toolConfig")? else {
        return Ok(None);
    };
    let inner = outer.names("functionCallingConfig")?;
    outer.rest(losses);
    let Some(mut inner) = inner else {
        return Ok(None);
    };
    let mode = inner.take("mode");
    let allowed = inner.elements("allowedFunctionNames")?;
    let allowed: Result<Vec<_>, _> = allowed
        .iter()
        .map(|name| name.string().map(|name| name.into_owned()))
        .collect();
    let allowed = allowed?;
    let word = mode.as_ref().map(|mode| mode.string()).transpose()?;
    let choice = match (word.as_deref(), allowed.as_slice()) {
        (None | Some("AUTO" | "MODE_UNSPECIFIED"), _) => ToolChoice::Auto,
        (Some("NONE"), _) => ToolChoice::None,
        (Some("ANY"), []) => ToolChoice::Any,
        (Some("ANY"), [name]) => ToolChoice::Tool(name.clone()),
        (Some("ANY"), names) => ToolChoice::Allowed {
            names: names.to_vec(),
            is_required: true,
        },
        (Some("VALIDATED"), names) => {
            let path = inner.path_of("mode");
            let why = "VALIDATED: no other API checks arguments for all tools at once";
            losses.push(Loss::new(path, why));
            match names {
                [] => ToolChoice::Auto,
                names => ToolChoice::Allowed {
                    names: names.to_vec(),
                    is_required: false,
                },
            }
        }
        (Some(_), _) => {
            let fault = "must be AUTO, ANY, NONE or VALIDATED";
            return Err(BadRequest::of(inner.path_of("mode"), fault));
        }
    };
    inner.rest(losses);
    Ok(Some(choice))
}

/// Writes tools and choice.
pub(super) fn write(
    request: &Request,
    names: &mut ToolNames,
    losses: &mut Vec<Loss>,
    out: &mut Writer,
) -> Result<(), BadRequest> {
    if let Some(grammar) = request.tools.iter().position(has_grammar) {
        return Err(BadRequest::of(
            format!("tools[{grammar}]"),
            "a grammar cannot be carried to the model's API; leave it out",
        ));
    }
    if !request.tools.is_empty() {
        out.key("tools").array(|out| {
            out.object(|out| {
                out.key("functionDeclarations").array(|out| {
                    for (at, tool) in request.tools.iter().enumerate() {
                        out.object(|out| write_function(at, tool, names, losses, out));
                    }
                });
            });
        });
    }
    if request.parallel_tools == Some(false) {
        let why = "the model's API has no such parameter";
        losses.push(Loss::new("parallel_tool_calls", why));
    }
    let Some(choice) = &request.tool_choice else {
        return Ok(());
    };
    if request.tools.is_empty() {
        let why = "there are no tools to choose from";
        losses.push(Loss::new("tool_choice", why));
        return Ok(());
    }
    let (mode, allowed): (_, &[String]) = match choice {
        ToolChoice::Auto => ("AUTO", &[]),
        ToolChoice::Any => ("ANY", &[]),
        ToolChoice::None => ("NONE", &[]),
        ToolChoice::Tool(name) => ("ANY", std::slice::from_ref(name)),
        ToolChoice::Allowed { names, is_required } => {
            (if *is_required { "ANY" } else { "VALIDATED" }, names)
        }
    };
    out.key("toolConfig").object(|out| {
        out.key("functionCallingConfig").object(|out| {
            out.key("mode").string(mode);
            if !allowed.is_empty() {
                out.key("allowedFunctionNames").array(|out| {
                    for name in allowed {
                        out.string(&fit(names, name));
                    }
                });
            }
        });
    });
    Ok(())
}

/// Fits a tool's name to the limit; it must also begin with a letter or an underscore.
pub(super) fn fit(names: &mut ToolNames, name: &str) -> String {
    let begins_well = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins_well(name) {
        return names.fit(name, NAME_LIMIT).into_owned();
    }
    // Fitted with an underscore in front, and remembered by the name without.
    let short = ToolNames::default()
        .fit(&format!("_{name}"), NAME_LIMIT)
        .into_owned();
    names.rename(&short, name);
    short
}

fn has_grammar(tool: &Tool) -> bool {
    matches!(tool.input, ToolInput::Text(Some(_)))
}

fn write_function(
    at: usize,
    tool: &Tool,
    names: &mut ToolNames,
    losses: &mut Vec<Loss>,
    out: &mut Writer,
) {
    out.key("name").string(&fit(names, &tool.name));
    out.string_field("description", tool.description.as_deref());
    match &tool.input {
        ToolInput::Json { schema, strict } => {
            let schema = schema.as_ref().map(|schema| schema.0.as_str());
            out.raw_field("parametersJsonSchema", schema);
            if *strict == Some(true) {
                let why = "the model's API has no such parameter";
                losses.push(Loss::new(format!("tools[{at}].strict"), why));
            }
        }
        ToolInput::Text(_) => {
            names.wrap(&tool.name);
            out.key("parametersJsonSchema").raw(free_text::SCHEMA);
            let why = "free text goes as an object with the field input";
            losses.push(Loss::new(format!("tools[{at}]"), why));
        }
    }
}
