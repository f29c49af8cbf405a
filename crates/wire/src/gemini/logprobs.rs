//! How likely tokens were, between this API's two lists and the one that others have. It must not
//! know how an answer is sent.

use crate::canonical::Json;
use crate::fault::BadRequest;
use crate::gemini::names::Names;
use crate::json::fields::Value;
use crate::json::write::Writer;

/// Reads a candidate's `logprobsResult`; none where it lists nothing.
pub(super) fn read(result: &Value<'_>) -> Result<Option<Json>, BadRequest> {
    let mut fields = Names::of(result)?;
    let chosen = fields.elements("chosenCandidates")?;
    let tops = fields.elements("topCandidates")?;
    if chosen.is_empty() {
        return Ok(None);
    }
    let mut fault = Ok(());
    let mut out = Writer::new();
    out.array(|out| {
        for (at, token) in chosen.iter().enumerate() {
            out.object(|out| {
                let read = read_token(token, out).and_then(|()| {
                    let mut others = Vec::new();
                    if let Some(top) = tops.get(at) {
                        others = Names::of(top)?.elements("candidates")?;
                    }
                    read_others(&others, out.key("top_logprobs"))
                });
                if let Err(found) = read {
                    fault = Err(found);
                }
            });
        }
    });
    fault.map(|()| String::from_utf8(out.finish()).ok().map(Json))
}

fn read_others(others: &[Value<'_>], out: &mut Writer) -> Result<(), BadRequest> {
    let mut read = Ok(());
    out.array(|out| {
        for other in others {
            out.object(|out| {
                if let Err(fault) = read_token(other, out) {
                    read = Err(fault);
                }
            });
        }
    });
    read
}

/// Reads a token. Its number is of use to its own model alone.
fn read_token(token: &Value<'_>, out: &mut Writer) -> Result<(), BadRequest> {
    let mut fields = Names::of(token)?;
    out.key("token")
        .string(&fields.string("token")?.unwrap_or_default());
    let likely = fields.take("logProbability");
    let likely = likely.map(|likely| likely.number().map(str::to_owned));
    out.key("logprob")
        .raw(likely.transpose()?.as_deref().unwrap_or("0"));
    out.key("bytes").raw("null");
    Ok(())
}

/// Writes a `logprobsResult`; none where the list is not one.
pub(super) fn write(lists: &[Json]) -> Option<String> {
    let mut chosen = Writer::new();
    let mut tops = Writer::new();
    let mut written = Some(());
    chosen.array(|chosen| {
        tops.array(|tops| written = lists.iter().try_for_each(|list| pair(list, chosen, tops)));
    });
    written?;
    let text = |writer: Writer| String::from_utf8(writer.finish()).ok();
    let mut out = Writer::new();
    let (chosen, tops) = (text(chosen)?, text(tops)?);
    out.object(|out| {
        out.key("chosenCandidates").raw(&chosen);
        out.key("topCandidates").raw(&tops);
    });
    text(out)
}

fn pair(list: &Json, chosen: &mut Writer, tops: &mut Writer) -> Option<()> {
    for token in Value::parse(list.0.as_bytes()).ok()?.elements().ok()? {
        let mut fields = Names::of(&token).ok()?;
        let others = fields.elements("top_logprobs").ok()?;
        write_token(&mut fields, chosen)?;
        let mut written = Some(());
        tops.object(|tops| {
            tops.key("candidates").array(|tops| {
                written = others
                    .iter()
                    .try_for_each(|other| write_token(&mut Names::of(other).ok()?, tops));
            });
        });
        written?;
    }
    Some(())
}

fn write_token(fields: &mut Names<'_>, out: &mut Writer) -> Option<()> {
    let token = fields.string("token").ok()??;
    let likely = fields.take("logprob")?.number().ok()?;
    out.object(|out| {
        out.key("token").string(&token);
        out.key("logProbability").raw(likely);
    });
    Some(())
}
