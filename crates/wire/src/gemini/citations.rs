//! Citations, whose places this API counts in bytes of the whole answer's text, and others in
//! characters of one text. It must not know how an answer is sent.

use crate::canonical::Citation;
use crate::fault::BadRequest;
use crate::gemini::names::Names;
use crate::gemini::vocabulary::NAME;
use crate::json::fields::Value;
use crate::json::write::Writer;
use crate::sealed::Sealed;

/// Keeps an answer's text, so that places in it can be told.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    text: String,
    /// Where the text begins that a citation now belongs to.
    start: usize,
    is_over: bool,
}

impl Said {
    /// Adds to the text that goes on.
    pub(super) fn push(&mut self, text: &str) {
        if std::mem::take(&mut self.is_over) {
            self.start = self.text.len();
        }
        self.text.push_str(text);
    }

    /// Notes that what follows is a text of its own.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    /// Counts bytes of the whole as characters of the last text.
    fn to_characters(&self, from: usize, to: usize) -> Option<(u64, u64)> {
        let place = |at: usize| {
            let before = self.text.get(self.start..at)?;
            u64::try_from(before.chars().count()).ok()
        };
        place(from).zip(place(to))
    }

    /// Counts characters of the last text as bytes of the whole.
    fn to_bytes(&self, span: (u64, u64)) -> Option<(usize, usize)> {
        let text = self.text.get(self.start..)?;
        let place = |characters: u64| {
            let skipped = usize::try_from(characters).ok()?;
            let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            places.nth(skipped).map(|at| self.start + at)
        };
        place(span.0).zip(place(span.1))
    }
}

/// Reads what a candidate's `citationMetadata` lists.
pub(super) fn read(metadata: &Value<'_>, said: &Said) -> Result<Vec<Citation>, BadRequest> {
    let mut fields = Names::of(metadata)?;
    let mut list = fields.elements("citations")?;
    // The older name of the same list.
    list.extend(fields.elements("citationSources")?);
    let read = |one: &Value<'_>| {
        let mut fields = Names::of(one)?;
        let from = fields.whole("startIndex")?.unwrap_or(0);
        let to = fields.whole("endIndex")?;
        Ok(Citation {
            url: fields.string("uri")?.filter(|url| !url.is_empty()),
            title: fields.string("title")?.filter(|title| !title.is_empty()),
            quote: None,
            span: to.and_then(|to| characters(said, from, to)),
            own: Some(Sealed::new(NAME, one.raw())),
        })
    };
    list.iter().map(read).collect()
}

fn characters(said: &Said, from: u64, to: u64) -> Option<(u64, u64)> {
    said.to_characters(usize::try_from(from).ok()?, usize::try_from(to).ok()?)
}

/// Reads which stretch of the text a search's results support: each pair of both is a citation.
pub(super) fn read_grounding(
    metadata: &mut Names<'_>,
    said: &Said,
) -> Result<Vec<Citation>, BadRequest> {
    let mut sources = Vec::new();
    for chunk in metadata.elements("groundingChunks")? {
        let mut chunk = Names::of(&chunk)?;
        let place = match chunk.names("web")? {
            Some(web) => Some(web),
            None => chunk.names("retrievedContext")?,
        };
        let (mut url, mut title) = (None, None);
        if let Some(mut place) = place {
            url = place.string("uri")?;
            title = place.string("title")?;
        }
        sources.push((url, title));
    }
    let mut citations = Vec::new();
    for support in metadata.elements("groundingSupports")? {
        let mut support = Names::of(&support)?;
        let mut span = None;
        if let Some(mut segment) = support.names("segment")? {
            let from = segment.whole("startIndex")?.unwrap_or(0);
            let to = segment.whole("endIndex")?;
            span = to.and_then(|to| characters(said, from, to));
        }
        for index in support.elements("groundingChunkIndices")? {
            let source = sources.get(usize::try_from(index.whole()?).unwrap_or(usize::MAX));
            let Some((url, title)) = source.cloned() else {
                continue;
            };
            citations.push(Citation {
                url,
                title,
                span,
                ..Citation::default()
            });
        }
    }
    Ok(citations)
}

/// Writes one citation; none where it says nothing that this dialect could.
pub(super) fn write(citation: &Citation, said: &Said) -> Option<String> {
    let own = citation.own.as_ref().and_then(|own| own.for_maker(NAME));
    if let Some(own) = own {
        return Some(own.to_owned());
    }
    if citation.url.is_none() && citation.title.is_none() {
        return None;
    }
    let mut out = Writer::new();
    out.object(|out| {
        if let Some((from, to)) = citation.span.and_then(|span| said.to_bytes(span)) {
            out.key("startIndex").raw(&from.to_string());
            out.key("endIndex").raw(&to.to_string());
        }
        out.string_field("uri", citation.url.as_deref());
        out.string_field("title", citation.title.as_deref());
    });
    String::from_utf8(out.finish()).ok()
}
