//! Citations of Responses, both ways: each stands at the text it belongs to. It must not know
//! where that text stands.

use crate::canonical::Citation;
use crate::fault::BadRequest;
use crate::json::fields::Value;
use crate::json::write::Writer;
use crate::openai_responses::vocabulary::NAME;
use crate::sealed::Sealed;

/// Reads one. What other dialects know of it is picked out, the whole is kept.
pub(super) fn read(annotation: &Value<'_>) -> Result<Citation, BadRequest> {
    let mut fields = annotation.fields()?;
    let start = fields.whole("start_index")?;
    let end = fields.whole("end_index")?;
    let title = fields.string("title")?;
    Ok(Citation {
        url: fields.string("url")?,
        title: title.or(fields.string("filename")?),
        quote: None,
        span: start.zip(end),
        own: Some(Sealed::new(NAME, annotation.raw())),
    })
}

/// Writes one as JSON text, for a text of so many characters until now; none where it has no form
/// here.
pub(super) fn write(citation: &Citation, characters: u64) -> Option<String> {
    let own = citation.own.as_ref().and_then(|own| own.for_maker(NAME));
    if let Some(own) = own {
        return Some(own.to_owned());
    }
    let url = citation.url.as_deref()?;
    let (start, end) = citation.span.unwrap_or((0, characters));
    let mut out = Writer::new();
    out.object(|out| {
        out.key("type").string("url_citation");
        out.key("start_index").number(start);
        out.key("end_index").number(end);
        out.key("url").string(url);
        out.key("title")
            .string(citation.title.as_deref().unwrap_or_default());
    });
    Some(String::from_utf8_lossy(&out.finish()).into_owned())
}

/// Says what of a citation gets lost here, and why, where something does.
pub(super) fn lost(citation: &Citation) -> Option<(&'static str, &'static str)> {
    let own = citation.own.as_ref().and_then(|own| own.for_maker(NAME));
    match (own, &citation.url, &citation.quote) {
        (Some(_), ..) => None,
        (None, None, _) => Some(("citations", "one without an address has no field")),
        (None, Some(_), Some(_)) => {
            Some(("citations.quote", "the source's own words have no field"))
        }
        (None, Some(_), None) => None,
    }
}
