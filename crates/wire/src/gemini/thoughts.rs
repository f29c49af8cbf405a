//! Takes thoughts out of a Gemini request whose conversation goes on with another model. It must
//! not know which model made them, nor touch a byte beside them.

use std::ops::Range;

use crate::cut::{FOREIGN, cut, fields, is_below};
use crate::dialect::Stripped;
use crate::fault::Loss;
use crate::gemini::names::camel;
use crate::gemini::seal::{PLACEHOLDER, is_placeholder};
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::splice::{Patch, apply};

/// What one content holds, as far as it matters here.
#[derive(Debug)]
struct Content {
    span: Range<usize>,
    is_answer: bool,
    parts: Vec<Part>,
}

#[derive(Debug, Default)]
struct Part {
    span: Range<usize>,
    fields: Vec<Range<usize>>,
    /// Whether it tells thoughts.
    is_thought: bool,
    is_call: bool,
    /// Whether it says anything beside its signature.
    says: bool,
    /// Which of the fields are signatures, each with its value.
    seals: Vec<(usize, Range<usize>)>,
}

/// What becomes of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    Goes,
    /// It goes without its signatures.
    Bare,
    /// It gets the signature that any model takes.
    Placeholder,
}

/// Takes the thoughts out of the first `below` contents.
pub(super) fn without(body: &[u8], below: u32) -> Option<Stripped> {
    // The body was peeked at, so it can be read; one that cannot is left to its provider.
    let contents = read(body).ok()?;
    let fates = fates(&contents, below);
    let is_cut = |at: usize| {
        let fates = fates.get(at).map(Vec::as_slice).unwrap_or_default();
        !fates.is_empty() && fates.iter().all(|fate| *fate == Fate::Goes)
    };
    let spans: Vec<_> = contents
        .iter()
        .map(|content| content.span.clone())
        .collect();
    // A content needs a part, so one that was nothing but thoughts goes as a whole.
    let mut patches = cut(&spans, is_cut);
    let mut losses = Vec::new();
    for (at, (content, fates)) in contents.iter().zip(&fates).enumerate() {
        if is_cut(at) {
            losses.push(Loss::new(format!("contents[{at}]"), FOREIGN));
            continue;
        }
        let spans: Vec<_> = content.parts.iter().map(|part| part.span.clone()).collect();
        patches.extend(cut(&spans, |part| fates.get(part) == Some(&Fate::Goes)));
        for (place, (part, fate)) in content.parts.iter().zip(fates).enumerate() {
            let path = format!("contents[{at}].parts[{place}]");
            match fate {
                Fate::Stays => continue,
                Fate::Goes => losses.push(Loss::new(path, FOREIGN)),
                Fate::Bare | Fate::Placeholder => {
                    patches.extend(part.unsealed(*fate));
                    losses.push(Loss::new(format!("{path}.thoughtSignature"), FOREIGN));
                }
            }
        }
    }
    (!losses.is_empty()).then(|| Stripped {
        body: apply(body, patches),
        losses,
    })
}

/// Judges each part. Of the calls of a turn the first must have a signature; a turn may stand in
/// several contents, for clients keep a streamed answer so.
fn fates(contents: &[Content], below: u32) -> Vec<Vec<Fate>> {
    let mut has_call = false;
    let mut all = Vec::with_capacity(contents.len());
    for (at, content) in contents.iter().enumerate() {
        if !content.is_answer {
            has_call = false;
        }
        let is_foreign = content.is_answer && is_below(at, below);
        let judge = |part: &Part| {
            let is_first = part.is_call && !std::mem::replace(&mut has_call, true);
            if is_foreign {
                part.fate(is_first)
            } else {
                Fate::Stays
            }
        };
        all.push(content.parts.iter().map(judge).collect());
    }
    all
}

impl Part {
    fn fate(&self, is_first_call: bool) -> Fate {
        if self.is_thought {
            return Fate::Goes;
        }
        match self.seals.is_empty() {
            true => Fate::Stays,
            false if is_first_call => Fate::Placeholder,
            false if !self.says => Fate::Goes,
            false => Fate::Bare,
        }
    }

    /// Takes the signatures out, or puts another in the place of the first.
    fn unsealed(&self, fate: Fate) -> Vec<Patch> {
        let kept = self.seals.first().filter(|_| fate == Fate::Placeholder);
        let is_cut = |field: usize| {
            let is_seal = self.seals.iter().any(|(seal, _)| *seal == field);
            is_seal && kept.is_none_or(|(kept, _)| *kept != field)
        };
        let mut patches = cut(&self.fields, is_cut);
        let put = kept.map(|(_, value)| Patch::new(value.clone(), format!("\"{PLACEHOLDER}\"")));
        patches.extend(put);
        patches
    }
}

fn read(body: &[u8]) -> Scan<Vec<Content>> {
    let mut contents = Vec::new();
    let mut cursor = Cursor::new(body)?;
    cursor.object(|cursor, key| match &*key {
        "contents" => cursor.array_or_skip(|cursor| {
            contents.push(content(cursor)?);
            Ok(())
        }),
        _ => cursor.pass(),
    })?;
    Ok(contents)
}

fn content(cursor: &mut Cursor<'_>) -> Scan<Content> {
    cursor.kind()?;
    let start = cursor.at();
    let mut is_answer = false;
    let mut parts = Vec::new();
    cursor.object_or_skip(|cursor, key| match &*key {
        "role" => {
            is_answer = cursor.string_or_skip()?.as_deref() == Some("model");
            Ok(())
        }
        "parts" => cursor.array_or_skip(|cursor| {
            parts.push(part(cursor)?);
            Ok(())
        }),
        _ => cursor.pass(),
    })?;
    Ok(Content {
        span: start..cursor.at(),
        is_answer,
        parts,
    })
}

fn part(cursor: &mut Cursor<'_>) -> Scan<Part> {
    let is_object = cursor.kind()? == Kind::Object;
    let start = cursor.at();
    let mut part = Part::default();
    if !is_object {
        part.span = cursor.skip()?;
        part.says = true;
        return Ok(part);
    }
    let mut count = 0;
    let spans = fields(cursor, |cursor, key| {
        match &*camel(&key) {
            "thought" => {
                let span = cursor.skip()?;
                part.is_thought |= cursor.slice(span) == "true";
            }
            "text" => part.says |= cursor.text_or_skip()?.is_some(),
            "thoughtSignature" => {
                cursor.kind()?;
                let start = cursor.at();
                let text = cursor.string_or_skip()?;
                let is_real = text.is_some_and(|text| !is_placeholder(&text));
                part.seals
                    .extend(is_real.then(|| (count, start..cursor.at())));
            }
            name => {
                part.is_call |= name == "functionCall";
                part.says = true;
                cursor.pass()?;
            }
        }
        count += 1;
        Ok(())
    })?;
    part.fields = spans;
    part.span = start..cursor.at();
    Ok(part)
}

#[cfg(test)]
mod tests;
