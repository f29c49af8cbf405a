//! Thoughts in Chat Completions, which has no field for them. Their text stands in
//! `reasoning_content`, as many servers write it; what their maker checks stands in
//! `reasoning_details`, the list that aware clients give back, an entry each. It must not judge
//! whose thoughts they are.

use crate::canonical::Part;
use crate::fault::{BadRequest, Loss};
use crate::json::cursor::Kind;
use crate::json::fields::{Fields, Value};
use crate::json::write::Writer;
use crate::openai_chat::vocabulary::NAME;
use crate::sealed::{Sealed, Seals, maker};

/// Names the fields in which servers tell thoughts.
pub(super) const FIELDS: [&str; 2] = ["reasoning_content", "reasoning"];

/// Names the list.
pub(super) const DETAILS: &str = "reasoning_details";

/// Begins the `format` of an entry that Tiergate wrote; the maker's name follows.
const FORMAT: &str = "tiergate/";

/// Holds one entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Detail {
    pub(super) seals: Seals,
    pub(super) sealed: Sealed,
    /// The thoughts themselves, where it is their signature.
    pub(super) text: String,
    /// The call that it belongs to.
    pub(super) call: Option<String>,
    pub(super) place: Place,
}

/// Says where in a turn thoughts stood: behind so many bytes of its text and so many calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) text: usize,
    pub(super) calls: usize,
}

/// Holds what a message or delta says of thoughts.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The text, and the field that it stood in.
    pub(super) text: Option<(&'static str, String)>,
    pub(super) details: Vec<Detail>,
    /// Entries of the server's own, as JSON.
    pub(super) own: Vec<String>,
}

/// Takes what a message or delta says of thoughts.
pub(super) fn take(fields: &mut Fields<'_>, losses: &mut Vec<Loss>) -> Result<Told, BadRequest> {
    let mut told = Told::default();
    for name in FIELDS {
        let text = fields.string(name)?.filter(|text| !text.is_empty());
        told.text = told.text.or(text.map(|text| (name, text)));
    }
    for entry in fields.elements(DETAILS)? {
        match read_detail(&entry)? {
            Some(detail) => told.details.push(detail),
            None if entry.raw().contains(FORMAT) => losses.push(Loss::new(
                entry.path(),
                "names no maker that Tiergate knows",
            )),
            None => told.own.push(entry.raw().to_owned()),
        }
    }
    Ok(told)
}

fn read_detail(entry: &Value<'_>) -> Result<Option<Detail>, BadRequest> {
    let mut fields = entry.fields()?;
    let format = fields.string("format")?.unwrap_or_default();
    let Some(maker) = format.strip_prefix(FORMAT).and_then(maker) else {
        return Ok(None);
    };
    let call = fields.string("id")?;
    let text = fields.string("text")?.unwrap_or_default();
    let place = |count: Option<u64>| usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX);
    let after = Place {
        text: place(fields.whole("after_text")?),
        calls: place(fields.whole("after_calls")?),
    };
    let (seals, sealed) = match (fields.string("signature")?, &call) {
        (Some(signature), _) => (Seals::Thoughts, signature),
        (None, Some(_)) => (Seals::Call, fields.must_string("data")?),
        (None, None) => (Seals::Hidden, fields.must_string("data")?),
    };
    Ok(Some(Detail {
        seals,
        sealed: Sealed::new(maker, sealed),
        text,
        call,
        place: after,
    }))
}

/// Writes an entry; `index` is its place in the list, which clients put together by it.
pub(super) fn write_detail(detail: &Detail, index: u64, out: &mut Writer) {
    out.object(|out| {
        if detail.seals == Seals::Thoughts {
            out.key("type").string("reasoning.text");
            out.key("text").string(&detail.text);
            out.key("signature").string(&detail.sealed.text);
        } else {
            out.key("type").string("reasoning.encrypted");
            out.key("data").string(&detail.sealed.text);
        }
        out.string_field("id", detail.call.as_deref());
        out.key("format")
            .string(&format!("{FORMAT}{}", detail.sealed.maker));
        out.key("index").number(index);
        for (name, count) in [
            ("after_text", detail.place.text),
            ("after_calls", detail.place.calls),
        ] {
            if count > 0 {
                out.key(name).number(count as u64);
            }
        }
    });
}

/// Seals what the server itself wants back: the field of its thoughts, and its own entries.
pub(super) fn seal(field: &str, own: &[String]) -> Sealed {
    if own.is_empty() {
        return Sealed::new(NAME, field);
    }
    Sealed::new(NAME, format!("{field}\n[{}]", own.join(",")))
}

/// Takes such a seal apart. It may come from a client, who can have changed it: what is no field of
/// thoughts, or no list, is left out.
pub(super) fn unseal(sealed: &str) -> (&'static str, Option<&str>) {
    let (field, own) = match sealed.split_once('\n') {
        Some((field, own)) => (field, Some(own)),
        None => (sealed, None),
    };
    let known = FIELDS.into_iter().find(|known| *known == field);
    (
        known.unwrap_or(FIELDS[0]),
        own.filter(|own| is(Kind::Array, own)),
    )
}

/// Tells whether such a seal still holds all that was put into it.
pub(super) fn is_whole(sealed: &str) -> bool {
    let (field, own) = match sealed.split_once('\n') {
        Some((field, own)) => (field, Some(own)),
        None => (sealed, None),
    };
    FIELDS.contains(&field) && own.is_none_or(|own| is(Kind::Array, own))
}

/// Tells whether a text is one JSON value of a kind.
pub(super) fn is(kind: Kind, json: &str) -> bool {
    Value::parse(json.as_bytes()).is_ok_and(|value| value.kind() == kind)
}

/// Puts thoughts where they stood among the parts of a turn, and signatures at their calls.
pub(super) fn restore(told: Told, parts: &mut Vec<Part>, losses: &mut Vec<Loss>, path: &str) {
    let is_own = told.details.is_empty();
    let (field, text) = told.text.unwrap_or((FIELDS[0], String::new()));
    if is_own && !(text.is_empty() && told.own.is_empty()) {
        let signature = Some(seal(field, &told.own));
        parts.insert(0, Part::Thinking { text, signature });
    }
    for detail in told.details {
        let part = match detail.seals {
            Seals::Hidden => Part::HiddenThinking(detail.sealed),
            Seals::Thoughts => Part::Thinking {
                text: detail.text,
                signature: Some(detail.sealed),
            },
            Seals::Call => {
                let id = detail.call.unwrap_or_default();
                let call = parts.iter_mut().find_map(|part| match part {
                    Part::ToolUse(call) if call.id == id => Some(call),
                    _ => None,
                });
                match call {
                    Some(call) => call.signature = Some(detail.sealed),
                    None => losses.push(Loss::new(path, "belongs to a call that is not there")),
                }
                continue;
            }
        };
        let at = find(parts, detail.place);
        parts.insert(at, part);
    }
}

/// Finds a place among parts; a text that it is inside of is cut in two there.
fn find(parts: &mut Vec<Part>, place: Place) -> usize {
    let (mut text, mut calls) = (0, 0);
    let mut at = 0;
    while let Some(part) = parts.get_mut(at) {
        match part {
            Part::ToolUse(_) if calls >= place.calls => break,
            Part::ToolUse(_) => calls += 1,
            Part::Text(said) if text + said.len() > place.text && place.calls == 0 => {
                let rest = place.text - text;
                if rest == 0 || !said.is_char_boundary(rest) {
                    break;
                }
                let behind = said.split_off(rest);
                parts.insert(at + 1, Part::Text(behind));
                return at + 1;
            }
            Part::Text(said) => text += said.len(),
            _ => {}
        }
        at += 1;
    }
    at
}
