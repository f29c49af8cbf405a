//! Closing the objects of a JSON schema, for models that answer by closed ones alone. An answer
//! that follows the closed schema follows the open one too; a schema that invites other names
//! cannot be closed and is an error by its path. It must not change anything else of a schema.

use crate::fault::BadRequest;
use crate::json::cursor::{Cursor, Kind, Scan};
use crate::splice::{Patch, apply};

/// Says why a schema was changed.
pub(super) const WHY: &str = "each object was closed: the model takes no open ones in strict mode";

/// Keys under which there is one schema.
const ONE: [&str; 4] = ["items", "not", "additionalItems", "contains"];
/// Keys under which there is a list of schemas.
const LIST: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keys under which schemas have names.
const NAMED: [&str; 3] = ["properties", "$defs", "definitions"];

/// Closes each object; none where every one is closed. `path` names where the schema stands.
///
/// # Errors
/// An object takes other names on purpose.
pub(super) fn close(text: &str, path: &str) -> Result<Option<String>, BadRequest> {
    let mut walk = Walk::default();
    let mut cursor = Cursor::over(text);
    if walk.schema(&mut cursor, path).is_err() {
        // What is no schema is left to the provider.
        return Ok(None);
    }
    if let Some(path) = walk.open {
        return Err(BadRequest::of(
            path,
            "takes names that the schema does not list; this model takes closed objects alone in \
             strict mode, so list them, or leave strict out",
        ));
    }
    if walk.patches.is_empty() {
        return Ok(None);
    }
    let closed = apply(text.as_bytes(), walk.patches);
    Ok(String::from_utf8(closed.into()).ok())
}

#[derive(Default)]
struct Walk {
    patches: Vec<Patch>,
    /// The first object that is open on purpose.
    open: Option<String>,
}

impl Walk {
    fn schema(&mut self, cursor: &mut Cursor<'_>, path: &str) -> Scan<()> {
        if cursor.kind()? != Kind::Object {
            return cursor.pass();
        }
        let at = cursor.at() + 1;
        let (mut is_object, mut is_empty, mut closed) = (false, true, None);
        cursor.object(|cursor, key| {
            is_empty = false;
            let inner = format!("{path}.{key}");
            cursor.kind()?;
            match &*key {
                "type" => {
                    let span = cursor.skip()?;
                    is_object |= cursor.slice(span).contains("\"object\"");
                }
                "additionalProperties" => {
                    let span = cursor.skip()?;
                    closed = Some((cursor.slice(span) == "false", inner));
                }
                key if ONE.contains(&key) => self.schema(cursor, &inner)?,
                key if LIST.contains(&key) => {
                    let mut place = 0;
                    cursor.array_or_skip(|cursor| {
                        let inner = format!("{inner}[{place}]");
                        place += 1;
                        self.schema(cursor, &inner)
                    })?;
                }
                key if NAMED.contains(&key) => {
                    is_object |= key == "properties";
                    cursor.object_or_skip(|cursor, name| {
                        self.schema(cursor, &format!("{inner}.{name}"))
                    })?;
                }
                _ => cursor.pass()?,
            }
            Ok(())
        })?;
        match closed {
            Some((false, path)) => self.open = self.open.take().or(Some(path)),
            None if is_object => {
                let comma = if is_empty { "" } else { "," };
                let text = format!("\"additionalProperties\":false{comma}");
                self.patches.push(Patch::new(at..at, text));
            }
            _ => {}
        }
        Ok(())
    }
}
