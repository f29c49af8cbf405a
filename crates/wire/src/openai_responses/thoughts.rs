//! Takes thoughts out of a Responses request whose conversation goes on with another model. It must
//! not know which model made them, nor touch a byte beside them.

use std::ops::Range;

use crate::cut::{FOREIGN, cut, fields, is_below};
use crate::dialect::Stripped;
use crate::fault::Loss;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::splice::apply;

/// Names the items that may go without their id: by it the provider knows the answer that they
/// stood in, and misses the thoughts that belong to it.
const NAMELESS: [&str; 6] = [
    "message",
    "function_call",
    "custom_tool_call",
    "shell_call",
    "apply_patch_call",
    "tool_search_call",
];

/// Holds what matters of one item.
#[derive(Debug)]
struct Item {
    span: Range<usize>,
    kind: ItemKind,
    fields: Vec<Range<usize>>,
    /// Which of the fields is an id that may go.
    id: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ItemKind {
    Thoughts,
    /// Anything else that the model has made.
    Answer,
    /// What came from elsewhere.
    Other,
}

/// Takes the thoughts out of the first `below` items. References stay: what they stand for is kept
/// by the provider, and it alone knows whose it is.
pub(super) fn without(body: &[u8], below: u32) -> Option<Stripped> {
    // The body was peeked at, so it can be read; one that cannot is left to its provider.
    let items = read(body).ok()?;
    let is_cut = |at: usize| {
        let item = items.get(at);
        is_below(at, below) && item.is_some_and(|item| item.kind == ItemKind::Thoughts)
    };
    let spans: Vec<_> = items.iter().map(|item| item.span.clone()).collect();
    let mut patches = cut(&spans, is_cut);
    let mut losses = Vec::new();
    // Whether the answer in which an item stands has lost its thoughts.
    let mut is_bare = false;
    for (at, item) in items.iter().enumerate() {
        match (item.kind, item.id) {
            (ItemKind::Thoughts, _) => {
                is_bare = is_cut(at);
                losses.extend(is_bare.then(|| Loss::new(format!("input[{at}]"), FOREIGN)));
            }
            (ItemKind::Answer, Some(id)) if is_bare => {
                patches.extend(cut(&item.fields, |field| field == id));
                let why = "names an answer whose thoughts were another model's";
                losses.push(Loss::new(format!("input[{at}].id"), why));
            }
            (ItemKind::Answer, _) => {}
            (ItemKind::Other, _) => is_bare = false,
        }
    }
    (!patches.is_empty()).then(|| Stripped {
        body: apply(body, patches),
        losses,
    })
}

fn read(body: &[u8]) -> Scan<Vec<Item>> {
    let mut items = Vec::new();
    let mut cursor = Cursor::new(body)?;
    cursor.object(|cursor, key| match &*key {
        "input" => cursor.array_or_skip(|cursor| {
            items.push(item(cursor)?);
            Ok(())
        }),
        _ => cursor.pass(),
    })?;
    Ok(items)
}

fn item(cursor: &mut Cursor<'_>) -> Scan<Item> {
    let is_object = cursor.kind()? == Kind::Object;
    let start = cursor.at();
    let mut item = Item {
        span: start..start,
        kind: ItemKind::Other,
        fields: Vec::new(),
        id: None,
    };
    if !is_object {
        item.span = cursor.skip()?;
        return Ok(item);
    }
    let (mut form, mut role) = (None, None);
    let mut count = 0;
    item.fields = fields(cursor, |cursor, key| {
        match &*key {
            "type" => form = cursor.string_or_skip()?,
            "role" => role = cursor.string_or_skip()?,
            "id" => {
                item.id = Some(count);
                cursor.pass()?;
            }
            _ => cursor.pass()?,
        }
        count += 1;
        Ok(())
    })?;
    item.span = start..cursor.at();
    let form = form.as_deref().unwrap_or("message");
    item.kind = match (form, role.as_deref()) {
        ("reasoning", _) => ItemKind::Thoughts,
        (_, Some("user" | "system" | "developer")) => ItemKind::Other,
        (form, _) if form.ends_with("_output") => ItemKind::Other,
        _ => ItemKind::Answer,
    };
    // A reference without a type has nothing but its id.
    let is_reference = form == "message" && role.is_none();
    item.id = item
        .id
        .filter(|_| NAMELESS.contains(&form) && !is_reference);
    Ok(item)
}

#[cfg(test)]
mod tests;
