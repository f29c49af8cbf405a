//! Content blocks of the Messages API, both ways: requests and answers have the same. It must not
//! know whose turn they stand in.

use std::borrow::Cow;

use crate::canonical::{Part, Source, ToolResult, ToolUse};
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::{Cursor, Kind};
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::tool_names::fit_id;

/// Reads a content: a text, or blocks.
pub(super) fn read_content(
    content: &Value<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Vec<Part>, BadRequest> {
    if content.kind() == Kind::String {
        return Ok(vec![Part::Text(content.string()?.into_owned())]);
    }
    let blocks = content.elements()?;
    let mut parts = Vec::with_capacity(blocks.len());
    for block in &blocks {
        let Some(part) = read_block(block, losses)? else {
            let form = block.fields()?.must("type")?;
            return Err(form.fault(format!(
                "the block {} cannot be carried to a model behind another API; leave it out",
                form.raw()
            )));
        };
        parts.push(part);
    }
    Ok(parts)
}

/// Reads a block; none where no other dialect has its like.
pub(super) fn read_block(
    block: &Value<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Option<Part>, BadRequest> {
    let mut fields = block.fields()?;
    let form = fields.must("type")?.string()?;
    let part = match &*form {
        "text" => {
            let part = Part::Text(fields.must_string("text")?);
            if let Some(citations) = fields.take("citations").filter(|list| list.raw() != "[]") {
                fields.put_back("citations", citations);
            }
            part
        }
        "image" => Part::Image(source(fields.must("source")?.fields()?, losses)?),
        "document" => document(&mut fields, losses)?,
        "tool_use" => Part::ToolUse(ToolUse {
            id: fields.must_string("id")?,
            name: fields.must_string("name")?,
            arguments: fields.must("input")?.raw().to_owned(),
        }),
        "tool_result" => Part::ToolResult(tool_result(&mut fields, losses)?),
        "thinking" => Part::Thinking {
            text: fields.must_string("thinking")?,
            signature: fields.string("signature")?.filter(|text| !text.is_empty()),
        },
        "redacted_thinking" => Part::HiddenThinking(fields.must_string("data")?),
        _ => return Ok(None),
    };
    fields.rest(losses);
    Ok(Some(part))
}

fn tool_result(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<ToolResult, BadRequest> {
    let id = fields.must_string("tool_use_id")?;
    let content = fields.take("content");
    let parts = content.map(|content| read_content(&content, losses));
    Ok(ToolResult {
        id,
        parts: parts.transpose()?.unwrap_or_default(),
        failed: fields.bool("is_error")?.unwrap_or(false),
    })
}

fn source(mut fields: Fields<'_>, losses: &mut Vec<Loss>) -> Result<Source, BadRequest> {
    let form = fields.must("type")?;
    let source = match &*form.string()? {
        "base64" => Source::Inline {
            media_type: fields.must_string("media_type")?,
            base64: fields.must_string("data")?,
        },
        "url" => Source::Url(fields.must_string("url")?),
        "file" => {
            return Err(
                form.fault("a file's id is known to its own provider alone; send it inline")
            );
        }
        _ => return Err(form.fault("cannot be carried to a model behind another API")),
    };
    fields.rest(losses);
    Ok(source)
}

/// Reads a document. One of plain text has no counterpart but the text itself.
fn document(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<Part, BadRequest> {
    let place = fields.must("source")?;
    let mut inner = place.fields()?;
    let form = inner.must("type")?;
    let name = fields.string("title")?;
    if form.string()? != "text" {
        inner.put_back("type", form);
        let source = source(inner, losses)?;
        return Ok(Part::Document { source, name });
    }
    losses.push(Loss::new(
        place.path(),
        "a document of plain text became text",
    ));
    let text = inner.must_string("data")?;
    drop(inner.take("media_type"));
    inner.rest(losses);
    Ok(Part::Text(match name {
        Some(name) => format!("{name}\n\n{text}"),
        None => text,
    }))
}

/// Writes a content: a text where it is one, else blocks.
pub(super) fn write_content<'p>(
    parts: impl Iterator<Item = &'p Part>,
    name: &mut dyn FnMut(&str) -> String,
    out: &mut Writer,
) {
    let parts: Vec<_> = parts.collect();
    match parts.as_slice() {
        [Part::Text(text)] => out.string(text),
        parts => out.array(|out| {
            // An empty text block is refused; beside others it says nothing.
            let said = parts
                .iter()
                .filter(|part| parts.len() == 1 || !is_empty(part));
            said.for_each(|part| write_block(part, name, out));
        }),
    }
}

/// Tells whether a part is a text without text.
pub(super) fn is_empty(part: &Part) -> bool {
    matches!(part, Part::Text(text) if text.is_empty())
}

/// Writes a block; `name` fits a tool's name to the limit.
pub(super) fn write_block(part: &Part, name: &mut dyn FnMut(&str) -> String, out: &mut Writer) {
    out.object(|out| match part {
        Part::Text(text) | Part::Refusal(text) => {
            out.key("type").string("text");
            out.key("text").string(text);
        }
        Part::Image(source) => {
            out.key("type").string("image");
            write_source(source, out.key("source"));
        }
        Part::Document { source, name } => {
            out.key("type").string("document");
            write_source(source, out.key("source"));
            out.string_field("title", name.as_deref());
        }
        Part::ToolUse(call) => {
            out.key("type").string("tool_use");
            out.key("id").string(&fit_id(&call.id));
            out.key("name").string(&name(&call.name));
            match object(&call.arguments) {
                Some(object) => out.key("input").raw(&object),
                None => out.key("input").string(&call.arguments),
            }
        }
        Part::ToolResult(result) => {
            out.key("type").string("tool_result");
            out.key("tool_use_id").string(&fit_id(&result.id));
            if !result.parts.is_empty() {
                write_content(result.parts.iter(), name, out.key("content"));
            }
            if result.failed {
                out.key("is_error").bool(true);
            }
        }
        Part::Thinking { text, signature } => {
            out.key("type").string("thinking");
            out.key("thinking").string(text);
            out.key("signature")
                .string(signature.as_deref().unwrap_or_default());
        }
        Part::HiddenThinking(sealed) => {
            out.key("type").string("redacted_thinking");
            out.key("data").string(sealed);
        }
    });
}

/// Gives arguments as the object that the API wants; none where they are not one.
pub(super) fn object(arguments: &str) -> Option<Cow<'_, str>> {
    let arguments = arguments.trim();
    if arguments.is_empty() {
        return Some(Cow::Borrowed("{}"));
    }
    let mut cursor = Cursor::over(arguments);
    let is_object = cursor.kind() == Ok(Kind::Object);
    let is_whole = cursor.skip().and_then(|_| cursor.end()).is_ok();
    (is_object && is_whole).then_some(Cow::Borrowed(arguments))
}

fn write_source(source: &Source, out: &mut Writer) {
    out.object(|out| match source {
        Source::Inline { media_type, base64 } => {
            out.key("type").string("base64");
            out.key("media_type").string(media_type);
            out.key("data").string(base64);
        }
        Source::Url(url) => {
            out.key("type").string("url");
            out.key("url").string(url);
        }
    });
}
