//! Pictures and documents as `data:` addresses and back. It must not fetch one, nor look inside.

use crate::canonical::Source;
use crate::fault::BadRequest;
use crate::json::fields::Value;

/// Reads an address: the bytes in it, or where the provider fetches them.
pub(crate) fn read(url: &Value<'_>) -> Result<Source, BadRequest> {
    let text = url.string()?;
    let Some(inline) = text.strip_prefix("data:") else {
        if text.starts_with("https://") || text.starts_with("http://") {
            return Ok(Source::Url(text.into_owned()));
        }
        return Err(url.fault("must be a data: or https: address"));
    };
    match inline.split_once(";base64,") {
        Some((media_type, base64)) if !media_type.is_empty() => Ok(Source::Inline {
            media_type: media_type.to_owned(),
            base64: base64.to_owned(),
        }),
        _ => Err(url.fault("must have the form data:TYPE;base64,BYTES")),
    }
}

/// Writes an address.
pub(crate) fn write(source: &Source) -> String {
    match source {
        Source::Url(url) => url.clone(),
        Source::Inline { media_type, base64 } => format!("data:{media_type};base64,{base64}"),
    }
}
