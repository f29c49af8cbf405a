//! Content blocks of the Messages API, both ways: requests and answers have the same. It must not
//! know whose turn they stand in.

use crate::anthropic_messages::vocabulary::NAME;
use crate::canonical::{CallForm, Citation, Part, Source, ToolResult, ToolUse, remarks};
use crate::fault::{BadRequest, Loss};
use crate::free_text;
use crate::json::cursor::{Kind, whole_object};
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::sealed::{Sealed, Seals};
use crate::tool_names::fit_id;

/// Reads a content: a text, or blocks.
pub(super) fn read_content(
    content: &Value<'_>,
    losses: &mut Vec<Loss>,
) -> Result<Vec<Part>, BadRequest> {
    if content.kind() == Kind::String {
        return Ok(vec![Part::Text(content.string()?.into_owned())]);
    }
    let mut read = Blocks::default();
    for block in &content.elements()? {
        if !read.block(block, losses)? {
            let form = block.fields()?.must("type")?;
            return Err(form.fault(format!(
                "the block {} cannot be carried to a model behind another API; leave it out",
                form.raw()
            )));
        }
    }
    Ok(read.parts)
}

/// Collects blocks that are read one after the other.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) parts: Vec<Part>,
    /// What a block before a call holds for it.
    call_seal: Option<Sealed>,
}

impl Blocks {
    /// Reads a block; says no where no other dialect has its like.
    pub(super) fn block(
        &mut self,
        block: &Value<'_>,
        losses: &mut Vec<Loss>,
    ) -> Result<bool, BadRequest> {
        let mut fields = block.fields()?;
        let form = fields.must("type")?.string()?;
        let part = match &*form {
            "text" => {
                self.parts.push(Part::Text(fields.must_string("text")?));
                for citation in fields.elements("citations")? {
                    self.parts.push(Part::Citation(read_citation(&citation)?));
                }
                fields.rest(losses);
                return Ok(true);
            }
            "image" => Part::Image(source(fields.must("source")?.fields()?, losses)?),
            "document" => document(&mut fields, losses)?,
            "tool_use" => {
                ignore_direct(&mut fields);
                Part::ToolUse(ToolUse {
                    id: fields.must_string("id")?,
                    name: fields.must_string("name")?,
                    arguments: fields.must("input")?.raw().to_owned(),
                    form: CallForm::Json,
                    signature: self.call_seal.take(),
                })
            }
            "tool_result" => Part::ToolResult(tool_result(&mut fields, losses)?),
            "thinking" => {
                let signature = fields.string("signature")?.filter(|text| !text.is_empty());
                Part::Thinking {
                    text: fields.must_string("thinking")?,
                    signature: signature.map(|text| Sealed::read(text, NAME).0),
                }
            }
            "redacted_thinking" => match Sealed::read(fields.must_string("data")?, NAME) {
                (sealed, Some(Seals::Call)) => {
                    self.call_seal = Some(sealed);
                    return Ok(true);
                }
                (sealed, _) => Part::HiddenThinking(sealed),
            },
            _ => return Ok(false),
        };
        self.parts.push(part);
        fields.rest(losses);
        Ok(true)
    }
}

/// Leaves out who made a call where it was the model itself, as every call elsewhere is.
pub(super) fn ignore_direct(call: &mut Fields<'_>) {
    if let Some(caller) = call.take("caller")
        && !caller.raw().contains("\"direct\"")
    {
        call.put_back("caller", caller);
    }
}

/// Reads a citation. What other dialects know of one is picked out, the whole is kept.
pub(super) fn read_citation(citation: &Value<'_>) -> Result<Citation, BadRequest> {
    let mut fields = citation.fields()?;
    let source = fields.string("source")?;
    let source = source.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    let title = fields.string("title")?;
    Ok(Citation {
        url: fields.string("url")?.or(source),
        title: title.or(fields.string("document_title")?),
        quote: fields.string("cited_text")?,
        span: None,
        own: Some(Sealed::new(NAME, citation.raw())),
    })
}

/// Tells whether a citation can be written here.
pub(super) fn can_cite(citation: &Citation) -> bool {
    let own = citation.own.as_ref();
    own.is_some_and(|own| own.maker == NAME) || citation.url.is_some()
}

/// Writes a citation. One of another maker comes nearest to a search result.
pub(super) fn write_citation(citation: &Citation, out: &mut Writer) {
    let own = citation.own.as_ref().and_then(|own| own.for_maker(NAME));
    if let Some(own) = own {
        out.raw(own);
        return;
    }
    out.object(|out| {
        out.key("type").string("web_search_result_location");
        out.key("cited_text")
            .string(citation.quote.as_deref().unwrap_or_default());
        out.key("encrypted_index").string("");
        out.nullable_field("title", citation.title.as_deref());
        out.key("url")
            .string(citation.url.as_deref().unwrap_or_default());
    });
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
pub(super) fn write_content(
    parts: &[&Part],
    name: &mut dyn FnMut(&str) -> String,
    out: &mut Writer,
) {
    match parts {
        [Part::Text(text)] => out.string(text),
        parts => out.array(|out| write_blocks(parts, name, out)),
    }
}

/// Writes blocks; `name` fits a tool's name to the limit.
pub(super) fn write_blocks(
    parts: &[&Part],
    name: &mut dyn FnMut(&str) -> String,
    out: &mut Writer,
) {
    for (at, part) in parts.iter().enumerate() {
        // An empty text block is refused; beside others it says nothing.
        let says_nothing = parts.len() > 1 && is_empty(part);
        if part.is_remark() || says_nothing {
            continue;
        }
        if let Part::ToolUse(call) = part
            && let Some(sealed) = &call.signature
        {
            write_hidden(&sealed.carry(Seals::Call, NAME), out);
        }
        let cited = remarks(parts, at).filter_map(|part| match part {
            Part::Citation(citation) if can_cite(citation) => Some(citation),
            _ => None,
        });
        write_block(part, &cited.collect::<Vec<_>>(), name, out);
    }
}

fn write_hidden(sealed: &str, out: &mut Writer) {
    out.object(|out| {
        out.key("type").string("redacted_thinking");
        out.key("data").string(sealed);
    });
}

/// Tells whether a part is a text without text.
pub(super) fn is_empty(part: &Part) -> bool {
    matches!(part, Part::Text(text) if text.is_empty())
}

fn write_block(
    part: &Part,
    cited: &[&Citation],
    name: &mut dyn FnMut(&str) -> String,
    out: &mut Writer,
) {
    out.object(|out| match part {
        Part::Text(text) | Part::Refusal(text) => {
            out.key("type").string("text");
            out.key("text").string(text);
            if !cited.is_empty() {
                out.key("citations")
                    .array(|out| cited.iter().for_each(|cited| write_citation(cited, out)));
            }
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
            match call.form {
                CallForm::Text => out.key("input").raw(&free_text::wrap(&call.arguments)),
                CallForm::Json => match whole_object(&call.arguments) {
                    Some(object) => out.key("input").raw(object),
                    None => out.key("input").string(&call.arguments),
                },
            }
        }
        Part::ToolResult(result) => {
            out.key("type").string("tool_result");
            out.key("tool_use_id").string(&fit_id(&result.id));
            if !result.parts.is_empty() {
                let parts: Vec<_> = result.parts.iter().collect();
                write_content(&parts, name, out.key("content"));
            }
            if result.failed {
                out.key("is_error").bool(true);
            }
        }
        Part::Thinking { text, signature } => {
            let signature = signature.as_ref();
            let signature = signature.map(|sealed| sealed.carry(Seals::Thoughts, NAME));
            out.key("type").string("thinking");
            out.key("thinking").string(text);
            out.key("signature")
                .string(signature.as_deref().unwrap_or_default());
        }
        Part::HiddenThinking(sealed) => {
            out.key("type").string("redacted_thinking");
            out.key("data").string(&sealed.carry(Seals::Hidden, NAME));
        }
        // Refused before it comes here, and remarks stand with their text.
        Part::Audio(_) | Part::Citation(_) | Part::Logprobs(_) => {}
    });
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
