//! Editing a body in place: the model where the body names it too, and declared fixed parameters,
//! of which an object sets the fields that it holds and leaves its neighbours. It must not
//! re-serialise anything.

use bytes::Bytes;

use crate::gemini::names::camel;
use crate::json::cursor::{Cursor, Kind};
use crate::json::fields::Value;
use crate::json::write::quote;
use crate::peek::{Edits, Peek};
use crate::splice::{Patch, apply};

/// Edits a body that was peeked at. A stream always tells its usage here.
pub(super) fn edit(body: &Bytes, peek: &Peek<'_>, edits: &Edits<'_>) -> Bytes {
    let mut patches = Vec::new();
    if let (Some(model), false) = (edits.model, peek.model_span.is_empty()) {
        let mut quoted = Vec::new();
        quote(&format!("models/{model}"), &mut quoted);
        patches.push(Patch::new(peek.model_span.clone(), quoted));
    }
    let text = std::str::from_utf8(body).unwrap_or_default();
    set(
        text,
        peek.insert_at.saturating_sub(1),
        edits.fixed,
        &mut patches,
    );
    if patches.is_empty() {
        return body.clone();
    }
    apply(body, patches)
}

/// Sets the fixed fields of a body that Tiergate wrote itself.
pub(super) fn fix(body: Vec<u8>, fixed: &[(String, String)]) -> Bytes {
    let mut patches = Vec::new();
    set(
        std::str::from_utf8(&body).unwrap_or_default(),
        0,
        fixed,
        &mut patches,
    );
    if patches.is_empty() {
        return body.into();
    }
    apply(&body, patches)
}

/// Sets fields of the object that begins at an offset.
fn set(body: &str, start: usize, fixed: &[(String, String)], patches: &mut Vec<Patch>) {
    let fixed: Vec<_> = fixed.iter().filter(|(name, _)| name != "model").collect();
    if fixed.is_empty() {
        return;
    }
    let mut found = Vec::new();
    let mut cursor = Cursor::over(body.get(start..).unwrap_or_default());
    let mut is_bare = true;
    let walked = cursor.object(|cursor, key| {
        is_bare = false;
        cursor.kind()?;
        let span = cursor.skip()?;
        let place = fixed
            .iter()
            .position(|(name, _)| camel(name) == camel(&key));
        found.extend(place.map(|place| (place, start + span.start..start + span.end)));
        Ok(())
    });
    debug_assert!(walked.is_ok(), "a body that was peeked at is whole");
    let mut added = Vec::new();
    for (place, (name, value)) in fixed.into_iter().enumerate() {
        let old = found.iter().find(|(other, _)| *other == place);
        match old {
            Some((_, span)) => match inner(body.get(span.clone()).unwrap_or_default(), value) {
                Some(inner) => set(body, span.start, &inner, patches),
                None => patches.push(Patch::new(span.clone(), value.as_str())),
            },
            None => {
                if !added.is_empty() {
                    added.push(b',');
                }
                quote(name, &mut added);
                added.push(b':');
                added.extend_from_slice(value.as_bytes());
            }
        }
    }
    if added.is_empty() {
        return;
    }
    if !is_bare {
        added.push(b',');
    }
    patches.push(Patch::new(start + 1..start + 1, added));
}

/// Takes a fixed object apart where the body has one in its place.
fn inner(old: &str, value: &str) -> Option<Vec<(String, String)>> {
    if Cursor::over(old).kind() != Ok(Kind::Object) {
        return None;
    }
    let mut fields = Vec::new();
    let value = Value::parse(value.as_bytes()).ok()?;
    let mut cursor = Cursor::over(value.raw());
    let walked = cursor.object(|cursor, key| {
        cursor.kind()?;
        let span = cursor.skip()?;
        fields.push((key.into_owned(), cursor.slice(span).to_owned()));
        Ok(())
    });
    walked.ok().map(|()| fields)
}
