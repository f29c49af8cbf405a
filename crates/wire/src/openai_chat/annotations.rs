//! Citations of Chat Completions, both ways: addresses with a place in the message's text. It must
//! not know any other kind of citation.

use crate::canonical::{Citation, Part, Reply, remarks};
use crate::fault::{BadRequest, Loss};
use crate::json::fields::Value;
use crate::json::write::Writer;
use crate::openai_chat::vocabulary::NAME;
use crate::sealed::Sealed;

/// Reads one; none where it is of another kind.
pub(super) fn read(annotation: &Value<'_>) -> Result<Option<Citation>, BadRequest> {
    let mut outer = annotation.fields()?;
    let Some(mut inner) = outer.fields("url_citation")? else {
        return Ok(None);
    };
    let start = inner.whole("start_index")?;
    let end = inner.whole("end_index")?;
    Ok(Some(Citation {
        url: inner.string("url")?,
        title: inner.string("title")?,
        quote: inner.string("content")?,
        span: start.zip(end),
        own: Some(Sealed::new(NAME, annotation.raw())),
    }))
}

/// Holds the citations of an answer, ready to be written.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    /// Each as JSON text.
    pub(super) list: Vec<String>,
    pub(super) losses: Vec<Loss>,
    /// Characters of the texts that are whole.
    before: u64,
    /// Characters of the text that goes on.
    current: u64,
}

impl Annotations {
    /// Collects those of a whole answer, whose texts become one.
    pub(super) fn of(reply: &Reply) -> Self {
        let mut all = Self::default();
        let parts: Vec<_> = reply.parts.iter().collect();
        for (at, part) in parts.iter().enumerate() {
            let Part::Text(text) = part else { continue };
            all.text(text);
            for remark in remarks(&parts, at) {
                if let Part::Citation(citation) = remark {
                    all.cite(citation);
                }
            }
            all.end();
        }
        all
    }

    /// Takes more of a text.
    pub(super) fn text(&mut self, text: &str) {
        self.current += text.chars().count() as u64;
    }

    /// Notes that the text is whole.
    pub(super) fn end(&mut self) {
        self.before += std::mem::take(&mut self.current);
    }

    /// Takes a citation of the text that goes on.
    pub(super) fn cite(&mut self, citation: &Citation) {
        let own = citation.own.as_ref().and_then(|own| own.for_maker(NAME));
        if let Some(own) = own {
            self.list.push(own.to_owned());
            return;
        }
        let Some(url) = &citation.url else {
            if self.losses.is_empty() {
                let why = "a citation without an address has no field";
                self.losses.push(Loss::new("annotations", why));
            }
            return;
        };
        let (start, end) = citation.span.unwrap_or((0, self.current));
        let mut out = Writer::new();
        out.object(|out| {
            out.key("type").string("url_citation");
            out.key("url_citation").object(|out| {
                out.key("url").string(url);
                out.key("title")
                    .string(citation.title.as_deref().unwrap_or_default());
                out.key("start_index").number(self.before + start);
                out.key("end_index").number(self.before + end);
                out.string_field("content", citation.quote.as_deref());
            });
        });
        let json = String::from_utf8_lossy(&out.finish()).into_owned();
        self.list.push(json);
    }

    /// Writes them as an array.
    pub(super) fn write(&self, out: &mut Writer) {
        out.array(|out| self.list.iter().for_each(|json| out.raw(json)));
    }
}
