//! Tools, the choice among them and calls of them in Chat Completions, both ways. It must not know
//! whose turn a call stands in.

use crate::canonical::{CallForm, Grammar, Json, Tool, ToolChoice, ToolInput, ToolUse};
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::Kind;
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::openai::choice;
use crate::openai_chat::thoughts::is;
use crate::openai_chat::vocabulary::NAME;
use crate::sealed::Sealed;
use crate::tool_names::fit_id;

/// Limits a tool's name.
pub(super) const NAME_LIMIT: usize = 64;

/// Reads the tools.
pub(super) fn read(
    fields: &mut Fields<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Vec<Tool>, BadRequest> {
    let tools = fields.elements("tools")?;
    tools.iter().map(|tool| read_tool(tool, losses)).collect()
}

fn read_tool(tool: &Value<'_>, losses: &mut Vec<Loss>) -> Result<Tool, BadRequest> {
    let mut outer = tool.fields()?;
    let form = outer.must("type")?;
    let word = form.string()?;
    let mut inner = match &*word {
        "function" | "custom" => outer.must(&word)?.fields()?,
        _ => {
            return Err(form.fault("only function and custom tools can be carried to another API"));
        }
    };
    let read = Tool {
        name: inner.must_string("name")?,
        description: inner.string("description")?,
        input: match &*word {
            "custom" => ToolInput::Text(read_format(&mut inner, losses)?),
            _ => ToolInput::Json {
                schema: inner
                    .take("parameters")
                    .map(|schema| Json(schema.raw().to_owned())),
                strict: inner.bool("strict")?,
            },
        },
    };
    inner.rest(losses);
    outer.rest(losses);
    Ok(read)
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
        "grammar" => {
            let mut inner = format.must("grammar")?.fields()?;
            let grammar = Grammar {
                syntax: inner.must_string("syntax")?,
                definition: inner.must_string("definition")?,
            };
            inner.rest(losses);
            Some(grammar)
        }
        _ => return Err(form.fault("must be text or grammar")),
    };
    format.rest(losses);
    Ok(grammar)
}

/// Reads which tool may or must be called.
pub(super) fn read_choice(fields: &mut Fields<'_>) -> Result<Option<ToolChoice>, BadRequest> {
    choice::read(
        fields,
        |mut outer| outer.must("allowed_tools")?.fields(),
        named,
    )
}

/// Reads the name of a tool that is pointed at.
fn named(tool: &Value<'_>) -> Result<String, BadRequest> {
    let mut outer = tool.fields()?;
    let form = outer.must("type")?;
    let word = form.string()?;
    match &*word {
        "function" | "custom" => outer.must(&word)?.fields()?.must_string("name"),
        _ => Err(form.fault("cannot be carried to a model behind another API; leave it out")),
    }
}

/// Writes a tool under a name that fits.
pub(super) fn write(tool: &Tool, name: &str, out: &mut Writer) {
    out.object(|out| match &tool.input {
        ToolInput::Json { schema, strict } => {
            out.key("type").string("function");
            out.key("function").object(|out| {
                out.key("name").string(name);
                out.string_field("description", tool.description.as_deref());
                out.raw_field("parameters", schema.as_ref().map(|json| json.0.as_str()));
                if let Some(strict) = strict {
                    out.key("strict").bool(*strict);
                }
            });
        }
        ToolInput::Text(grammar) => {
            out.key("type").string("custom");
            out.key("custom").object(|out| {
                out.key("name").string(name);
                out.string_field("description", tool.description.as_deref());
                if let Some(grammar) = grammar {
                    out.key("format").object(|out| {
                        out.key("type").string("grammar");
                        out.key("grammar").object(|out| {
                            out.key("syntax").string(&grammar.syntax);
                            out.key("definition").string(&grammar.definition);
                        });
                    });
                }
            });
        }
    });
}

/// Points at a tool, by a name that fits.
pub(super) fn write_named(is_text: CallForm, name: &str, out: &mut Writer) {
    let word = word(is_text);
    out.object(|out| {
        out.key("type").string(word);
        out.key(word).object(|out| out.key("name").string(name));
    });
}

/// Names a call's kind, and the field that holds it.
pub(super) fn word(form: CallForm) -> &'static str {
    match form {
        CallForm::Json => "function",
        CallForm::Text => "custom",
    }
}

/// Names the field that holds a call's arguments.
pub(super) fn arguments_field(form: CallForm) -> &'static str {
    match form {
        CallForm::Json => "arguments",
        CallForm::Text => "input",
    }
}

/// Reads one call of a message.
pub(super) fn read_call(call: &Value<'_>, losses: &mut Vec<Loss>) -> Result<ToolUse, BadRequest> {
    let mut outer = call.fields()?;
    let word = outer.string("type")?;
    let form = match word.as_deref() {
        None | Some("function") => CallForm::Json,
        Some("custom") => CallForm::Text,
        Some(_) => {
            return Err(call.fault("only function and custom calls can be carried to another API"));
        }
    };
    let mut inner = outer.must(self::word(form))?.fields()?;
    let read = ToolUse {
        id: outer.string("id")?.unwrap_or_default(),
        name: inner.must_string("name")?,
        arguments: inner.string(arguments_field(form))?.unwrap_or_default(),
        form,
        signature: read_signature(&mut outer),
    };
    // The position of a call is in its place already.
    drop(outer.take("index"));
    inner.rest(losses);
    outer.rest(losses);
    Ok(read)
}

/// Takes what a server wants back with its call.
pub(super) fn read_signature(call: &mut Fields<'_>) -> Option<Sealed> {
    let extra = call.take("extra_content")?;
    Some(Sealed::new(NAME, extra.raw()))
}

/// Writes one call of a message, and what this dialect's server wants back with it.
pub(super) fn write_call(call: &ToolUse, name: &str, out: &mut Writer) {
    let word = word(call.form);
    out.object(|out| {
        out.key("id").string(&fit_id(&call.id));
        out.key("type").string(word);
        out.key(word).object(|out| {
            out.key("name").string(name);
            let is_empty = call.form == CallForm::Json && call.arguments.trim().is_empty();
            out.key(arguments_field(call.form)).string(if is_empty {
                "{}"
            } else {
                &call.arguments
            });
        });
        write_signature(call.signature.as_ref(), out);
    });
}

/// Writes what a server wants back with its call. Its client may have changed it: what is no object
/// is left out.
pub(super) fn write_signature(signature: Option<&Sealed>, out: &mut Writer) {
    let own = signature.filter(|sealed| is_extra(sealed));
    out.raw_field("extra_content", own.map(|sealed| sealed.text.as_str()));
}

/// Tells whether a seal is what a server of this dialect wants back with its call.
pub(super) fn is_extra(sealed: &Sealed) -> bool {
    let own = sealed.for_maker(NAME);
    own.is_some_and(|own| is(Kind::Object, own))
}
