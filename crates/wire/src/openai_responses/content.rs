//! What messages and the outputs of tools hold, both ways. It must not know whose turn it is.

use crate::canonical::{Part, Source};
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::Kind;
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::openai_responses::annotations;
use crate::sources;

/// Says that something is of use to one provider alone.
pub(super) const ELSEWHERE: &str = "cannot be carried to a model behind another API; leave it out";

/// Reads a content: a text, or parts.
pub(super) fn read(content: &Value<'_>, losses: &mut Vec<Loss>) -> Result<Vec<Part>, BadRequest> {
    if content.kind() == Kind::String {
        return Ok(vec![Part::Text(content.string()?.into_owned())]);
    }
    let mut parts = Vec::new();
    for part in &content.elements()? {
        read_part(part, &mut parts, losses)?;
    }
    Ok(parts)
}

/// Reads a part of a content, with what is said of it.
pub(super) fn read_part(
    part: &Value<'_>,
    parts: &mut Vec<Part>,
    losses: &mut Vec<Loss>,
) -> Result<(), BadRequest> {
    let mut fields = part.fields()?;
    let form = fields.must("type")?;
    match &*form.string()? {
        "input_text" | "output_text" | "text" => {
            parts.push(Part::Text(fields.must_string("text")?));
            remarks(&mut fields, parts)?;
        }
        "refusal" => parts.push(Part::Refusal(fields.must_string("refusal")?)),
        "input_image" => parts.push(Part::Image(image(&mut fields)?)),
        "input_file" => parts.push(file(&mut fields)?),
        "input_audio" => {
            let mut inner = fields.must("input_audio")?.fields()?;
            parts.push(Part::Audio(Source::Inline {
                media_type: format!("audio/{}", inner.must_string("format")?),
                base64: inner.must_string("data")?,
            }));
            inner.rest(losses);
        }
        other => {
            return Err(form.fault(format!("a part {other:?} {ELSEWHERE}")));
        }
    }
    fields.rest(losses);
    Ok(())
}

/// Takes how likely a text's tokens were and where it comes from.
pub(super) fn remarks(fields: &mut Fields<'_>, parts: &mut Vec<Part>) -> Result<(), BadRequest> {
    parts.extend(logprobs(fields)?.map(Part::Logprobs));
    for annotation in fields.elements("annotations")? {
        parts.push(Part::Citation(annotations::read(&annotation)?));
    }
    Ok(())
}

/// Takes how likely a text's tokens were, where that is told.
pub(super) fn logprobs(
    fields: &mut Fields<'_>,
) -> Result<Option<crate::canonical::Json>, BadRequest> {
    let Some(list) = fields.take("logprobs") else {
        return Ok(None);
    };
    let is_empty = list.elements()?.is_empty();
    Ok((!is_empty).then(|| crate::canonical::Json(list.raw().to_owned())))
}

fn no_id(fields: &mut Fields<'_>) -> Result<(), BadRequest> {
    match fields.take("file_id") {
        Some(id) => Err(id.fault("a file's id is known to its own provider alone; send it inline")),
        None => Ok(()),
    }
}

fn image(fields: &mut Fields<'_>) -> Result<Source, BadRequest> {
    no_id(fields)?;
    // How closely to look is left to the model, which is what this word says.
    if let Some(detail) = fields
        .take("detail")
        .filter(|word| word.raw() != "\"auto\"")
    {
        fields.put_back("detail", detail);
    }
    sources::read(&fields.must("image_url")?)
}

fn file(fields: &mut Fields<'_>) -> Result<Part, BadRequest> {
    no_id(fields)?;
    let name = fields.string("filename")?;
    let source = match fields.take("file_url") {
        Some(url) => sources::read(&url)?,
        None => sources::read(&fields.must("file_data")?)?,
    };
    Ok(Part::Document { source, name })
}

/// Writes a part that the user or a tool says; says no where the API has no such part.
pub(super) fn write_input(part: &Part, out: &mut Writer) -> bool {
    match part {
        Part::Text(text) => out.object(|out| {
            out.key("type").string("input_text");
            out.key("text").string(text);
        }),
        Part::Image(source) => out.object(|out| {
            out.key("type").string("input_image");
            out.key("image_url").string(&sources::write(source));
            out.key("detail").string("auto");
        }),
        Part::Document { source, name } => out.object(|out| {
            out.key("type").string("input_file");
            match source {
                Source::Url(url) => out.key("file_url").string(url),
                Source::Inline { .. } => {
                    out.key("file_data").string(&sources::write(source));
                }
            }
            out.string_field("filename", name.as_deref());
        }),
        _ => return false,
    }
    true
}
