//! The schema that an answer must follow, whose fields OpenAI's two APIs share. It must not know
//! what stands around them.

use crate::canonical::{Format, Json};
use crate::fault::BadRequest;
use crate::json::fields::Fields;
use crate::json::write::Writer;

/// Stands for a name where none was given: the APIs demand one.
const NAME: &str = "answer";

/// Reads a schema with its name, its description and whether it must be followed.
pub(crate) fn read_schema(fields: &mut Fields<'_>) -> Result<Format, BadRequest> {
    Ok(Format::Schema {
        name: fields.string("name")?,
        description: fields.string("description")?,
        schema: Json(fields.must("schema")?.raw().to_owned()),
        strict: fields.bool("strict")?,
    })
}

/// Writes the fields that [`read_schema`] reads; a format that is no schema has none.
pub(crate) fn write_schema(format: &Format, out: &mut Writer) {
    let Format::Schema {
        name,
        description,
        schema,
        strict,
    } = format
    else {
        return;
    };
    out.key("name").string(name.as_deref().unwrap_or(NAME));
    out.string_field("description", description.as_deref());
    out.key("schema").raw(&schema.0);
    if let Some(strict) = strict {
        out.key("strict").bool(*strict);
    }
}
