//! Editing a body in place: some values replaced or put in, every other byte as it was. It must
//! not judge the values, nor re-serialise anything.

use std::ops::Range;

use bytes::Bytes;

use crate::fault::BadRequest;
use crate::json::cursor::Cursor;
use crate::json::write::quote;
use crate::peek::{AskUsage, Edits, IncludeUsage, Peek};

/// Replaces the bytes of a span, which is empty where something is put in.
pub(crate) struct Patch {
    span: Range<usize>,
    with: Vec<u8>,
}

impl Patch {
    /// Makes a patch.
    pub(crate) fn new(span: Range<usize>, with: impl Into<Vec<u8>>) -> Self {
        Self {
            span,
            with: with.into(),
        }
    }
}

/// Edits a body that was peeked at. `usage_options` names the field that holds the flag for a
/// stream's usage chunk.
pub(crate) fn edit(body: &Bytes, peek: &Peek<'_>, edits: &Edits<'_>, usage_options: &str) -> Bytes {
    let mut patches = Vec::new();
    if let Some(model) = edits.model.filter(|model| *model != peek.model) {
        let mut quoted = Vec::with_capacity(model.len() + 2);
        quote(model, &mut quoted);
        patches.push(Patch::new(peek.model_span.clone(), quoted));
    }
    if edits.usage == AskUsage::Always && peek.stream {
        patches.extend(ask_usage(peek, usage_options));
    }
    let fixed = edits.fixed.iter();
    let fixed: Vec<_> = fixed
        .filter(|(name, _)| name != "model" && name != usage_options)
        .collect();
    if !fixed.is_empty() {
        set_fields(body, peek.insert_at, &fixed, &mut patches);
    }
    if patches.is_empty() {
        return body.clone();
    }
    apply(body, patches)
}

/// Sets the fixed fields of a body that Tiergate wrote itself.
pub(crate) fn fix(
    body: Bytes,
    peek: fn(&[u8]) -> Result<Peek<'_>, BadRequest>,
    fixed: &[(String, String)],
) -> Result<Bytes, BadRequest> {
    if fixed.is_empty() {
        return Ok(body);
    }
    let edits = Edits {
        model: None,
        usage: AskUsage::AsRequested,
        fixed,
    };
    let edited = edit(&body, &peek(&body)?, &edits, "");
    Ok(edited)
}

fn ask_usage(peek: &Peek<'_>, options: &str) -> Option<Patch> {
    const FLAG: &str = "\"include_usage\":true";
    match &peek.include_usage {
        IncludeUsage::NotNeeded | IncludeUsage::Asked => None,
        IncludeUsage::Absent => {
            let at = peek.insert_at;
            Some(Patch::new(at..at, format!("\"{options}\":{{{FLAG}}},")))
        }
        IncludeUsage::Null(span) => Some(Patch::new(span.clone(), format!("{{{FLAG}}}"))),
        IncludeUsage::Options { at, more } => {
            let comma = if *more { "," } else { "" };
            Some(Patch::new(*at..*at, format!("{FLAG}{comma}")))
        }
        IncludeUsage::Declined(span) => Some(Patch::new(span.clone(), "true")),
    }
}

/// Replaces each field that is there and puts in each that is not. The body is an object with at
/// least its model, so a comma behind what is put in is always right.
fn set_fields(
    body: &Bytes,
    insert_at: usize,
    fixed: &[&(String, String)],
    patches: &mut Vec<Patch>,
) {
    let mut found = Vec::new();
    let walked = Cursor::new(body).and_then(|mut cursor| {
        cursor.object(|cursor, key| {
            let span = cursor.skip()?;
            found.extend(
                fixed
                    .iter()
                    .position(|(name, _)| *name == key)
                    .map(|at| (at, span)),
            );
            Ok(())
        })
    });
    debug_assert!(walked.is_ok(), "a body that was peeked at is whole");
    for (at, (name, value)) in fixed.iter().enumerate() {
        if let Some((_, span)) = found.iter().find(|(place, _)| *place == at) {
            patches.push(Patch::new(span.clone(), value.as_str()));
            continue;
        }
        let mut field = Vec::new();
        quote(name, &mut field);
        field.push(b':');
        field.extend_from_slice(value.as_bytes());
        field.push(b',');
        patches.push(Patch::new(insert_at..insert_at, field));
    }
}

/// Applies patches that do not overlap.
pub(crate) fn apply(body: &[u8], mut patches: Vec<Patch>) -> Bytes {
    patches.sort_by_key(|patch| patch.span.start);
    let added: usize = patches.iter().map(|patch| patch.with.len()).sum();
    let mut out = Vec::with_capacity(body.len() + added);
    let mut at = 0;
    for patch in &patches {
        out.extend_from_slice(body.get(at..patch.span.start).unwrap_or_default());
        out.extend_from_slice(&patch.with);
        at = patch.span.end;
    }
    out.extend_from_slice(body.get(at..).unwrap_or_default());
    out.into()
}

#[cfg(test)]
mod tests;
