//! Moving fields between a body and what goes around it: some upstreams take the model from the
//! path and the version from the body. Every byte of the fields that stay is kept. It must not
//! know which fields those are.

use std::borrow::Cow;

use bytes::Bytes;

use crate::fault::BadRequest;
use crate::json::cursor::Cursor;
use crate::json::write::quote;

/// Is where a field's part of the body begins, and its key. The part is what stands between two
/// commas, or a comma and a bracket.
type Segment<'b> = (usize, Cow<'b, str>);

/// Takes top-level fields out of a body, and puts in those that it lacks: name, and value as JSON
/// text. What is put in stands first.
///
/// # Errors
/// The body is no JSON object.
pub fn readdress(
    body: &Bytes,
    take_out: &[&str],
    put_in: &[(&str, String)],
) -> Result<Bytes, BadRequest> {
    let (segments, end) = segments(body)?;
    let is_there = |name: &str| segments.iter().any(|(_, key)| key == name);
    let missing = put_in.iter().filter(|(name, _)| !is_there(name));
    let mut fields: Vec<Cow<'_, [u8]>> = missing
        .map(|(name, value)| {
            let mut field = Vec::with_capacity(name.len() + value.len() + 3);
            quote(name, &mut field);
            field.push(b':');
            field.extend_from_slice(value.as_bytes());
            Cow::Owned(field)
        })
        .collect();
    for (at, (start, key)) in segments.iter().enumerate() {
        if take_out.contains(&key.as_ref()) {
            continue;
        }
        // The comma in front of the next segment is not part of this one.
        let stop = segments.get(at + 1).map_or(end, |(next, _)| next - 1);
        let field = body.get(*start..stop).unwrap_or_default();
        fields.push(Cow::Borrowed(field));
    }
    let open = segments.first().map_or(end, |(start, _)| *start);
    let (head, tail) = (body.get(..open), body.get(end..));
    let mut out = Vec::with_capacity(body.len() + 64);
    out.extend_from_slice(head.unwrap_or_default());
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(field);
    }
    out.extend_from_slice(tail.unwrap_or_default());
    Ok(out.into())
}

/// Finds the segment of each top-level field, and where the closing bracket stands.
fn segments(body: &[u8]) -> Result<(Vec<Segment<'_>>, usize), BadRequest> {
    let mut segments = Vec::new();
    let walked = Cursor::new(body).and_then(|mut cursor| {
        let mut start = None;
        let open = body.iter().position(|byte| *byte == b'{').map(|at| at + 1);
        cursor.object(|cursor, key| {
            let span = cursor.skip()?;
            let begin = start.or(open).unwrap_or_default();
            // The segment runs to its comma or bracket, which may stand behind some space.
            let rest = body.get(span.end..).unwrap_or_default();
            let gap = rest.iter().position(|byte| !byte.is_ascii_whitespace());
            start = Some(span.end + gap.unwrap_or_default() + 1);
            segments.push((begin, key));
            Ok(())
        })?;
        let end = cursor.at() - 1;
        cursor.end()?;
        Ok(end)
    });
    match walked {
        Ok(end) => Ok((segments, end)),
        Err(broken) => Err(broken.to_bad_request(body)),
    }
}

#[cfg(test)]
mod tests;
