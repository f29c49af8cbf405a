//! Takes thoughts out of a Messages request whose conversation goes on with another model. It must
//! not know which model made them, nor touch a byte beside them.

use std::ops::Range;

use crate::cut::{FOREIGN, cut, is_below};
use crate::dialect::Stripped;
use crate::fault::Loss;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::splice::{Patch, apply};

/// What one turn holds, as far as it matters here.
#[derive(Debug, Default)]
struct Turn {
    span: Range<usize>,
    is_answer: bool,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    span: Range<usize>,
    kind: PartKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartKind {
    Thoughts,
    Call,
    Other,
}

/// The body taken apart.
#[derive(Debug, Default)]
struct Body {
    turns: Vec<Turn>,
    /// The value of `thinking` where it is the manual form, which binds a call to its thoughts.
    manual: Option<Range<usize>>,
}

/// Takes the thoughts out of the first `below` messages.
pub(super) fn without(body: &[u8], below: u32) -> Option<Stripped> {
    // The body was peeked at, so it can be read; one that cannot is left to its provider.
    let read = read(body).ok()?;
    let mut losses = Vec::new();
    let mut patches = cut_turns(&read.turns, below, &mut losses);
    if let Some(span) = read.manual
        && calls_without_thoughts(&read.turns, below)
    {
        // Manual thinking wants thoughts in front of a call whose result follows. There are none
        // that this model would take, so it does not think in this turn, as the API's own message
        // advises; the models that know the manual form all take this one.
        patches.push(Patch::new(span, r#"{"type":"disabled"}"#));
        losses.push(Loss::new(
            "thinking",
            "off while a call of another model is pending",
        ));
    }
    (!patches.is_empty()).then(|| Stripped {
        body: apply(body, patches),
        losses,
    })
}

fn cut_turns(turns: &[Turn], below: u32, losses: &mut Vec<Loss>) -> Vec<Patch> {
    let is_empty = |at: usize| {
        let turn = turns.get(at);
        is_below(at, below) && turn.is_some_and(Turn::is_all_thoughts)
    };
    let spans: Vec<_> = turns.iter().map(|turn| turn.span.clone()).collect();
    // An answer without content is refused, so one that was nothing but thoughts goes as a whole;
    // the API joins the neighbours that then have one role.
    let mut patches = cut(&spans, is_empty);
    for (at, turn) in turns.iter().enumerate() {
        if !is_below(at, below) || !turn.is_answer {
            continue;
        }
        if is_empty(at) {
            losses.push(Loss::new(format!("messages[{at}]"), FOREIGN));
            continue;
        }
        let is_cut = |part: usize| {
            let part = turn.parts.get(part);
            part.is_some_and(|part| part.kind == PartKind::Thoughts)
        };
        let spans: Vec<_> = turn.parts.iter().map(|part| part.span.clone()).collect();
        patches.extend(cut(&spans, is_cut));
        let gone = (0..spans.len()).filter(|part| is_cut(*part));
        losses
            .extend(gone.map(|part| Loss::new(format!("messages[{at}].content[{part}]"), FOREIGN)));
    }
    patches
}

/// Tells whether the last answer calls a tool and will not begin with thoughts.
fn calls_without_thoughts(turns: &[Turn], below: u32) -> bool {
    let last = turns
        .iter()
        .enumerate()
        .rev()
        .find(|(_, turn)| turn.is_answer);
    let Some((at, turn)) = last else { return false };
    let calls = turn.parts.iter().any(|part| part.kind == PartKind::Call);
    let thinks = turn
        .parts
        .first()
        .is_some_and(|part| part.kind == PartKind::Thoughts);
    calls && (!thinks || is_below(at, below))
}

impl Turn {
    fn is_all_thoughts(&self) -> bool {
        let is_thoughts = |part: &Part| part.kind == PartKind::Thoughts;
        self.is_answer && !self.parts.is_empty() && self.parts.iter().all(is_thoughts)
    }
}

fn read(body: &[u8]) -> Scan<Body> {
    let mut found = Body::default();
    let mut cursor = Cursor::new(body)?;
    cursor.object(|cursor, key| {
        match &*key {
            "messages" => cursor.array_or_skip(|cursor| {
                found.turns.push(turn(cursor)?);
                Ok(())
            })?,
            "thinking" => {
                cursor.kind()?;
                let start = cursor.at();
                let kind = kind(cursor)?;
                found.manual = (kind.as_deref() == Some("enabled")).then(|| start..cursor.at());
            }
            _ => cursor.pass()?,
        }
        Ok(())
    })?;
    Ok(found)
}

fn turn(cursor: &mut Cursor<'_>) -> Scan<Turn> {
    cursor.kind()?;
    let start = cursor.at();
    let mut turn = Turn::default();
    cursor.object_or_skip(|cursor, key| {
        match &*key {
            "role" => turn.is_answer = cursor.string_or_skip()?.as_deref() == Some("assistant"),
            "content" => cursor.array_or_skip(|cursor| {
                cursor.kind()?;
                let start = cursor.at();
                let kind = match kind(cursor)?.as_deref() {
                    Some("thinking" | "redacted_thinking") => PartKind::Thoughts,
                    Some("tool_use") => PartKind::Call,
                    _ => PartKind::Other,
                };
                let span = start..cursor.at();
                turn.parts.push(Part { span, kind });
                Ok(())
            })?,
            _ => cursor.pass()?,
        }
        Ok(())
    })?;
    turn.span = start..cursor.at();
    Ok(turn)
}

/// Passes a value and says its `type`.
fn kind(cursor: &mut Cursor<'_>) -> Scan<Option<String>> {
    let mut kind = None;
    if cursor.kind()? != Kind::Object {
        cursor.pass()?;
        return Ok(kind);
    }
    cursor.object(|cursor, key| {
        match &*key {
            "type" => kind = cursor.string_or_skip()?.map(Into::into),
            _ => cursor.pass()?,
        }
        Ok(())
    })?;
    Ok(kind)
}

#[cfg(test)]
mod tests;
