//! Items of thoughts, both ways. The provider's own are kept whole, for it checks them item by item
//! and with their id; those of another maker stand in items of Tiergate's making, with what is
//! sealed in `encrypted_content`. It must not judge whose thoughts may go where.

use crate::canonical::Part;
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::Kind;
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::openai_responses::vocabulary::NAME;
use crate::sealed::{CHANGED, Sealed, Seals};

/// Begins the id of an item that Tiergate made: no provider knows it.
pub(super) const OURS: &str = "rs_tiergate_";

/// Stands between the thoughts of two parts of an item.
pub(super) const BETWEEN: &str = "\n\n";

/// Says what an item of thoughts is.
#[derive(Debug)]
pub(super) enum Told {
    /// A part of the turn.
    Thoughts(Part),
    /// The signature of the call behind it.
    Call(Sealed),
    /// Nothing.
    Nothing,
}

/// Reads an item.
pub(super) fn read(item: &Value<'_>, losses: &mut Vec<Loss>) -> Result<Told, BadRequest> {
    let mut fields = item.fields()?;
    let text = text(&mut fields)?;
    let id = fields.string("id")?.unwrap_or_default();
    let encrypted = fields.string("encrypted_content")?.unwrap_or_default();
    let is_sealed = !encrypted.is_empty();
    match Sealed::read(encrypted, NAME) {
        (sealed, Some(Seals::Call)) => return Ok(Told::Call(sealed)),
        (sealed, Some(Seals::Hidden)) => {
            return Ok(Told::Thoughts(Part::HiddenThinking(sealed)));
        }
        (sealed, Some(Seals::Thoughts)) => {
            let signature = Some(sealed);
            return Ok(Told::Thoughts(Part::Thinking { text, signature }));
        }
        (_, None) => {}
    }
    if id.starts_with(OURS) {
        if is_sealed {
            let path = format!("{}.encrypted_content", item.path());
            losses.push(Loss::new(path, CHANGED));
        }
        let signature = None;
        return Ok(match text.is_empty() {
            true => Told::Nothing,
            false => Told::Thoughts(Part::Thinking { text, signature }),
        });
    }
    let sealed = Sealed::new(NAME, item.raw());
    Ok(Told::Thoughts(if text.is_empty() {
        Part::HiddenThinking(sealed)
    } else {
        let signature = Some(sealed);
        Part::Thinking { text, signature }
    }))
}

/// Takes what an item tells: the thoughts themselves where it has them, else their summary.
fn text(fields: &mut Fields<'_>) -> Result<String, BadRequest> {
    let whole = texts(&fields.elements("content")?)?;
    let summary = texts(&fields.elements("summary")?)?;
    Ok(if whole.is_empty() { summary } else { whole })
}

fn texts(parts: &[Value<'_>]) -> Result<String, BadRequest> {
    let mut all = String::new();
    for part in parts {
        let text = part.fields()?.string("text")?.unwrap_or_default();
        if !text.is_empty() && !all.is_empty() {
            all.push_str(BETWEEN);
        }
        all.push_str(&text);
    }
    Ok(all)
}

/// Gives the provider's own item, whole; none where a seal is another's or holds no item.
pub(super) fn own(sealed: &Sealed) -> Option<&str> {
    let raw = sealed.for_maker(NAME)?;
    let item = Value::parse(raw.as_bytes()).ok()?;
    if item.kind() != Kind::Object {
        return None;
    }
    let form = item.fields().ok()?.string("type").ok()??;
    (form == "reasoning").then_some(raw)
}

/// Writes an item of Tiergate's making.
pub(super) fn write(id: &str, text: &str, sealed: Option<(&Sealed, Seals)>, out: &mut Writer) {
    out.object(|out| {
        out.key("id").string(id);
        out.key("type").string("reasoning");
        out.key("summary").array(|out| {
            if !text.is_empty() {
                out.object(|out| {
                    out.key("type").string("summary_text");
                    out.key("text").string(text);
                });
            }
        });
        if let Some((sealed, seals)) = sealed {
            out.key("encrypted_content")
                .string(&sealed.carry(seals, NAME));
        }
    });
}
